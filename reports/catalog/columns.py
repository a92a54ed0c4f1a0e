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
