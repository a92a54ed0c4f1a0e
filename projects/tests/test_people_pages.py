"""The register as its users meet it, and as those meet it who must not."""

import datetime as dt
import io
import re
from decimal import Decimal

import openpyxl
import pytest
from django.urls import reverse

from habitat.lib import links
from habitat.tests.fixtures import YEAR
from projects import services
from projects.models import CourseSession, Person, RegisterReading, SocialActor, StipendList
from projects.tests.social import AT, FIRST, pay_too
from projects.tests.test_people import LUIS, ROSA
from projects.workers.archiving import parts_of

LIST_QUERIES = 7
PROJECT_QUERIES = 13


@pytest.fixture(autouse=True)
def in_english(settings, client):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"


@pytest.fixture
def rosa(campeche, preparer):
    return services.register_person(campeche, by=preparer, **ROSA)


@pytest.fixture
def course(social):
    return social.courses[0]


@pytest.fixture
def enrolled(course, rosa, preparer):
    return services.enrol(course, rosa, by=preparer, enrolled_on=FIRST)


@pytest.fixture
def session(course, preparer):
    new = CourseSession(course=course, on=dt.date(YEAR, 3, 2), hours=Decimal(4))
    return services.save_session(new, by=preparer)


def text(response) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return content.decode()


def last_reading() -> tuple:
    row = RegisterReading.objects.first()
    return (row.what, row.by.role, row.people, row.page)


# ---- Reading --------------------------------------------------------------------------------------------------------
def test_the_list_masks_and_the_record_tells(client, auditor, rosa):
    client.force_login(auditor)
    page = client.get("/projects/people/?sex=woman")
    assert "Rosa Invento Uc" in text(page)
    assert rosa.curp not in text(page)
    assert "no-store" in page["Cache-Control"]
    assert last_reading() == ("list", "auditor", 1, "/projects/people/?sex=woman")
    assert rosa.curp in text(client.get(f"/projects/people/{rosa.pk}/"))
    assert last_reading()[:3] == ("person", "auditor", 1)
    assert RegisterReading.objects.first().person == rosa


def test_an_empty_list_reads_nobody(client, stranger, rosa):
    client.force_login(stranger)
    assert "People enter the register when" in text(client.get("/projects/people/"))
    assert "Nobody fits these filters." in text(client.get("/projects/people/?sex=woman"))
    assert not RegisterReading.objects.exists()


@pytest.mark.parametrize("count", [1, 4])
def test_the_list_asks_as_much_for_one_as_for_four(
    client, auditor, campeche, preparer, count, django_assert_num_queries
):
    for number in range(count):
        services.register_person(campeche, by=preparer, **LUIS | {"born_on": dt.date(2001, 5, number + 1)})
    client.force_login(auditor)
    client.get("/projects/people/")
    with django_assert_num_queries(LIST_QUERIES):
        client.get("/projects/people/")


@pytest.mark.parametrize(
    "query", ["?format=csv", "?format=xlsx", "?part=participant", "?curp=without&sort=-age", "?page=99"]
)
def test_the_list_has_no_files_of_its_own(client, auditor, rosa, query):
    client.force_login(auditor)
    page = client.get(f"/projects/people/{query}")
    assert page["Content-Type"].startswith("text/html")
    assert rosa.curp not in text(page)


@pytest.mark.parametrize("words", ["curp", "invento uc", "ROSA"])
def test_a_search_says_nothing_in_its_address(client, preparer, rosa, words):
    client.force_login(preparer)
    said = rosa.curp.lower() if words == "curp" else words
    page = client.post("/projects/people/search/", {"words": said})
    assert f"/projects/people/{rosa.pk}/" in text(page)
    assert last_reading() == ("search", "preparer", 1, "/projects/people/search/")
    assert "Invento" not in text(client.get("/projects/people/search/?words=invento"))


def test_a_stranger_finds_nobody(client, stranger, rosa):
    client.force_login(stranger)
    assert "Nobody in the register fits." in text(client.post("/projects/people/search/", {"words": rosa.curp}))
    assert client.get(f"/projects/people/{rosa.pk}/").status_code == 404
    assert not RegisterReading.objects.exists()


