"""A polygon on two printed pages: map, figures, criteria, lineage, works and money, for the file and the assembly."""

import datetime as dt
from typing import Any

from django.db.models import Sum
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import Truncator, capfirst
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from habitat.lib.templatetags.portal import money, number, percent_range
from habitat.lib.typeset import typeset
from polygons.models import PolygonVersion
from projects.models import Contribution, Project
from reports.files import LEGEND
from reports.polygon_criteria import Standing, rules_for, standings
from reports.polygon_drawing import AROUND, Drawing, drawing_of
from reports.polygon_figures import indicators_of, method_in_words
from reports.polygon_lineage import Family, family_of

# What fits on the second page; the rest is counted, and stands on the polygon's page.
WORKS, RELATIVES, CRITERIA = 5, 3, 7
# The drawing's frame on the page, in points: lines of the drawing are told in points too.
FRAME_PT = (510, 340)

Section = dict[str, Any]


def dossier_of(user: Any, version: PolygonVersion, at: dt.datetime) -> bytes:
    """A tagged PDF of what this reader may see, in the language and time zone that are active."""
    return typeset("documents/dossier.typ", data_of(user, version, at), at=at)


def data_of(user: Any, version: PolygonVersion, at: dt.datetime) -> dict[str, Any]:
    polygon = version.polygon
    rules = rules_for(version, timezone.localdate(at))
    language, _dash, region = (get_language() or "es-mx").partition("-")
    drawing = drawing_of(version)
    return {
        "title": _cut(polygon.name, 80),
        "author": _("Habitat Program"),
        "legend": LEGEND,
        "lang": language,
        "region": region or None,
        "heading": _heading(version),
        "drawing": _svg(drawing),
        "drawing_words": _("Drawing of the polygon with its blocks; north is up."),
        "drawing_note": _(
            "Share of a block's dwellings that certainly lack water, drainage, electricity or a firm floor, the worst"
            " of the four; a golden edge marks blocks with confidential figures."
        ),
        "keys": [
            *({"colour": key.colour, "label": key.label} for key in drawing.keys),
            {"colour": AROUND, "label": _("Block outside")},
        ],
        "figures_title": _("In figures"),
        "facts": _facts(version),
        "deficits": _deficits(version),
        "sections": [
            _eligibility(rules, standings(version, rules, user) if rules else []),
            _lineage(version, family_of(version)),
            _works(user, version),
            _sources(version, rules, at),
        ],
    }


def _section(title: str, columns: list[tuple[str, str]], rows: list[list[Any]], **rest: Any) -> Section:
    """Columns as heading and kind: "wide" takes what is left, "figure" stands right."""
    told = [{"heading": heading, "wide": kind == "wide", "figure": kind == "figure"} for heading, kind in columns]
    empty: Section = {"lead": "", "nothing": "", "notes": [], "lines": []}
    return empty | {"title": title, "columns": told, "rows": [[str(cell) for cell in row] for row in rows]} | rest


def _cut(text: Any, letters: int) -> str:
    return Truncator(str(text)).chars(letters)


def _day(day: dt.date | None) -> str:
    return date_format(day, "SHORT_DATE_FORMAT") if day else ""


def _heading(version: PolygonVersion) -> str:
    polygon = version.polygon
    standing = str(version.get_status_display()).lower()
    valid = " – ".join(filter(None, (_day(version.valid_from), _day(version.valid_to))))
    drawn = ", ".join(filter(None, (_("Version %(number)s") % {"number": version.number}, standing, valid)))
    place = f"{polygon.municipality}, {polygon.municipality.state}"
    return f"{_('Habitat Polygon')} {polygon.code} · {drawn} · {place}"


def _svg(drawing: Drawing) -> str:
    """Lines keep their thickness on paper whatever the polygon's size."""
    a_point = max(drawing.width / FRAME_PT[0], drawing.height / FRAME_PT[1])
    paths = "".join(
        f'<path d="{shape.path}" fill="{shape.fill}" stroke="{shape.stroke}" stroke-width="{shape.width * a_point:.2f}"'
        ' fill-rule="evenodd"/>'
        for shape in drawing.paths
    )
    size = f'viewBox="{drawing.view_box}" width="{drawing.width}" height="{drawing.height}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{paths}</svg>'


def _facts(version: PolygonVersion) -> list[list[str]]:
    city = version.polygon.city
    if version.poor_households is None:
        poor = _("not estimated")
    else:
        known = {"poor": number(version.poor_households), "known": number(version.poverty_households)}
        poor = _("%(poor)s of %(known)s known") % known
    return [
        [_("City"), str(city.name) if city else _("Not in the urban system of 2012")],
        [_("Area"), f"{number(version.area / 10_000, 1)} ha"],
        [_("Blocks"), number(version.block_count)],
        [_("Population"), number(version.population)],
        [_("Households"), number(version.households)],
        [_("Dwellings"), number(version.dwellings)],
        [_("With known characteristics"), number(version.base)],
        [_("Households in poverty"), poor],
    ]


