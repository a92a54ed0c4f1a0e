"""Alerts: each raised by its condition and not at its border; closed by a person, ended by itself, opened again."""

import datetime as dt
from decimal import Decimal

import pgtrigger
import pytest
from django.core.management import call_command
from django.urls import reverse

from habitat.accounts.models import Notification
from habitat.tests.fixtures import YEAR
from modalities.models import Milestone
from projects import due, services
from projects.alerts import BY_CODE, KINDS
from projects.models import (
    Alert,
    Committee,
    CommitteePaper,
    CommitteeProject,
    Contract,
    ContractLine,
    Estimate,
    Payment,
    PlannedRelease,
    Project,
    Release,
)
from projects.refusals import Refused, StepForbidden
from projects.services.money import entry_of
from projects.workers import looking

# The project was approved and begun on 20 April.
APRIL, JUNE = dt.date(YEAR, 4, 20), dt.date(YEAR, 6, 15)


@pytest.fixture
def works(uncontracted):
    """400 m of pipe for 1,000,000 pesos, in execution since 20 April, to end on 30 September."""
    return uncontracted


@pytest.fixture
def raised(works):
    """The facts of one kind on the project on a day; None where it is not raised."""
    return lambda code, day=JUNE: BY_CODE[code].find(day).get(works.pk)


@pytest.fixture
def decided(people):
    at = dt.datetime(YEAR, 5, 1, 18, tzinfo=dt.UTC)
    return {
        "status": "validated",
        "registered_by": people["certifier"],
        "registered_at": at,
        "decided_by": people["reviewer"],
        "decided_at": at,
    }


@pytest.fixture
def contract(works, decided):
    """The row alone, as if validated: its rules have tests of their own."""

    def sign(on=APRIL, ends_on=dt.date(YEAR, 9, 1), metres=400, amount=1_000_000, advance=0):
        with pgtrigger.ignore():
            row = Contract.objects.create(
                project=works, kind="direct_award", law="lopsrm", number=f"C-{on}", contractor="Obras",
                contractor_rfc="AAA010101AAA", before_tax=amount, amount=amount, on=on, starts_on=on, ends_on=ends_on,
                advance_percent=advance, **decided,
            )  # fmt: skip
            ContractLine.objects.create(contract=row, action=works.actions.get(), quantity=metres)
        return row

    return sign


@pytest.fixture
def book(works, people):
    def enter(moment, amount, source="federal"):
        entry_of(works, moment, source, Decimal(amount), on=APRIL, by=people["certifier"]).save()

    return enter


@pytest.fixture
def measure(works, people):
    """Accepted progress of May."""

    def accept(metres, spent=0):
        at = dt.datetime(YEAR, 6, 2, 18, tzinfo=dt.UTC)
        report = services.save_progress(
            works, YEAR, 5, quantities={works.actions.get().pk: Decimal(metres)},
            spending={"federal": Decimal(spent)}, by=people["preparer"], at=at,
        )  # fmt: skip
        services.submit_progress(report, by=people["certifier"], at=at)
        return services.accept_progress(report, by=people["reviewer"], at=at)

    return accept


# ---- Each kind, and its border ---------------------------------------------------------------------------------------
def test_a_contract_of_the_day_of_approval_is_in_time_and_one_of_the_day_before_is_not(raised, contract):
    contract(on=APRIL)
    assert raised("early_start") is None
    contract(on=APRIL - dt.timedelta(1))
    assert raised("early_start") == {"approved_on": "2026-04-20", "first_on": "2026-04-19"}


def test_money_ahead_is_more_than_twenty_points(raised, measure, book):
    measure(100, spent=450_000)
    assert raised("money_ahead") is None
    book("paid", 1)
    assert raised("money_ahead")["reached_pct"] == 25.0


def test_sixty_days_without_progress_are_silence_and_fifty_nine_are_not(raised, measure):
    measure(10)
    assert raised("silent", dt.date(YEAR, 7, 31)) is None
    assert raised("silent", dt.date(YEAR, 8, 1))["days"] == 60


