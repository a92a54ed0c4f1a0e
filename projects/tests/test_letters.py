"""Letters: who signs which, what they state, that they never change, and what everybody may verify."""

import datetime as dt
import io
import re
from decimal import Decimal

import pytest
import segno
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone, translation
from PIL import Image
from pypdf import PdfReader

from habitat.lib.links import expiring
from habitat.lib.pdf import html_to_pdf
from habitat.tests.fixtures import PDF
from projects import services
from projects.letters import making, texts
from projects.letters.codes import address_of, codes_in, qr_svg
from projects.letters.samples import sample_pdf
from projects.letters.values import and_of
from projects.letters.words import pesos_in_words
from projects.models import Letter, LetterFile, LetterKind, LetterScan
from projects.refusals import Refused

WORDS = {"addressee": "C. Presidenta Municipal de Campeche", "post": "Delegada"}


@pytest.fixture(autouse=True)
def private_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def approved(project, lead):
    return lead(project, "approve")


@pytest.fixture
def ask(campeche, rules):
    def letter(kind, by, *projects, **more):
        place = {"state": campeche.state, "fiscal_year": rules.fiscal_year}
        return services.issue_letter(kind, by=by, projects=projects, **place, **(WORDS | more))

    return letter


@pytest.fixture
def issued(approved, ask, people):
    letter = ask("approval", people["delegate"], approved)
    making.make_letter(letter.pk)
    return Letter.objects.get(pk=letter.pk)


def text_of(letter: Letter) -> str:
    pages = PdfReader(letter.file.file.open("rb")).pages
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in pages))


# ---- Words ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("0", "cero pesos 00/100 M.N."),
        ("1.05", "un peso 05/100 M.N."),
        ("21", "veintiún pesos 00/100 M.N."),
        ("100", "cien pesos 00/100 M.N."),
        ("1000000", "un millón de pesos 00/100 M.N."),
        ("31021.50", "treinta y un mil veintiún pesos 50/100 M.N."),
        ("1234567.89", "un millón doscientos treinta y cuatro mil quinientos sesenta y siete pesos 89/100 M.N."),
        ("1001000000", "mil un millones de pesos 00/100 M.N."),
    ],
)
def test_an_amount_in_words(amount, words):
    assert pesos_in_words(Decimal(amount)) == words


def test_names_are_joined_as_one_says_them():
    assert and_of(["Calkiní", "Campeche", "Hopelchén"]) == "Calkiní, Campeche y Hopelchén"
    assert and_of(["Salamanca", "Irapuato"]) == "Salamanca e Irapuato"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("{tabla}\n\nPor {monot}", "“{monot}” is no placeholder of this letter. Did you mean {monto}?"),
        ("{tabla}\n\n{{ settings.SECRET_KEY }}", "no placeholder"),
        ("{tabla}\n\n{% load x %}", "no placeholder"),
        ("{tabla}\n\nsola }", "stands alone"),
        ("Por {monto}, {tabla}", "a paragraph of its own"),
        ("{tabla}\n\n{proyecto}", "no placeholder"),
    ],
)
def test_words_that_mean_nothing_are_refused_in_words(body, said):
    with translation.override("en"), pytest.raises(ValidationError) as caught:
        texts.check("approval", "Aprobación", body)
    assert said in " ".join(caught.value.messages)


def test_the_words_the_portal_comes_with_are_sound_and_what_a_value_brings_is_not_read_again():
    for kind, words in texts.FIRST.items():
        texts.check(kind, words.subject, words.body)
    assert texts.fill("{destinatario}", {"destinatario": "{monto}", "monto": "1"}) == "{monto}"


# ---- Issuing --------------------------------------------------------------------------------------------------------
def test_an_approval_states_the_ledger_is_tagged_and_says_where_it_is_verified(issued, project):
    said = text_of(issued)
    assert issued.number == f"OA-04-{issued.fiscal_year_id}-0001"
    assert issued.amount == Decimal(500_000)
    for words in (issued.number, "$500,000.00", "quinientos mil pesos 00/100 M.N.", "$1,000,000.00", project.name,
                  "Este programa es público", issued.code, "Presidenta Municipal", "ninguno"):  # fmt: skip
        assert words in said
    assert "{" not in said
    catalogue = PdfReader(issued.file.file.open("rb")).trailer["/Root"]
    assert catalogue["/MarkInfo"]["/Marked"] and catalogue["/Lang"].startswith("es")
    assert issued.file.size == len(issued.file.file.open("rb").read())


