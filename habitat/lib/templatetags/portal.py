"""How the portal writes figures, days and small marks; loaded with `{% load portal %}`.

Figures are formatted here once: money `$1,234,567.00`, shares `50 %`, deficits `42–51 %`. A missing value is an em
dash with words for those who cannot see it, never 0.
"""

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from django import template
from django.core.paginator import Paginator
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect, Select
from django.template import Context
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from habitat.lib import links
from habitat.lib.charts import LineChart, Text

register = template.Library()

GAP = "\N{NO-BREAK SPACE}"  # The web font has no narrow one.
Number = int | float | Decimal


def _missing() -> SafeString:
    return format_html('<span aria-hidden="true">—</span><span class="visually-hidden">{}</span>', _("no figure"))


def _round(value: Number, decimals: int) -> Decimal:
    return Decimal(str(value)).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def share_of(part: Number, whole: Number) -> Decimal:
    """Percent of a whole above zero."""
    return Decimal(str(part)) * 100 / Decimal(str(whole))


@lru_cache(maxsize=10_000)
def _grouped(rounded: Decimal, decimals: int, language: str) -> str:
    """A page of figures says the same few over and over, and Django asks the language for each of its marks."""
    return number_format(rounded, decimals, force_grouping=True)


def _percent_text(value: Number, decimals: int = 0) -> str:
    return number_format(_round(value, decimals), decimals, use_l10n=True)


@register.filter
def money(value: Number | None) -> str:
    """Pesos: `$1,234,567.00`; a debit is `−$1,234,567.00`."""
    if value is None or value == "":
        return _missing()
    rounded = _round(value, 2)
    return f"{'−' if rounded < 0 else ''}${_grouped(abs(rounded), 2, get_language())}"


@register.filter
def number(value: Number | None, decimals: int = 0) -> str:
    """Grouped by thousands, with as many decimals as asked: `1,234` or `1,240.00`."""
    if value is None or value == "":
        return _missing()
    return _grouped(_round(value, decimals), decimals, get_language())


@register.filter
def axes(chart: LineChart) -> SafeString:
    """Rules, figures and periods around a line."""
    return _axes(chart.top, tuple(str(label) for label in chart.labels), get_language())


@lru_cache(maxsize=100)
def _axes(top: float, labels: tuple[Text, ...], language: str) -> SafeString:
    """Drawn once: a dashboard of small multiples has forty charts on one scale."""
    return render_to_string("components/charts/axes.html", {"chart": LineChart("", labels, (), maximum=top)})


@register.filter
def twin_rows(chart: LineChart) -> SafeString:
    """Period, reached, planned: rows of the table twin. Small multiples have five hundred of them."""
    row = '<tr><th scope="row">{}</th><td class="num">{}</td><td class="num">{}</td></tr>'
    return format_html_join("", row, ((period, number(done, 1), number(plan, 1)) for period, done, plan in chart.table))


@register.filter
def percent(value: Number | None, decimals: int = 0) -> str:
    """A value already in percent: 50 → `50 %`."""
    return _missing() if value is None or value == "" else f"{_percent_text(value, decimals)}{GAP}%"


@register.filter
def percent_of(part: Number | None, whole: Number | None) -> str:
    """`12|percent_of:40` → `30 %`; nothing can be said of an empty whole."""
    return _missing() if part is None or not whole else percent(share_of(part, whole))


@register.simple_tag
def number_range(low: Number | None, high: Number | None) -> str:
    """`10–30`, or `18` where both ends are the same."""
    return "–".join(dict.fromkeys((number(low), number(high))))


@register.simple_tag
def percent_range(low: Number | None, high: Number | None, whole: Number | None) -> str:
    """`42–51 %`, or `42 %` where both ends read the same; counts in, percent out."""
    if low is None or high is None or not whole:
        return _missing()
    ends = dict.fromkeys(_percent_text(share_of(end, whole)) for end in (low, high))
    return f"{'–'.join(ends)}{GAP}%"


@register.inclusion_tag("components/range.html")
def range_bar(low: Number | None, high: Number | None, whole: Number | None, threshold: Number | None = None) -> dict:
    """A deficit as text and bar: dark is certain, gold is possible; a tick marks the threshold (in percent)."""
    known = low is not None and high is not None and whole
    left = share_of(low, whole) if known else Decimal(0)
    return {
        "text": percent_range(low, high, whole),
        "known": known,
        "low": f"{left:.2f}",
        "span": f"{share_of(high, whole) - left:.2f}" if known else "0",
        "threshold": threshold,
    }


