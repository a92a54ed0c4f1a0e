"""Columns that several reports share, with one definition each."""

from django.utils.translation import gettext_lazy as _

from reports.catalog.base import Column

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