@pytest.mark.parametrize("kind", LetterKind.values)
def test_only_its_signer_issues_a_letter(people, approved, ask, kind, subsidies):
    if kind == LetterKind.SUBSIDY:
        services.cancel_letter(subsidies, by=people["manager"], reason="Para firmar otro.")
    signer = {"subsidy": "manager", "authorisation": "manager", "approval": "delegate"}[kind]
    for role, person in people.items():
        if role == signer:
            assert ask(kind, person, approved).kind == kind
        else:
            with pytest.raises(PermissionDenied):
                ask(kind, person, approved)


def test_a_delegate_of_another_state_signs_nothing_here(make_user, tlaxcala, approved, ask):
    with pytest.raises(PermissionDenied):
        ask("approval", make_user("delegate", state=tlaxcala.state), approved)


def test_a_state_s_subsidies_add_up_to_its_ceiling_and_name_the_agreement(ask, people, ceilings):
    letter = ask("subsidy", people["manager"])
    making.make_letter(letter.pk)
    letter.refresh_from_db()
    assert [(line.label[:12], line.federal) for line in letter.lines.all()] == [
        ("Campeche", Decimal(1_000_000)), ("Por distribu", Decimal(1_000_000)),
    ]  # fmt: skip
    assert letter.amount == Decimal(2_000_000) and "Acuerdo de Coordinación 2026" in text_of(letter)
    with pytest.raises(Refused):
        ask("subsidy", people["manager"])


def test_who_would_sign_a_second_letter_of_subsidies_is_led_to_the_first(client, subsidies, ceilings, people):
    client.force_login(people["manager"])
    where = f"{reverse('projects:new-letter', args=['subsidy'])}?state=04&fiscal_year={subsidies.fiscal_year_id}"
    page = client.get(where)
    assert reverse("projects:letter", args=[subsidies.pk]) in page.text
    assert "addressee" not in page.text
    services.cancel_letter(subsidies, by=people["manager"], reason="Montos equivocados.")
    assert "addressee" in client.get(where).text


def test_a_work_stands_in_one_letter_of_a_kind(issued, ask, people, approved):
    with pytest.raises(Refused, match=approved.folio):
        ask("approval", people["delegate"], approved)
    services.cancel_letter(issued, by=people["delegate"], reason="Un error en el monto.")
    assert ask("approval", people["delegate"], approved).number.endswith("-0002")


def test_what_was_not_approved_is_not_listed(lead, project, ask, people):
    with pytest.raises(Refused):
        ask("approval", people["delegate"], lead(project, "number"))


# ---- The job --------------------------------------------------------------------------------------------------------
def test_a_letter_whose_worker_was_killed_is_made_once_by_the_next(approved, ask, people, monkeypatch, tmp_path):
    letter = ask("approval", people["delegate"], approved)

    def killed(*args):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(making, "_keep", killed)
        with pytest.raises(KeyboardInterrupt):
            making.make_letter(letter.pk)
    making.make_letter(letter.pk)
    letter.refresh_from_db()
    assert letter.status == "running" and not LetterFile.objects.exists()
    Letter.objects.filter(pk=letter.pk).update(lease_until=timezone.now() - dt.timedelta(seconds=1))
    for _round in range(2):
        making.make_letter(letter.pk)
    letter.refresh_from_db()
    assert (letter.status, LetterFile.objects.count()) == ("issued", 1)
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


def test_after_three_failures_it_says_so_and_can_be_tried_again(approved, ask, people, monkeypatch):
    letter = ask("approval", people["delegate"], approved)
    with monkeypatch.context() as patch:
        patch.setattr(making, "draw", lambda *args: 1 / 0)
        for _attempt in range(3):
            making.make_letter(letter.pk)
    letter.refresh_from_db()
    assert letter.status == "failed"
    services.retry_letter(letter, by=people["delegate"])
    making.make_letter(letter.pk)
    letter.refresh_from_db()
    assert letter.is_valid


