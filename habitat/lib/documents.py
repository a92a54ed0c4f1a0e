"""Files from outside: told by content, measured, cleaned, kept private, handed out by a view that checked who asks.

`inspect` is the one door for every file of a person, however it travelled: form, API, pieces put together.
"""

import hashlib
import re
import unicodedata
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, Protocol

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.http import FileResponse
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from habitat.lib import active_content, malware, pictures

PDF = "application/pdf"
JPEG = "image/jpeg"
PNG = "image/png"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ODT = "application/vnd.oasis.opendocument.text"
EXTENSIONS = {PDF: ".pdf", JPEG: ".jpg", PNG: ".png", DOCX: ".docx", XLSX: ".xlsx", ODT: ".odt"}
OFFICE_PARTS = {"word/document.xml": DOCX, "xl/workbook.xml": XLSX}
PICTURES = {JPEG: "JPEG", PNG: "PNG"}

# Office files hold text and a few pictures: what unpacks to more than this, or into more parts, is a zip bomb.
MAX_UNPACKED_BYTES = 300 * 1024 * 1024
MAX_ZIP_PARTS = 5_000
# The end mark of a PDF may be followed by a few stray bytes.
PDF_TAIL = 2_048


@dataclass(frozen=True)
class Upload:
    """What a file turned out to be, and `content`, what is kept of it: pictures are written anew, without EXIF.

    `name` is the sender's, cleaned, ending as its content says. `size` and `sha256` are those of `content`.
    """

    name: str
    content_type: str
    size: int
    sha256: str
    content: File

    @property
    def columns(self) -> dict[str, Any]:
        """What a `StoredFile` keeps of it."""
        return {
            "file": self.content,
            "original_name": self.name,
            "content_type": self.content_type,
            "size": self.size,
            "sha256": self.sha256,
        }


def inspect(upload: File) -> Upload:
    """Size, content and fingerprint of a file; its own name and declared type are not believed.

    Raises ValidationError with a sentence for the person who sent it; `malware.MalwareFoundError` is one whose finding
    is to be kept (`habitat.accounts.security.watching`).
    """
    _check_size(upload)
    content_type = _sniff(upload)
    malware.scan(upload)
    content = pictures.rewrite(upload, PICTURES[content_type]) if content_type in PICTURES else upload
    name = _clean_name(upload.name or "", content_type)
    return Upload(name, content_type, content.size or 0, fingerprint(content), content)


class Stored(Protocol):
    """What a private file is handed out by: `StoredFile`, and rows that make their own file."""

    @property
    def file(self) -> Any: ...
    @property
    def original_name(self) -> Any: ...
    @property
    def content_type(self) -> Any: ...
    @property
    def size(self) -> Any: ...


def download(stored: Stored) -> FileResponse:
    """The file as an attachment that no browser opens in place or keeps. The caller has checked who asks."""
    response = FileResponse(
        stored.file.open("rb"), as_attachment=True, filename=stored.original_name, content_type=stored.content_type
    )
    response["Content-Length"] = stored.size
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def fingerprint(file: File) -> str:
    """SHA-256 in hexadecimal; the file is rewound."""
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


def _check_size(upload: File) -> None:
    if not upload.size:
        raise ValidationError(_("The file is empty. Choose another one."), code="empty")
    if upload.size > settings.UPLOAD_MAX_BYTES:
        raise ValidationError(
            _("The file has %(size)s; the most accepted is %(limit)s. Reduce it or divide it."),
            code="too_large",
            params={"size": filesizeformat(upload.size), "limit": filesizeformat(settings.UPLOAD_MAX_BYTES)},
        )


def _sniff(upload: File) -> str:
    upload.seek(0)
    start = upload.read(8)
    if start.startswith(b"%PDF-"):
        return _pdf(upload)
    if start.startswith(b"\xff\xd8\xff"):
        pictures.check(upload, "JPEG")
        return JPEG
    if start == b"\x89PNG\r\n\x1a\n":
        pictures.check(upload, "PNG")
        return PNG
    if start.startswith(b"PK\x03\x04"):
        return _office(upload)
    if start == active_content.OLE:
        raise ValidationError(
            _("This is an office document of the old kind (.doc, .xls, .ppt), which may hide macros. Save it as .docx,"
              " .xlsx or PDF and send it again."),
            code="old_office",
        )  # fmt: skip
    raise ValidationError(
        _("The content of this file is none of the accepted types: PDF, JPEG, PNG, Word, Excel or OpenDocument text."),
        code="unknown_type",
    )


def _pdf(upload: File) -> str:
    upload.seek(max((upload.size or 0) - PDF_TAIL, 0))
    if b"%%EOF" not in upload.read():
        raise active_content.damaged()
    upload.seek(0)
    if zipfile.is_zipfile(upload):
        raise _two_things()
    active_content.check_pdf(upload)
    return PDF


def _office(upload: File) -> str:
    upload.seek(0)
    # Viewers of PDF look for its head that far into a file.
    if b"%PDF-" in upload.read(1024):
        raise _two_things()
    upload.seek(0)
    try:
        with zipfile.ZipFile(upload) as archive:
            content_type = _office_type(archive)
            # Unpacks every part: none is longer than it says, none is damaged.
            if archive.testzip():
                raise active_content.damaged()
            active_content.check_office(archive)
            return content_type
    # RuntimeError: a packing that the zip reader does not know.
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
        raise active_content.damaged() from error


def _two_things() -> ValidationError:
    """A file that one program opens as a paper and another as something else."""
    return ValidationError(
        _("This file is a PDF and a compressed file at once. Print it to a new PDF and send that one."),
        code="two_things",
    )


def _office_type(archive: zipfile.ZipFile) -> str:
    parts = archive.infolist()
    if len(parts) > MAX_ZIP_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
        raise ValidationError(_("The file unpacks to more than a document holds. Save it again and resend it."), "bomb")
    if any(part.flag_bits & 0x1 for part in parts):
        raise ValidationError(_("The file is protected by a password. Send it without one."), code="encrypted")
    names = {part.filename for part in parts}
    if "mimetype" in names and archive.open("mimetype").read(len(ODT) + 1).decode("ascii", "replace") == ODT:
        return ODT
    for part, content_type in OFFICE_PARTS.items():
        if part in names and "[Content_Types].xml" in names:
            return content_type
    raise ValidationError(
        _("This compressed file is not a Word, Excel or OpenDocument text document. Send the documents one by one."),
        code="unknown_type",
    )


def _clean_name(name: str, content_type: str) -> str:
    stem = PurePath(name.replace("\\", "/")).stem
    stem = re.sub(r"\s+", " ", "".join(c for c in stem if unicodedata.category(c)[0] != "C")).strip(" .")
    return f"{stem[:150] or 'documento'}{EXTENSIONS[content_type]}"
