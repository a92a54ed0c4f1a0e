"""The workbook's sheets and columns, the same for who writes it and who reads it."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects.batches.layout import Column

# First cell of the last sheet: what the file is, and for which course.
MARK = "habitat-participantes-1"
MAX_PEOPLE = 300
COLUMNS = (
    Column("curp", "CURP", "text", gettext_lazy("18 characters; leave it empty only with a reason."), False, 24),
    Column("no_curp", gettext_lazy("Why without CURP"), "reasons", gettext_lazy("Choose it from the list."), False, 30),
    Column(
        "no_curp_note", gettext_lazy("Reason in words"), "text", gettext_lazy("For “another reason”."), False, 24, 300
    ),
    Column("given_names", gettext_lazy("Given names"), "text", gettext_lazy("All of them."), True, 24, 80),
    Column("first_surname", gettext_lazy("First surname"), "text", gettext_lazy("As in the CURP."), True, 20, 60),
    Column(
        "second_surname", gettext_lazy("Second surname"), "text", gettext_lazy("Empty if there is none."), False, 20, 60
    ),
    Column("born_on", gettext_lazy("Date of birth"), "date", gettext_lazy("May stay empty with a CURP."), False, 14),
    Column("sex", gettext_lazy("Sex"), "sexes", gettext_lazy("May stay empty with a CURP."), False, 16),
    Column(
        "enrolled_on", gettext_lazy("Enrolled on"), "date", gettext_lazy("Empty: the day the course begins."), False, 14
    ),
)  # fmt: skip


def names() -> tuple[str, str, str]:
    """Of the sheets, in the active language: instructions, participants, lists."""
    return _("Instructions"), _("Participants"), _("Lists")
