"""Photographs from outside: what the file says of time and place, and copies fit to be shown, faces blurred.

Heavy work, for a worker: a picture of many points takes hundreds of megabytes while it is read.
"""

import datetime as dt
import io
import math
import struct
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import cv2
import cv2.data
import numpy as np
import pi_heif
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.utils.translation import gettext as _
from PIL import Image, ImageFile, ImageOps

from habitat.lib.pictures import MAX_PIXELS, broken

JPEG, PNG, HEIC = "image/jpeg", "image/png", "image/heic"
FORMATS = {JPEG: "JPEG", PNG: "PNG", HEIC: "HEIF"}
HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
# Longest sides, in points, of what is shown.
COPY, THUMBNAIL = 1600, 400
COPY_QUALITY = 82
# Faces are looked for at this size: a third of the time of the copy's own.
SEARCHED = 1000
# Tags of Exif 2.3.
EXIF_IFD, GPS_IFD = 0x8769, 0x8825
TAKEN, TAKEN_OFFSET = 0x9003, 0x9011
# Two of the front, since each finds what the other overlooks.
CASCADES = (
    "haarcascade_frontalface_alt2.xml",
    "haarcascade_frontalface_default.xml",
    "haarcascade_profileface.xml",
)
# A face smaller than this part of the longest side is hardly known again on the copy.
LEAST_FACE = 0.018
# A covered stretch keeps this many squares a side: nothing of a face is left in them.
SQUARES = 6
DAMAGED = (OSError, SyntaxError, ValueError, EOFError, struct.error, Image.DecompressionBombError)

# [x, y, width, height] as parts of the picture, 0 to 1.
Rectangle = Sequence[float]

pi_heif.register_heif_opener()


@dataclass(frozen=True)
class Told:
    """What the file says. `taken` has no zone where the telephone wrote none; `place` is (longitude, latitude)."""

    taken: dt.datetime | None
    place: tuple[float, float] | None


@dataclass(frozen=True)
class Copies:
    """JPEG bytes without any metadata; `look` is OpenCV's PHash, 64 bits as a signed number."""

    copy: bytes
    thumbnail: bytes
    faces: list[list[float]]
    look: int
    width: int
    height: int


def content_type_of(upload: File) -> str:
    """Raises ValidationError for anything but a whole JPEG, PNG or HEIC of a size that can be unpacked."""
    upload.seek(0)
    start = upload.read(12)
    if start.startswith(b"\xff\xd8\xff"):
        found = JPEG
    elif start.startswith(b"\x89PNG\r\n\x1a\n"):
        found = PNG
    elif start[4:8] == b"ftyp" and start[8:12] in HEIF_BRANDS:
        found = HEIC
    else:
        raise ValidationError(_("This is no photograph. Send JPEG, PNG or HEIC."), code="unknown_type")
    try:
        with _opened(upload, found) as picture:
            if found != HEIC:
                picture.verify()
    except DAMAGED as error:
        raise broken() from error
    return found


def told_by(upload: File, content_type: str) -> Told:
    """What is not there, or makes no sense, is None."""
    try:
        with _opened(upload, content_type) as picture:
            exif = picture.getexif()
            return Told(_taken(exif.get_ifd(EXIF_IFD)), _place(exif.get_ifd(GPS_IFD)))
    except DAMAGED:
        return Told(None, None)


def copies_of(upload: File, content_type: str, covers: Sequence[Rectangle] = ()) -> Copies:
    """Upright copies with faces and `covers` made unknowable. Raises ValidationError for damaged points."""
    try:
        with _opened(upload, content_type) as picture, _whole():
            # A JPEG unpacks at half or a quarter of its size where that is enough.
            picture.draft("RGB", (2 * COPY, 2 * COPY))
            width, height = picture.size
            shown = ImageOps.exif_transpose(picture).convert("RGB")
    except DAMAGED as error:
        raise broken() from error
    shown.thumbnail((COPY, COPY), Image.Resampling.LANCZOS)
    faces, look = _faces(shown), _look(np.asarray(shown))
    for rectangle in (*faces, *covers):
        _cover(shown, rectangle)
    copy = _jpeg(shown)
    shown.thumbnail((THUMBNAIL, THUMBNAIL), Image.Resampling.LANCZOS)
    return Copies(copy, _jpeg(shown), faces, look, width, height)


@contextmanager
def _whole() -> Iterator[None]:
    """WeasyPrint has Pillow fill what is missing of a cut-off picture; here it is an error."""
    before, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, False
    try:
        yield
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = before


