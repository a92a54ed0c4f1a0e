"""The periodic reports that exist, one class each, in the order in which they are offered."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import DecimalField, F, Min, OuterRef, Q, QuerySet, Subquery, Sum, Window
from django.db.models.functions import Coalesce
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from projects.models import Action, LedgerEntry, Moment, ProgressLine, ProgressSpending, Source
from reports.periods import Month
from reports.scopes import Scope

Cell = str | Decimal | None
Row = tuple[Cell, ...]


@dataclass(frozen=True)
class Column:
    """`kind`: text, number, percent (0 to 100) or money (pesos). Summed columns have a total in every file."""

    name: str
    heading: str | Promise
    definition: str | Promise
    kind: str = "text"
    is_summed: bool = False


def _by_source(prefix: str, heading: Promise, definition: Promise) -> tuple[Column, ...]:
    parts = [*((source.value, source.label) for source in Source), ("total", _("total"))]
    return tuple(
        Column(f"{prefix}_{name}", format_lazy("{}: {}", heading, label), definition, "money", is_summed=True)
        for name, label in parts
    )


class MonthlyProgress:
    """Avance físico y financiero (operating guidelines 2012, 5.16): one row an action of every approved project.

    What counts: entries of the ledger up to the month's last day, and accepted progress up to the month.
    """

    kind = "monthly-progress"
    title = _("Monthly physical and financial progress")
    purpose = _("What was measured and paid in the month, against what was planned and approved, action by action.")
    basis = _("Operating guidelines 2012, chapter 5.16; monthly by practice (unverified).")
    columns = (
        Column("folio", _("Folio"), _("The portal's own number of the project.")),
        Column("file_number", _("File number"), _("Given by the delegation when it numbers the project.")),
        Column("state", _("State"), _("Where the project is.")),
        Column("municipality", _("Municipality"), _("The municipality that carries the project out.")),
        Column("polygon", _("Habitat Polygon"), _("Code of the polygon served; empty where the type asks for none.")),
        Column("modality", _("Modality"), _("Modality of the project.")),
        Column("project", _("Project"), _("Name of the work or action.")),
        Column("action_type", _("Action type"), _("Type in the year's catalogue.")),
        Column("unit", _("Unit"), _("Unit of the quantities in this row.")),
        Column("planned", _("Planned"), _("Quantity approved for this action."), "number"),
        Column("measured", _("Measured in the month"), _("Quantity of the month's accepted progress."), "number"),
        Column("cumulative", _("Measured to date"), _("Quantity of all accepted progress up to the month."), "number"),
        Column("percent", _("Physical progress"), _("Measured to date, of planned."), "percent"),
        *_by_source(
            "approved",
            _("Approved"),
            _("Approved less what was cancelled, to the end of the month; stands on the project's first row."),
        ),
        *_by_source(
            "paid",
            _("Paid to date"),
            _("Spending of all accepted progress up to the month; stands on the project's first row."),
        ),
        *_by_source(
            "month",
            _("Paid in the month"),
            _("Spending of the month's accepted progress; stands on the project's first row."),
        ),
    )
    # The PDF adds up by this column.
    grouped_by = "modality"

    def count(self, scope: Scope, month: Month) -> int:
        return self._actions(scope, month).count()

    def rows(self, scope: Scope, month: Month) -> Iterator[Row]:
        """In the columns' order; one statement, so that every file tells of the same moment."""
        for action in self._with_figures(self._actions(scope, month), month).iterator(chunk_size=1000):
            yield (*self._names(action), *self._quantities(action), *self._money(action))

    def _actions(self, scope: Scope, month: Month) -> QuerySet[Action]:
        entries = LedgerEntry.objects.filter(moment=Moment.APPROVED, on__lte=month.last_day)
        approved = entries.values("project").annotate(net=Sum("amount")).filter(net__gt=0).values("project")
        return Action.objects.filter(
            scope.places("project__municipality", "project__polygon_version__polygon"),
            project__in=approved,
            project__fiscal_year=month.year,
        )

    def _with_figures(self, actions: QuerySet[Action], month: Month) -> QuerySet[Action]:
        to_date = Q(report__year__lt=month.year) | Q(report__year=month.year, report__month__lte=month.month)
        in_month = Q(report__year=month.year, report__month=month.month)
        lines = ProgressLine.objects.filter(report__status="accepted", action=OuterRef("pk"))
        spending = ProgressSpending.objects.filter(report__status="accepted", report__project=OuterRef("project"))
        approved = LedgerEntry.objects.filter(
            moment=Moment.APPROVED, on__lte=month.last_day, project=OuterRef("project")
        )
        money = {}
        for source in Source.values:
            money[f"approved_{source}"] = _sum(approved.filter(source=source), "project")
            money[f"paid_{source}"] = _sum(spending.filter(to_date, source=source), "report__project")
            money[f"month_{source}"] = _sum(spending.filter(in_month, source=source), "report__project")
        return (
            actions.select_related(
                "action_type",
                "project__modality",
                "project__municipality__state",
                "project__polygon_version__polygon",
            )
            .annotate(
                measured=_sum(lines.filter(in_month), "action", "quantity"),
                cumulative=_sum(lines.filter(to_date), "action", "quantity"),
                first=Window(Min("pk"), partition_by=F("project")),
                **money,
            )
            .order_by("project__municipality", "project__folio", "pk")
        )

    def _names(self, action: Action) -> Row:
        project, version = action.project, action.project.polygon_version
        return (
            project.folio,
            project.file_number,
            project.municipality.state.name,
            project.municipality.name,
            version.polygon.code if version else "",
            project.modality.name,
            project.name,
            action.action_type.name,
            action.action_type.get_unit_display(),
        )

    def _quantities(self, action) -> Row:
        percent = (action.cumulative * 100 / action.quantity).quantize(Decimal("0.1"))
        return (action.quantity, action.measured, action.cumulative, percent)

    def _money(self, action) -> Row:
        if action.pk != action.first:
            return (None,) * 15
        cells: list[Cell] = []
        for prefix in ("approved", "paid", "month"):
            parts = [getattr(action, f"{prefix}_{source}") for source in Source.values]
            cells += [*parts, sum(parts, Decimal(0))]
        return tuple(cells)


def _sum(rows: QuerySet, key: str, field: str = "amount") -> Coalesce:
    """The sum of the rows of one `key`, the one the outer row has; 0 where there are none."""
    total = Subquery(rows.order_by().values(key).annotate(total=Sum(field)).values("total"))
    return Coalesce(total, Decimal(0), output_field=DecimalField(max_digits=18, decimal_places=2))


CATALOGUE = {report.kind: report for report in (MonthlyProgress(),)}
