"""Lists of projects and of ceilings, on the page and as files, from one declaration of columns."""

from collections.abc import Iterator
from datetime import date

import django_tables2 as tables
from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from habitat.accounts.models import Role
from habitat.lib.templatetags.portal import due, money
from modalities.models import business_days
from projects.models import Ceiling, Project
from projects.templatetags.projects import status_badge
from projects.turns import roles_of

NUMBER = {"cell": {"class": "num"}}


class MoneyColumn(tables.Column):
    def __init__(self, total: str, **kwargs) -> None:
        super().__init__(attrs=NUMBER, footer=lambda table: money(table.totals[total]), **kwargs)

    def render(self, value) -> str:
        return money(value)


class ProjectTable(tables.Table):
    """Takes `totals`: the sums of `cost` and `federal` over every row found, not only this page's."""

    folio = tables.Column(verbose_name=gettext_lazy("Folio"), attrs={"cell": {"class": "key"}})
    name = tables.Column(
        verbose_name=gettext_lazy("Project"), attrs={"td": {"scope": "row"}}, footer=gettext_lazy("Total")
    )
    municipality = tables.Column(
        verbose_name=gettext_lazy("Municipality"), accessor="municipality__name", order_by="municipality__name"
    )
    modality = tables.Column(verbose_name=gettext_lazy("Modality"), accessor="modality_id", order_by="modality")
    status = tables.Column(verbose_name=gettext_lazy("Status"))
    due_on = tables.Column(verbose_name=gettext_lazy("Due"), attrs=NUMBER, default="")
    federal = MoneyColumn("federal", verbose_name=gettext_lazy("Federal"))
    cost = MoneyColumn("cost", verbose_name=gettext_lazy("Cost"))

    class Meta:
        model = Project
        fields: tuple[str, ...] = ()
        order_by = ("-updated_at", "-pk")
        empty_text = gettext_lazy("No project fits these filters.")
        attrs = {"caption": gettext_lazy("Projects")}

    def __init__(self, *args, totals: dict, **kwargs) -> None:
        self.totals = totals
        super().__init__(*args, **kwargs)

    def render_name(self, value: str, record: Project) -> str:
        return format_html('<a href="{}">{}</a>', reverse("projects:detail", args=[record.pk]), value)

    def render_status(self, record: Project) -> str:
        return status_badge(record.status)


PROJECT_HEADER = (
    gettext_lazy("Folio"),
    gettext_lazy("File number"),
    gettext_lazy("Fiscal year"),
    gettext_lazy("Name"),
    gettext_lazy("State"),
    gettext_lazy("Municipality key"),
    gettext_lazy("Municipality"),
    gettext_lazy("Polygon"),
    gettext_lazy("Strand"),
    gettext_lazy("Modality"),
    gettext_lazy("Status"),
    gettext_lazy("Since"),
    gettext_lazy("Due"),
    gettext_lazy("Federal"),
    gettext_lazy("Cost"),
)


def project_rows(projects: QuerySet[Project]) -> Iterator[list[object]]:
    """The same rows as the page's, for CSV and XLSX; amounts in pesos."""
    related = ("municipality__state", "strand", "modality", "polygon_version__polygon")
    for project in projects.select_related(*related).iterator(chunk_size=1_000):
        version = project.polygon_version
        yield [
            project.folio,
            project.file_number,
            project.fiscal_year_id,
            project.name,
            project.municipality.state.name,
            project.municipality_id,
            project.municipality.name,
            version.polygon.code if version else "",
            project.strand.name,
            project.modality.name,
            project.get_status_display(),
            timezone.localdate(project.status_since),
            project.due_on,
            project.federal,
            project.cost,
        ]


class DeskTable(ProjectTable):
    """A desk: the oldest deadline first; `days` business days are left, by the calendar of the reader's day."""

    chosen = tables.Column(verbose_name=gettext_lazy("Choose"), empty_values=(), orderable=False)
    due_on = tables.Column(verbose_name=gettext_lazy("Due"), empty_values=())
    assigned_to = tables.Column(
        verbose_name=gettext_lazy("In the hands of"), order_by="assigned_to__name", empty_values=()
    )
    federal = tables.Column(verbose_name=gettext_lazy("Federal"), attrs=NUMBER)
    cost = None

    class Meta(ProjectTable.Meta):
        order_by = ("due_on", "status_since", "pk")
        sequence = ("chosen", "due_on", "folio", "name", "municipality", "modality", "status", "assigned_to", "federal")
        empty_text = gettext_lazy("Nothing lies on this desk.")

    def __init__(self, *args, today: date, **kwargs) -> None:
        self.today = today
        self.calendar = business_days()
        super().__init__(*args, totals={}, **kwargs)
        self.columns["name"].column._footer = None

    def render_due_on(self, record: Project) -> str:
        day = date_format(record.due_on, "SHORT_DATE_FORMAT") if record.due_on else ""
        left = self.calendar.until(record.due_on, self.today, record.state_code) if record.due_on else None
        return format_html('{}<span class="sub key">{}</span>', due(left), day)

    def render_chosen(self, record: Project) -> str:
        label = _("Choose %(folio)s") % {"folio": record.folio}
        box = '<input class="form-check-input" type="checkbox" name="project" value="{}" aria-label="{}">'
        return format_html(box, record.pk, label)

    def render_assigned_to(self, record: Project) -> str:
        if record.assigned_to:
            return str(record.assigned_to)
        roles = sorted(str(Role(role).label) for role in roles_of(record.status))
        return format_html('<span class="muted">{}</span>', ", ".join(roles))

    def render_federal(self, value) -> str:
        return money(value)


