"""Verdicts in lists: those a draft of the rules would change, and those of portfolios at the cut-offs."""

import json
from decimal import Decimal

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy

from habitat.lib.lists import Value, detail
from habitat.lib.templatetags.portal import badge, money, percent
from modalities.models import RequiredAt
from projects.models import PortfolioVerdict, PreviewedChange, Verdict

NUMBER = {"cell": {"class": "num"}}

OUTCOME_BADGES = {"pass": "good", "fail": "stop", "unknown": "attention"}


def outcome_badge(outcome: str) -> str:
    """A dash where a version has no such rule."""
    label = str(dict(Verdict.Outcome.choices).get(outcome, ""))
    return badge(OUTCOME_BADGES[outcome], label) if label else "—"


class ChangeTable(tables.Table):
    """Verdicts that a draft of the rules would change."""

    folio = detail(gettext_lazy("Folio"), "project__folio")
    project = tables.Column(verbose_name=gettext_lazy("Project"), attrs={"td": {"scope": "row"}}, order_by="project")
    status = detail(gettext_lazy("Status"), "project__status")
    state = detail(gettext_lazy("State"), "project__municipality__state__name")
    municipality_key = detail(gettext_lazy("Municipality key"), "project__municipality_id")
    place = tables.Column(
        verbose_name=gettext_lazy("Municipality"),
        accessor="project__municipality__name",
        order_by="project__municipality",
    )
    rule_code = tables.Column(verbose_name=gettext_lazy("Rule"))
    title = detail(gettext_lazy("What it says"), "title")
    before = tables.Column(verbose_name=gettext_lazy("Before"), empty_values=())
    words_before = detail(gettext_lazy("Words before"), "words_before")
    inputs_before = detail(gettext_lazy("Values before"))
    after = tables.Column(verbose_name=gettext_lazy("After"), empty_values=())
    words_after = detail(gettext_lazy("Words after"), "words_after")
    inputs_after = detail(gettext_lazy("Values after"))
    why = tables.Column(verbose_name=gettext_lazy("Why"), orderable=False, default="")

    begins = gettext_lazy("No verdict of an open proposal changes by this draft.")

    class Meta:
        model = PreviewedChange
        fields: tuple[str, ...] = ()
        order_by = ("project", "rule_code")
        empty_text = gettext_lazy("No verdict that changes fits these filters.")
        attrs = {"caption": gettext_lazy("Verdicts that would change")}

    def render_project(self, record: PreviewedChange) -> str:
        project = record.project
        return format_html(
            '<a class="main" href="{}">{}</a><span class="sub">{} · {}</span>',
            reverse("projects:detail", args=[project.pk]),
            project.name,
            project.folio,
            project.get_status_display(),
        )

    def value_project(self, record: PreviewedChange) -> str:
        return record.project.name

    def value_rule_code(self, record: PreviewedChange) -> str:
        return record.rule_code

    def value_before(self, record: PreviewedChange) -> str:
        return str(dict(Verdict.Outcome.choices).get(record.before, ""))

    def value_after(self, record: PreviewedChange) -> str:
        return str(dict(Verdict.Outcome.choices).get(record.after, ""))

    def value_inputs_before(self, record: PreviewedChange) -> str:
        return json.dumps(record.inputs_before, ensure_ascii=False)

    def value_inputs_after(self, record: PreviewedChange) -> str:
        return json.dumps(record.inputs_after, ensure_ascii=False)

    def render_rule_code(self, record: PreviewedChange) -> str:
        return format_html('{}<span class="sub key">{}</span>', record.title, record.rule_code)

    def render_before(self, record: PreviewedChange) -> str:
        return self._side(record.before, record.words_before, record.stops_before)

    def render_after(self, record: PreviewedChange) -> str:
        return self._side(record.after, record.words_after, record.stops_after)

    def _side(self, outcome: str, words: str, stops: str) -> str:
        step = dict(RequiredAt.choices).get(stops)
        return format_html(
            '{} <span class="sub">{}</span>{}',
            outcome_badge(outcome),
            words,
            format_html('<span class="sub">{}</span>', step) if step else "",
        )


def share_of_portfolio(inputs: dict) -> Decimal | None:
    """Per cent of the municipality's federal money; None where it has none."""
    whole = Decimal(inputs["whole"])
    return Decimal(inputs["part"]) * 100 / whole if whole else None


class PortfolioTable(tables.Table):
    cut_off = tables.Column(verbose_name=gettext_lazy("Cut-off"))
    state = detail(gettext_lazy("State"), "municipality__state__name")
    municipality_key = detail(gettext_lazy("Municipality key"), "municipality_id")
    municipality = tables.Column(
        verbose_name=gettext_lazy("Municipality"), attrs={"td": {"scope": "row"}}, order_by="municipality"
    )
    modality = tables.Column(verbose_name=gettext_lazy("Modality"))
    outcome = tables.Column(verbose_name=gettext_lazy("Verdict"))
    part = Value("money", verbose_name=gettext_lazy("Federal"), empty_values=(), orderable=False)
    whole = detail(gettext_lazy("Federal of the municipality"), kind="money")
    share = Value("percent", verbose_name=gettext_lazy("Its part"), empty_values=(), orderable=False)
    minimum = detail(gettext_lazy("Minimum %"), kind="number")
    maximum = detail(gettext_lazy("Maximum %"), kind="number")
    between = tables.Column(verbose_name=gettext_lazy("Between"), empty_values=(), orderable=False, attrs=NUMBER)
    rule_code = detail(gettext_lazy("Rule"), "rule_code")
    clause = detail(gettext_lazy("Clause"), "clause")

    begins = gettext_lazy(
        "Each cut-off of the year judges how a municipality mixes its modalities; none has been judged yet."
    )

    class Meta:
        model = PortfolioVerdict
        fields: tuple[str, ...] = ()
        empty_text = gettext_lazy("No verdict of a cut-off fits these filters.")
        attrs = {"caption": gettext_lazy("Mix by modality at the cut-offs")}

    def render_municipality(self, record: PortfolioVerdict) -> str:
        place = record.municipality
        return format_html('{}<span class="sub">{}</span>', place.name, place.state.name)

    def value_municipality(self, record: PortfolioVerdict) -> str:
        return record.municipality.name

    def value_part(self, record: PortfolioVerdict) -> Decimal:
        return Decimal(record.inputs["part"])

    def value_whole(self, record: PortfolioVerdict) -> Decimal:
        return Decimal(record.inputs["whole"])

    def value_share(self, record: PortfolioVerdict) -> Decimal | None:
        share = share_of_portfolio(record.inputs)
        return None if share is None else round(share, 2)

    def value_minimum(self, record: PortfolioVerdict) -> str | None:
        return record.inputs["minimum"]

    def value_maximum(self, record: PortfolioVerdict) -> str | None:
        return record.inputs["maximum"]

    def render_outcome(self, record: PortfolioVerdict) -> str:
        return outcome_badge(record.outcome)

    def render_part(self, record: PortfolioVerdict) -> str:
        return money(Decimal(record.inputs["part"]))

    def render_share(self, record: PortfolioVerdict) -> str:
        return percent(share_of_portfolio(record.inputs), 1)

    def render_between(self, record: PortfolioVerdict) -> str:
        ends = (record.inputs["minimum"] or 0, record.inputs["maximum"] or 100)
        return " – ".join(percent(Decimal(end)) for end in ends)
