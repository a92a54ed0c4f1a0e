"""Closed works past the years their papers are kept, and the proposals to destroy them, as lists."""

from typing import Any

import django_filters as filters
import django_tables2 as tables
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from habitat.lib.lists import Value, detail
from habitat.lib.templatetags.portal import badge
from projects.filters.projects import states
from projects.models import Destruction, Project

STANDINGS = [
    ("open", gettext_lazy("Waiting for the second person")),
    ("confirmed", gettext_lazy("Destroyed")),
    ("discarded", gettext_lazy("Discarded")),
]


class PastFilter(filters.FilterSet):
    q = filters.CharFilter(field_name="folio", lookup_expr="icontains", label=gettext_lazy("Folio"))
    state = filters.ModelChoiceFilter(
        field_name="municipality__state",
        queryset=states,
        label=gettext_lazy("State"),
    )

    class Meta:
        model = Project
        fields: tuple[str, ...] = ()


class PastTable(tables.Table):
    folio = tables.Column(
        verbose_name=gettext_lazy("Folio"),
        attrs={"td": {"scope": "row"}},
        linkify=("projects:detail", {"pk": tables.A("pk")}),
    )
    name = tables.Column(verbose_name=gettext_lazy("Project"))
    state = detail(gettext_lazy("State"), "municipality__state__name")
    municipality = tables.Column(verbose_name=gettext_lazy("Municipality"), order_by="municipality__name")
    closed_at = Value("date", verbose_name=gettext_lazy("Closed on"))
    propose = tables.TemplateColumn(
        template_name="projects/society/_propose_destruction.html",
        verbose_name=gettext_lazy("Propose to destroy its papers"),
        orderable=False,
        exclude_from_export=True,
    )

    class Meta:
        model = Project
        fields: tuple[str, ...] = ()
        order_by = ("closed_at", "folio")
        empty_text = gettext_lazy("No closed work is past its years.")
        attrs = {"caption": gettext_lazy("What may be destroyed")}

    def __init__(self, *args: Any, may_propose: bool, **kwargs: Any) -> None:
        super().__init__(*args, exclude=() if may_propose else ("propose",), **kwargs)


class DestructionFilter(filters.FilterSet):
    standing = filters.ChoiceFilter(method="of_standing", choices=STANDINGS, label=gettext_lazy("Standing"))

    class Meta:
        model = Destruction
        fields: tuple[str, ...] = ()

    def of_standing(self, rows: QuerySet[Destruction], name: str, value: str) -> QuerySet[Destruction]:
        if value == "open":
            return rows.filter(confirmed_at=None, discarded_at=None)
        return rows.filter(**{f"{value}_at__isnull": False})


def standing_of(proposal: Destruction) -> tuple[str, str]:
    """(family of the badge, words)"""
    if proposal.confirmed_at:
        return "stop", _("Destroyed")
    return ("draft", _("Discarded")) if proposal.discarded_at else ("attention", _("Waiting for the second person"))


class DestructionTable(tables.Table):
    project = tables.Column(
        verbose_name=gettext_lazy("Project"), attrs={"td": {"scope": "row"}}, order_by="project__folio"
    )
    folio = detail(gettext_lazy("Folio"), "project__folio")
    kept_until = Value("date", verbose_name=gettext_lazy("kept until"))
    reason = tables.Column(verbose_name=gettext_lazy("Reason"), orderable=False)
    by = tables.Column(verbose_name=gettext_lazy("Proposed by"), order_by="by__name")
    at = Value("moment", verbose_name=gettext_lazy("Proposed"))
    standing = tables.Column(verbose_name=gettext_lazy("Standing"), empty_values=(), orderable=False)
    confirmed_by = detail(gettext_lazy("Confirmed by"), "confirmed_by")
    confirmed_at = detail(gettext_lazy("Confirmed"), "confirmed_at", "moment")
    discarded_by = detail(gettext_lazy("Discarded by"), "discarded_by")
    files_gone = Value("count", verbose_name=gettext_lazy("Files destroyed"))
    decide = tables.TemplateColumn(
        template_name="projects/society/_decide_destruction.html",
        verbose_name=gettext_lazy("Decision"),
        orderable=False,
        exclude_from_export=True,
    )

    class Meta:
        model = Destruction
        fields: tuple[str, ...] = ()
        order_by = ("-at", "-pk")
        empty_text = gettext_lazy("Nothing was proposed.")
        attrs = {"caption": gettext_lazy("Proposals to destroy papers")}

    def __init__(self, *args: Any, may_decide: bool, **kwargs: Any) -> None:
        super().__init__(*args, exclude=() if may_decide else ("decide",), **kwargs)

    def render_standing(self, record: Destruction) -> str:
        return badge(*standing_of(record))