def test_the_history_is_read_through_the_same_door(client, preparer, technician, rosa):
    services.change_person(rosa, by=preparer, **ROSA | {"given_names": "Rosalba"})
    client.force_login(preparer)
    page = text(client.get(f"/projects/people/{rosa.pk}/"))
    assert "Rosa Invento" in page
    assert "Rosalba" in page
    client.force_login(technician)
    assert client.get(f"/projects/people/{rosa.pk}/").status_code == 403


def test_an_erased_person_is_on_no_page(client, preparer, auditor, rosa):
    client.force_login(preparer)
    assert client.post(f"/projects/people/{rosa.pk}/erase/", {"is_sure": "on"}).status_code == 302
    client.force_login(auditor)
    assert client.get(f"/projects/people/{rosa.pk}/").status_code == 404
    assert "There is nothing here yet." in text(client.get("/projects/people/"))


def test_auditors_see_who_looked_and_no_name(client, auditor, preparer, rosa):
    services.note_reading(preparer, "person", page="/projects/people/1/", people=1, person=rosa)
    client.force_login(auditor)
    page = text(client.get("/projects/people/readings/"))
    assert preparer.email in page
    assert "Rosa" not in page


# ---- Nowhere else ---------------------------------------------------------------------------------------------------
def test_neither_public_nor_other_pages_name_anybody(client, auditor, social, enrolled, rosa):
    pk = social.lessons.project_id
    addresses = [f"/projects/{pk}/", f"/projects/{pk}/ph01.pdf", f"/api/v1/projects/{pk}/", "/projects/", "/api/v1/"]
    for user in (None, auditor):
        client.logout()
        if user:
            client.force_login(user)
        for address in addresses:
            content = client.get(address).content
            assert b"Invento" not in content
            assert rosa.curp.encode() not in content


def test_the_archive_of_a_project_holds_no_register(social, enrolled):
    assert not any("participant" in part.path or "person" in part.path for part in parts_of(social.lessons.project))


def test_the_admin_knows_no_register(client, manager, rosa):
    client.force_login(manager)
    for model in ("person", "engagement", "participant", "registerreading", "personevent"):
        assert client.get(f"/admin/projects/{model}/").status_code in (302, 404)


def test_no_refusal_reaches_a_log(client, preparer, social, rosa, caplog):
    client.force_login(preparer)
    address = reverse("projects:enrol", args=[social.lessons.project_id, social.courses[0].pk])
    wrong = rosa.curp[:-1] + str((int(rosa.curp[-1]) + 1) % 10)
    for curp in (rosa.curp, wrong):
        client.post(address, {"curp": curp, "given_names": "Otra", "first_surname": "Uc", "enrolled_on": "2026-03-01"})
    assert "XEXX" not in caplog.text


# ---- Writing --------------------------------------------------------------------------------------------------------
def test_the_same_curp_is_offered_and_taken_by_a_choice(client, preparer, social, course, rosa):
    client.force_login(preparer)
    address = reverse("projects:enrol", args=[social.lessons.project_id, course.pk])
    said = {"curp": rosa.curp, "given_names": "Rosa", "first_surname": "Uc", "enrolled_on": "2026-03-01"}
    page = client.post(address, said)
    assert page.status_code == 409
    assert f'name="existing" value="{rosa.pk}"' in text(page)
    # Enter presses the form's first button, which decides nothing.
    assert "name=" not in re.findall(r"<button[^>]*>", text(page).partition('<form class="panel')[2])[0]
    assert 'value="new"' not in text(page)
    assert 'value="Rosa"' in text(page)
    assert last_reading()[0] == "offered"
    assert client.post(address, said | {"existing": rosa.pk}).status_code == 302
    assert course.participants.get().person == rosa
    assert Person.objects.count() == 1


