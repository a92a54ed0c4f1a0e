"""Money between ceilings: two persons, both branches before and after, never what approvals took."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F
from django.urls import reverse

from projects import services
from projects.models import Ceiling, Reallocation
from projects.refusals import Refused, StepForbidden
from projects.tests.test_money import together


def propose(source, target, amount, by):
    return services.propose_reallocation(
        source=source, target=target, amount=Decimal(amount), reason="Sin proyectos", by=by
    )


def amounts():
    """Children after their parents, the nation last."""
    levels = F("state").asc(nulls_last=True), F("municipality").asc(nulls_first=True)
    return {str(node): int(node.amount) for node in Ceiling.objects.order_by(*levels)}


def test_money_moves_between_states_once_a_second_person_agrees(project, lead, ceilings, neighbour, manager, second):
    lead(project, "approve")
    moved = propose(ceilings, neighbour, 300_000, manager)
    before = amounts()
    with pytest.raises(Refused):
        services.confirm_reallocation(moved, by=manager)
    with pytest.raises(IntegrityError), transaction.atomic():
        Reallocation.objects.filter(pk=moved.pk).update(confirmed_by=manager, confirmed_at=moved.proposed_at)
    assert amounts() == before
    services.confirm_reallocation(moved, by=second)
    assert list(amounts().values()) == [1_700_000, 700_000, 800_000, 400_000, 3_000_000]
    changed = {(change.before - change.after) for change in moved.changes.all()}
    assert changed == {300_000, -300_000}
    assert moved.changes.count() == 4
    with pytest.raises(Refused):
        services.confirm_reallocation(moved, by=second)
    with pytest.raises(Refused, match=r"\$200,000\.00"):
        propose(ceilings, neighbour, 200_001, manager)


def test_what_was_taken_meanwhile_does_not_move(project, lead, ceilings, neighbour, manager, second):
    moved = propose(ceilings, neighbour, 600_000, manager)
    lead(project, "approve")
    with pytest.raises(Refused, match=r"\$500,000\.00"):
        services.confirm_reallocation(moved, by=second)
    services.discard_reallocation(moved, by=second)
    assert amounts()["Tlaxcala"] == 500_000


def test_what_a_state_has_not_given_away_goes_to_a_municipality(ceilings, neighbour, manager, second):
    state = ceilings.parent
    with pytest.raises(Refused):
        propose(state, ceilings, 1_000_001, manager)
    services.confirm_reallocation(propose(state, ceilings, 1_000_000, manager), by=second)
    ceilings.refresh_from_db()
    state.refresh_from_db()
    assert (ceilings.amount, state.amount) == (2_000_000, 2_000_000)


def test_only_the_program_unit_moves_money(ceilings, neighbour, people):
    for role in set(people) - {"manager"}:
        with pytest.raises(StepForbidden):
            propose(ceilings, neighbour, 1, people[role])


@pytest.mark.django_db(transaction=True)
def test_an_approval_and_a_reallocation_at_once_leave_no_balance_below_zero(
    project, lead, people, ceilings, neighbour, manager, second, now
):
    """1,000,000 are left: the approval takes 500,000 and the move 600,000; only one of them fits."""
    lead(project, "number")
    moved = propose(ceilings, neighbour, 600_000, manager)
    errors = together(
        lambda: services.take_step(project, "approve", by=people["delegate"], at=now),
        lambda: services.confirm_reallocation(moved, by=second),
    )
    assert errors.count(None) == 1
    assert all(node.balance >= 0 for node in Ceiling.objects.with_taken())


def test_a_reallocation_is_looked_at_proposed_and_confirmed_on_its_pages(
    client, ceilings, neighbour, manager, second, reviewer
):
    client.force_login(manager)
    url = reverse("projects:new-reallocation", args=[ceilings.pk])
    assert client.get(url).status_code == 200
    answers = {"target": neighbour.pk, "amount": "250,000", "reason": "Sin proyectos al corte"}
    page = client.post(url, answers)
    assert "$750,000.00" in page.text and "$350,000.00" in page.text
    assert not Reallocation.objects.exists(), "looking moves nothing"
    page = client.post(url, answers | {"amount": "1,000,001"})
    assert "error-text" in page.text
    answer = client.post(url, answers | {"propose": "1"})
    moved = Reallocation.objects.get()
    confirm = reverse("projects:decide-reallocation", args=[moved.pk, "confirm"])
    client.post(confirm)
    moved.refresh_from_db()
    assert moved.is_open, "the same person confirms nothing"
    client.force_login(second)
    client.post(confirm)
    client.force_login(reviewer)
    page = client.get(answer.url)
    assert "$750,000.00" in page.text
    assert "Tlaxcala › Tlaxcala</a></th>" not in page.text, "the other state's branch is not this reader's"
    assert client.get(reverse("projects:ceiling", args=[ceilings.pk])).status_code == 200
    lines = client.get("/projects/reallocations/?format=csv").getvalue().decode("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert client.get("/projects/reallocations/?waiting=on").context["table"].paginator.count == 0
