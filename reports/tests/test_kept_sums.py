"""What triggers keep is always what plain queries add up, whatever is written, by whomever, in whatever order."""

import datetime as dt
import random
import threading
from decimal import Decimal

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from polygons.models import Polygon
from projects.models import (
    Action,
    Contribution,
    LedgerEntry,
    PlaceTotal,
    ProgressLine,
    ProgressReport,
    ProgressSpending,
    Project,
)
from projects.tests.test_money import twin
from projects.workflow import allowed_pairs
from reports.indicators import Figures
from reports.scopes import Scope, scope_of_project

NOVEMBER = dt.date(2026, 11, 22)


def assert_agreed(scopes, people) -> None:
    for scope in scopes:
        for user in people:
            kept, added = (Figures(scope, 2026, user, NOVEMBER, is_kept=is_kept) for is_kept in (True, False))
            assert kept.cells == added.cells, (scope, user)
            assert {key: sum_ for key, sum_ in kept.money.items() if sum_} == {
                key: sum_ for key, sum_ in added.money.items() if sum_
            }, (scope, user)
            assert kept.attended_count == added.attended_count, (scope, user)


class Writer:
    """Writes what services write, without their rules: the sums may not rest on those."""

    def __init__(self, seed: int, projects: list[Project], polygons: list) -> None:
        self.projects, self.polygons = projects, polygons
        # Chance that repeats itself.
        self.dice = random.Random(seed)  # noqa: S311
        self.months = iter([(year, month) for year in (2025, 2026, 2027) for month in range(1, 13)] * len(projects))

    def anything(self) -> None:
        project = self.dice.choice(self.projects)
        project.refresh_from_db()
        self.dice.choice([
            self.step, self.move, self.dates, self.more_works, self.fewer_works, self.costs, self.quantity,
            self.progress, self.progress, self.enter, self.enter, self.reverse,
        ])(project)  # fmt: skip

    def pesos(self) -> Decimal:
        return Decimal(self.dice.randrange(1, 10_000_000)) / 100

    def step(self, project) -> None:
        ahead = [after for workflow, before, after in allowed_pairs() if before == project.status]
        if ahead:
            Project.objects.filter(pk=project.pk).update(status=self.dice.choice(ahead))

    def move(self, project) -> None:
        version = self.dice.choice([None, *self.polygons])
        place = version.polygon.municipality if version else project.municipality
        Project.objects.filter(pk=project.pk).update(polygon_version=version, municipality=place)

    def dates(self, project) -> None:
        starts = dt.date(2026, 1, 1) + dt.timedelta(self.dice.randrange(-60, 300))
        ends = starts + dt.timedelta(self.dice.randrange(0, 400))
        Project.objects.filter(pk=project.pk).update(starts_on=starts, ends_on=ends)

    def more_works(self, project) -> None:
        action = Action.objects.create(project=project, action_type_id="ME01", quantity=self.dice.randrange(1, 500))
        for source in ("federal", "state", "municipal"):
            Contribution.objects.create(action=action, source=source, amount=self.pesos())

    def fewer_works(self, project) -> None:
        action = project.actions.filter(progress_lines=None).first()
        if action:
            action.delete()

    def costs(self, project) -> None:
        Contribution.objects.filter(action__project=project, source="federal").update(amount=self.pesos())

    def quantity(self, project) -> None:
        project.actions.update(quantity=self.dice.randrange(1, 900), households=self.dice.randrange(0, 90))

    def progress(self, project) -> None:
        year, month = next(self.months)
        report, is_new = ProgressReport.objects.get_or_create(project=project, year=year, month=month)
        if not is_new:
            return
        for action in project.actions.all():
            ProgressLine.objects.create(report=report, action=action, quantity=self.dice.randrange(0, 99))
        ProgressSpending.objects.create(report=report, source="federal", amount=self.pesos())
        report.status = self.dice.choice(["accepted", "accepted", "submitted"])
        report.save(update_fields=["status"])

    def enter(self, project, amount=None, reversal_of=None) -> None:
        LedgerEntry.objects.create(
            moment=self.dice.choice(["approved", "released", "paid"]), source=self.dice.choice(["federal", "state"]),
            amount=amount or self.pesos(), fiscal_year_id=2026, strand_id="G", state_id=project.municipality.state_id,
            municipality=project.municipality, modality_id=self.dice.choice(["ME", None]), project=project,
            on=dt.date(2026, 1, 1) + dt.timedelta(self.dice.randrange(-40, 420)), reversal_of=reversal_of,
        )  # fmt: skip

    def reverse(self, project) -> None:
        entry = project.entries.filter(reversal=None, reversal_of=None).first()
        if entry:
            self.enter(project, -entry.amount, entry)