def _opened(upload: File, content_type: str) -> Image.Image:
    """Only the header is read, so that the size is known before anything is unpacked."""
    upload.seek(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        picture = Image.open(upload, formats=[FORMATS[content_type]])
    if picture.width * picture.height > MAX_PIXELS:
        raise ValidationError(_("The picture has too many points. Reduce it and send it again."), code="bomb")
    return picture


# ---- What the file says ---------------------------------------------------------------------------------------------
def _taken(exif: dict[int, Any]) -> dt.datetime | None:
    text, offset = str(exif.get(TAKEN, "")).strip("\0 "), str(exif.get(TAKEN_OFFSET, "")).strip("\0 ")
    try:
        if offset:
            return dt.datetime.strptime(f"{text}{offset}", "%Y:%m:%d %H:%M:%S%z")
        return dt.datetime.strptime(text, "%Y:%m:%d %H:%M:%S")
    except ValueError:
        return None


def _place(gps: dict[int, Any]) -> tuple[float, float] | None:
    """Tags 1 to 4: N or S, degrees, E or W, degrees."""
    latitude, longitude = _degrees(gps.get(2), gps.get(1)), _degrees(gps.get(4), gps.get(3))
    if latitude is None or longitude is None or abs(latitude) > 90 or abs(longitude) > 180:
        return None
    # What telephones write that have not found themselves yet.
    return None if latitude == longitude == 0 else (longitude, latitude)


def _degrees(parts: Any, side: Any) -> float | None:
    try:
        degrees, minutes, seconds = (float(part) for part in parts)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    value = degrees + minutes / 60 + seconds / 3600
    return None if math.isnan(value) else -value if str(side).strip("\0 ").upper() in ("S", "W") else value


# ---- What the picture shows -----------------------------------------------------------------------------------------
def _look(points: np.ndarray) -> int:
    found = cv2.img_hash.PHash.create().compute(cv2.cvtColor(points, cv2.COLOR_RGB2BGR))
    return int.from_bytes(found.tobytes(), "big", signed=True)


@cache
def _cascades() -> list[Any]:
    return [cv2.CascadeClassifier(cv2.data.haarcascades + name) for name in CASCADES]


def _faces(shown: Image.Image) -> list[list[float]]:
    """Faces from the front and from either side, with a margin; rather one too many than one too few."""
    small = shown.convert("L")
    small.thumbnail((SEARCHED, SEARCHED), Image.Resampling.BILINEAR)
    grey = cv2.equalizeHist(np.asarray(small))
    height, width = grey.shape
    least = max(round(LEAST_FACE * max(width, height)), 16)
    *fronts, profile = _cascades()
    found = [face for cascade in (*fronts, profile) for face in _detect(cascade, grey, least)]
    found += [(width - x - w, y, w, h) for x, y, w, h in _detect(profile, np.ascontiguousarray(grey[:, ::-1]), least)]
    return [_with_margin(x / width, y / height, w / width, h / height) for x, y, w, h in found]


def _detect(cascade: Any, grey: np.ndarray, least: int) -> Iterator[tuple[int, int, int, int]]:
    for x, y, w, h in cascade.detectMultiScale(grey, scaleFactor=1.15, minNeighbors=3, minSize=(least, least)):
        yield int(x), int(y), int(w), int(h)


def _with_margin(x: float, y: float, width: float, height: float) -> list[float]:
    left, top = max(x - width / 4, 0), max(y - height / 4, 0)
    return [round(part, 4) for part in (left, top, min(1.5 * width, 1 - left), min(1.5 * height, 1 - top))]


def _cover(picture: Image.Image, rectangle: Rectangle) -> None:
    """Squares of one colour each, written over the points: nothing of them can be reckoned back."""
    x, y, width, height = rectangle
    left, top = int(x * picture.width), int(y * picture.height)
    box = (left, top, left + math.ceil(width * picture.width), top + math.ceil(height * picture.height))
    part = picture.crop(box)
    coarse = part.resize((SQUARES, SQUARES), Image.Resampling.BOX)
    picture.paste(coarse.resize(part.size, Image.Resampling.NEAREST), box)


def _jpeg(picture: Image.Image) -> bytes:
    kept = io.BytesIO()
    # A new picture of the points alone: what the file said besides stays behind.
    Image.fromarray(np.asarray(picture)).save(kept, "JPEG", quality=COPY_QUALITY, optimize=True)
    return kept.getvalue()
