"""Pictures from outside: looked at before they are unpacked, and written anew, so that only the picture remains."""

import io
import warnings

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

# A large-format plan at 250 dots an inch; unpacked, three bytes a point. Beyond that a picture is a trap, or a PDF.
MAX_PIXELS = 100_000_000
# Hardly to be told from the original; a second writing loses nothing that matters in a photograph of a street.
JPEG_QUALITY = 90


def check(upload: File, format_: str) -> None:
    """Raises ValidationError for what is no whole picture of the format, or unpacks to too much."""
    upload.seek(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            # Opening reads the header alone, so the size is known before anything is unpacked.
            picture = Image.open(upload, formats=[format_])
            if picture.width * picture.height > MAX_PIXELS:
                raise _too_large()
            picture.verify()
    except Image.DecompressionBombError as error:
        raise _too_large() from error
    except (OSError, SyntaxError, ValueError) as error:
        raise broken() from error


def rewrite(upload: File, format_: str) -> File:
    """The picture alone, upright: no EXIF (place, telephone, owner), no comments, nothing after its end.

    Call after `check`. Raises ValidationError where the points themselves are damaged.
    """
    upload.seek(0)
    kept = io.BytesIO()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = ImageOps.exif_transpose(Image.open(upload, formats=[format_]))
            colours = picture.info.get("icc_profile")
            # Only the points go on; what the file said besides stays behind.
            picture.info = {name: picture.info[name] for name in ("transparency", "dpi") if name in picture.info}
            options = {"quality": JPEG_QUALITY, "optimize": False} if format_ == "JPEG" else {}
            picture.save(kept, format_, icc_profile=colours, **options)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise broken() from error
    return ContentFile(kept.getvalue(), name=upload.name)


def _too_large() -> ValidationError:
    return ValidationError(_("The picture has too many points. Reduce it and send it again."), code="bomb")


def broken() -> ValidationError:
    return ValidationError(_("The file is damaged or incomplete. Open it, save it again and resend it."), "damaged")