def test_somebody_alike_may_be_another(client, preparer, social, course, campeche):
    services.register_person(campeche, by=preparer, **LUIS)
    client.force_login(preparer)
    address = reverse("projects:enrol", args=[social.lessons.project_id, course.pk])
    said = {key: str(value) for key, value in LUIS.items()} | {"enrolled_on": "2026-03-01"}
    assert 'value="new"' in text(client.post(address, said))
    assert client.post(address, said | {"existing": "new"}).status_code == 302
    assert Person.objects.count() == 2


def filled(page) -> dict[str, object]:
    """What the page's form would send as it is shown."""
    said = {box.html_name: box.value() for box in page.context["form"] if box.value() is not None}
    return {name: str(value) if isinstance(value, dt.date) else value for name, value in said.items()} | {
        "seen": page.context["seen"]
    }


@pytest.mark.parametrize("kind", ["person", "actor", "course", "engagement"])
def test_of_two_stale_forms_the_second_shows_both_values(
    client, preparer, certifier, social, course, rosa, campeche, kind
):
    project, address = social.lessons.project_id, ""
    actor = SocialActor(municipality=campeche, kind="school", name="Escuela", place="Centro")
    if kind == "person":
        address, name, theirs, yours = f"/projects/people/{rosa.pk}/change/", "given_names", "Rosalba", "Rosita"
    elif kind == "actor":
        services.save_actor(actor, parts={social.lessons.project: "served"}, by=preparer)
        address, name, theirs, yours = f"/projects/people/actors/{actor.pk}/", "place", "Barrio", "Colonia"
    elif kind == "course":
        address = reverse("projects:change-course", args=[project, course.pk])
        name, theirs, yours = "place", "Patio", "Aula"
    else:
        engaged = services.engage(social.providers, rosa, by=preparer, **social.terms)
        address = reverse("projects:engagement", args=[social.providers.project_id, engaged.pk])
        name, theirs, yours = "school", "UNACAR", "ITC"
    client.force_login(preparer)
    stale = filled(client.get(address))
    assert client.post(address, stale | {name: theirs}).status_code == 302
    client.force_login(certifier)
    page = client.post(address, stale | {name: yours})
    assert page.status_code == 409
    assert f"somebody else wrote “{theirs}”; you wrote “{yours}”" in text(page)
    assert theirs in str(client.get(address).context["form"][name].value())
    assert client.post(address, stale | {name: yours, "seen": page.context["seen"]}).status_code == 302
    assert client.get(address).context["form"][name].value() == yours
    if kind == "actor":
        assert actor.works.get().part == "served"


def test_the_chosen_person_is_of_ones_own_municipality(client, preparer, social, course, tlaxcala, make_user):
    other = services.register_person(tlaxcala, by=make_user("preparer", municipality=tlaxcala), **LUIS)
    client.force_login(preparer)
    address = reverse("projects:enrol", args=[social.lessons.project_id, course.pk])
    said = {key: str(value) for key, value in LUIS.items()} | {"enrolled_on": "2026-03-01", "existing": other.pk}
    assert client.post(address, said).status_code == 409


def test_a_month_keeps_the_good_rows_and_what_was_typed(client, preparer, certifier, reviewer, social, rosa, campeche):
    luis = services.register_person(campeche, by=preparer, **LUIS)
    first, second = (services.engage(social.providers, who, by=preparer, **social.terms) for who in (rosa, luis))
    address = reverse("projects:stipends", args=[social.providers.project_id, social.providers.pk, YEAR, 3])
    client.force_login(preparer)
    assert 'value="1,000.00"' in text(client.get(address))
    page = client.post(address, {f"e{first.pk}": "1000", f"e{second.pk}": "1200"})
    assert page.status_code == 409
    assert 'value="1200"' in text(page)
    assert "The stipend is $1,000.00 a month." in text(page)
    listed = StipendList.objects.get()
    assert listed.payments.get().person == rosa
    assert client.post(address, {f"e{first.pk}": "1000", f"e{second.pk}": "x"}).status_code == 409
    decide = reverse("projects:decide-stipends", args=[social.providers.project_id, social.providers.pk, YEAR, 3, 1])
    assert client.post(decide, {"do": "confirm"}).status_code == 403
    client.force_login(certifier)
    client.post(decide, {"do": "return", "reason": "Falta Luis"})
    assert "Falta Luis" in text(client.get(address))
    client.post(address, {f"e{first.pk}": "1000", f"e{second.pk}": ""})
    assert "Falta Luis" not in text(client.get(address))
    client.force_login(reviewer)
    seen = client.get(address).context["seen"]
    # Without the mark of what was shown, and with that of another list, nothing is confirmed.
    client.post(decide, {"do": "confirm"})
    assert "has changed since you opened it" in text(client.get(address))
    client.post(decide, {"do": "confirm", "seen": seen})
    listed.refresh_from_db()
    assert listed.status == "confirmed"
    assert last_reading()[0] == "stipends"