# ---- Never another --------------------------------------------------------------------------------------------------
def test_an_issued_letter_does_not_change_whoever_writes(issued):
    for change in ({"amount": 1}, {"number": "X"}, {"code": "ABCDEFGHJKMN"}, {"status": "waiting"}, {"body": "x"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Letter.objects.filter(pk=issued.pk).update(**change)
    for change in (lambda: LetterFile.objects.update(sha256="0" * 64), lambda: issued.lines.update(federal=1)):
        with pytest.raises(Exception, match="Cannot update"), transaction.atomic():
            change()


def test_a_reissue_takes_its_place_once_it_is_made(issued, people, client):
    with pytest.raises(Refused):
        services.reissue_letter(issued, by=people["delegate"], reason=" ")
    newer = services.reissue_letter(issued, by=people["delegate"], reason="Cambió el destinatario.", addressee="Otro")
    assert Letter.objects.get(pk=issued.pk).is_valid
    making.make_letter(newer.pk)
    newer, old = Letter.objects.get(pk=newer.pk), Letter.objects.get(pk=issued.pk)
    assert newer.is_valid and not old.is_valid and old.replaced_by == newer
    assert f"sustituye a: {old.number}" in text_of(newer)
    page = client.get(f"/verify/{old.code}/", HTTP_COOKIE="django_language=en").content.decode()
    assert f"reissued as {newer.number}" in page and f"/verify/{newer.code}/" in page
    with pytest.raises(Refused):
        services.cancel_letter(old, by=people["delegate"], reason="x")


# ---- Verification ---------------------------------------------------------------------------------------------------
def test_everybody_verifies_and_nothing_personal_is_said(issued, client, people):
    page = client.get(f"/verify/{issued.code}/").content.decode()
    for said in (issued.number, "$500,000.00", issued.file.sha256, "Campeche"):
        assert said in page
    for kept in (issued.signed_name, issued.addressee, "Delegada", people["delegate"].email):
        assert f">{kept}<" not in page and kept not in page.split("<main")[1].split("</main")[0]
    services.cancel_letter(issued, by=people["delegate"], reason="Motivo reservado.")
    page = client.get(f"/verify/{issued.code}/", HTTP_COOKIE="django_language=en").content.decode()
    assert "was cancelled on" in page and "Motivo reservado" not in page


def test_a_code_may_be_typed_as_it_is_read(issued, client):
    typed = f"{issued.code[:4]}-{issued.code[4:8].lower()} {issued.code[8:]}"
    assert client.get("/verify/", {"code": typed})["Location"] == f"/verify/{issued.code}/"
    assert client.get("/verify/", {"code": "NADA"}).status_code == 404
    assert client.get("/verify/AAAAAAAAAAAA/").status_code == 404


def test_who_hears_the_pdf_is_told_what_its_square_opens():
    content = html_to_pdf(f'<html lang="es"><title>Oficio</title><body>{qr_svg("23456789ABCD")}</body></html>')
    tree = PdfReader(io.BytesIO(content)).trailer["/Root"]["/StructTreeRoot"]
    assert list(spoken(tree)) == [f"Código QR que abre {address_of('23456789ABCD')}"]


def spoken(node):
    """The alternative texts of a tagged PDF's figures, in reading order."""
    if node.get("/S") == "/Figure":
        yield node.get("/Alt")
    below = node.get("/K", [])
    for part in below if isinstance(below, list) else [below]:
        if hasattr(part.get_object(), "get"):
            yield from spoken(part.get_object())


# ---- Signed copies --------------------------------------------------------------------------------------------------
def scan_of(*codes: str, format_: str = "PNG") -> SimpleUploadedFile:
    """A page at some 100 dots an inch, a little crooked, with the letters' squares on it."""
    page = Image.new("RGB", (850, 1100), "white")
    for place, code in enumerate(codes):
        square = io.BytesIO()
        segno.make(address_of(code), error="q", micro=False).save(square, "png", scale=4)
        page.paste(Image.open(square).convert("RGB"), (500, 300 + 300 * place))
    stream = io.BytesIO()
    pages = [Image.new("RGB", (850, 1100), "white"), page.rotate(3, fillcolor="white")]
    if format_ == "PDF":
        pages[0].save(stream, "PDF", save_all=True, append_images=pages[1:])
    else:
        pages[1].save(stream, format_)
    return SimpleUploadedFile(f"firmado.{format_.lower()}", stream.getvalue())


@pytest.mark.parametrize("format_", ["PDF", "JPEG", "PNG"])
def test_a_signed_copy_finds_its_letter(issued, people, format_):
    scan = services.take_scan(scan_of(issued.code, format_=format_), by=people["reviewer"])
    assert (scan.letter, scan.found, scan.attached_by) == (issued, "qr", people["reviewer"])


def test_a_copy_without_a_code_waits_for_a_person_who_says_which_it_is(issued, people, client):
    client.force_login(people["reviewer"])
    inbox = reverse("projects:letter-inbox")
    client.cookies["django_language"] = "en"
    page = client.post(inbox, {"file": SimpleUploadedFile("a.pdf", PDF)}, follow=True)
    assert "No code of one letter of yours" in page.content.decode()
    scan = LetterScan.objects.get(letter=None)
    url = reverse("projects:attach-scan", args=[scan.pk])
    assert client.post(url, {"number": "OA-99"}).status_code == 400
    client.post(url, {"number": issued.number.lower()})
    scan.refresh_from_db()
    assert (scan.letter, scan.found) == (issued, "person")
    assert client.get(inbox).context["table"].data.data.get() == scan
    assert issued.number in client.get(inbox, {"format": "csv"}).getvalue().decode()
    assert client.get(expiring(reverse("projects:letter-scan", args=[scan.pk]), people["reviewer"])).status_code == 200
    with pytest.raises(Refused):
        services.discard_scan(scan, by=people["reviewer"])


def test_two_codes_or_another_state_s_are_not_guessed(issued, people, make_user, tlaxcala):
    newer = services.reissue_letter(issued, by=people["delegate"], reason="x")
    making.make_letter(newer.pk)
    assert services.take_scan(scan_of(issued.code, newer.code), by=people["delegate"]).letter is None
    stranger = make_user("reviewer", state=tlaxcala.state)
    assert services.take_scan(scan_of(issued.code), by=stranger).letter is None
    with pytest.raises(PermissionDenied):
        services.take_scan(scan_of(issued.code), by=people["preparer"])


def test_the_code_printed_on_the_file_is_the_one_that_opens(issued):
    assert codes_in(scan_of(issued.code), "image/png") == {issued.code}


# ---- Pages ----------------------------------------------------------------------------------------------------------
def test_a_delegate_issues_from_the_page_and_a_municipality_reads_what_is_its_own(
    client, approved, people, rules, stranger, django_capture_on_commit_callbacks, monkeypatch
):
    monkeypatch.setattr("projects.tasks.make_letter.delay", making.make_letter)
    client.force_login(people["delegate"])
    url = reverse("projects:new-letter", args=["approval"])
    where = f"{url}?state=04&fiscal_year={rules.fiscal_year_id}"
    assert approved.name in client.get(where).content.decode()
    assert client.post(where, {"addressee": "x"}).status_code == 400
    with django_capture_on_commit_callbacks(execute=True):
        client.post(where, WORDS | {"projects": [approved.pk]})
    letter = Letter.objects.get(kind="approval")
    assert letter.is_valid
    page = reverse("projects:letter", args=[letter.pk])
    for person, seen in (
        (people["delegate"], True),
        (people["preparer"], True),
        (people["auditor"], True),
        (stranger, False),
    ):
        client.force_login(person)
        assert client.get(page).status_code == (200 if seen else 404)
        assert (letter.number in client.get(reverse("projects:letters")).content.decode()) is seen
        file = expiring(reverse("projects:letter-file", args=[letter.pk]), person)
        assert client.get(file).status_code == (200 if seen else 404)
        assert (letter.number in b"".join(client.get(reverse("projects:letters"), {"format": "csv"})).decode()) is seen


def test_the_program_unit_writes_tries_and_puts_words_in_force(client, manager, issued):
    client.force_login(manager)
    client.cookies["django_language"] = "en"
    url = reverse("projects:letter-text", args=["approval"])
    said = {"subject": "Aprobación {numero}", "body": "Estimada: {destinatario}\n\n{tabla}", "seen": 0}
    wrong = client.post(url, said | {"body": "{tabla}\n\n{montoo}", "do": "save"})
    assert wrong.status_code == 400 and "{montoo}" in wrong.content.decode()
    assert client.post(url, said | {"do": "save"}).status_code == 302
    # Another person's page, opened before that.
    stale = client.post(url, said | {"subject": "Otro", "do": "save"})
    assert stale.status_code == 409 and "Estimada" in stale.content.decode()
    sample = client.get(reverse("projects:letter-sample", args=["approval"]))
    assert b"".join([sample.content])[:5] == b"%PDF-"
    assert client.post(url, said | {"seen": 1, "do": "publish"}).status_code == 302
    assert texts.words_in_force("approval").text.version == 1
    issued.refresh_from_db()
    assert issued.text is None


@pytest.mark.parametrize("kind", LetterKind)
def test_every_letter_has_a_sample(kind):
    words = texts.FIRST[kind]
    said = (
        PdfReader(io.BytesIO(sample_pdf(kind, words.subject, words.body, on=dt.date(2026, 3, 1))))
        .pages[0]
        .extract_text()
    )
    assert "MUESTRA" in said and "{" not in said


def test_the_list_costs_a_fixed_number_of_queries(client, issued, people, django_assert_max_num_queries):
    client.force_login(people["manager"])
    url = reverse("projects:letters")
    client.get(url)
    with django_assert_max_num_queries(14):
        page = client.get(url, {"q": issued.number, "standing": "valid", "unsigned": "on", "kind": "approval"})
    assert issued.number in page.content.decode()