@register.inclusion_tag("components/bar.html")
def bar(value: Number | None, whole: Number | None, kind: str = "") -> dict:
    """A thin bar from 0 to the whole; the figure itself must stand beside it. `kind`: neutral or guinda."""
    share = share_of(value, whole) if value is not None and whole else Decimal(0)
    return {"width": f"{min(max(share, Decimal(0)), Decimal(100)):.2f}", "kind": kind}


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """A mark of the sprite (`static/icons.json`); without a label it is decoration."""
    role = format_html('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true"')
    return format_html('<svg class="icon" {}><use href="{}#{}"></use></svg>', role, static("build/icons.svg"), name)


@register.simple_tag(takes_context=True)
def file_link(context: Context, path: str) -> str:
    """The address of a private file with a key for the reader of this page; it expires."""
    return links.expiring(path, context["request"].user)


@register.simple_tag
def badge(family: str, label: str, size: str = "") -> SafeString:
    """Where a thing stands. Families: draft, transit, attention, good, done, stop. `size`: "lg" beside a title."""
    large = " status-lg" if size == "lg" else ""
    return format_html('<span class="status {}{}">{}{}</span>', family, large, icon(family), label)


@register.simple_tag
def due(days: int | None) -> SafeString:
    """Business days until a deadline, as a sentence: 4 → "4 days left", 0 → "due today", -2 → "2 days late"."""
    if days is None:
        return _missing()
    if days < 0:
        text = ngettext("%(days)s day late", "%(days)s days late", -days) % {"days": -days}
        return format_html('<span class="due late">{}</span>', text)
    if days == 0:
        return format_html('<span class="due soon">{}</span>', _("due today"))
    text = ngettext("%(days)s day left", "%(days)s days left", days) % {"days": days}
    return format_html('<span class="due{}">{}</span>', " soon" if days == 1 else "", text)


@register.simple_tag
def crumb(label: str, url: str = "") -> SafeString:
    """One step of the breadcrumbs; the last has no address and is the page itself."""
    if url:
        return format_html('<li><a href="{}">{}</a></li>', url, label)
    return format_html('<li aria-current="page">{}</li>', label)


@register.filter
def control(field: BoundField) -> SafeString:
    """The field's own widget, dressed for the portal; without placeholder, since that goes when one writes."""
    widget = field.field.widget
    widget.attrs.pop("placeholder", None)
    if isinstance(widget, CheckboxInput | CheckboxSelectMultiple | RadioSelect):
        dress = "form-check-input"
    else:
        dress = "form-select" if isinstance(widget, Select) else "form-control"
    own = str(widget.attrs.get("class", ""))
    return field.as_widget(attrs={"class": f"{dress} {own}".strip()})


@register.filter
def is_checkbox(field: BoundField) -> bool:
    return isinstance(field.field.widget, CheckboxInput)


@register.filter
def page_numbers(paginator: Paginator, number: int) -> Iterator[int | str]:
    """The pages worth a link from page `number`: the ends, the neighbours, ellipses between."""
    return paginator.get_elided_page_range(number, on_each_side=2, on_ends=1)


# ---- Pieces that hold others ----------------------------------------------------------------------------------------
@register.simple_block_tag(takes_context=True)
def trail(context, content: str) -> SafeString:
    return _render(context, "trail", content=content)


@register.simple_block_tag(takes_context=True)
def head(context, content: str, title: str, kicker: str = "", lead: str = "") -> SafeString:
    return _render(context, "head", content=content, title=title, kicker=kicker, lead=lead)


@register.simple_block_tag(takes_context=True)
def panel(
    context, content: str, title: str, id: str, note: str = "", kind: str = "", more: str = "", more_url: str = ""
) -> SafeString:
    return _render(
        context, "panel", content=content, title=title, id=id, note=note, kind=kind, more=more, more_url=more_url
    )


NOTICE_ICONS = {"info": "info", "good": "pass", "warn": "attention", "bad": "fail"}


@register.simple_block_tag(takes_context=True)
def notice(context, content: str, kind: str = "info") -> SafeString:
    return _render(context, "notice", content=content, kind=kind, mark=NOTICE_ICONS[kind])


def _render(context, component: str, **values: object) -> SafeString:
    template_ = context.template.engine.get_template(f"components/{component}.html")
    with context.push(**values):
        return template_.render(context)
