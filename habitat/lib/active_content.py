"""What a paper has no need of: programs. Found in PDFs and office documents, and named in words."""

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import PurePath

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pypdf import PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, PdfObject

# A plan drawn by a CAD program has some 50,000 objects.
MAX_OBJECTS = 200_000
# Actions that do more than turn to a page or open a web address (ISO 32000-1, 12.6.4).
RUNS = {
    "/JavaScript": gettext_lazy("programs (JavaScript)"),
    "/Launch": gettext_lazy("an order to start another program"),
    "/SubmitForm": gettext_lazy("a form that sends data elsewhere"),
    "/ImportData": gettext_lazy("an order to read other files"),
    "/GoToE": gettext_lazy("a jump into an attached file"),
    "/Rendition": gettext_lazy("sound or video"),
    "/Movie": gettext_lazy("sound or video"),
    "/Sound": gettext_lazy("sound or video"),
    "/RichMediaExecute": gettext_lazy("sound or video"),
}
EVENTS = gettext_lazy("actions that run by themselves")
ATTACHED = gettext_lazy("attached files")
XFA = gettext_lazy("a form of the XFA kind")
# A relationship that fetches something from elsewhere when the document is opened.
OUTSIDE = re.compile(rb"<Relationship\b[^>]*(?:attachedTemplate|oleObject|frame|subDocument)[^>]*>", re.IGNORECASE)
MAX_RELS_BYTES = 1024 * 1024
# How an OLE container begins: office documents of before 2007 and embedded objects, where macros hide well.
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Charts carry their table as a workbook.
EMBEDDED = {"", ".xlsx", ".docx"}


def damaged() -> ValidationError:
    return ValidationError(_("The file is damaged or incomplete. Open it, save it again and resend it."), "damaged")


# ---- PDF ------------------------------------------------------------------------------------------------------------
def check_pdf(upload: File) -> None:
    """Raises ValidationError for a PDF that cannot be read, needs a password, or holds more than pages."""
    upload.seek(0)
    try:
        reader = PdfReader(io.BytesIO(upload.read()), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise ValidationError(_("The file is protected by a password. Send it without one."), code="encrypted")
        found = next(_active_parts(reader), None)
    # What pypdf makes of files broken on purpose goes beyond its own errors.
    except (PyPdfError, OSError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        raise damaged() from error
    if found:
        raise ValidationError(
            _("The PDF contains %(what)s. Print it to a new PDF, or scan it, and send that one."),
            code="active",
            params={"what": found},
        )


def _active_parts(reader: PdfReader) -> Iterator[str | Promise]:
    """Looks at every object of the file, used or not: a viewer may repair what we would pass over."""
    numbers = {number for numbers in reader.xref.values() for number in numbers} | set(reader.xref_objStm)
    if len(numbers) > MAX_OBJECTS:
        raise ValidationError(_("The PDF has too many parts. Print it to a new PDF and send that one."), code="bomb")
    if not numbers or "/Root" not in reader.trailer:
        raise damaged()
    for number in sorted(numbers):
        waiting: list[PdfObject | None] = [reader.get_object(number)]
        while waiting:
            part = waiting.pop()
            if isinstance(part, DictionaryObject):
                yield from _verdict(part)
                waiting.extend(value for value in part.values() if not isinstance(value, IndirectObject))
            elif isinstance(part, ArrayObject):
                waiting.extend(value for value in part if not isinstance(value, IndirectObject))


def _verdict(part: DictionaryObject) -> Iterator[str | Promise]:
    action = part.get("/S")
    # A tagged paragraph has an /S too, its kind; its names are others.
    if isinstance(action, str) and action in RUNS and part.get("/Type") != "/StructElem":
        yield RUNS[str(action)]
    if "/JS" in part and not isinstance(part["/JS"], DictionaryObject | ArrayObject):
        yield RUNS["/JavaScript"]
    if "/JavaScript" in part and isinstance(part["/JavaScript"], DictionaryObject):
        yield RUNS["/JavaScript"]
    events = part.get("/AA")
    if isinstance(events, IndirectObject):
        events = events.get_object()
    if isinstance(events, DictionaryObject) and any(_is_action(event) for event in events.values()):
        yield EVENTS
    if part.get("/Type") == "/EmbeddedFile" or isinstance(part.get("/EF"), DictionaryObject | IndirectObject):
        yield ATTACHED
    if "/EmbeddedFiles" in part:
        yield ATTACHED
    if "/XFA" in part and "/Fields" in part:
        yield XFA
    if part.get("/Subtype") in ("/RichMedia", "/Movie", "/Sound", "/Screen", "/3D"):
        yield RUNS["/Rendition"]


def _is_action(value: PdfObject) -> bool:
    found = value.get_object()
    return isinstance(found, DictionaryObject) and "/S" in found


# ---- Office documents -----------------------------------------------------------------------------------------------
def check_office(archive: zipfile.ZipFile) -> None:
    """Raises ValidationError for macros, embedded objects, and what is fetched from elsewhere on opening."""
    for name in archive.namelist():
        path = PurePath(name.lower())
        if path.name == "vbaproject.bin" or name.startswith(("Basic/", "Scripts/")):
            raise _macros()
        with archive.open(name) as part:
            start = part.read(len(OLE))
        if start == OLE or "activex" in path.parts or ("embeddings" in path.parts and path.suffix not in EMBEDDED):
            raise _objects()
        if path.suffix == ".rels":
            _check_relationships(archive.open(name).read(MAX_RELS_BYTES))
    if "[Content_Types].xml" in archive.namelist():
        types = archive.open("[Content_Types].xml").read(MAX_RELS_BYTES).lower()
        if b"macroenabled" in types or b"vbaproject" in types:
            raise _macros()


def _check_relationships(relationships: bytes) -> None:
    for found in OUTSIDE.findall(relationships):
        if b'targetmode="external"' in found.lower():
            raise ValidationError(
                _("The file fetches parts of itself from elsewhere when it is opened. Save it as PDF and send that."),
                code="outside",
            )


def _macros() -> ValidationError:
    return ValidationError(_("The file contains macros. Save it without macros and send it again."), code="macros")


def _objects() -> ValidationError:
    return ValidationError(
        _("The file contains embedded objects (OLE or ActiveX). Save it as PDF and send that."), code="objects"
    )
