"""Every figure of every level for every role: dashboard = list behind it = API = report."""

from decimal import Decimal

import pytest

from projects.models import Moment
from reports import worker
from reports.frame import of
from reports.indicators import Figures
from reports.models import Report
from reports.scopes import scope_of
from reports.services import ask
from reports.tests.test_monthly_progress import NOVEMBER

READERS = ("public", "preparer", "certifier", "reviewer", "delegate", "technician", "manager", "auditor")
PLACES = ("", "04", "04002", "04-0017", "04-ME-0144")


def total_of(client, address: str, **columns: str) -> Decimal:
    """Of one column of all pages of an API address."""
    total, column = Decimal(0), columns["column"]
    while address:
        page = client.get(address).json()
        total += sum((Decimal(row[column]) for row in page["results"]), Decimal(0))
        address = page["next"] and page["next"].replace("http://testserver", "")
    return total


def listed(client, address: str):
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.context["table"]


@pytest.fixture
def rows_of_money(running_project, enter):
    """Every source at four moments, and a correction."""
    for number, moment in enumerate((Moment.COMMITTED, Moment.RELEASED, Moment.PAID)):
        for source in ("federal", "state", "municipal"):
            enter(running_project, moment, source, Decimal(90_000 - 7_000 * number))
    enter(running_project, Moment.PAID, "federal", Decimal("-500.25"))


@pytest.mark.parametrize("reader", READERS)
def test_every_figure_is_its_list_its_api_and_its_report(client, request, reader, running_project, rows_of_money):
    user = None if reader == "public" else request.getfixturevalue(reader)
    if user:
        client.force_login(user)
    opened = 0
    for code in PLACES:
        scope = scope_of(code)
        person = user or client.get("/").wsgi_request.user
        if not scope.is_open_to(person):
            assert client.get(f"/reports/dashboard/{code}/?year=2026").status_code == 404
            continue
        frame = of(Figures(scope, 2026, person))
        opened += 1
        money_agrees(client, frame, scope)
        works_agree(client, frame, scope)
        progress_agrees(client, frame)
    assert opened == (2 if reader in ("preparer", "certifier") else 4 if reader in ("reviewer", "delegate") else 5) + (
        reader in ("preparer", "certifier")
    )


def money_agrees(client, frame, scope) -> None:
    for line in frame["moments"]:
        for part in line.amounts:
            assert listed(client, part.url).totals["amount"] == part.amount
    place = {"state": "state", "municipality": "municipality"}.get(scope.level)
    if frame["moments"]:
        narrowed = f"&{place}={scope.code}" if place else ""
        for line, moment in zip(frame["moments"], ("approved", "committed", "released", "paid"), strict=True):
            address = f"/api/v1/ledger/?fiscal_year=2026&source=federal&moment={moment}{narrowed}"
            assert total_of(client, address, column="amount") == line.federal.amount


def works_agree(client, frame, scope) -> None:
    if scope.project:
        return
    for stage in frame["stages"]:
        table = listed(client, stage.url)
        assert (table.rows.__len__(), table.totals["cost"]) == (stage.projects, stage.cost)
        place = f"&{scope.level}={scope.code}" if scope.code else ""
        page = client.get(f"/api/v1/projects/?fiscal_year=2026&status={stage.status}{place}").json()
        assert page["count"] == stage.projects
    table = listed(client, frame["links"]["approved"])
    assert table.totals["cost"] == frame["split"].total
    assert listed(client, frame["links"]["attended"]).rows.__len__() == frame["attended"]
    assert listed(client, frame["links"]["polygons"]).rows.__len__() == frame["universe"]


def progress_agrees(client, frame) -> None:
    figures, totals = frame["figures"], listed(client, frame["links"]["actions"]).totals
    assert totals["cost"] == figures.physical.cost
    assert float(totals["done"] * 100 / totals["cost"]) == pytest.approx(figures.physical.measured)
    assert float(totals["planned"] * 100 / totals["cost"]) == pytest.approx(figures.physical.planned)
    need = listed(client, frame["links"]["blocks"]).totals
    assert need["dwellings"] == figures.need.dwellings


@pytest.mark.parametrize("month", [9, 10])
def test_a_month_of_the_dashboard_is_the_report_of_that_month(running_project, rows_of_money, technician, month):
    figures = Figures(scope_of(""), 2026, technician, NOVEMBER.date(), through=month)
    report = ask("monthly-progress", f"2026-{month:02}", by=technician, at=NOVEMBER)
    worker.run(report.pk)
    totals = Report.objects.get(pk=report.pk).totals
    for source in ("federal", "state", "municipal"):
        for moment in ("approved", "paid"):
            assert Decimal(totals[f"{moment}_{source}"]) == figures.by_moment.get((moment, source), Decimal(0))
