"""Long documents in print: tagged PDF (PDF/UA-1) set by Typst from a template and plain data.

The data never become markup. The same data at the same moment give the same bytes. Letters, whose layout is HTML, stay
with `habitat.lib.pdf`.
"""

import datetime as dt
import io
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import typst
from django.conf import settings
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject


@cache
def _fonts() -> typst.Fonts:
    # Looking through the system's fonts takes as long as setting ten pages.
    return typst.Fonts(include_system_fonts=True, include_embedded_fonts=False)


def typeset(template: str, data: dict[str, Any], *, at: dt.datetime) -> bytes:
    """`template` lies in templates/ and reads `sys.inputs.data`; `at` is the moment the file tells of itself.

    Raises `typst.TypstError` where the document would not be accessible, as a picture without its words.
    """
    root = Path(settings.BASE_DIR) / "templates"
    at = at.astimezone(dt.UTC)
    moment = {"year": at.year, "month": at.month, "day": at.day, "hour": at.hour, "minute": at.minute}
    made = typst.compile(
        str(root / template),
        root=str(root),
        font_paths=_fonts(),
        sys_inputs={"data": json.dumps(data | {"moment": moment}, ensure_ascii=False)},
        pdf_standards=["ua-1"],
    )
    return with_row_headings(made)


def with_row_headings(pdf: bytes) -> bytes:
    """The first cell of each row of a table's body as the heading of its row: Typst knows only those of columns."""
    writer = PdfWriter(clone_from=io.BytesIO(pdf))
    heading = DictionaryObject({NameObject("/O"): NameObject("/Table"), NameObject("/Scope"): NameObject("/Row")})
    for row in _rows(writer.root_object["/StructTreeRoot"], in_body=False):
        first = next((kid for kid in _kids(row) if kid.get("/S") == "/TD"), None)
        if first is not None:
            first[NameObject("/S")] = NameObject("/TH")
            first[NameObject("/A")] = heading
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


def _kids(element: Any) -> list[Any]:
    kids = element.get("/K")
    listed = kids.get_object() if kids is not None else []
    found = [kid.get_object() for kid in (listed if isinstance(listed, list) else [listed])]
    return [kid for kid in found if isinstance(kid, DictionaryObject) and "/S" in kid]


def _rows(element: Any, *, in_body: bool) -> Iterator[Any]:
    for kid in _kids(element):
        if in_body and kid["/S"] == "/TR":
            yield kid
        else:
            yield from _rows(kid, in_body=kid["/S"] in ("/TBody", "/TFoot"))
