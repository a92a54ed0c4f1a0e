"""Lists of projects and of ceilings, on the page and as files, from one declaration of columns."""

from datetime import date

import django_tables2 as tables
from django.contrib.gis.db.models import Collect
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from habitat.accounts.models import Role
from habitat.lib.lists import Value, detail
from habitat.lib.templatetags.portal import due, money
from modalities.models import business_days
from projects.models import Action, Ceiling, Project
from projects.templatetags.projects import status_badge
from projects.turns import roles_of

NUMBER = {"cell": {"class": "num"}}


class MoneyColumn(Value):
    def __init__(self, total: str, **kwargs) -> None:
        super().__init__("money", footer=lambda table: money(table.totals[total]), **kwargs)


# Of a project's polygon: large, and no list draws them.
OUTLINES = ("polygon_version__geometry", "polygon_version__mercator")


class ProjectTable(tables.Table):
    """Takes `totals`: the sums of `cost` and `federal` over every row found, not only this page's."""

    # What `value_…` looks at beyond the columns' own relations.
    related = ("modality",)
    # Its place is that of all its sites.
    geometry = Subquery(
        Action.objects.filter(project=OuterRef("pk"))
        .order_by()
        .values("project")
        .annotate(site=Collect("geometry"))
        .values("site")
    )

    folio = tables.Column(verbose_name=gettext_lazy("Folio"), attrs={"cell": {"class": "key"}})
    file_number = detail(gettext_lazy("File number"), "file_number")
    fiscal_year = detail(gettext_lazy("Fiscal year"), "fiscal_year_id", "year")
    name = tables.Column(
        verbose_name=gettext_lazy("Project"), attrs={"td": {"scope": "row"}}, footer=gettext_lazy("Total")
    )
    state = detail(gettext_lazy("State"), "municipality__state__name")
    municipality_key = detail(gettext_lazy("Municipality key"), "municipality_id")
    municipality = tables.Column(
        verbose_name=gettext_lazy("Municipality"), accessor="municipality__name", order_by="municipality__name"
    )
    polygon = detail(gettext_lazy("Polygon"), "polygon_version__polygon__code")
    strand = detail(gettext_lazy("Strand"), "strand__name")
    modality = tables.Column(verbose_name=gettext_lazy("Modality"), accessor="modality_id", order_by="modality")
    status = tables.Column(verbose_name=gettext_lazy("Status"))
    since = detail(gettext_lazy("Since"), "status_since", "date")
    due_on = tables.Column(verbose_name=gettext_lazy("Due"), attrs=NUMBER, default="")
    federal = MoneyColumn("federal", verbose_name=gettext_lazy("Federal"))
    cost = MoneyColumn("cost", verbose_name=gettext_lazy("Cost"))

    begins = gettext_lazy(
        "A municipality or a state begins a proposal on this page; the public sees it from its approval on."
    )

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

    # For files: drawing fifty thousand cells only to take the words out of them again took half of the time.
    def value_name(self, record: Project) -> str:
        return record.name

    def value_modality(self, record: Project) -> str:
        return record.modality.name

    def render_status(self, record: Project) -> str:
        return status_badge(record.status)


class DeskTable(ProjectTable):
    """A desk: the oldest deadline first; `days` business days are left, by the calendar of the reader's day."""

    chosen = tables.Column(
        verbose_name=gettext_lazy("Choose"), empty_values=(), orderable=False, exclude_from_export=True
    )
    due_on = tables.Column(verbose_name=gettext_lazy("Due"), empty_values=())
    days = detail(gettext_lazy("Business days left"), kind="count")
    assigned_to = tables.Column(
        verbose_name=gettext_lazy("In the hands of"), order_by="assigned_to__name", empty_values=()
    )
    federal = Value("money", verbose_name=gettext_lazy("Federal"))
    cost = None

    class Meta(ProjectTable.Meta):
        order_by = ("due_on", "status_since", "pk")
        sequence = (
            "chosen", "due_on", "days", "folio", "name", "state", "municipality_key", "municipality", "modality",
            "status", "since", "assigned_to", "federal",
        )  # fmt: skip
        empty_text = gettext_lazy("Nothing lies on this desk.")

    def __init__(self, *args, today: date, **kwargs) -> None:
        self.today = today
        self.calendar = business_days()
        super().__init__(*args, totals={}, **kwargs)
        self.columns["name"].column._footer = None

    def render_due_on(self, record: Project) -> str:
        day = date_format(record.due_on, "SHORT_DATE_FORMAT") if record.due_on else ""
        return format_html('{}<span class="sub key">{}</span>', due(self.value_days(record)), day)

    def value_days(self, record: Project) -> int | None:
        """Below 0 it is late."""
        return self.calendar.until(record.due_on, self.today, record.state_code) if record.due_on else None

    def render_chosen(self, record: Project) -> str:
        label = _("Choose %(folio)s") % {"folio": record.folio}
        box = '<input class="form-check-input" type="checkbox" name="project" value="{}" aria-label="{}">'
        return format_html(box, record.pk, label)

    def render_assigned_to(self, record: Project) -> str:
        if record.assigned_to:
            return str(record.assigned_to)
        roles = sorted(str(Role(role).label) for role in roles_of(record.status))
        return format_html('<span class="muted">{}</span>', ", ".join(roles))


class CeilingTable(tables.Table):
    """Takes rows of `with_taken()`; the tree is read from the names, so a parent's sum is never added to its parts."""

    fiscal_year = detail(gettext_lazy("Fiscal year"), "fiscal_year_id", "year")
    state_key = detail(gettext_lazy("State key"), "state_id")
    municipality_key = detail(gettext_lazy("Municipality key"), "municipality_id")
    modality = detail(gettext_lazy("Modality"), "modality_id")
    place = tables.Column(
        verbose_name=gettext_lazy("Ceiling"), empty_values=(), orderable=False, attrs={"td": {"scope": "row"}}
    )
    strand = tables.Column(verbose_name=gettext_lazy("Strand"))
    amount = Value("money", verbose_name=gettext_lazy("Amount"))
    taken = Value("money", verbose_name=gettext_lazy("Approved"))
    balance = Value("money", verbose_name=gettext_lazy("Left"))
    agreement = tables.Column(verbose_name=gettext_lazy("Coordination agreement"))

    begins = gettext_lazy(
        "The program unit sets ceilings on this page, from the nation down, each within the one above."
    )

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