def test_of_two_stale_pages_of_a_month_the_second_shows_both_amounts(
    client, preparer, certifier, social, rosa, campeche
):
    luis = services.register_person(campeche, by=preparer, **LUIS)
    first, second = (services.engage(social.providers, who, by=preparer, **social.terms) for who in (rosa, luis))
    address = reverse("projects:stipends", args=[social.providers.project_id, social.providers.pk, YEAR, 3])
    client.force_login(certifier)
    stale = {"seen": client.get(address).context["form"].marks}
    amounts = {first.pk: Decimal(900), second.pk: Decimal(800)}
    services.list_stipends(social.providers, FIRST, amounts=amounts, by=preparer, at=AT)
    page = client.post(address, stale | {f"e{first.pk}": "900", f"e{second.pk}": "700"})
    assert page.status_code == 409
    assert "Meanwhile somebody else listed $800.00; you wrote $700.00." in text(page)
    assert f'name="e{second.pk}" value="700"' in text(page)
    again = {"seen": page.context["form"].marks, f"e{first.pk}": "900", f"e{second.pk}": "700"}
    assert client.post(address, again).status_code == 302
    assert services.listed_in(StipendList.objects.get()) == {first.pk: 900, second.pk: 700}


def test_who_is_paid_elsewhere_too_is_flagged_and_the_place_named_only_to_who_sees_it(
    client, preparer, auditor, social, rosa, tlaxcala, make_user, polygon_version
):
    pay_too(social, tlaxcala, ROSA, by=make_user("preparer", municipality=tlaxcala), version=polygon_version)
    engaged = services.engage(social.providers, rosa, by=preparer, **social.terms)
    services.list_stipends(social.providers, FIRST, amounts={engaged.pk: Decimal(1)}, by=preparer, at=AT)
    month = reverse("projects:stipends", args=[social.providers.project_id, social.providers.pk, YEAR, 3])
    for user, place in ((preparer, "another municipality"), (auditor, str(tlaxcala))):
        client.force_login(user)
        for address in (month, f"/projects/people/{rosa.pk}/"):
            assert f"in the same month in: {place}" in text(client.get(address))


def test_the_page_of_a_project_asks_as_much_for_one_as_for_two(
    client, reviewer, social, enrolled, rosa, preparer, campeche, django_assert_num_queries
):
    services.engage(social.providers, rosa, by=preparer, **social.terms)
    address = reverse("projects:project-people", args=[social.providers.project_id])
    client.force_login(reviewer)
    client.get(address)
    with django_assert_num_queries(PROJECT_QUERIES):
        client.get(address)
    luis = services.register_person(campeche, by=preparer, **LUIS)
    services.engage(social.providers, luis, by=preparer, **social.terms)
    with django_assert_num_queries(PROJECT_QUERIES):
        client.get(address)


def test_a_project_says_how_many_of_those_it_serves_are_not_in_the_register_yet(client, reviewer, social, enrolled):
    client.force_login(reviewer)
    assert "19 of those it serves are not in the register yet." in text(
        client.get(reverse("projects:project-people", args=[social.lessons.project_id]))
    )


