"""Periods of progress: opened by the clock, due on a stored day, captured together, reopened by two persons."""

import datetime as dt
from decimal import Decimal

import pgtrigger
import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from habitat.accounts.models import Notification
from habitat.tests.fixtures import YEAR
from modalities.models import Milestone, Parameter
from projects import services
from projects.models import Contract, ContractLine, LedgerEntry, ProgressPeriod, ProgressReport, Status
from projects.refusals import Refused, StepForbidden
from projects.services.periods import follow_calendar
from projects.tests.test_closing import missing
from projects.tests.test_committees import at_status

JUNE = dt.datetime(YEAR, 6, 15, 18, 0, tzinfo=dt.UTC)


@pytest.fixture
def works(uncontracted):
    """In execution since April, 400 m of pipe approved."""
    return uncontracted


@pytest.fixture
def save(works, people):
    def write(month=5, metres=100, federal=50_000):
        return services.save_progress(
            works, YEAR, month, quantities={works.actions.get().pk: Decimal(metres)},
            spending={"federal": Decimal(federal)} if federal else {}, by=people["preparer"], at=JUNE,
        )  # fmt: skip

    return write


@pytest.fixture
def accepted(save, people):
    report = services.submit_progress(save(), by=people["certifier"], at=JUNE)
    return services.accept_progress(report, by=people["reviewer"], at=JUNE)


@pytest.fixture
def by_quarter(rules):
    """The rules in force ask for a report every three months."""
    with pgtrigger.ignore("modalities.Parameter:frozen_with_rules"):
        Parameter.objects.create(rules=rules, code="progress_months", clause="5.16", source="Prueba", value=3)


def test_the_clock_expects_one_report_a_month_of_each_work_and_running_twice_adds_none(works):
    assert services.open_periods(at=JUNE) == 2
    assert services.open_periods(at=JUNE) == 0
    assert list(works.progress.values_list("month", "status")) == [(4, "expected"), (5, "expected")]


def test_a_period_is_due_so_many_business_days_after_it_ends(works):
    services.open_periods(at=JUNE)
    assert ProgressPeriod.objects.get(month=5).due_on == dt.date(YEAR, 6, 12)


def test_the_calendar_s_own_day_wins_and_moves_to_the_next_business_day(works, rules):
    Milestone.objects.create(
        fiscal_year=rules.fiscal_year, kind="progress", month=5, opens_on=dt.date(YEAR, 6, 1),
        closes_on=dt.date(YEAR, 6, 6),
    )  # fmt: skip
    services.open_periods(at=JUNE)
    assert ProgressPeriod.objects.get(month=5).due_on == dt.date(YEAR, 6, 8)


def test_a_changed_calendar_moves_a_due_day_ahead_and_never_one_that_has_passed(works, rules):
    early = dt.datetime(YEAR, 6, 2, 18, 0, tzinfo=dt.UTC)
    services.open_periods(at=early)
    for month, day in ((4, dt.date(YEAR, 6, 30)), (5, dt.date(YEAR, 6, 30))):
        Milestone.objects.create(
            fiscal_year=rules.fiscal_year, kind="progress", month=month, opens_on=dt.date(YEAR, 6, 1), closes_on=day
        )
    past = ProgressPeriod.objects.get(month=4).due_on
    # On the server's own calendar both lie in the past: there the database itself holds them.
    with pgtrigger.ignore("projects.ProgressPeriod:past_due_date_stays"):
        follow_calendar(early)
    assert ProgressPeriod.objects.get(month=5).due_on == dt.date(YEAR, 6, 30)
    assert ProgressPeriod.objects.get(month=4).due_on == past
    with pytest.raises(IntegrityError, match="never moved"), transaction.atomic():
        ProgressPeriod.objects.filter(month=4).update(due_on=dt.date(YEAR, 12, 31))


def test_a_year_by_quarters_refuses_a_month_within_one_and_names_the_one_to_report(works, save, by_quarter):
    with pytest.raises(Refused, match="junio"):
        save(month=5)
    report = save(month=6)
    assert (report.period.first_month, report.period.month) == (4, 6)


def test_months_already_reported_stay_and_the_quarter_takes_the_rest(works, save, rules):
    save(month=4)
    with pgtrigger.ignore("modalities.Parameter:frozen_with_rules"):
        Parameter.objects.create(rules=rules, code="progress_months", clause="5.16", source="Prueba", value=3)
    assert save(month=6).period.first_month == 5


