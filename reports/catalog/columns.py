"""What a column is, and those that several reports share, with one definition each."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from projects.models import Source

Words = str | Promise


@dataclass(frozen=True)
class Column:
    """`kind`: text, date, count, number, percent (0 to 100) or money (pesos). Summed columns have a total in each file.

    One with a `moment` is the ledger's own sum: of a `source`, or of all where that is empty; up to the period's end,
    or of the period alone.
    """

    name: str
    heading: Words
    definition: Words
    kind: str = "text"
    is_summed: bool = False
    moment: str = ""
    source: str = ""
    in_period: bool = False


def by_source(
    prefix: str, heading: Promise, definition: Promise, moment: str, *, in_period: bool = False
) -> tuple[Column, ...]:
    """A column of the ledger for each source, and one for their total."""
    parts = [*((source.value, source.label) for source in Source), ("", _("total"))]
    return tuple(
        Column(
            f"{prefix}_{source or 'total'}",
            format_lazy("{}: {}", heading, label),
            definition,
            "money",
            is_summed=True,
            moment=moment,
            source=source,
            in_period=in_period,
        )
        for source, label in parts
    )


def federal(prefix: str, heading: Promise, definition: Promise, moment: str) -> Column:
    """The ledger's federal pesos at one moment."""
    return Column(f"{prefix}_federal", heading, definition, "money", is_summed=True, moment=moment, source="federal")


FOLIO = Column("folio", _("Folio"), _("The portal's own number of the project."))
FILE_NUMBER = Column("file_number", _("File number"), _("Given by the delegation when it numbers the project."))
STATE = Column("state", _("State"), _("Where the project is."))
MUNICIPALITY = Column("municipality", _("Municipality"), _("The municipality that carries the project out."))
POLYGON = Column("polygon", _("Habitat Polygon"), _("Code of the polygon served; empty where the type asks for none."))
MODALITY = Column("modality", _("Modality"), _("Modality of the project."))
PROJECT = Column("project", _("Project"), _("Name of the work or action."))
STRAND = Column("strand", _("Strand"), _("Strand of the project."))
STATUS = Column("status", _("Status"), _("Status of the project at the end of the period."))
STARTS_ON = Column("starts_on", _("Start"), _("First day in the project's own calendar."), "date")
ENDS_ON = Column("ends_on", _("End"), _("Last day in the project's own calendar."), "date")
PHYSICAL = Column(
    "percent", _("Physical progress"), _("Measured of planned, each action weighing what it costs."), "percent"
)
WOMEN = Column("women", _("Women"), _("Women that the project says it serves."), "count", is_summed=True)
MEN = Column("men", _("Men"), _("Men that the project says it serves."), "count", is_summed=True)
HOUSEHOLDS = Column("households", _("Households"), _("Households that the project says it serves."), "count", True)
APPROVED_NOTE = _("Entries of the ledger: approved less what was cancelled, to the end of the period.")
LEDGER_NOTE = _("Entries of the ledger to the end of the period, corrections included.")
