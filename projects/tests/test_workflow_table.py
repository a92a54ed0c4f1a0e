"""The workflow walked whole: every status × step × role, against the table as design and guidelines write it."""

from collections import deque

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import transaction

from habitat.accounts.models import Role
from projects import services
from projects.models import CancellationProposal, Contract, Project, Status, StatusChange
from projects.workflow import LINEAMIENTOS_2012, allowed_pairs

TABLE = """
    submit     draft         submitted     certifier
    authorise  submitted     authorised    manager
    review     authorised    in_review     reviewer
    observe    submitted     observed      manager
    observe    in_review     observed      reviewer
    answer     observed      in_review     certifier
    number     in_review     numbered      reviewer
    approve    numbered      approved      delegate
    start      approved      in_execution  certifier
    finish     in_execution  finished      certifier
    hand_over  finished      handed_over   reviewer
    prove      handed_over   proven        reviewer
    close      proven        closed        delegate
    reject     submitted     rejected      manager
    reject     authorised    rejected      manager
    reject     in_review     rejected      delegate
    reject     numbered      rejected      delegate
    withdraw   draft         withdrawn     certifier
    withdraw   submitted     withdrawn     certifier
    withdraw   authorised    withdrawn     certifier
    withdraw   in_review     withdrawn     certifier
    withdraw   observed      withdrawn     certifier
    withdraw   numbered      withdrawn     certifier
    cancel     approved      cancelled     manager
    cancel     in_execution  cancelled     manager
"""
ROWS = [line.split() for line in TABLE.strip().splitlines()]
# (status, step, role) → where it leads. The observations below came out of the review.
LEADS = {(source, step, role): target for step, source, target, role in ROWS}
ROLES_OF: dict[str, set[str]] = {}
for row in ROWS:
    ROLES_OF.setdefault(row[0], set()).add(row[3])
STEPS = [step.name for step in LINEAMIENTOS_2012]


def road_to(status: str) -> list[str]:
    """The shortest way from a draft, by pairs the database trigger allows."""
    ways = deque([["draft"]])
    while ways:
        way = ways.popleft()
        if way[-1] == status:
            return way[1:]
        ways.extend([*way, target] for _name, source, target in allowed_pairs() if source == way[-1])
    raise LookupError(status)


@pytest.fixture
def standing_at(project, people, ceilings, subsidies, now):
    """The project at a status, with everything in place that any step could ask for."""

    def place(status: str) -> Project:
        for passed in road_to(status):
            Project.objects.filter(pk=project.pk).update(status=passed)
        Project.objects.filter(pk=project.pk).update(ready_at=now, ready_by=people["preparer"])
        if status == Status.OBSERVED:
            StatusChange.objects.create(
                project=project, step="observe", from_status="in_review", to_status="observed", at=now
            )
        if status == Status.APPROVED:
            Contract.objects.create(
                project=project, kind="public_tender", law="lopsrm", number="C-1", contractor="Constructora Inventada",
                contractor_rfc="CIN010203AB7", amount=1, before_tax=1, on=now.date(), starts_on=now.date(),
                ends_on=now.date(), status="validated", registered_by=people["certifier"], registered_at=now,
                decided_by=people["reviewer"], decided_at=now,
            )  # fmt: skip
        if status in (Status.APPROVED, Status.IN_EXECUTION):
            CancellationProposal.objects.create(project=project, reason="x", by=people["delegate"], at=now)
        project.refresh_from_db()
        return project

    return place


def outcome(project, step, user, now):
    """Where the step leads, or how it is refused; nothing of it stays."""
    try:
        with transaction.atomic():
            change = services.take_step(project, step, by=user, reason="Motivo", remarks=[("work", "Corrija")], at=now)
            transaction.set_rollback(True)
            return change.to_status
    except services.StepForbidden:
        return "forbidden"
    except services.StepRefused:
        return "refused"
    except Project.DoesNotExist:
        return "not found"


def expected(status: str, step: str, role: str) -> str:
    if role not in ROLES_OF[step]:
        return "forbidden"
    if (status, step, role) in LEADS:
        return LEADS[status, step, role]
    from_here = any((status, step, other) in LEADS for other in Role.values)
    return "forbidden" if from_here else "refused"


@pytest.mark.parametrize("status", Status.values)
def test_every_step_by_every_role_does_what_the_table_says(standing_at, people, now, status):
    project = standing_at(status)
    cases = [(step, role) for step in STEPS for role in Role.values]
    found = {case: outcome(project, case[0], people[case[1]], now) for case in cases}
    assert found == {(step, role): expected(status, step, role) for step, role in cases}


@pytest.mark.parametrize("status", Status.values)
def test_buttons_offer_exactly_the_steps_the_server_would_take(standing_at, people, now, status):
    project = standing_at(status)
    for role, user in people.items():
        offered = {offer.step.name for offer in services.offers(project, user, now) if offer.is_allowed}
        assert offered == {step for (source, step, who) in LEADS if (source, who) == (status, role)}


@pytest.mark.parametrize("status", [Status.DRAFT, Status.SUBMITTED, Status.NUMBERED, Status.APPROVED])
def test_people_of_another_territory_find_nothing(standing_at, make_user, tlaxcala, homeless, now, status):
    project = standing_at(status)
    outsiders = [make_user(role, municipality=tlaxcala) for role in Role.values] + [homeless]
    found = {outcome(project, step, user, now) for step in STEPS for user in outsiders}
    assert found == {"not found"}


def test_nobody_logged_in_takes_a_step(standing_at, now):
    project = standing_at(Status.APPROVED)
    assert {outcome(project, step, AnonymousUser(), now) for step in STEPS} == {"forbidden"}
    assert not any(offer.is_allowed for offer in services.offers(project, AnonymousUser(), now))


def test_an_account_that_may_only_read_takes_no_step(standing_at, people, now):
    project = standing_at(Status.DRAFT)
    people["certifier"].can_write = False
    assert outcome(project, "withdraw", people["certifier"], now) == "forbidden"


def test_a_step_without_its_reason_is_refused(standing_at, people, now):
    project = standing_at(Status.SUBMITTED)
    for step in ("reject", "observe"):
        with pytest.raises(services.StepRefused):
            services.take_step(project, step, by=people["manager"], remarks=[("work", "x")], reason=" ", at=now)


def test_a_step_that_does_not_exist_is_refused(project, people, now):
    assert outcome(project, "fly", people["manager"], now) == "refused"
