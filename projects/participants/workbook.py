"""The empty workbook of a course: instructions, one row a participant, and the lists behind the drop-downs."""

import io

import xlsxwriter
from django.utils.translation import gettext as _

from projects.batches.workbook import NUMBER_FORMATS, prepare_sheet
from projects.models import Course, Person, RegisteredSex
from projects.participants.layout import COLUMNS, MARK, MAX_PEOPLE, names


def choices() -> dict[str, dict[str, str]]:
    """List → (text in the cell → what it stands for), in the active language."""
    return {
        "reasons": {str(choice.label): choice.value for choice in Person.NoCurp},
        "sexes": {str(choice.label): choice.value for choice in RegisteredSex},
    }


def write_workbook(course: Course) -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"strings_to_formulas": False, "strings_to_urls": False})
    instructions, people, lists = (book.add_worksheet(name) for name in names())
    head = book.add_format({"bold": True, "text_wrap": True, "bottom": 1, "valign": "top", "bg_color": "#F2ECE1"})
    styles = {kind: book.add_format({"num_format": form}) for kind, form in NUMBER_FORMATS.items()}
    instructions.write_string(0, 0, f"{course.action.project.folio} · {course.name}", book.add_format({"bold": True}))
    lines = (
        _("1. Write one participant a row. With a CURP, birth and sex may stay empty."),
        _("2. Choose from the lists where a cell has one. Do not move, add or rename columns or sheets."),
        _("3. Upload it: the portal tries it first and tells every error by its cell. At most %(most)s people a file.")
        % {"most": MAX_PEOPLE},
        _("4. It holds personal data: keep it no longer than you need it, and send it by no e-mail."),
    )
    for number, line in enumerate(lines, 2):
        instructions.write_string(number, 0, line)
    for number, column in enumerate(COLUMNS, len(lines) + 3):
        instructions.write_string(number, 0, f"{column.label}{' *' if column.is_required else ''}: {column.help}")
    instructions.set_column(0, 0, 110)
    lists.write_string(0, 0, f"{MARK} {course.pk}")
    ranges = {}
    for place, (kind, texts) in enumerate(choices().items()):
        for row, text in enumerate(texts, 1):
            lists.write_string(row, place, text)
        letter = chr(ord("A") + place)
        ranges[kind] = f"='{names()[2]}'!${letter}$2:${letter}${len(texts) + 1}"
    lists.hide()
    prepare_sheet(people, COLUMNS, MAX_PEOPLE, ranges, styles, head)
    book.close()
    return buffer.getvalue()