def test_the_end_has_passed_on_the_day_after_it(raised):
    assert raised("end_passed", dt.date(YEAR, 9, 30)) is None
    assert raised("end_passed", dt.date(YEAR, 10, 1)) == {"end_on": "2026-09-30"}


def test_paying_the_contract_whole_is_right_and_a_cent_more_is_not(raised, book):
    book("committed", 500_000)
    book("paid", 500_000)
    before = raised("paid_above")
    book("paid", "1000000.01")
    assert (before, bool(raised("paid_above"))) == (None, True)


def test_measured_above_contracted(raised, contract, measure, works):
    measure(200)
    contract(metres=200)
    assert raised("measured_above") is None
    ContractLine.objects.update(quantity=199)
    found = raised("measured_above")
    assert (found["contracted"], found["type"]) == (199, works.actions.get().action_type.name_es)


def test_as_many_homes_as_the_blocks_have_may_be_reported(raised, works):
    block = works.polygon_version.blocks.first()
    works.actions.get().touched.get_or_create(block=block, defaults={"share": 1})
    works.actions.update(households=36)
    assert raised("homes") is None
    works.actions.update(households=37)
    assert raised("homes") == {"reported": 37, "there": 36}


def test_an_advance_is_amortised_by_the_end_of_its_contract(raised, contract, decided, works):
    row = contract(advance=30, ends_on=JUNE)
    with pgtrigger.ignore():
        Payment.objects.create(
            project=works, contract=row, source="federal", reference="F-1", method="spei", on=APRIL, amount=300_000,
            **decided,
        )  # fmt: skip
        estimate = {"project": works, "contract": row, "number": 1, "period_from": APRIL, "period_to": JUNE,
                    "amount": 900_000, "withheld": 0, "on": JUNE, **decided}  # fmt: skip
        paid = Estimate.objects.create(amortised=299_999, net=600_001, **estimate)
    assert raised("advance_open", JUNE) is None
    late = JUNE + dt.timedelta(1)
    assert raised("advance_open", late)["amortised_pesos"] == 299_999
    with pgtrigger.ignore():
        Estimate.objects.filter(pk=paid.pk).update(amortised=300_000, net=600_000)
    assert raised("advance_open", late) is None


def test_a_release_is_late_the_day_after_it_was_planned(raised, works, decided):
    with pgtrigger.ignore():
        works.planned_releases.all().delete()
    PlannedRelease.objects.create(project=works, source="federal", on=JUNE, amount=300_000)
    assert raised("release_late", JUNE) is None
    late = JUNE + dt.timedelta(1)
    assert raised("release_late", late)["released_pesos"] == 0
    with pgtrigger.ignore():
        Release.objects.create(project=works, source="federal", reference="CLC-1", on=JUNE, amount=300_000, **decided)
    assert raised("release_late", late) is None


def test_what_a_tender_saved_is_not_waited_for(raised, works, decided, book, people):
    with pgtrigger.ignore():
        works.planned_releases.all().delete()
        Release.objects.create(project=works, source="federal", reference="CLC-1", on=JUNE, amount=290_000, **decided)
    PlannedRelease.objects.create(project=works, source="federal", on=JUNE, amount=300_000)
    book("released", 290_000)
    late = JUNE + dt.timedelta(1)
    assert raised("release_late", late)["planned_pesos"] == 300_000
    assert [row.missing for row in due.late_releases(people["manager"], late)] == [10_000]
    book("committed", 290_000)
    assert raised("release_late", late) is None
    assert not due.late_releases(people["manager"], late)
    assert not any("programados desde" in words for words in due.missing(works, late))


def test_what_is_not_proven_by_the_day_of_the_refund_is_late(raised, works, book):
    day = dt.date(YEAR + 1, 1, 15)
    Milestone.objects.create(fiscal_year_id=YEAR, kind="refund", opens_on=day, closes_on=day)
    book("released", 300_000)
    assert raised("refund_late", day) is None
    late = day + dt.timedelta(1)
    assert raised("refund_late", late)["open_pesos"] == 300_000
    book("proven", 200_000)
    book("refunded", 100_000)
    assert raised("refund_late", late) is None