def test_an_attendance_sheet_works_without_a_script(client, preparer, social, course, enrolled, session):
    client.force_login(preparer)
    address = reverse("projects:attendance", args=[social.lessons.project_id, course.pk, session.pk])
    assert client.post(address, {f"came{enrolled.pk}": "on", f"hours{enrolled.pk}": "9"}).status_code == 400
    for said, words in (
        ({f"came{enrolled.pk}": "on", f"hours{enrolled.pk}": "0"}, "Ticked, and of 0 hours"),
        ({f"hours{enrolled.pk}": "2"}, "Hours without a tick"),
    ):
        refused = client.post(address, said)
        assert (refused.status_code, words in text(refused)) == (400, True)
    assert not session.attendance.exists()
    stale = {"seen": client.get(address).context["form"].marks}
    assert client.post(address, {f"came{enrolled.pk}": "on", f"hours{enrolled.pk}": "2.5"}).status_code == 302
    assert session.attendance.get().hours == Decimal("2.5")
    refused = client.post(address, stale | {f"came{enrolled.pk}": "on", f"hours{enrolled.pk}": "1"})
    assert refused.status_code == 409
    assert "Meanwhile somebody else wrote 2.5 hours; you wrote 1." in text(refused)
    assert session.attendance.get().hours == Decimal("2.5")


def test_the_list_to_sign_opens_by_a_link_of_ones_own(client, preparer, certifier, social, course, enrolled, session):
    address = reverse("projects:attendance-list", args=[social.lessons.project_id, course.pk, session.pk])
    client.force_login(preparer)
    assert client.get(address).status_code == 410
    assert client.get(links.expiring(address, certifier)).status_code == 410
    page = client.get(links.expiring(address, preparer))
    assert page["Content-Type"] == "application/pdf"
    assert last_reading()[0] == "print"


# ---- The three structures -------------------------------------------------------------------------------------------
def ask(client, **said):
    return client.post("/projects/people/export/", {"year": YEAR, "kind": "csv", "purpose": "PUB", **said})


def test_the_person_structure_goes_out_by_the_noted_door(client, auditor, social, enrolled, rosa, preparer, certifier):
    engaged = services.engage(social.providers, rosa, by=preparer, **social.terms)
    found, _ = services.list_stipends(social.providers, FIRST, amounts={engaged.pk: Decimal(900)}, by=preparer, at=AT)
    services.confirm_stipends(found, by=certifier)
    client.force_login(auditor)
    header, served, taught = text(ask(client, structure="person")).strip().splitlines()
    assert header.lstrip("\ufeff").startswith("CURP,SIN_CURP,PRIMER_APELLIDO")
    assert served.startswith(f"{rosa.curp},,Uc,,Rosa Invento,1990-03-12,NE,M,04,04002,Campeche,{YEAR},04-DS-0001")
    assert ",1,900.00," in served
    assert taught.endswith("Carpintería,0,NO")
    row = RegisterReading.objects.first()
    assert (row.what, row.people, row.purpose) == ("export", 1, f"padron-person-{YEAR}-todo.csv: PUB")


def test_no_purpose_no_file(client, auditor, enrolled):
    client.force_login(auditor)
    assert ask(client, structure="person", purpose="").status_code == 400
    assert not RegisterReading.objects.exists()


def test_a_stranger_exports_only_what_is_theirs(client, stranger, enrolled, campeche):
    client.force_login(stranger)
    assert len(text(ask(client, structure="person")).strip().splitlines()) == 1
    assert ask(client, structure="person", state=campeche.state_id).status_code == 400


def test_the_other_structures_name_nobody(client, delegate, social, enrolled, preparer, campeche):
    actor = SocialActor(municipality=campeche, kind="school", name="=HYPERLINK(1)", place="Centro")
    services.save_actor(actor, parts={social.lessons.project: "served"}, by=preparer)
    client.force_login(delegate)
    actors = text(ask(client, structure="actor"))
    assert "'=HYPERLINK(1),School" in actors
    population = text(ask(client, structure="population"))
    assert "12,8," in population
    assert "Invento" not in actors + population


def test_the_workbook_defines_its_columns_and_says_it_is_unverified(client, auditor, enrolled):
    client.force_login(auditor)
    book = openpyxl.load_workbook(io.BytesIO(ask(client, structure="person", kind="xlsx").content))
    assert book.worksheets[0]["A1"].value == "CURP"
    assert "reconstruida" in book.worksheets[1]["B2"].value
