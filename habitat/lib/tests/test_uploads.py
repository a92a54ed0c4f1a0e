"""Nothing active is let in, pictures keep only the picture, and a scanner that is silent lets nothing pass."""

import io
import os
import socket
import struct
import threading
import zipfile

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation
from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, TextStringObject

from habitat.lib import documents, malware
from habitat.lib.tests.test_documents import archive, word
from habitat.tests.fixtures import PDF


def inspect(content: bytes, name: str = "acta.pdf") -> documents.Upload:
    return documents.inspect(SimpleUploadedFile(name, content))


def action(kind: str, **more) -> DictionaryObject:
    return DictionaryObject({NameObject("/S"): NameObject(kind)} | {NameObject(f"/{k}"): v for k, v in more.items()})


def pdf(change=lambda writer: None) -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(72, 72)
    change(writer)
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def on_opening(what) -> bytes:
    return pdf(lambda writer: writer._root_object.__setitem__(NameObject("/OpenAction"), writer._add_object(what)))


def named_program(writer: PdfWriter) -> None:
    """In the catalogue's tree of names: runs when the file is opened."""
    leaves = ArrayObject([TextStringObject("x"), action("/JavaScript", JS=CODE)])
    tree = DictionaryObject({NameObject("/Names"): leaves})
    writer._root_object[NameObject("/Names")] = DictionaryObject({NameObject("/JavaScript"): writer._add_object(tree)})


def event(writer: PdfWriter) -> None:
    opens = DictionaryObject({NameObject("/O"): action("/URI", URI=TextStringObject("https://example.org"))})
    writer.pages[0][NameObject("/AA")] = opens


def xfa(writer: PdfWriter) -> None:
    form = {"/XFA": TextStringObject("<xdp/>"), "/Fields": ArrayObject()}
    writer._root_object[NameObject("/AcroForm")] = DictionaryObject({NameObject(k): v for k, v in form.items()})


def locked() -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(72, 72)
    writer.encrypt("secreto", algorithm="AES-256")
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def rels(kind: str, mode: str) -> bytes:
    return f'<Relationships><Relationship Type="http://x/{kind}" Target="http://x/y" TargetMode="{mode}"/>'.encode()


