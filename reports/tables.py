"""Rows behind the figures, and the list of reports."""

from decimal import Decimal

import django_tables2 as tables
from django.db.models import F, OuterRef, QuerySet, Subquery, Sum
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from habitat.lib.lists import Value, detail
from habitat.lib.templatetags.portal import money, number, percent, percent_range
from polygons.deficits import MAPPED, Deficit
from polygons.models import Block, Polygon, PolygonVersion
from projects.alerts import BY_CODE
from projects.models import Action, Alert, LedgerEntry, ProgressReport
from reports.indicators import Figures
from reports.parts import Part

NUMBER = {"cell": {"class": "num"}}


class SummedColumn(tables.Column):
    """A figure with the sum over every row found, not only this page's, below it."""

    def __init__(self, write, **kwargs) -> None:
        self.write = write
        self.kind = "money" if write is money else "count"
        super().__init__(attrs=NUMBER, footer=self.sum, **kwargs)

    def render(self, value) -> str:
        return self.write(value)

    def sum(self, bound_column, table) -> str:
        return self.write(table.totals[bound_column.name])


class RowsTable(tables.Table):
    """Takes `totals`, by the name of the column."""

    def __init__(self, *args, totals: dict[str, int | Decimal], **kwargs) -> None:
        self.totals = totals
        super().__init__(*args, **kwargs)


class RangeColumn(tables.Column):
    def __init__(self, deficit: Deficit) -> None:
        self.deficit = deficit
        super().__init__(
            verbose_name=deficit.label, empty_values=(), attrs=NUMBER, order_by=deficit.low, footer=self.sum
        )

    def render(self, record) -> str:
        return _counts(getattr(record, self.deficit.low), getattr(record, self.deficit.high), record.base)

    def sum(self, table) -> str:
        totals = table.totals
        return _counts(totals[self.deficit.low], totals[self.deficit.high], totals["base"])


def _counts(low: int, high: int, base: int) -> SafeString:
    counts = number(low) if low == high else f"{number(low)}–{number(high)}"
    return format_html('{}<span class="sub">{}</span>', counts, percent_range(low, high, base))


def _end(deficit: Deficit, end: str, words: Promise) -> Value:
    return detail(format_lazy("{}, {}", deficit.label, words), end, "count")


class BlockTable(RowsTable):
    geometry = F("geometry")

    code = tables.Column(attrs={"td": {"scope": "row"}}, footer=_("Total"))
    municipality = tables.Column(
        accessor="municipality__name", order_by="municipality__name", verbose_name=_("Municipality")
    )
    dwellings = SummedColumn(number, verbose_name=_("Dwellings"))
    base = SummedColumn(number, verbose_name=_("With known characteristics"))
    water, drainage, electricity, floor = (RangeColumn(deficit) for deficit in MAPPED)
    water_low, drainage_low, electricity_low, floor_low = (_end(one, one.low, _("at least")) for one in MAPPED)
    water_high, drainage_high, electricity_high, floor_high = (_end(one, one.high, _("at most")) for one in MAPPED)

    class Meta:
        model = Block
        fields = ("code", "municipality", "dwellings", "base")
        sequence = ("code", "municipality", "dwellings", "base", *(deficit.name for deficit in MAPPED), "...")
        order_by = "code"
        attrs = {"caption": _("City blocks")}
        empty_text = _("No block of this place has been imported.")


class MemberTable(BlockTable):
    """Blocks of a polygon's version. Takes `vintage`, their census."""

    # What `totals` names.
    summed = ("population", "dwellings", "base", *(end for one in MAPPED for end in (one.low, one.high)))

    ageb_code = detail(_("AGEB"), "ageb_code")
    population = SummedColumn(number, verbose_name=_("Population"))

    class Meta(BlockTable.Meta):
        # A polygon lies in one.
        exclude = ("municipality",)
        sequence = ("code", "population", "dwellings", "base", *(one.name for one in MAPPED), "...")
        attrs = {"caption": _("Blocks of the polygon")}

    def __init__(self, *args, vintage: int, **kwargs) -> None:
        self.vintage = vintage
        super().__init__(*args, **kwargs)

    def render_code(self, value: str) -> SafeString:
        address = reverse("polygons:place", args=["block", value])
        return format_html('<a class="key" href="{}?vintage={}">{}</a>', address, self.vintage, value)

    def value_code(self, record: Block) -> str:
        return record.code


class PolygonTable(tables.Table):
    geometry = Subquery(
        PolygonVersion.objects.filter(polygon=OuterRef("pk"), status=PolygonVersion.Status.PUBLISHED)
        .order_by("-number")
        .values("geometry")[:1]
    )

    name = tables.Column(linkify=lambda record: f"/polygons/{record.code}/", attrs={"td": {"scope": "row"}})
    municipality = tables.Column(
        accessor="municipality__name", order_by="municipality__name", verbose_name=_("Municipality")
    )
    state = tables.Column(
        accessor="municipality__state__name", order_by="municipality__state__name", verbose_name=_("State")
    )
    approved = Value("count", verbose_name=_("Approved projects of the year"))

    class Meta:
        model = Polygon
        fields = ("code", "name", "municipality", "state", "approved")
        order_by = "code"
        attrs = {"caption": _("Habitat Polygons")}
        empty_text = _("No polygon here fits.")


