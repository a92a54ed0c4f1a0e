"""A year played through the services on the invented nation; then everything that tells of it tells the same."""

import datetime as dt
import json
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.utils import timezone

from habitat.accounts.models import Role
from habitat.accounts.services import open_account
from projects.models import LedgerEntry, Moment, Project, ProjectVersion, Source
from reports import worker
from reports.frame import of
from reports.indicators import Figures
from reports.models import Report
from reports.open_data import publish
from reports.scopes import scope_of
from reports.services import ask
from reports.tests.test_every_figure import listed, progress_agrees, total_of, works_agree
from reports.year.lives import FATES

pytestmark = pytest.mark.django_db
# After it, so that December's figures are those of the whole year.
AFTER = dt.datetime(2027, 1, 20, 18, tzinfo=dt.UTC)
SCALE, YEAR = 0.002, 2026


@pytest.fixture
def played():
    """One work of each fate among the invented works of a small nation."""
    call_command("build_universe", scale=SCALE, actions=True, progress=True, verbosity=0)
    call_command("play_year", works=len(FATES), year=YEAR)
    return Project.objects.filter(name__contains=", tramo ")


@pytest.fixture
def auditor():
    return open_account(
        "a@example.org", "x", role=Role.AUDITOR, name="Auditora", is_national=True, valid_from=dt.date(2000, 1, 1)
    )


def ledger(**where: object) -> dict[tuple[str, str], Decimal]:
    """(moment, source) → pesos, of every row of the year."""
    found: dict[tuple[str, str], Decimal] = {}
    for entry in LedgerEntry.objects.filter(fiscal_year=YEAR, **where):
        key = (entry.moment, entry.source)
        found[key] = found.get(key, Decimal(0)) + entry.amount
    return {key: amount for key, amount in found.items() if amount}


@pytest.mark.long
def test_after_a_year_ledger_dashboards_lists_reports_api_and_open_data_agree_to_the_cent(client, played, auditor):
    statuses = sorted(played.values_list("status", flat=True))
    assert statuses == ["cancelled", "closed", "closed", "closed", "in_execution", "rejected", "withdrawn"]
    settled(played)
    client.force_login(auditor)
    some = played.filter(status="in_execution").select_related("municipality", "polygon_version__polygon").get()
    works = {project.folio: {"project": project} for project in played.exclude(status__in=("rejected", "withdrawn"))}
    places = {
        "": {},
        some.municipality.state_id: {"state": some.municipality.state_id},
        some.municipality_id: {"municipality": some.municipality_id},
        some.polygon_version.polygon.code: {"project__polygon_version__polygon": some.polygon_version.polygon_id},
    }
    for code, where in (places | works).items():
        told = ledger(**where)
        frame = of(Figures(scope_of(code), YEAR, auditor))
        dashboard = {key: amount for key, amount in frame["figures"].by_moment.items() if amount}
        assert dashboard == told, code
        for line in frame["moments"]:
            assert listed(client, line.federal.url).totals["amount"] == line.federal.amount, code
        if code in places:
            works_agree(client, frame, scope_of(code))
            progress_agrees(client, frame)
    for project in played:
        address = f"/api/v1/ledger/?project={project.public_id}"
        assert total_of(client, address, column="amount") == sum(ledger(project=project).values(), Decimal(0))
    reported(ledger(), auditor)
    published(played)


def settled(played) -> None:
    """What was released of a closed work is proven or went back; of a cancelled one nothing is left."""
    for project in played.filter(status="closed"):
        told = ledger(project=project)
        for source in Source.values:
            assert told.get((Moment.RELEASED, source), 0) == told.get((Moment.PROVEN, source), 0) + told.get(
                (Moment.REFUNDED, source), 0
            )
    cancelled = played.get(status="cancelled")
    assert Moment.APPROVED not in {moment for moment, _source in ledger(project=cancelled)}
    assert LedgerEntry.objects.filter(project=cancelled, moment=Moment.REFUNDED).exists()
    assert set(ProjectVersion.objects.filter(project__in=played).values_list("amendment__kind", flat=True)) >= {
        "amount", "quantity", "savings", "executor",
    }  # fmt: skip
    assert played.get(status="in_execution").progress.filter(version=2, status="accepted").exists()


def reported(told: dict[tuple[str, str], Decimal], auditor) -> None:
    """The month's report at the year's end, and the closure's."""
    for kind in ("monthly-progress", "annual-closure"):
        period = f"{YEAR}-12" if kind == "monthly-progress" else str(YEAR)
        report = ask(kind, period, by=auditor, at=AFTER)
        worker.run(report.pk)
        report = Report.objects.get(pk=report.pk)
        named = [name for name in report.totals if name.partition("_")[0] in Moment.values and name.count("_") == 1]
        money = {name: Decimal(report.totals[name]) for name in named if name.rpartition("_")[2] in Source.values}
        assert money, (kind, report.error, report.totals)
        for name, amount in money.items():
            assert amount == told.get(tuple(name.split("_")), Decimal(0)), (kind, name)


def published(played) -> None:
    files = {file.name: file.file.read() for file in publish(timezone.now()).files.all()}
    rows = {row["folio"]: row for row in json.loads(files["works.json"])}
    for project in played:
        if project.is_public:
            paid = sum(amount for (moment, _source), amount in ledger(project=project).items() if moment == "paid")
            assert Decimal(rows[project.folio]["paid"]) == paid
        else:
            assert project.folio not in rows