CODE = TextStringObject("app.alert(1)")
ACTIVE = {
    "javascript": (lambda: pdf(named_program), "JavaScript"),
    "javascript on opening": (lambda: on_opening(action("/JavaScript", JS=CODE)), "JavaScript"),
    "javascript, its name spelt out": (
        lambda: on_opening(action("/JavaScript", JS=CODE)).replace(b"/JavaScript", b"/J#61vaScrip#74"),
        "JavaScript",
    ),
    "launch": (lambda: on_opening(action("/Launch", F=TextStringObject("cmd.exe"))), "start another program"),
    "sends": (lambda: on_opening(action("/SubmitForm", F=TextStringObject("http://x"))), "sends data"),
    "event": (lambda: pdf(event), "run by themselves"),
    "attachment": (lambda: pdf(lambda w: w.add_attachment("x.exe", b"MZ")), "attached files"),
    "xfa": (lambda: pdf(xfa), "XFA"),
    "password": (locked, "password"),
    "not a pdf inside": (lambda: b"%PDF-1.7\nacta\n%%EOF\n", "damaged"),
    "macro types": (lambda: word(**{"[Content_Types].xml": b"<Types>x.macroEnabled.main</Types>"}), "macros"),
    "odt macros": (
        lambda: archive({"mimetype": documents.ODT.encode(), "Basic/Standard/Module1.xml": b"<x/>"}),
        "macros",
    ),
    "ole object": (lambda: word(**{"word/embeddings/oleObject1.bin": b"x"}), "embedded objects"),
    "ole by its content": (lambda: word(**{"word/media/image1.png": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"}), "embedded"),
    "activex": (lambda: word(**{"word/activeX/activeX1.xml": b"<x/>"}), "ActiveX"),
    "template from elsewhere": (
        lambda: word(**{"word/_rels/settings.xml.rels": rels("attachedTemplate", "External")}),
        "elsewhere",
    ),
    "old word": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old kind"),
}  # fmt: skip


@pytest.mark.parametrize("kind", ACTIVE)
def test_what_runs_is_refused_and_named(kind):
    make, words = ACTIVE[kind]
    with translation.override("en"), pytest.raises(ValidationError, match=words):
        inspect(make())


def test_what_only_looks_active_is_let_in():
    opens_on_a_page = on_opening(action("/GoTo", D=ArrayObject()))
    link = pdf(lambda w: w._add_object(action("/URI", URI=TextStringObject("https://example.org"))))
    chart = word(**{"word/embeddings/Hoja.xlsx": b"x", "word/_rels/document.xml.rels": rels("hyperlink", "External")})
    for content in (PDF, opens_on_a_page, link, chart):
        assert inspect(content).size == len(content)


def test_a_part_longer_than_it_says_is_no_document():
    lying = bytearray(word(**{"word/media/image1.png": bytes(100_000)}))
    size = struct.pack("<L", 100_000)
    while (place := lying.find(size)) >= 0:
        lying[place : place + 4] = struct.pack("<L", 10)
    with zipfile.ZipFile(io.BytesIO(lying)) as read:
        assert sum(part.file_size for part in read.infolist()) < 100
    with pytest.raises(ValidationError) as caught:
        inspect(bytes(lying))
    assert caught.value.code == "damaged"


# ---- Pictures -------------------------------------------------------------------------------------------------------
def test_a_picture_keeps_its_points_and_nothing_else():
    exif = Image.Exif()
    exif[0x0110], exif[0x0112] = "Teléfono de Ana", 6
    stream = io.BytesIO()
    Image.new("RGB", (40, 20), "navy").save(stream, "JPEG", exif=exif, comment=b"frente a mi casa")
    sent = stream.getvalue() + b"<script>alert(1)</script>"
    facts = inspect(sent, "foto.jpg")
    kept = facts.content.read()
    picture = Image.open(io.BytesIO(kept))
    # Turned as it was to be seen.
    assert (picture.size, dict(picture.getexif()), facts.size) == ((20, 40), {}, len(kept))
    assert not [word for word in (b"Ana", b"casa", b"script") if word in kept]


def test_a_transparent_plan_stays_transparent():
    stream = io.BytesIO()
    Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(stream, "PNG")
    facts = inspect(stream.getvalue(), "plano.png")
    assert Image.open(facts.content).getpixel((0, 0)) == (0, 0, 0, 0)


# ---- The scanner ----------------------------------------------------------------------------------------------------
def clamd(folder, answer: bytes) -> str:
    """A clamd of one conversation on a socket; it hears the whole stream before it answers."""
    address = os.path.join(folder, "clamd.sock")
    server = socket.socket(socket.AF_UNIX)
    server.bind(address)
    server.listen()

    def talk() -> None:
        link, _peer = server.accept()
        with link, link.makefile("rb") as heard:
            assert heard.read(10) == b"zINSTREAM\0"
            while length := struct.unpack("!L", heard.read(4))[0]:
                heard.read(length)
            link.sendall(answer)
        server.close()

    threading.Thread(target=talk, daemon=True).start()
    return f"clamd://{address}"


@pytest.mark.parametrize(
    ("answer", "code"),
    [(b"stream: OK\0", None), (b"stream: Eicar-Test FOUND\0", "malware"), (b"ERROR\0", "scanner_silent")],
)
def test_clamd_decides(settings, tmp_path_factory, answer, code):
    settings.UPLOAD_SCANNER = clamd(tmp_path_factory.mktemp("c"), answer)
    assert refused(PDF) == code


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("false-command-that-is-not-there", "scanner_silent"),
        ("sh -c 'cat >/dev/null; exit 0'", None),
        ("sh -c 'exit 2'", "scanner_silent"),
        ("sh -c 'cat >/dev/null; echo Eicar; exit 1'", "malware"),
    ],
)
def test_a_command_decides_by_how_it_ends(settings, command, code):
    settings.UPLOAD_SCANNER = command
    assert refused(PDF) == code


def test_a_scanner_that_takes_too_long_lets_nothing_in(settings, monkeypatch):
    monkeypatch.setattr(malware, "PATIENCE_S", 0.1)
    settings.UPLOAD_SCANNER = "sleep 5"
    assert refused(PDF) == "scanner_silent"


def refused(content: bytes) -> str | None:
    try:
        inspect(content)
    except ValidationError as error:
        return error.code
    return None
