import io

import pytest
from django.utils import translation
from pypdf import PdfReader
from weasyprint.urls import FatalURLFetchingError

from habitat.lib.pdf import html_to_pdf, render_pdf


def test_document_is_tagged_and_carries_the_legend_of_the_law():
    with translation.override("en"):
        document = PdfReader(io.BytesIO(render_pdf("documents/base.html", {})))
    assert document.trailer["/Root"]["/MarkInfo"]["/Marked"] == True  # noqa: E712 - pypdf's own boolean object
    assert document.trailer["/Root"]["/Lang"] == "en"
    assert "ajeno a cualquier partido político" in " ".join(document.pages[0].extract_text().split())


def test_document_opens_no_address():
    with pytest.raises(FatalURLFetchingError):
        html_to_pdf('<p>Annex <img src="file:///etc/hostname" alt=""></p>')
