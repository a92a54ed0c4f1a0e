"""The workbook's sheets and columns, the same for who writes it and who reads it; cells are known by their place."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

# First cell of the last sheet: what the file is, and for which year and municipality.
MARK = "habitat-propuestas-1"
MAX_PROJECTS, MAX_ACTIONS = 500, 2_000
# Rows and columns beyond these are no workbook of ours, however empty.
MAX_ROWS, MAX_COLUMNS = 5_000, 60
HEADER_ROWS = 1


@dataclass(frozen=True)
class Column:
    """`kind`: text, number, whole, money, price, date, or the name of a list of the catalogue sheet."""

    name: str
    label: str | Promise
    kind: str
    help: Promise
    is_required: bool = False
    width: int = 16
    limit: int = 0


PROJECTS = (
    Column(
        "number", gettext_lazy("Number"), "text", gettext_lazy("Your own number for the project: 1, 2, 3…"), True, 9
    ),
    Column(
        "name",
        gettext_lazy("Name of the project"),
        "text",
        gettext_lazy("As neighbours would recognise it: what and where."),
        True,
        44,
        200,
    ),
    Column("strand", gettext_lazy("Strand"), "strands", gettext_lazy("Choose it from the list."), True, 22),
    Column(
        "polygon",
        gettext_lazy("Habitat Polygon"),
        "polygons",
        gettext_lazy("Choose it from the list; empty for the whole municipality or a historic centre."),
        False,
        30,
    ),
    Column(
        "neighbourhood",
        gettext_lazy("Neighbourhood (colonia)"),
        "text",
        gettext_lazy("The name its inhabitants use."),
        False,
        24,
        120,
    ),
    Column(
        "execution_form",
        gettext_lazy("Form of execution"),
        "forms",
        gettext_lazy("Choose it from the list."),
        True,
        24,
    ),
    Column("starts_on", gettext_lazy("Start"), "date", gettext_lazy("A day of the fiscal year."), False, 13),
    Column("ends_on", gettext_lazy("End"), "date", gettext_lazy("Not before the start."), False, 13),
    Column(
        "description", gettext_lazy("Description"), "text", gettext_lazy("If the name is not enough."), False, 44, 5000
    ),
)
ACTIONS = (
    Column(
        "project",
        gettext_lazy("Number of the project"),
        "text",
        gettext_lazy("The number written in the first sheet."),
        True,
        12,
    ),
    Column(
        "type",
        gettext_lazy("Type of work or action"),
        "types",
        gettext_lazy("Choose it from the list; the unit stands after it."),
        True,
        44,
    ),
    Column("description", gettext_lazy("What this action is"), "text", gettext_lazy("May stay empty."), False, 30, 300),
    Column("quantity", gettext_lazy("Quantity"), "number", gettext_lazy("In the unit of the type."), True, 12),
    Column(
        "unit_price",
        gettext_lazy("Unit price"),
        "price",
        gettext_lazy("May stay empty. Quantity × unit price is the sum of the four sources."),
        False,
        14,
    ),
    Column("women", gettext_lazy("Women who benefit"), "whole", gettext_lazy("A whole number."), True, 11),
    Column("men", gettext_lazy("Men who benefit"), "whole", gettext_lazy("A whole number."), True, 11),
    Column("households", gettext_lazy("Households that benefit"), "whole", gettext_lazy("A whole number."), True, 11),
    Column("federal", gettext_lazy("Federal contribution"), "money", gettext_lazy("Pesos; 0 if there is none."), True),
    Column("state", gettext_lazy("State contribution"), "money", gettext_lazy("Pesos; 0 if there is none."), True),
    Column(
        "municipal", gettext_lazy("Municipal contribution"), "money", gettext_lazy("Pesos; 0 if there is none."), True
    ),
    Column(
        "beneficiaries",
        gettext_lazy("Contribution of the beneficiaries"),
        "money",
        gettext_lazy("Pesos; 0 if there is none."),
        True,
    ),
    Column(
        "site",
        gettext_lazy("Coordinates"),
        "text",
        gettext_lazy("“latitude, longitude” pairs with “;” between them; they can also be drawn later."),
        False,
        30,
    ),
    Column(
        "explanation",
        gettext_lazy("Why the quantity differs from what is drawn"),
        "text",
        gettext_lazy("Only where it does."),
        False,
        30,
        500,
    ),
)


def names() -> tuple[str, str, str, str]:
    """Of the sheets, in the active language: instructions, projects, actions, lists."""
    return _("Instructions"), _("Projects"), _("Actions"), _("Lists")


def cell_of(column: int, row: int) -> str:
    """`D7` of zero-based column 3 and row 6; the sheets have fewer than 26 columns."""
    return f"{chr(ord('A') + column)}{row + 1}"


def place_of(columns: Sequence[Column], name: str) -> int:
    return next(index for index, column in enumerate(columns) if column.name == name)