def test_measuring_past_the_contract_asks_for_an_amendment(works, save, people):
    contract = Contract(
        project=works, kind="direct_award", law="lopsrm", number="C-1", contractor="Obras",
        contractor_rfc="AAA010101AAA", before_tax=1, amount=1, on=dt.date(YEAR, 5, 1),
        starts_on=dt.date(YEAR, 5, 1), ends_on=dt.date(YEAR, 9, 1), status="validated",
        registered_by=people["certifier"], registered_at=JUNE, decided_by=people["reviewer"], decided_at=JUNE,
    )  # fmt: skip
    with pgtrigger.ignore():
        contract.save()
        ContractLine.objects.create(contract=contract, action=works.actions.get(), quantity=80)
    with pytest.raises(Refused, match="modificación"):
        save(metres=81, federal=0)
    save(metres=80, federal=0)


def test_reopening_keeps_the_accepted_version_and_takes_its_money_back(accepted, works, people):
    asked = services.ask_reopening(accepted, reason="La estimación 1 se corrigió", by=people["certifier"], at=JUNE)
    services.decide_reopening(asked, is_granted=True, note="Procede", by=people["delegate"], at=JUNE)
    first, second = works.progress.filter(month=5).order_by("version")
    assert (first.status, first.lines.get().quantity) == ("superseded", 100)
    assert (second.status, second.version, second.lines.get().quantity) == ("returned", 2, 100)
    assert LedgerEntry.objects.filter(project=works, moment="paid").total() == 0
    with pytest.raises(IntegrityError), transaction.atomic():
        first.lines.update(quantity=1)


def test_a_reopened_month_is_sent_and_paid_anew_and_counts_once(accepted, works, people, save):
    asked = services.ask_reopening(accepted, reason="Se corrigió", by=people["reviewer"], at=JUNE)
    services.decide_reopening(asked, is_granted=True, note="Procede", by=people["delegate"], at=JUNE)
    report = services.submit_progress(save(metres=400), by=people["certifier"], at=JUNE)
    services.accept_progress(report, by=people["reviewer"], at=JUNE)
    assert LedgerEntry.objects.filter(project=works, moment="paid").total() == 50_000


def test_a_returned_month_holds_up_the_handover_and_the_version_reopened_does_not(accepted, works, people, save):
    finished = at_status(works, "finished")
    asked = services.ask_reopening(accepted, reason="Se corrigió", by=people["certifier"], at=JUNE)
    services.decide_reopening(asked, is_granted=True, note="Procede", by=people["delegate"], at=JUNE)
    assert (
        f"El avance de mayo de {YEAR} no ha sido aceptado." in missing(finished, people["reviewer"], JUNE)["hand_over"]
    )
    report = services.submit_progress(save(metres=400), by=people["certifier"], at=JUNE)
    services.accept_progress(report, by=people["reviewer"], at=JUNE)
    gaps = missing(finished, people["reviewer"], JUNE)
    assert not any("avance" in sentence for step in ("hand_over", "close") for sentence in gaps[step])


def test_who_asked_to_reopen_does_not_grant_it_and_no_other_way_leads_there(accepted, people):
    asked = services.ask_reopening(accepted, reason="Se corrigió", by=people["delegate"], at=JUNE)
    with pytest.raises(StepForbidden):
        services.decide_reopening(asked, is_granted=True, note="Procede", by=people["delegate"], at=JUNE)
    with pytest.raises(IntegrityError), transaction.atomic():
        ProgressReport.objects.filter(pk=accepted.pk).update(status="superseded")


def test_only_who_may_asks_with_a_reason_and_a_refusal_leaves_it_closed(accepted, people):
    with pytest.raises(StepForbidden):
        services.ask_reopening(accepted, reason="x", by=people["preparer"], at=JUNE)
    with pytest.raises(Refused):
        services.ask_reopening(accepted, reason=" ", by=people["certifier"], at=JUNE)
    asked = services.ask_reopening(accepted, reason="Se corrigió", by=people["certifier"], at=JUNE)
    services.decide_reopening(asked, is_granted=False, note="Sin sustento", by=people["manager"], at=JUNE)
    accepted.refresh_from_db()
    assert accepted.status == "accepted"


def test_of_two_at_one_month_the_second_sees_what_the_first_wrote(client, works, people, save):
    page, quantity = reverse("projects:progress", args=[works.pk, YEAR, 5]), f"quantity-{works.actions.get().pk}"
    said = {"do": "submit", "note": "", **dict.fromkeys(("federal", "state", "municipal", "beneficiaries"), "0")}
    client.force_login(people["certifier"])
    seen = client.get(page).context["mark"]
    save(metres=30, federal=0)
    refused = client.post(page, said | {"seen": seen, quantity: "26"})
    assert "30.00" in refused.context["refusal"][0]
    assert works.progress.get(month=5).lines.get().quantity == 30
    assert client.post(page, said | {"seen": refused.context["mark"], quantity: "26"}).status_code == 302
    assert works.progress.get(month=5).lines.get().quantity == 26


