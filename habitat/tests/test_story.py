"""The program's main job in a browser, from INEGI's files to a report whose totals are those of the API."""

import datetime as dt
import io
from decimal import Decimal
from pathlib import Path

import openpyxl
import pypdf
import pytest
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import Page

from habitat.accounts import services as accounts
from habitat.tests.fixtures import PASSWORD, agreed
from modalities.models import FiscalYear
from polygons.models import Municipality, PolygonVersion, State
from projects.models import Project
from reports.catalog import CATALOGUE

COST = {"federal": "110000.00", "state": "40000.00", "municipal": "65000.00", "beneficiaries": "5000.00"}
PEOPLE = {
    "preparer": "municipality",
    "certifier": "municipality",
    "reviewer": "state",
    "delegate": "state",
    "technician": "nation",
    "manager": "nation",
}


def inegi_ground(folder: Path, data: Path) -> None:
    """Campeche as INEGI published it: census of 2020, blocks of 2010."""
    call_command("import_states", data / "catalogues" / "estados.json")
    call_command("import_municipalities", data / "catalogues" / "inegi_municipios_completo_2020_2478.json")
    call_command("import_cities", data / "urban_system" / "sun2012.csv")
    call_command(
        "import_blocks",
        census=data / "campeche" / "RESAGEBURB_04_2020_csv.zip",
        geometry=data / "campeche" / "manzanas_04002_campeche.geojson.gz",
        vintage=2020,
        geometry_vintage=2010,
    )
    call_command(
        "delineate_polygons",
        vintage=2020,
        city="063",
        deficit="floor",
        threshold=0.03,
        gap=150,
        min_dwellings=80,
        publish=True,
    )


def twin_ground(folder: Path, data: Path) -> None:
    """Its generated twin, in the same formats."""
    from reports.demo import census
    from reports.demo.places import PLACES

    catalogues = census.write_catalogues(folder)
    call_command("import_states", catalogues["states"])
    call_command("import_municipalities", catalogues["municipalities"])
    call_command("import_cities", catalogues["cities"])
    files = census.write_blocks(next(place for place in PLACES if place.municipality == "04002"), folder)
    call_command("import_blocks", census=files.census, geometry=files.geometry, vintage=2020)
    call_command(
        "delineate_polygons", vintage=2020, city="063", deficit="water", threshold=0.2, min_dwellings=100, publish=True
    )


class Player:
    """One person at their own browser."""

    def __init__(self, page: Page, role: str) -> None:
        self.page = page
        page.goto("/accounts/login/")
        self.fill(login=f"{role}@example.org", password=PASSWORD)
        self.press()

    def fill(self, **answers: str) -> None:
        for name, answer in answers.items():
            field = self.page.locator(f"main [name='{name}']").first
            if field.evaluate("element => element.tagName") == "SELECT":
                field.select_option(answer)
            else:
                field.fill(answer)

    def press(self, button: str = "main form[method=post] .btn-primary") -> None:
        found = self.page.locator(button).first
        assert found.is_enabled(), self.page.locator("main").inner_text()
        with self.page.expect_navigation():
            found.click()

    def take(self, project: Project, step: str, **answers: str) -> None:
        """Press the button of a step and see that the status moved."""
        before = Project.objects.get(pk=project.pk).status
        self.page.goto(f"/projects/{project.pk}/steps/{step}/")
        self.fill(**answers)
        self.press()
        project.refresh_from_db()
        assert project.status != before, self.page.locator("main").inner_text()

    def attach(self, address: str, kind: str) -> None:
        self.page.goto(address)
        self.fill(kind=kind)
        self.page.locator("main [name='file']").set_input_files(
            {"name": f"{kind}.pdf", "mimeType": "application/pdf", "buffer": paper(kind)}
        )
        self.press("main form[enctype='multipart/form-data'] button:not([type=button])")


def paper(title: str) -> bytes:
    writer = pypdf.PdfWriter()
    writer.add_blank_page(200, 200)
    writer.add_metadata({"/Title": title})
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


@pytest.fixture
def stage(transactional_db, new_context, tmp_path, data_dir):
    """Called with a ground: rules, territory and people stand; answers a player by role."""

    def build(ground) -> "dict[str, Player]":
        call_command("import_catalogue")
        call_command("import_rules")
        ground(tmp_path, data_dir)
        call_command("assess_polygons", year=timezone.localdate().year)
        place = Municipality.objects.get(pk="04002")
        territories = {"municipality": {"municipality": place}, "state": {"state": place.state}}
        for role, level in PEOPLE.items():
            territory = territories.get(level, {"is_national": True})
            accounts.open_account(
                f"{role}@example.org", PASSWORD, name=role, role=role, valid_from=dt.date(2020, 1, 1), **territory
            )
        return {role: Player(new_context(draws_maps=False).new_page(), role) for role in PEOPLE}

    return build


