"""What is accepted is decided by the content alone."""

import io
import zipfile

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from habitat.lib import documents, pictures
from habitat.tests.fixtures import PDF


def upload(content: bytes, name: str = "acta.pdf") -> SimpleUploadedFile:
    # The browser's own word for the type is a lie in every test: nobody may look at it.
    return SimpleUploadedFile(name, content, content_type="text/html")


def picture(format_: str) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (8, 8), "navy").save(stream, format_)
    return stream.getvalue()


def archive(parts: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return stream.getvalue()


def word(**more: bytes) -> bytes:
    return archive({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"} | more)


def refusal(content: bytes, name: str = "acta.pdf") -> str:
    with pytest.raises(ValidationError) as caught:
        documents.inspect(upload(content, name))
    assert caught.value.messages[0].endswith(".")
    return caught.value.code


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (PDF, documents.PDF),
        (picture("JPEG"), documents.JPEG),
        (picture("PNG"), documents.PNG),
        (word(), documents.DOCX),
        (archive({"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<x/>"}), documents.XLSX),
        (archive({"mimetype": documents.ODT.encode(), "content.xml": b"<o/>"}), documents.ODT),
    ],
)
def test_accepted_types_are_told_by_their_content(content, content_type):
    assert documents.inspect(upload(content)).content_type == content_type


def test_a_program_renamed_pdf_is_refused():
    assert refusal(b"MZ\x90\x00" + bytes(200), "proyecto.pdf") == "unknown_type"


def test_a_page_dressed_as_a_picture_is_refused():
    assert refusal(b"<html><script>alert(1)</script></html>", "foto.jpg") == "unknown_type"


def test_an_empty_file_is_refused():
    assert refusal(b"") == "empty"


def test_a_file_over_the_limit_is_refused(settings):
    settings.UPLOAD_MAX_BYTES = len(PDF) - 1
    assert refusal(PDF) == "too_large"


def test_a_pdf_cut_short_is_refused():
    assert refusal(PDF[:-8]) == "damaged"


def test_a_broken_picture_is_refused():
    assert refusal(picture("PNG")[:-20]) == "damaged"


def test_a_picture_of_too_many_points_is_refused(monkeypatch):
    monkeypatch.setattr(pictures, "MAX_PIXELS", 63)
    assert refusal(picture("JPEG")) == "bomb"


def test_a_zip_bomb_in_office_clothes_is_refused(monkeypatch):
    monkeypatch.setattr(documents, "MAX_UNPACKED_BYTES", 1_000_000)
    assert refusal(word(**{"word/media/image1.png": bytes(2_000_000)})) == "bomb"


def test_a_document_with_macros_is_refused():
    assert refusal(word(**{"word/vbaProject.bin": b"x"})) == "macros"


def test_a_plain_zip_is_refused():
    assert refusal(archive({"acta.pdf": PDF})) == "unknown_type"


def test_what_is_two_things_at_once_is_refused():
    assert refusal(PDF + archive({"program.sh": b"rm"})) == "two_things"
    stored = io.BytesIO()
    with zipfile.ZipFile(stored, "w") as file:
        file.writestr("[Content_Types].xml", PDF)
        file.writestr("word/document.xml", b"<w/>")
    assert refusal(stored.getvalue(), "acta.docx") == "two_things"


def test_a_truncated_zip_is_refused():
    assert refusal(word()[:40]) == "damaged"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\ana\\Acta de asamblea.docx", "Acta de asamblea.pdf"),
        ("plan\u202efdp.exe", "planfdp.pdf"),
        ("   ", "documento.pdf"),
    ],
)
def test_the_name_is_cleaned_and_ends_as_the_content_says(sent, kept):
    file = upload(PDF)
    # Django cleans the name of a real request; a service must not rely on it.
    file._name = sent
    assert documents.inspect(file).name == kept


def test_the_fingerprint_is_of_the_whole_file_and_the_file_is_rewound():
    file = upload(PDF)
    facts = documents.inspect(file)
    assert (facts.size, len(facts.sha256), file.read()) == (len(PDF), 64, PDF)