def test_nobody_accepts_what_was_sent_after_the_page_was_opened(client, works, people, save):
    report = services.submit_progress(save(), by=people["certifier"], at=JUNE)
    page = reverse("projects:progress", args=[works.pk, YEAR, 5])
    client.force_login(people["delegate"])
    seen = client.get(page).context["mark"]
    services.return_progress(report, by=people["reviewer"], reason="Falta la mitad", at=JUNE)
    services.submit_progress(save(metres=400), by=people["certifier"], at=JUNE)
    for wish in ("accept", "return"):
        assert client.post(page, {"do": wish, "reason": "x", "seen": seen}).status_code == 409
    assert client.post(page, {"do": "accept", "seen": services.progress_mark(report)}).status_code == 302


def test_what_is_due_and_overdue_is_told_once(works, people):
    services.open_periods(at=JUNE)
    for _twice in range(2):
        services.remind(at=JUNE)
    told = Notification.objects.filter(user=people["preparer"], key__startswith="progress-overdue")
    assert told.count() == 2
    assert Notification.objects.filter(user=people["reviewer"], key__startswith="progress-overdue").count() == 2


def test_the_list_shows_what_is_overdue_by_municipality_in_few_queries(
    client, works, people, django_assert_max_num_queries
):
    services.open_periods(at=JUNE)
    client.force_login(people["reviewer"])
    with django_assert_max_num_queries(23):
        page = client.get(reverse("projects:progress-list"), {"now": "overdue"})
    assert page.context["places"][0]["overdue"] == len(page.context["table"].rows) == 2
    assert b"04-ME-0144" in client.get(reverse("projects:progress-list"), {"format": "csv"}).getvalue()


def test_the_list_begins_with_what_nobody_has_accepted_and_its_places_count_all(client, works, people):
    services.open_periods(at=JUNE)
    client.force_login(people["reviewer"])
    april = works.progress.get(month=4)
    ProgressReport.objects.filter(pk=april.pk).update(status="accepted")
    page = client.get(reverse("projects:progress-list"))
    assert [row.record.month for row in page.context["table"].rows] == [5]
    assert (page.context["places"][0]["open"], page.context["places"][0]["accepted"]) == (1, 1)
    assert page.context["filter"].form["now"].value() == "waiting"
    everything = client.get(reverse("projects:progress-list"), {"now": ""})
    assert [row.record.month for row in everything.context["table"].rows] == [5, 4], "the newest month first"
    due = client.get(reverse("projects:progress-list"), {"now": "", "sort": "due"})
    assert [row.record.month for row in due.context["table"].rows] == [4, 5]
    at_status(works, Status.HANDED_OVER)
    ended = client.get(reverse("projects:progress-list"), {"now": ""})
    assert ended.context["places"][0]["open"] == ended.context["places"][0]["overdue"] == 0, "works that have ended"
    assert ended.context["table"].value_late(works.progress.get(month=5)) is None


def test_several_works_are_captured_on_one_page_and_one_that_does_not_hold_is_named(client, works, people):
    services.open_periods(at=JUNE)
    client.force_login(people["certifier"])
    page = reverse("projects:capture-progress", args=[f"{YEAR}-05"])
    prefix = f"w{works.pk}"
    said = {f"{prefix}-{source}": "0" for source in ("federal", "state", "municipal", "beneficiaries")}
    said[f"{prefix}-quantity-{works.actions.get().pk}"] = "401"
    refused = client.post(page, said | {"do": "submit"})
    assert refused.status_code == 409
    assert refused.context["works"][0]["refusal"]
    said[f"{prefix}-quantity-{works.actions.get().pk}"] = "100"
    assert client.post(page, said | {"do": "submit"}).status_code == 302
    assert works.progress.get(month=5).status == "submitted"


def test_the_page_asks_grants_and_shows_the_earlier_version(client, accepted, works, people):
    page = reverse("projects:progress", args=[works.pk, YEAR, 5])
    client.force_login(people["certifier"])
    assert client.post(page, {"do": "reopen", "reason": "Se corrigió"}).status_code == 302
    client.force_login(people["delegate"])
    assert client.post(page, {"do": "grant", "reason": "Procede"}).status_code == 302
    assert client.get(page, {"version": "1"}).context["report"] == accepted
