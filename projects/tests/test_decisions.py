"""One step for many: checked row by row, confirmed, carried out once whatever happens to the worker."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.utils import timezone

from habitat.accounts.models import Notification
from projects import services
from projects.models import BulkDecision, BulkRow, LedgerEntry, Project, StatusChange
from projects.tests.test_money import together, twin
from projects.workers import deciding

Status = BulkDecision.Status


@pytest.fixture
def submitted(project, people, ceilings, subsidies, now):
    """Five submitted proposals and a draft."""
    rows = [project, *(twin(project, f"04-ME-30{number:02d}") for number in range(5))]
    for row in rows[:5]:
        services.mark_ready(row, by=people["preparer"], at=now)
        services.take_step(row, "submit", by=people["certifier"], at=now)
    Notification.objects.all().delete()
    return rows


@pytest.fixture
def checked(submitted, people):
    decision = services.ask_decision([row.pk for row in submitted], "authorise", by=people["manager"])
    deciding.run_decision(decision.pk)
    decision.refresh_from_db()
    return decision


def test_each_row_has_its_verdict_before_anything_is_decided(checked):
    assert (checked.status, checked.total, checked.done) == (Status.READY, 6, 6)
    assert services.counts_of(checked.rows.all()) == {"free": 5, "blocked": 1, "taken": 0, "refused": 0}
    assert "Borrador" in checked.rows.get(is_free=False).words
    assert not StatusChange.objects.filter(step="authorise").exists()


def test_confirmed_it_is_carried_out_and_what_changed_meanwhile_says_why(checked, submitted, people, now):
    services.take_step(submitted[1], "withdraw", by=people["certifier"], reason="Ya no", at=now)
    services.confirm_decision(checked, by=people["manager"])
    deciding.run_decision(checked.pk)
    checked.refresh_from_db()
    assert (checked.status, checked.done, checked.total) == (Status.DONE, 5, 5)
    refused = checked.rows.get(outcome="refused")
    assert (refused.project, "Retirado" in refused.words) == (submitted[1], True)
    assert Project.objects.filter(status="authorised").count() == 4
    told = Notification.objects.get(user=people["reviewer"])
    assert ([line[0] for line in told.lines], told.key) == (
        [submitted[n].pk for n in (0, 2, 3, 4)], f"decision-{checked.pk}",
    )  # fmt: skip
    assert Notification.objects.filter(user=people["manager"], kind="job").count() == 1


def test_a_row_takes_so_many_queries(checked, people, django_assert_max_num_queries):
    services.confirm_decision(checked, by=people["manager"])
    with django_assert_max_num_queries(5 * 28):
        deciding.run_decision(checked.pk)


def test_a_worker_that_dies_repeats_nothing(checked, people, monkeypatch):
    services.confirm_decision(checked, by=people["manager"])
    taken = iter(range(10))

    def die_at_the_third(*args, _step=deciding.take_step, **kwargs):
        if next(taken) == 2:
            raise KeyboardInterrupt
        return _step(*args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(deciding, "take_step", die_at_the_third)
        with pytest.raises(KeyboardInterrupt):
            deciding.run_decision(checked.pk)
    assert checked.rows.filter(outcome="taken").count() == 2
    assert not Notification.objects.exists()
    deciding.run_decision(checked.pk)
    assert checked.rows.filter(outcome="taken").count() == 2, "somebody holds the lease"
    BulkDecision.objects.update(lease_until=timezone.now() - dt.timedelta(1))
    for _round in range(2):
        call_command("run_decisions")
    assert StatusChange.objects.filter(step="authorise").count() == 5
    assert LedgerEntry.objects.filter(moment="authorised", source="federal").count() == 5
    assert Notification.objects.filter(user=people["reviewer"]).count() == 1


def test_a_worker_whose_lease_was_taken_writes_nothing_more(checked, people):
    services.confirm_decision(checked, by=people["manager"])
    slow = deciding._claim(checked.pk)
    BulkDecision.objects.update(lease_until=None)
    deciding._claim(checked.pk)
    with pytest.raises(deciding.LeaseLostError):
        deciding._decide(slow, checked.rows.first().pk)
    assert not StatusChange.objects.filter(step="authorise").exists()


def test_one_projects_trouble_stops_no_other(checked, submitted, people, monkeypatch):
    services.confirm_decision(checked, by=people["manager"])

    def fail(project, *args, _step=deciding.take_step, **kwargs):
        if project.pk == submitted[0].pk:
            raise ZeroDivisionError
        return _step(project, *args, **kwargs)

    monkeypatch.setattr(deciding, "take_step", fail)
    deciding.run_decision(checked.pk)
    assert services.counts_of(checked.rows.all())["taken"] == 4


def test_stopped_it_tells_of_what_was_done_and_leaves_the_rest(checked, people):
    services.confirm_decision(checked, by=people["manager"])
    claimed = deciding._claim(checked.pk)
    deciding._decide(claimed, checked.rows.filter(is_free=True).first().pk)
    services.stop_decision(checked, by=people["manager"])
    deciding.run_decision(checked.pk)
    assert Project.objects.filter(status="authorised").count() == 1
    assert Notification.objects.filter(user=people["reviewer"]).count() == 1
    with pytest.raises(services.StepRefused):
        services.confirm_decision(checked, by=people["manager"])


def test_without_the_letter_of_subsidies_no_row_is_free(client, submitted, subsidies, people):
    """Page, bulk and API say the same sentence of the state whose letter was cancelled."""
    services.cancel_letter(subsidies, by=people["manager"], reason="Montos equivocados.")
    decision = services.ask_decision([row.pk for row in submitted[:5]], "authorise", by=people["manager"])
    deciding.run_decision(decision.pk)
    assert services.counts_of(decision.rows.all())["blocked"] == 5
    (words,) = set(decision.rows.values_list("words", flat=True))
    assert "Campeche" in words
    client.force_login(people["manager"])
    assert words in client.get(f"/projects/{submitted[0].pk}/").text
    steps = client.get(f"/api/v1/projects/{submitted[0].public_id}/steps/").json()
    assert words in str(steps)


def test_approvals_in_bulk_end_where_the_ceiling_does(project, lead, people, now, ceilings):
    """Three of 500,000 against a ceiling of 1,000,000: exactly two."""
    rows = [project, twin(project, "04-ME-3001"), twin(project, "04-ME-3002")]
    for row in rows:
        services.mark_ready(row, by=people["preparer"], at=now)
        for step, role in (
            ("submit", "certifier"),
            ("authorise", "manager"),
            ("review", "reviewer"),
            ("number", "reviewer"),
        ):
            services.take_step(row, step, by=people[role], at=now)
    decision = services.ask_decision([row.pk for row in rows], "approve", by=people["delegate"])
    deciding.run_decision(decision.pk)
    services.confirm_decision(decision, by=people["delegate"])
    deciding.run_decision(decision.pk)
    assert services.counts_of(decision.rows.all()) == {"free": 3, "blocked": 0, "taken": 2, "refused": 1}
    assert services.balance(ceilings) == 0


def test_from_a_desk_to_the_end(client, submitted, people, django_capture_on_commit_callbacks):
    client.force_login(people["manager"])
    desk = "/projects/desk/unassigned/decide/"
    assert client.post(desk, {"which": "chosen"}).status_code == 302
    page = client.post(f"{desk}?q=04-ME-30", {"which": "all"})
    chosen = page.context["form"].initial["projects"]
    assert chosen.count(",") == 3
    answers = {"projects": chosen, "step": "observe", "reason": "Falta el plano firmado."}
    assert client.post(desk, answers).status_code == 400
    with django_capture_on_commit_callbacks(execute=True):
        url = client.post(desk, answers | {"sections": ["place", "documents"]}).url
    assert client.get(url).context["counts"]["free"] == 4
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(f"{url}confirm/").url == url
    assert Project.objects.filter(status="observed").count() == 4
    assert set(submitted[1].history.last().sections) == {"place", "documents"}
    rows = b"".join(client.get(f"{url}?format=csv&verdict=taken")).splitlines()
    assert len(rows) == 5
    assert BulkRow.objects.filter(change__step="observe").count() == 4
    assert client.get("/projects/decisions/?status=done").content.decode().count(url) == 1


def test_a_decision_is_its_askers(client, checked, people, make_user):
    other = make_user("manager", is_national=True)
    with pytest.raises(PermissionDenied):
        services.confirm_decision(checked, by=other)
    client.force_login(other)
    assert client.get(f"/projects/decisions/{checked.pk}/").status_code == 404
    with pytest.raises(PermissionDenied):
        services.ask_decision([1], "authorise", by=people["reviewer"])
    client.force_login(people["auditor"])
    assert client.get(f"/projects/decisions/{checked.pk}/").status_code == 200
    assert client.post(f"/projects/decisions/{checked.pk}/confirm/").status_code == 403


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_one_decision_take_each_step_once(submitted, people, monkeypatch):
    """The clock hands the decision on while the first worker still lives: it has only been slow."""
    rows = [row.pk for row in submitted[:5]]
    decision = services.ask_decision(rows, "authorise", by=people["manager"])
    with monkeypatch.context() as asleep:
        asleep.setattr(deciding, "run_decision", lambda pk: None)
        services.confirm_decision(decision, by=people["manager"])
    monkeypatch.setattr(deciding, "LEASE", dt.timedelta(0))
    assert together(*[lambda: deciding.run_decision(decision.pk)] * 3) == [None] * 3
    # Whoever lost the work to another has left it; the last one's round ends it.
    call_command("run_decisions")
    decision.refresh_from_db()
    assert decision.status == Status.DONE
    assert StatusChange.objects.filter(step="authorise").count() == 5
    assert LedgerEntry.objects.filter(moment="authorised", source="federal").count() == 5
    assert BulkRow.objects.filter(outcome=BulkRow.Outcome.TAKEN).count() == 5
