"""Verdicts in lists: those a draft of the rules would change, and those of portfolios at the cut-offs."""

import json
from collections.abc import Iterator
from decimal import Decimal

import django_tables2 as tables
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy

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

    project = tables.Column(verbose_name=gettext_lazy("Project"), attrs={"td": {"scope": "row"}}, order_by="project")
    place = tables.Column(
        verbose_name=gettext_lazy("Municipality"),
        accessor="project__municipality__name",
        order_by="project__municipality",
    )
    rule_code = tables.Column(verbose_name=gettext_lazy("Rule"))
    before = tables.Column(verbose_name=gettext_lazy("Before"), empty_values=())
    after = tables.Column(verbose_name=gettext_lazy("After"), empty_values=())
    why = tables.Column(verbose_name=gettext_lazy("Why"), orderable=False, default="")

    class Meta:
        model = PreviewedChange
        fields: tuple[str, ...] = ()
        order_by = ("project", "rule_code")
        empty_text = gettext_lazy("No verdict changes, or none fits these filters.")
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


CHANGE_HEADER = (
    gettext_lazy("Folio"),
    gettext_lazy("Project"),
    gettext_lazy("Status"),
    gettext_lazy("State"),
    gettext_lazy("Municipality key"),
    gettext_lazy("Municipality"),
    gettext_lazy("Rule"),
    gettext_lazy("What it says"),
    gettext_lazy("Before"),
    gettext_lazy("Words before"),
    gettext_lazy("Values before"),
    gettext_lazy("After"),
    gettext_lazy("Words after"),
    gettext_lazy("Values after"),
    gettext_lazy("Why"),
)


def change_rows(changes: QuerySet[PreviewedChange]) -> Iterator[list[object]]:
    labels = dict(Verdict.Outcome.choices)
    for change in changes.iterator(chunk_size=1_000):
        project = change.project
        yield [
            project.folio,
            project.name,
            project.get_status_display(),
            project.municipality.state.name,
            project.municipality_id,
            project.municipality.name,
            change.rule_code,
            change.title,
            labels.get(change.before, ""),
            change.words_before,
            json.dumps(change.inputs_before, ensure_ascii=False),
            labels.get(change.after, ""),
            change.words_after,
            json.dumps(change.inputs_after, ensure_ascii=False),
            change.why,
        ]


def share_of_portfolio(inputs: dict) -> Decimal | None:
    """Per cent of the municipality's federal money; None where it has none."""
    whole = Decimal(inputs["whole"])
    return Decimal(inputs["part"]) * 100 / whole if whole else None


class PortfolioTable(tables.Table):
    cut_off = tables.Column(verbose_name=gettext_lazy("Cut-off"))
    municipality = tables.Column(
        verbose_name=gettext_lazy("Municipality"), attrs={"td": {"scope": "row"}}, order_by="municipality"
    )
    modality = tables.Column(verbose_name=gettext_lazy("Modality"))
    outcome = tables.Column(verbose_name=gettext_lazy("Verdict"))
    part = tables.Column(verbose_name=gettext_lazy("Federal"), empty_values=(), orderable=False, attrs=NUMBER)
    share = tables.Column(verbose_name=gettext_lazy("Its part"), empty_values=(), orderable=False, attrs=NUMBER)
    between = tables.Column(verbose_name=gettext_lazy("Between"), empty_values=(), orderable=False, attrs=NUMBER)

    class Meta:
        model = PortfolioVerdict
        fields: tuple[str, ...] = ()
        empty_text = gettext_lazy("No cut-off has been judged yet, or nothing fits these filters.")
        attrs = {"caption": gettext_lazy("Mix by modality at the cut-offs")}

    def render_municipality(self, record: PortfolioVerdict) -> str:
        place = record.municipality
        return format_html('{}<span class="sub">{}</span>', place.name, place.state.name)

    def render_outcome(self, record: PortfolioVerdict) -> str:
        return outcome_badge(record.outcome)

    def render_part(self, record: PortfolioVerdict) -> str:
        return money(Decimal(record.inputs["part"]))

    def render_share(self, record: PortfolioVerdict) -> str:
        return percent(share_of_portfolio(record.inputs), 1)

    def render_between(self, record: PortfolioVerdict) -> str:
        ends = (record.inputs["minimum"] or 0, record.inputs["maximum"] or 100)
        return " – ".join(percent(Decimal(end)) for end in ends)


PORTFOLIO_HEADER = (
    gettext_lazy("Cut-off"),
    gettext_lazy("State"),
    gettext_lazy("Municipality key"),
    gettext_lazy("Municipality"),
    gettext_lazy("Modality"),
    gettext_lazy("Verdict"),
    gettext_lazy("Federal of the modality"),
    gettext_lazy("Federal of the municipality"),
    gettext_lazy("Its part"),
    gettext_lazy("Minimum %"),
    gettext_lazy("Maximum %"),
    gettext_lazy("Rule"),
    gettext_lazy("Clause"),
)


def portfolio_rows(verdicts: QuerySet[PortfolioVerdict]) -> Iterator[list[object]]:
    for verdict in verdicts.iterator(chunk_size=1_000):
        inputs = verdict.inputs
        share = share_of_portfolio(inputs)
        yield [
            verdict.cut_off,
            verdict.municipality.state.name,
            verdict.municipality_id,
            verdict.municipality.name,
            verdict.modality.name,
            verdict.get_outcome_display(),
            Decimal(inputs["part"]),
            Decimal(inputs["whole"]),
            None if share is None else round(share, 2),
            inputs["minimum"],
            inputs["maximum"],
            verdict.rule_code,
            verdict.clause,
        ]