DESK_HEADER = (
    gettext_lazy("Folio"),
    gettext_lazy("Name"),
    gettext_lazy("State"),
    gettext_lazy("Municipality"),
    gettext_lazy("Modality"),
    gettext_lazy("Status"),
    gettext_lazy("Since"),
    gettext_lazy("Due"),
    gettext_lazy("Business days left"),
    gettext_lazy("In the hands of"),
    gettext_lazy("Federal"),
)


def desk_rows(projects: QuerySet[Project], today: date) -> Iterator[list[object]]:
    """A desk's rows for CSV and XLSX; days below 0 are late."""
    calendar = business_days()
    related = projects.select_related("municipality__state", "modality", "assigned_to")
    for project in related.order_by("due_on", "status_since", "pk").iterator(chunk_size=1_000):
        yield [
            project.folio,
            project.name,
            project.municipality.state.name,
            project.municipality.name,
            project.modality.name,
            project.get_status_display(),
            timezone.localdate(project.status_since),
            project.due_on,
            calendar.until(project.due_on, today, project.state_code) if project.due_on else None,
            str(project.assigned_to or ""),
            project.federal,
        ]


class CeilingTable(tables.Table):
    """Takes rows of `with_taken()`; the tree is read from the names, so a parent's sum is never added to its parts."""

    place = tables.Column(
        verbose_name=gettext_lazy("Ceiling"), empty_values=(), orderable=False, attrs={"td": {"scope": "row"}}
    )
    strand = tables.Column(verbose_name=gettext_lazy("Strand"))
    amount = tables.Column(verbose_name=gettext_lazy("Amount"), attrs=NUMBER)
    taken = tables.Column(verbose_name=gettext_lazy("Approved"), attrs=NUMBER)
    balance = tables.Column(verbose_name=gettext_lazy("Left"), attrs=NUMBER)
    agreement = tables.Column(verbose_name=gettext_lazy("Coordination agreement"))

    class Meta:
        model = Ceiling
        fields: tuple[str, ...] = ()
        empty_text = gettext_lazy("No ceiling fits these filters.")
        attrs = {"caption": gettext_lazy("Ceilings and what is left of them")}

    def order_balance(self, rows: QuerySet[Ceiling], is_descending: bool) -> tuple[QuerySet[Ceiling], bool]:
        left = F("amount") - F("taken")
        return rows.order_by(left.desc() if is_descending else left.asc(), "pk"), True

    def render_place(self, record: Ceiling) -> str:
        return format_html('<a href="{}">{}</a>', reverse("projects:ceiling", args=[record.pk]), record)

    def render_agreement(self, record: Ceiling) -> str:
        url = reverse("projects:agreement", args=[record.agreement_id])
        return format_html('<a href="{}">{}</a>', url, record.agreement.name)

    def render_amount(self, value) -> str:
        return money(value)

    render_taken = render_balance = render_amount


CEILING_HEADER = (
    gettext_lazy("Fiscal year"),
    gettext_lazy("Strand"),
    gettext_lazy("State key"),
    gettext_lazy("Municipality key"),
    gettext_lazy("Modality"),
    gettext_lazy("Ceiling"),
    gettext_lazy("Amount"),
    gettext_lazy("Approved"),
    gettext_lazy("Left"),
    gettext_lazy("Coordination agreement"),
)


def ceiling_rows(ceilings: QuerySet[Ceiling]) -> Iterator[list[object]]:
    for row in ceilings:
        yield [
            row.fiscal_year_id,
            row.strand.name,
            row.state_id,
            row.municipality_id,
            row.modality_id,
            str(row),
            row.amount,
            row.taken,
            row.balance,
            row.agreement.name,
        ]
