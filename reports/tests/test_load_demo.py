"""The demo is loaded once, into an empty portal, whatever the day of the year."""

import datetime as dt
from collections import Counter
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Sum

from habitat.accounts.models import OutboxMessage, Role, User
from habitat.lib.progress import SILENT
from polygons.models import (
    Block,
    ContextIndicator,
    HouseholdPoverty,
    KeyChange,
    Lineage,
    MarginalisationIndex,
    PolygonVersion,
)
from projects.models import Ceiling, Document, LedgerEntry, ProgressReport, Project, Status, StatusChange, Verdict
from projects.services import balance, replay_all
from reports.catalog import CATALOGUE
from reports.demo import loading, poverty, works
from reports.models import Report

pytestmark = pytest.mark.django_db
PASSWORD = "visita-guiada-2026"  # noqa: S105 - of invented people


def load(*options: str) -> str:
    out = StringIO()
    call_command("load_demo", "--password", PASSWORD, *options, stdout=out)
    return out.getvalue()


@pytest.fixture
def one_of_each(monkeypatch):
    """The first project of each fate, so that the story is short."""
    seen: dict[tuple[bool, str], works.Work] = {}
    for work in works.plan():
        seen.setdefault((work.is_last_year, work.events[-1]), work)
    monkeypatch.setattr(loading, "plan", lambda: list(seen.values()))
    return len(seen)


def rows() -> list[int]:
    return [model.objects.count() for model in (User, Project, StatusChange, LedgerEntry, Document, Block, Ceiling)]


@pytest.mark.long
def test_the_whole_demo_has_every_role_status_and_two_years(client, tmp_path):
    said = load("--accounts", str(tmp_path / "accounts.txt"))
    this_year = dt.date.today().year

    assert set(Project.objects.values_list("status", flat=True)) == set(Status)
    assert Project.objects.count() == 62
    assert set(Project.objects.values_list("fiscal_year", flat=True)) == {this_year, this_year - 1}
    assert PolygonVersion.objects.published().count() == 9
    assert not PolygonVersion.objects.filter(poor_households=None).exists()
    assert set(Lineage.objects.values_list("kind", flat=True)) == set(Lineage.Kind)
    under_the_first = Project.objects.filter(polygon_version__status="superseded")
    assert under_the_first.filter(status=Status.CLOSED).exists()
    assert set(under_the_first.values_list("fiscal_year", flat=True)) == {this_year - 1}
    assert set(Block.objects.order_by().values_list("vintage", flat=True)) == {2010, 2020}
    assert set(KeyChange.objects.order_by().values_list("level", "kind")) == {
        ("ageb", "renamed"), ("ageb", "split"), ("block", "renamed"),
    }  # fmt: skip
    assert set(ContextIndicator.objects.order_by().values_list("audience", flat=True)) == set(ContextIndicator.Audience)
    assert MarginalisationIndex.objects.get().is_reference
    assert set(HouseholdPoverty.objects.values_list("method", flat=True)) == {poverty.METHOD}
    assert set(User.objects.values_list("role", flat=True)) == set(Role) - {Role.SERVICE}
    assert set(ProgressReport.objects.values_list("status", flat=True)) >= {"submitted", "accepted"}
    asked = Counter(Report.objects.values_list("kind", flat=True))
    assert asked == Counter([*CATALOGUE, "monthly-progress"]), "one of each kind, and one state's month"
    assert not OutboxMessage.objects.exists()
    assert not StatusChange.objects.filter(at__gt=dt.datetime.now(dt.UTC)).exists()
    closed = LedgerEntry.objects.filter(project__status=Status.CLOSED).order_by().values_list("moment")
    booked = dict(closed.annotate(total=Sum("amount")))
    assert booked["proven"] + booked["refunded"] == booked["released"] == booked["approved"]
    assert all(balance(ceiling) > 0 for ceiling in Ceiling.objects.filter(state=None))
    for user in User.objects.all():
        assert user.email in said
        assert client.login(email=user.email, password=PASSWORD), user.email
    replayed, _different = replay_all(Verdict.objects.all())
    assert replayed == {"same": Verdict.objects.count(), "different": 0, "unknowable": 0}
    assert (tmp_path / "accounts.txt").read_text() in said
    assert (tmp_path / "accounts.txt").stat().st_mode & 0o077 == 0

    before = rows()
    assert "loaded already" in load()
    assert rows() == before


@pytest.mark.long
@pytest.mark.parametrize("day", ["2027-01-01", "2027-12-31"])
def test_it_can_be_loaded_on_any_day_of_next_year(one_of_each, day):
    now = dt.datetime.fromisoformat(f"{day}T18:00:00+00:00")
    loading.load(password=PASSWORD, progress=SILENT, now=now)
    assert Project.objects.count() == one_of_each
    assert MarginalisationIndex.objects.get().scores.count() == 29
    assert set(Project.objects.values_list("fiscal_year", flat=True)) == {2026, 2027}
    assert not StatusChange.objects.filter(at__gt=now).exists()


def test_a_portal_with_people_of_its_own_is_left_alone(manager):
    with pytest.raises(CommandError, match="people of its own"):
        load()
    assert rows()[:2] == [1, 0]


def test_dry_run_writes_nothing():
    assert "62 projects" in load("--dry-run")
    assert rows() == [0] * 7