def _deficits(version: PolygonVersion) -> Section:
    rows = [
        [
            capfirst(row["label"]),
            number(row["low"]),
            number(row["high"]),
            percent_range(row["low"], row["high"], version.base) if version.base else "—",
        ]
        for row in indicators_of(version)
    ]
    certain = _(
        "From what is certain to what is possible: INEGI keeps small figures confidential, and a hidden figure is never"
        " counted as zero."
    )
    return _section(
        _("What its dwellings lack"),
        [(_("Deficit"), "wide"), (_("At least"), "figure"), (_("At most"), "figure"), (_("Share"), "figure")],
        rows,
        notes=[f"{certain} {method_in_words(version)}".strip()],
    )


def _eligibility(rules: Any, found: list[Standing]) -> Section:
    more = max(len(found) - CRITERIA, 0)
    told = ngettext(
        "%(count)s criterion more stands on the polygon's page.",
        "%(count)s criteria more stand on the polygon's page.",
        more,
    )
    return _section(
        _("Eligibility in %(year)s") % {"year": rules.fiscal_year_id} if rules else _("Eligibility"),
        [
            (_("Criterion"), "wide"),
            (_("Value"), ""),
            (_("Threshold"), ""),
            (_("Verdict"), ""),
            (_("Evidence"), "wide"),
        ],
        [
            [
                _cut(standing.title, 84),
                standing.value or "—",
                standing.threshold or "—",
                _verdict(standing.outcome),
                standing.waits_for or _evidence(standing),
            ]
            for standing in found[:CRITERIA]
        ],
        nothing=_("Not judged yet."),
        notes=[told % {"count": more}] if more else [],
    )


def _verdict(outcome: str) -> str:
    return {"pass": _("Met."), "fail": _("Not met.")}.get(outcome, _("Not known yet."))


def _evidence(standing: Standing) -> str:
    words = [standing.data]
    for paper in standing.documents[:2]:
        issued = f" ({_day(paper.issued_on)})" if paper.issued_on else ""
        words.append(f"{_cut(paper.title, 50)}{issued}.")
    if standing.assessment:
        words.append(_day(timezone.localdate(standing.assessment.at)))
    return " ".join(filter(None, words))


def _lineage(version: PolygonVersion, family: Family) -> Section:
    relatives = [
        *((link.before, link, _came(link.kind)) for link in family.before),
        *((link.after, link, _went(link.kind)) for link in family.after),
    ]
    more = max(len(relatives) - RELATIVES, 0)
    told = ngettext(
        "%(count)s version more stands on the polygon's page.",
        "%(count)s versions more stand on the polygon's page.",
        more,
    )
    reason = f"{_('Reason given when it was published:')} «{_cut(version.reason, 160)}»" if version.reason else ""
    return _section(
        _("Lineage"),
        [(_("Version"), "wide"), (_("What happened"), "wide"), (_("Blocks in common"), "figure")],
        [
            [
                f"{_cut(member.name, 36)} ({member.code}) v{member.number}",
                happened,
                f"{number(link.shared)} / {number(member.block_count)}",
            ]
            for member, link, happened in relatives[:RELATIVES]
        ],
        nothing=_("Nothing came before this version, and nothing has followed it."),
        notes=[told % {"count": more}] if more else [],
        lines=[reason] if reason else [],
    )


def _came(kind: str) -> str:
    words = {"merged": _("Merged into this one"), "split": _("Split; a part is this one")}
    return words.get(kind, _("Redrawn as this one"))


def _went(kind: str) -> str:
    words = {"merged": _("Took this one in"), "split": _("Took a part of this one")}
    return words.get(kind, _("This one, redrawn"))


def _works(user: Any, version: PolygonVersion) -> Section:
    projects = Project.objects.visible_to(user).filter(polygon_version__polygon=version.polygon_id)
    if version.status == PolygonVersion.Status.SUPERSEDED:
        projects = projects.filter(polygon_version=version)
    money_of = Contribution.objects.filter(action__project__in=projects.approved())
    approved = money_of.aggregate(total=Sum("amount"))["total"]
    more = max(projects.count() - WORKS, 0)
    told = ngettext(
        "%(count)s project more stands on the polygon's page.",
        "%(count)s projects more stand on the polygon's page.",
        more,
    )
    works = projects.with_totals().order_by("-fiscal_year", "folio")[:WORKS]
    return _section(
        _("Works and actions here"),
        [(_("Project"), "wide"), (_("Year"), ""), (_("Status"), ""), (_("Cost"), "figure")],
        [
            [_cut(work.name, 64), work.fiscal_year_id, work.get_status_display(), money(work.cost or 0)]
            for work in works
        ],
        nothing=_("Nothing has been proposed here yet."),
        notes=[told % {"count": more}] if more else [],
        lines=[f"{_('Approved, of all years and sources:')} {money(approved or 0)}"],
    )


def _sources(version: PolygonVersion, rules: Any, at: dt.datetime) -> Section:
    outlines = version.blocks.order_by("geometry_vintage").values_list("geometry_vintage", flat=True).distinct()
    years = ", ".join(str(year) for year in outlines if year)
    words = [f"{_('Census')} {version.vintage}"]
    if years:
        words.append(f"{_('block outlines of')} {years}")
    words += [_("per cent of the dwellings with known characteristics"), "INEGI"]
    if rules:
        words.append(f"{_('rules of operation')} {rules.fiscal_year_id}: {_cut(rules.source, 80)}")
    printed = date_format(timezone.localtime(at), "SHORT_DATETIME_FORMAT")
    words.append(_("Printed on %(moment)s") % {"moment": printed})
    return _section(_("Sources"), [], [], nothing=" · ".join(words))