class PartTable(tables.Table):
    """The places below a dashboard's; the public has no ledger and no ceilings."""

    key = tables.Column(accessor="scope__code", verbose_name=_("Key"), attrs={"td": {"class": "key"}})
    place = tables.Column(
        accessor="scope__place__name", linkify=lambda record: record.url, verbose_name=_("Place"),
        attrs={"td": {"scope": "row"}},
    )  # fmt: skip
    projects = Value("count", verbose_name=_("Projects"))
    cost = Value("money", verbose_name=_("Cost"))
    ceiling = Value("money", verbose_name=_("Ceiling"))
    paid = Value("money", verbose_name=_("Federal paid"))
    progress = Value("percent", verbose_name=_("Physical progress"))
    planned = Value("percent", verbose_name=_("Planned"))

    class Meta:
        attrs = {"caption": _("Places")}
        empty_text = _("Nothing has been approved in any place below.")

    def __init__(self, parts: list[Part], *, figures: Figures, **kwargs) -> None:
        hidden = () if figures.user.is_authenticated else ("ceiling", "paid")
        super().__init__(parts, exclude=hidden, **kwargs)

    def value_cost(self, record) -> Decimal:
        # Sums of weighed columns come with more decimals.
        return record.cost.quantize(Decimal("0.01"))


class EntryTable(RowsTable):
    on = tables.DateColumn(short=True, attrs={"td": {"scope": "row"}}, footer=_("Total"))
    project = tables.Column(
        linkify=("projects:detail", {"pk": tables.A("project_id")}),
        accessor="project__folio",
        verbose_name=_("Project"),
    )
    municipality = tables.Column(
        accessor="municipality__name", order_by="municipality__name", verbose_name=_("Municipality")
    )
    modality = tables.Column(accessor="modality_id", order_by="modality", verbose_name=_("Modality"))
    amount = SummedColumn(money, verbose_name=_("Amount"))

    class Meta:
        model = LedgerEntry
        fields = ("on", "moment", "source", "project", "municipality", "modality", "note", "amount")
        order_by = "-on"
        attrs = {"caption": _("Entries of the ledger")}
        empty_text = _("No entry fits.")


class ActionTable(RowsTable):
    project = tables.Column(
        linkify=("projects:detail", {"pk": tables.A("project_id")}),
        accessor="project__name",
        verbose_name=_("Project"),
        attrs={"td": {"scope": "row"}},
        footer=_("Total"),
    )
    municipality = tables.Column(
        accessor="project__municipality__name",
        order_by="project__municipality__name",
        verbose_name=_("Municipality"),
    )
    quantity = Value("number", verbose_name=_("Planned"))
    measured = Value("number", verbose_name=_("Measured"))
    unit = tables.Column(accessor="action_type__get_unit_display", orderable=False, verbose_name=_("Unit"))
    share = Value("percent", empty_values=(), orderable=False, verbose_name=_("Progress"))
    cost = SummedColumn(money, verbose_name=_("Cost"))
    done = SummedColumn(money, verbose_name=_("Cost × progress"))
    planned = SummedColumn(money, verbose_name=_("Cost × calendar"))

    geometry = F("geometry")

    class Meta:
        model = Action
        fields = ("project", "municipality", "quantity", "measured", "unit", "share", "cost", "done", "planned")
        order_by = "project"
        attrs = {"caption": _("Actions of approved projects")}
        empty_text = _("No project has been approved here this year.")

    def render_share(self, record) -> str:
        return percent(self.value_share(record))

    def value_share(self, record) -> Decimal:
        return record.measured * 100 / record.quantity


class ProgressTable(tables.Table):
    month = tables.Column(empty_values=(), order_by=("year", "month"), verbose_name=_("Month"))
    project = tables.Column(
        linkify=(
            "projects:progress",
            {"pk": tables.A("project_id"), "year": tables.A("year"), "month": tables.A("month")},
        ),
        accessor="project__name",
        verbose_name=_("Project"),
        attrs={"td": {"scope": "row"}},
    )
    municipality = tables.Column(
        accessor="project__municipality__name",
        order_by="project__municipality__name",
        verbose_name=_("Municipality"),
    )

    class Meta:
        model = ProgressReport
        fields = ("month", "project", "municipality", "status", "submitted_at")
        order_by = "month"
        attrs = {"caption": _("Progress that waits")}
        empty_text = _("No progress waits here.")

    def render_month(self, record) -> str:
        return f"{record.month:02}/{record.year}"


class AlertTable(tables.Table):
    project = tables.Column(
        linkify=("projects:detail", {"pk": tables.A("project_id")}),
        accessor="project__name",
        verbose_name=_("Project"),
        attrs={"td": {"scope": "row"}},
    )
    municipality = tables.Column(
        accessor="project__municipality__name",
        order_by="project__municipality__name",
        verbose_name=_("Municipality"),
    )

    class Meta:
        model = Alert
        fields = ("opened_at", "kind", "project", "municipality", "owner")
        order_by = "-opened_at"
        attrs = {"caption": _("Alerts")}
        empty_text = _("No alert is open here.")

    def render_kind(self, value: str) -> str:
        return str(BY_CODE[value].title) if value in BY_CODE else value


def sums_of(rows: QuerySet, table: type[RowsTable]) -> dict[str, int | Decimal]:
    """The totals that stand below a table's columns, in one query."""
    columns = table.base_columns
    names = [name for name, column in columns.items() if isinstance(column, SummedColumn)]
    ranges = [column.deficit for column in columns.values() if isinstance(column, RangeColumn)]
    names += [end for deficit in ranges for end in (deficit.low, deficit.high)]
    sums = rows.order_by().aggregate(**{f"all_{name}": Sum(name, default=0) for name in names})
    return {name: sums[f"all_{name}"] for name in names}
