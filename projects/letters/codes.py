"""The QR of a letter: drawn on the file, and read back from the scan of a signed copy."""

import io
import re
from collections.abc import Iterator

import segno
import zxingcpp
from django.conf import settings
from django.core.files.base import File
from django.urls import reverse
from PIL import Image
from pypdf import PdfReader
from pypdf.errors import PyPdfError

from habitat.lib.documents import PDF
from projects.models.letters import CODE_LENGTH, CODE_SIGNS

ADDRESS = re.compile(rf"/verify/([{CODE_SIGNS}]{{{CODE_LENGTH}}})/?$")
# A letter has a few pages; a longer file is looked through this far.
MAX_PAGES = 30
MAX_PIXELS = 60_000_000
QR = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)


def address_of(code: str) -> str:
    return settings.PUBLIC_URL + reverse("verify-letter", args=[code])


def qr_svg(code: str) -> str:
    return qr_of(address_of(code))


def qr_of(address: str) -> str:
    """An inline drawing; its title, in Spanish as the documents are, is what a tagged PDF says instead of it."""
    # A quarter of it may be stamped over or creased.
    square = segno.make(address, error="q", micro=False)
    return square.svg_inline(scale=3, border=2, omitsize=True, title=f"Código QR que abre {address}")


def codes_in(file: File, content_type: str) -> set[str]:
    """Codes of letters on a picture, or on the pictures inside a PDF. An unreadable page has none."""
    file.seek(0)
    content = file.read()
    pictures = _of_pdf(content) if content_type == PDF else iter([Image.open(io.BytesIO(content))])
    found = set()
    for picture in pictures:
        if picture.width * picture.height > MAX_PIXELS:
            continue
        for barcode in zxingcpp.read_barcodes(picture.convert("L"), formats=QR):
            if matched := ADDRESS.search(barcode.text.strip()):
                found.add(matched[1])
    return found


def _of_pdf(content: bytes) -> Iterator[Image.Image]:
    reader = PdfReader(io.BytesIO(content), strict=False)
    for page in reader.pages[:MAX_PAGES]:
        for number in range(len(page.images)):
            try:
                picture = page.images[number].image
            # Scanners write kinds of pictures no library reads in full (JBIG2); the person chooses the letter then.
            except (PyPdfError, OSError, ValueError, KeyError, RuntimeError, ImportError):
                continue
            if picture:
                yield picture
