"""Cut-offs take back what is not covered or not started: previewed, confirmed by another, run once, resumed."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.urls import reverse

from habitat.tests.fixtures import YEAR
from modalities.models import Milestone
from projects import services
from projects.models import Ceiling, Withdrawal
from projects.refusals import Refused
from projects.tests.test_money import twin
from projects.workers import withdrawing

AFTER = dt.datetime(YEAR, 6, 2, 12, tzinfo=dt.UTC)


@pytest.fixture
def cut_off(rules):
    def make(kind="cut_off", day=dt.date(YEAR, 5, 31), **fields):
        return Milestone.objects.create(fiscal_year=rules.fiscal_year, kind=kind, opens_on=day, closes_on=day, **fields)

    return make


def preview(milestone, manager):
    return services.preview_withdrawal(milestone, reason="Corte del ejercicio", by=manager, at=AFTER)


def withdrawn(job):
    return {str(line.ceiling): line.withdrawn for line in job.lines.select_related("ceiling")}


@pytest.fixture
def submitted(project, lead):
    return lead(project, "submit")


def test_the_first_cut_off_takes_what_no_project_covers(cut_off, submitted, ceilings, manager, second):
    """1,000,000 for the town, 600,000 of them for ME; one project asks for 500,000 in ME."""
    of_me = Ceiling.objects.create(
        fiscal_year=ceilings.fiscal_year, strand_id="G", parent=ceilings, state=ceilings.state,
        municipality=ceilings.municipality, modality_id="ME", amount=600_000, agreement=ceilings.agreement,
    )  # fmt: skip
    milestone = cut_off()
    job = preview(milestone, manager)
    with pytest.raises(Refused):
        preview(milestone, second)
    with pytest.raises(Refused):
        services.confirm_withdrawal(job, by=manager)
    with pytest.raises(IntegrityError), transaction.atomic():
        Withdrawal.objects.filter(pk=job.pk).update(confirmed_by=manager, status="waiting")
    assert set(job.lines.values_list("kept", "amount")) == {(500_000, 100_000), (500_000, 500_000)}
    services.confirm_withdrawal(job, by=second)
    call_command("run_withdrawals")
    assert set(withdrawn(job).values()) == {Decimal(100_000), Decimal(500_000)}
    call_command("run_withdrawals")
    of_me.refresh_from_db()
    ceilings.refresh_from_db()
    assert (of_me.amount, ceilings.amount, ceilings.parent.amount) == (500_000, 500_000, 2_000_000)
    assert job.changes.count() == 2, "it ran once"
    assert services.branches_of(ceilings.parent, ceilings, Decimal(1_500_000)).why_not == [], "free for reallocation"
    assert list(services.due_cut_offs(AFTER)) == []


def test_a_killed_worker_leaves_nothing_twice_and_new_proposals_keep_their_money(
    cut_off,
    project,
    ceilings,
    lead,
    manager,
    second,
    monkeypatch,
):
    job = preview(cut_off(), manager)
    lead(project, "submit")
    services.confirm_withdrawal(job, by=second)
    write = withdrawing.withdraw_line

    def killed(*args, **kwargs):
        write(*args, **kwargs)
        raise SystemExit

    monkeypatch.setattr(withdrawing, "withdraw_line", killed)
    with pytest.raises(SystemExit), transaction.atomic():
        withdrawing.run_withdrawal(job.pk)
    assert job.changes.count() == 0
    monkeypatch.undo()
    Withdrawal.objects.filter(pk=job.pk).update(lease_until=None)
    call_command("run_withdrawals")
    line = job.lines.get()
    assert (line.amount, line.withdrawn, bool(line.note)) == (1_000_000, 500_000, True)
    job.refresh_from_db()
    assert job.status == Withdrawal.Status.DONE


def test_the_second_cut_off_cancels_what_has_not_started(
    cut_off,
    project,
    lead,
    people,
    ceilings,
    books,
    manager,
    second,
    now,
):
    other = twin(project)
    for each in (project, other):
        lead(each, "approve")
    books.release(other, 9)
    job = preview(cut_off("start_cut_off"), manager)
    assert job.unstarted.count() == 2
    services.confirm_withdrawal(job, by=second)
    call_command("run_withdrawals")
    project.refresh_from_db()
    other.refresh_from_db()
    assert (project.status, other.status) == ("cancelled", "approved")
    assert "$9.00" in job.unstarted.get(project=other).note
    ceilings.refresh_from_db()
    assert (ceilings.amount, services.balance(ceilings)) == (500_000, 0)


def test_a_states_own_cut_off_wins(cut_off, submitted, ceilings, manager):
    assert preview(cut_off(), manager).lines.count() == 1
    services.discard_withdrawal(Withdrawal.objects.get(), by=manager)
    cut_off(state_code="04", day=dt.date(YEAR, 5, 30))
    country = Milestone.objects.get(state_code="", kind="cut_off")
    assert preview(country, manager).lines.count() == 0


def test_a_withdrawal_is_previewed_and_confirmed_on_its_pages(
    client,
    cut_off,
    submitted,
    ceilings,
    manager,
    second,
    reviewer,
    stranger,
):
    milestone = cut_off()
    client.force_login(manager)
    assert client.get(reverse("projects:withdrawals")).context["due"].get() == milestone
    answer = client.post(reverse("projects:new-withdrawal", args=[milestone.pk]), {"text": "Primer corte"})
    job = Withdrawal.objects.get()
    confirm = reverse("projects:decide-withdrawal", args=[job.pk, "confirm"])
    client.post(confirm)
    job.refresh_from_db()
    assert job.status == "proposed"
    client.force_login(second)
    client.post(confirm)
    call_command("run_withdrawals")
    client.force_login(reviewer)
    page = client.get(answer.url)
    assert "$500,000.00" in page.text
    assert len(client.get(f"{answer.url}?format=csv").getvalue().decode().splitlines()) == 2
    client.force_login(stranger)
    assert client.get(answer.url).context["table"].paginator.count == 0