def enter_ceilings(manager: Player) -> None:
    agreements = {
        state: agreed(FiscalYear.objects.get(pk=timezone.localdate().year), State.objects.filter(pk=state).first())
        for state in ("", "04")
    }
    for state, municipality in (("", ""), ("04", ""), ("04", "04002")):
        manager.page.goto(f"/projects/ceilings/new/?state={state}")
        manager.fill(strand="G", amount="5000000", agreement=str(agreements[state].pk))
        if municipality:
            manager.fill(municipality=municipality)
        manager.press()


def authorise_subsidies(manager: Player) -> None:
    """The state's letter, signed on its page; a worker makes it."""
    manager.page.goto(f"/projects/letters/new/subsidy/?state=04&fiscal_year={timezone.localdate().year}")
    manager.fill(addressee="Delegación en Campeche", post="Titular de la unidad")
    manager.press()
    manager.page.wait_for_selector("main a[href*='/file/']", timeout=60_000)


def propose(preparer: Player, version: PolygonVersion) -> Project:
    page, today = preparer.page, timezone.localdate()
    page.goto("/projects/new/")
    preparer.fill(
        name="Introducción de red de agua potable, calle 14",
        action_type="ME01",
        quantity="120",
        starts_on=today.isoformat(),
        ends_on=dt.date(today.year, 12, 31).isoformat(),
    )
    preparer.press()
    preparer.fill(polygon_version=str(version.pk), neighbourhood="Bellavista")
    preparer.press()
    project = Project.objects.get()
    action = project.actions.get()
    page.goto(f"/projects/{project.pk}/edit/place/{action.pk}/")
    west, south, east, north = version.blocks.exclude(geometry=None).first().geometry.extent
    middle = (south + north) / 2
    preparer.fill(place=f"{middle}, {west}\n{middle}, {east}")
    preparer.press()
    page.goto(f"/projects/{project.pk}/edit/targets/")
    # INEGI's blocks are not as wide as the twin's: what is drawn is shorter than the target.
    people = {"women": "361", "men": "347", "households": "186", "explanation": "Parte de la red va por otra calle"}
    for name, answer in people.items():
        page.locator(f"main [name$='{name}']").first.fill(answer)
    preparer.press()
    page.goto(f"/projects/{project.pk}/edit/funding/")
    amounts = {"cost": str(sum(map(Decimal, COST.values())))} | COST
    for name, answer in amounts.items():
        page.locator(f"main [name$='{name}']").first.fill(answer)
    preparer.press()
    return project


def missing_papers(project: Project, step: str) -> list[str]:
    """Kinds the year's rules ask for at this step of this project and the file does not hold."""
    required = project.rules.requireddocuments.filter(required_at=step)
    fitting = [
        rule.kind
        for rule in required
        if rule.modality_id in (None, project.modality_id)
        and rule.action_type_id in (None, "ME01")
        and rule.strand_id in (None, project.strand_id)
    ]
    return [kind for kind in fitting if not project.documents.filter(kind=kind).exists()]


def enter_act(people: dict[str, Player], project: Project, kind: str, **answers: str) -> None:
    """An act on the work's money: registered with its paper by the municipality, validated by the delegation."""
    certifier, reviewer = people["certifier"], people["reviewer"]
    certifier.page.goto(f"/projects/{project.pk}/money/{kind}/new/")
    certifier.fill(**answers)
    scan = {"name": f"{kind}.pdf", "mimeType": "application/pdf", "buffer": paper(kind)}
    certifier.page.locator("main [name='file']").set_input_files(scan)
    certifier.press()
    act = getattr(project, f"{kind}s").get()
    reviewer.page.goto(f"/projects/{project.pk}/money/{kind}/{act.pk}/")
    reviewer.press("main button[value='validate']")
    act.refresh_from_db()
    assert act.status == "validated", reviewer.page.locator("main").inner_text()


def sign(people: dict[str, Player], project: Project) -> None:
    whole = sum(map(Decimal, COST.values()))
    enter_act(
        people, project, "contract", number="C-1", contractor="Constructora Inventada", contractor_rfc="CIN010203AB7",
        before_tax=str(whole / 2), amount=str(whole), starts_on=timezone.localdate().isoformat(),
    )  # fmt: skip


def pay(people: dict[str, Player], project: Project) -> None:
    """50,000 federal pesos of the first estimate."""
    today = timezone.localdate().isoformat()
    enter_act(people, project, "release", source="federal", amount="60000", reference="1", late_reason="documents")
    quantity = {f"quantity-{project.actions.get().pk}": "40"}
    enter_act(people, project, "estimate", period_from=today, period_to=today, amount="100000", **quantity)
    estimate = str(project.estimates.get().pk)
    enter_act(
        people, project, "payment", estimate=estimate, source="federal", amount="50000", method="spei", reference="2"
    )


