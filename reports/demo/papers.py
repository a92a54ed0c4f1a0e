"""Small true files for the technical files: a one-page PDF and a drawn picture, made without any library's template."""

import io

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

from modalities.models import DocumentKind

SKY, GROUND, TRENCH, PIPE = (196, 214, 226), (176, 152, 118), (120, 98, 74), (40, 96, 140)


def paper(kind: str, heading: str) -> SimpleUploadedFile:
    """A photograph for the kind that asks for one, else a PDF that says what it stands for."""
    if kind == DocumentKind.PHOTO:
        return SimpleUploadedFile("avance.png", picture(len(heading)), "image/png")
    label = str(DocumentKind(kind).label)
    return SimpleUploadedFile(f"{kind}.pdf", pdf([label, heading, "Documento de demostración."]), "application/pdf")


def pdf(lines: list[str]) -> bytes:
    """One letter page with the lines in Helvetica; PDF 1.4, WinAnsi."""
    shown = b" T* ".join(b"(" + _escaped(line) + b") Tj" for line in lines)
    text = b"BT /F1 14 Tf 22 TL 72 700 Td " + shown + b" ET"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    body, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
    return body + end % (len(objects) + 1, table, len(objects) + 1, len(body))


def _escaped(line: str) -> bytes:
    encoded = line.encode("cp1252", "replace")
    return encoded.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


def picture(seed: int) -> bytes:
    """A trench with its pipe, 320 × 240, somewhat different for each seed."""
    image = Image.new("RGB", (320, 240), SKY)
    draw = ImageDraw.Draw(image)
    horizon = 90 + seed % 40
    draw.rectangle((0, horizon, 320, 240), GROUND)
    middle = 110 + seed * 7 % 100
    draw.polygon([(middle - 12, horizon), (middle + 12, horizon), (middle + 80, 240), (middle - 80, 240)], TRENCH)
    draw.line([(middle, horizon + 4), (middle + 6, 240)], PIPE, 10)
    stream = io.BytesIO()
    image.save(stream, "PNG", optimize=True)
    return stream.getvalue()