def test_december_threatens_what_is_built_less_than_four_fifths_from_november_on(raised, measure):
    measure(319)
    assert raised("december", dt.date(YEAR, 10, 31)) is None
    assert raised("december", dt.date(YEAR, 11, 1))["reached_pct"] == 79.8


def test_four_fifths_built_are_no_risk(raised, measure):
    measure(320)
    assert raised("december", dt.date(YEAR, 11, 1)) is None


def test_a_finished_work_is_paid_within_thirty_days(raised, works, book):
    with pgtrigger.ignore("projects.Project:follows_workflow"):
        Project.objects.filter(pk=works.pk).update(status="finished")
    works.history.create(
        step="finish", from_status="in_execution", to_status="finished", by=works.created_by,
        at=dt.datetime(YEAR, 6, 1, 18, tzinfo=dt.UTC),
    )  # fmt: skip
    assert raised("unpaid", dt.date(YEAR, 6, 30)) is None
    assert raised("unpaid", dt.date(YEAR, 7, 1))["paid_pesos"] == 0
    book("committed", 1_000_000)
    book("accrued", 900_000)
    book("paid", 900_000)
    assert raised("unpaid", dt.date(YEAR, 7, 1))["owed_pesos"] == 1_000_000
    # Handed over for less than its contract: nothing more will be billed.
    with pgtrigger.ignore("projects.Project:follows_workflow"):
        Project.objects.filter(pk=works.pk).update(status="handed_over")
    assert raised("unpaid", dt.date(YEAR, 7, 1)) is None


def test_a_site_within_the_polygon_is_right_and_one_that_leaves_it_is_told(raised, works):
    from django.contrib.gis.geos import LineString

    assert raised("outside") is None
    works.actions.update(geometry=LineString((-90.6, 19.9), (-90.601, 19.9), srid=4326))
    assert raised("outside")["inside_pct"] == 0


def test_a_committee_with_minutes_and_registration_ends_the_alert(raised, works, people):
    assert raised("no_committee") == {"committees": 0, "recorded": 0}
    committee = Committee.objects.create(
        name="Bellavista", municipality=works.municipality, fiscal_year=works.fiscal_year, constituted_on=APRIL,
        registration="R-1", registered_on=APRIL, by=people["certifier"],
    )  # fmt: skip
    CommitteeProject.objects.create(committee=committee, project=works)
    assert raised("no_committee") == {"committees": 1, "recorded": 0}
    CommitteePaper.objects.create(
        committee=committee, kind="minutes", file="x", original_name="a.pdf", content_type="application/pdf", size=1,
        sha256="0" * 64,
    )  # fmt: skip
    assert raised("no_committee") is None


def test_a_committee_of_the_whole_polygon_watches_its_works_until_it_is_dissolved(raised, works, constituted):
    committee = constituted(works, polygon=works.polygon_version.polygon, registration="R-1", registered_on=APRIL)
    committee.works.all().delete()
    assert raised("no_committee") is None
    Committee.objects.update(dissolved_on=JUNE)
    assert raised("no_committee") == {"committees": 0, "recorded": 0}


def test_every_kind_has_a_test_and_speaks_of_its_facts(works):
    named = {"early_start", "silent", "end_passed", "december", "homes", "outside", "money_ahead", "paid_above",
             "measured_above", "advance_open", "release_late", "refund_late", "unpaid", "no_committee"}  # fmt: skip
    assert {kind.code for kind in KINDS} == named
    assert "30/09/2026" in BY_CODE["end_passed"].sentence({"end_on": "2026-09-30"})


# ---- How an alert lives ----------------------------------------------------------------------------------------------
AUTUMN = dt.datetime(YEAR, 10, 5, 18, tzinfo=dt.UTC)


@pytest.fixture
def late(works):
    services.raise_alerts(at=AUTUMN)
    return Alert.objects.get(kind="end_passed")