@pytest.fixture
def elsewhere(tlaxcala, polygon_version):
    """A published polygon of Tlaxcala."""
    polygon = Polygon.objects.create(code="29-0001", name="Ocotlán", municipality=tlaxcala)
    return polygon.versions.create(
        number=1, source="delineated", status="published", valid_from=dt.date(2026, 1, 1), vintage=2020, area=1,
        geometry=polygon_version.geometry, mercator=polygon_version.mercator, block_count=0, population=0, dwellings=0,
    )  # fmt: skip


@pytest.mark.long
def test_kept_sums_are_those_of_the_rows_after_anything_is_written(
    project, polygon_version, elsewhere, technician, reviewer
):
    projects = [project, twin(project, "04-ME-0901"), twin(project, "04-ME-0902")]
    writer = Writer(1, projects, [polygon_version, elsewhere])
    here, there = polygon_version.polygon, elsewhere.polygon
    places = [Scope(place.municipality.state, place.municipality, place) for place in (here, there)]
    scopes = [Scope(), *(scope for place in places for scope in (*list(place.wider())[1:], place))]
    people = [technician, reviewer, AnonymousUser()]
    for _turn in range(2):
        for _write in range(30):
            writer.anything()
        assert_agreed(scopes, people)
        for work in projects:
            work.refresh_from_db()
            assert_agreed([scope_of_project(work)], [technician])
    call_command("check_summaries")


def test_what_is_written_in_a_transaction_undone_counts_nowhere(running_project, technician):
    before = Figures(Scope(), 2026, technician).cells
    with transaction.atomic():
        Contribution.objects.filter(source="federal").update(amount=1)
        assert Figures(Scope(), 2026, technician).cells != before
        transaction.set_rollback(True)
    assert Figures(Scope(), 2026, technician).cells == before


def test_a_sum_that_is_wrong_is_told_and_made_anew(running_project, technician):
    right = Figures(Scope(), 2026, technician).cells
    PlaceTotal.objects.filter(level="nation").update(households=7)
    with pytest.raises(CommandError):
        call_command("check_summaries")
    call_command("check_summaries", rebuild=True)
    call_command("check_summaries")
    assert Figures(Scope(), 2026, technician).cells == right


def test_rows_of_one_key_are_folded_and_say_the_same(running_project, technician):
    right = Figures(Scope(), 2026, technician).cells
    call_command("fold_summaries")
    assert Figures(Scope(), 2026, technician).cells == right
    assert PlaceTotal.objects.filter(level="nation").count() == 1


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_two_who_write_of_one_work_at_once_are_both_counted(running_project, technician):
    """The worth of what is measured is cost × quantity: each alone would miss the other's part."""
    together = threading.Barrier(2)

    def dearer() -> None:
        Contribution.objects.filter(source="federal").update(amount=700_000)

    def further() -> None:
        report = ProgressReport.objects.create(project=running_project, year=2026, month=11)
        ProgressLine.objects.create(report=report, action=running_project.actions.get(), quantity=90)
        ProgressReport.objects.filter(pk=report.pk).update(status="accepted")

    def write(act) -> None:
        try:
            with transaction.atomic():
                together.wait()
                act()
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=[act]) for act in (dearer, further)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert_agreed([Scope()], [technician])
    [cell] = Figures(Scope(), 2026, technician, NOVEMBER).cells
    assert cell.reached[11] == Decimal("750000.00")