def report_progress(people: dict[str, Player], project: Project) -> None:
    """40 of 120 metres this month, sent and accepted."""
    today = timezone.localdate()
    address = f"/projects/{project.pk}/progress/{today.year}/{today.month}/"
    certifier, reviewer = people["certifier"], people["reviewer"]
    certifier.page.goto(address)
    certifier.fill(**{f"quantity-{project.actions.get().pk}": "40"})
    certifier.press()
    reviewer.page.goto(address)
    reviewer.press()
    assert project.progress.get().status == "accepted", reviewer.page.locator("main").inner_text()


def read_figures(technician: Player) -> None:
    """The dashboard's amounts open the rows that add up to them."""
    technician.page.goto("/reports/dashboard/04002/")
    figure = technician.page.locator("main a", has_text="$110,000.00").first
    with technician.page.expect_navigation():
        figure.click()
    assert "110,000.00" in technician.page.locator("main").inner_text()


def monthly_report(technician: Player) -> dict[str, Decimal]:
    """Ask, wait for the worker, download; federal totals, the same in PDF and XLSX."""
    page = technician.page
    page.goto("/reports/kinds/monthly-progress/")
    technician.fill(period=f"{timezone.localdate():%Y-%m}")
    technician.press()
    page.wait_for_selector("a[href*='/files/pdf/']", timeout=60_000)
    links = {form: page.locator(f"a[href*='/files/{form}/']").first.get_attribute("href") for form in ("pdf", "xlsx")}
    files = {form: page.request.get(link).body() for form, link in links.items()}
    *_rows, last = openpyxl.load_workbook(io.BytesIO(files["xlsx"])).worksheets[0].iter_rows(values_only=True)
    names = [column.name for column in CATALOGUE["monthly-progress"].columns]
    totals = {moment: Decimal(str(last[names.index(f"{moment}_federal")])) for moment in ("approved", "paid")}
    text = "".join(sheet.extract_text() for sheet in pypdf.PdfReader(io.BytesIO(files["pdf"])).pages)
    for amount in totals.values():
        assert f"{amount:,.2f}" in text
    return totals


def constitute(certifier: Player, project: Project) -> None:
    """The committee that watches the work, with its minutes and one member."""
    today = f"{timezone.localdate():%Y-%m-%d}"
    certifier.page.goto(f"/projects/committees/new/?project={project.pk}")
    certifier.fill(name="Comité de la obra", constituted_on=today)
    minutes = {"name": "acta.pdf", "mimeType": "application/pdf", "buffer": paper("committee_minutes")}
    certifier.page.locator("main [name='minutes']").set_input_files(minutes)
    certifier.press()
    committee = project.committees.get()
    certifier.page.goto(f"/projects/committees/{committee.pk}/add/member/")
    certifier.fill(name="Rosa Invento", post="president", joined_on=today)
    certifier.page.locator("main [name='sex'][value='woman']").check()
    certifier.page.locator("main [name='is_no_official']").check()
    certifier.press()
    assert committee.members.count() == 1


@pytest.mark.browser
@pytest.mark.long
@pytest.mark.parametrize("ground", [pytest.param(inegi_ground, marks=pytest.mark.real_data), twin_ground])
def test_from_need_to_result(stage, ground, worker, client):
    people = stage(ground)
    version = PolygonVersion.objects.published().order_by("-block_count").first()
    people["technician"].page.goto("/polygons/")
    assert version.polygon.code in people["technician"].page.locator("main").inner_text()

    enter_ceilings(people["manager"])
    authorise_subsidies(people["manager"])
    project = propose(people["preparer"], version)
    for kind in missing_papers(project, "submit"):
        people["preparer"].attach(f"/projects/{project.pk}/edit/documents/", kind)
    people["preparer"].page.goto(f"/projects/{project.pk}/edit/summary/")
    people["preparer"].press()
    people["certifier"].take(project, "submit")
    people["manager"].take(project, "authorise")
    people["reviewer"].take(project, "review")
    for kind in missing_papers(project, "number"):
        people["reviewer"].attach(f"/projects/{project.pk}/documents/", kind)
    people["reviewer"].take(project, "number")
    for kind in missing_papers(project, "approve"):
        people["delegate"].attach(f"/projects/{project.pk}/documents/", kind)
    people["delegate"].take(project, "approve")
    sign(people, project)
    constitute(people["certifier"], project)
    people["certifier"].take(project, "start")

    report_progress(people, project)
    pay(people, project)
    read_figures(people["technician"])
    totals = monthly_report(people["technician"])
    client.force_login(accounts.User.objects.get(role="technician"))
    ledger = client.get("/api/v1/ledger/", {"project": str(project.public_id)}).json()["results"]
    assert totals == {
        moment: sum(
            (Decimal(row["amount"]) for row in ledger if (row["moment"], row["source"]) == (moment, "federal")),
            Decimal(0),
        )
        for moment in ("approved", "paid")
    }
    assert totals == {"approved": Decimal("110000.00"), "paid": Decimal("50000.00")}