def test_one_is_open_a_project_and_kind_however_often_the_clock_looks(late, people):
    assert services.raise_alerts(at=AUTUMN)["opened"] == 0
    assert Alert.objects.filter(kind="end_passed").count() == 1
    assert Notification.objects.filter(user=people["certifier"], key__startswith="alerts-certifier").count() == 1


def test_it_ends_by_itself_once_its_condition_is_over_and_opens_anew_when_it_is_back(late, works):
    Project.objects.filter(pk=works.pk).update(ends_on=dt.date(YEAR, 12, 1))
    services.raise_alerts(at=AUTUMN)
    late.refresh_from_db()
    assert (bool(late.ended_at), bool(late.closed_at), late.closed_by) == (True, True, None)
    Project.objects.filter(pk=works.pk).update(ends_on=dt.date(YEAR, 9, 30))
    services.raise_alerts(at=AUTUMN)
    assert Alert.objects.get(kind="end_passed", ended_at=None).times == 2


def test_what_a_person_closed_stays_closed_while_the_condition_lasts(late, people):
    services.close_alert(late, reason="Convenio en firma", by=people["certifier"])
    services.raise_alerts(at=AUTUMN)
    assert not Alert.objects.open().filter(kind="end_passed").exists()


def test_its_owner_or_the_program_unit_closes_it_with_a_reason_once(late, people):
    for role in ("reviewer", "delegate", "auditor", "preparer"):
        with pytest.raises(StepForbidden):
            services.close_alert(late, reason="x", by=people[role])
    with pytest.raises(Refused):
        services.close_alert(late, reason=" ", by=people["certifier"])
    services.close_alert(late, reason="Convenio en firma", by=people["manager"])
    with pytest.raises(Refused):
        services.close_alert(late, reason="Otra vez", by=people["manager"])


def test_what_is_written_of_a_work_is_looked_at_once_it_is_kept(
    works, people, django_capture_on_commit_callbacks, monkeypatch
):
    asked = []
    monkeypatch.setattr(looking.run_command, "delay", lambda *command: asked.append(command))
    with django_capture_on_commit_callbacks(execute=True):
        for _turn in range(3):
            services.save_progress(works, YEAR, 5, quantities={}, spending={}, by=people["preparer"], at=AUTUMN)
    # One look for all of them; the next write after it has begun asks for another.
    assert asked == [("raise_alerts", "--project", str(works.pk))]
    call_command(*asked[0])
    assert Alert.objects.filter(project=works, kind="end_passed").exists()
    with django_capture_on_commit_callbacks(execute=True):
        services.take_step(works, "finish", by=people["certifier"], at=AUTUMN)
    assert len(asked) == 2
    call_command(*asked[1])
    assert not Alert.objects.open().filter(project=works, kind="silent").exists()


def test_a_draft_is_not_looked_at(project, people, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as callbacks:
        services.mark_ready(project, by=people["preparer"])
    assert not [callback for callback in callbacks if callback.func is looking._ask]


def test_looking_takes_as_many_statements_for_many_as_for_one(late, works, django_assert_max_num_queries):
    with django_assert_max_num_queries(len(KINDS) + 5):
        services.raise_alerts(at=AUTUMN)


def test_the_list_filters_sorts_and_exports(client, late, people, django_assert_max_num_queries):
    client.force_login(people["reviewer"])
    page = reverse("projects:alerts")
    with django_assert_max_num_queries(20):
        found = client.get(page, {"kind": "end_passed", "sort": "place"})
    assert [row.record for row in found.context["table"].rows] == [late]
    assert b"04-ME-0144" in client.get(page, {"format": "csv", "owner": "certifier"}).getvalue()
    assert not client.get(page, {"older": "4000"}).context["table"].rows


def test_an_alert_is_closed_on_its_page(client, late, people):
    client.force_login(people["certifier"])
    page = reverse("projects:alert", args=[late.pk])
    assert client.post(page, {"reason": ""}).status_code == 409
    assert client.post(page, {"reason": "Convenio en firma"}).status_code == 302
    assert "Convenio en firma" in client.get(page).text
