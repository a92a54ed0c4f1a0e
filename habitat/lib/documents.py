"""Files from outside: told by content, measured, kept private, handed out only by a view that checked who asks."""

import hashlib
import re
import unicodedata
import zipfile
from dataclasses import dataclass
from pathlib import PurePath

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from PIL import Image

from habitat.lib.models import StoredFile

PDF = "application/pdf"
JPEG = "image/jpeg"
PNG = "image/png"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ODT = "application/vnd.oasis.opendocument.text"
EXTENSIONS = {PDF: ".pdf", JPEG: ".jpg", PNG: ".png", DOCX: ".docx", XLSX: ".xlsx", ODT: ".odt"}
OFFICE_PARTS = {"word/document.xml": DOCX, "xl/workbook.xml": XLSX}

# A drawing in A0 at 300 dots an inch has 140 million points; beyond that a picture is a trap.
MAX_PIXELS = 150_000_000
# Office files hold text and a few pictures: what unpacks to more than this, or into more parts, is a zip bomb.
MAX_UNPACKED_BYTES = 300 * 1024 * 1024
MAX_ZIP_PARTS = 5_000
# The end mark of a PDF may be followed by a few stray bytes.
PDF_TAIL = 2_048


@dataclass(frozen=True)
class Upload:
    """What a file turned out to be. `name` is the sender's, cleaned, ending as its content says."""

    name: str
    content_type: str
    size: int
    sha256: str


def inspect(upload: UploadedFile) -> Upload:
    """Size, content and fingerprint of a file; its own name and declared type are not believed.

    Raises ValidationError with a sentence for the person who sent it.
    """
    _check_size(upload)
    content_type = _sniff(upload)
    return Upload(_clean_name(upload.name or "", content_type), content_type, upload.size or 0, _sha256(upload))


def download(stored: StoredFile) -> FileResponse:
    """The file as an attachment that no browser opens in place or keeps. The caller has checked who asks."""
    response = FileResponse(
        stored.file.open("rb"), as_attachment=True, filename=stored.original_name, content_type=stored.content_type
    )
    response["Content-Length"] = stored.size
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def _check_size(upload: UploadedFile) -> None:
    if not upload.size:
        raise ValidationError(_("The file is empty. Choose another one."), code="empty")
    if upload.size > settings.UPLOAD_MAX_BYTES:
        raise ValidationError(
            _("The file has %(size)s; the most accepted is %(limit)s. Reduce it or divide it."),
            code="too_large",
            params={"size": filesizeformat(upload.size), "limit": filesizeformat(settings.UPLOAD_MAX_BYTES)},
        )


def _sniff(upload: UploadedFile) -> str:
    upload.seek(0)
    start = upload.read(8)
    if start.startswith(b"%PDF-"):
        return _pdf(upload)
    if start.startswith(b"\xff\xd8\xff"):
        return _picture(upload, "JPEG", JPEG)
    if start == b"\x89PNG\r\n\x1a\n":
        return _picture(upload, "PNG", PNG)
    if start.startswith(b"PK\x03\x04"):
        return _office(upload)
    raise ValidationError(
        _("The content of this file is none of the accepted types: PDF, JPEG, PNG, Word, Excel or OpenDocument text."),
        code="unknown_type",
    )


def _pdf(upload: UploadedFile) -> str:
    upload.seek(max((upload.size or 0) - PDF_TAIL, 0))
    if b"%%EOF" not in upload.read():
        raise _damaged()
    return PDF


def _picture(upload: UploadedFile, format_: str, content_type: str) -> str:
    upload.seek(0)
    try:
        # Opening reads the header alone, so the size is known before anything is unpacked.
        picture = Image.open(upload, formats=[format_])
        if picture.width * picture.height > MAX_PIXELS:
            raise ValidationError(_("The picture has too many points. Reduce it and send it again."), code="bomb")
        picture.verify()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise _damaged() from error
    return content_type


def _office(upload: UploadedFile) -> str:
    upload.seek(0)
    try:
        with zipfile.ZipFile(upload) as archive:
            return _office_type(archive)
    # RuntimeError: a password, or a packing that the zip reader does not know.
    except (zipfile.BadZipFile, EOFError, RuntimeError) as error:
        raise _damaged() from error


def _office_type(archive: zipfile.ZipFile) -> str:
    parts = archive.infolist()
    if len(parts) > MAX_ZIP_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
        raise ValidationError(_("The file unpacks to more than a document holds. Save it again and resend it."), "bomb")
    names = {part.filename for part in parts}
    if any(PurePath(name).name.lower() == "vbaproject.bin" for name in names):
        raise ValidationError(_("The file contains macros. Save it without macros and send it again."), code="macros")
    if any(part.flag_bits & 0x1 for part in parts):
        raise ValidationError(_("The file is protected by a password. Send it without one."), code="encrypted")
    if "mimetype" in names and archive.open("mimetype").read(len(ODT) + 1).decode("ascii", "replace") == ODT:
        return ODT
    for part, content_type in OFFICE_PARTS.items():
        if part in names and "[Content_Types].xml" in names:
            return content_type
    raise ValidationError(
        _("This compressed file is not a Word, Excel or OpenDocument text document. Send the documents one by one."),
        code="unknown_type",
    )


def _damaged() -> ValidationError:
    return ValidationError(_("The file is damaged or incomplete. Open it, save it again and resend it."), "damaged")


def _sha256(upload: UploadedFile) -> str:
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    return digest.hexdigest()


def _clean_name(name: str, content_type: str) -> str:
    stem = PurePath(name.replace("\\", "/")).stem
    stem = re.sub(r"\s+", " ", "".join(c for c in stem if unicodedata.category(c)[0] != "C")).strip(" .")
    return f"{stem[:150] or 'documento'}{EXTENSIONS[content_type]}"
