"""Desks: each count is its list, and a case changes hands by taking, handing over, or standing in."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from habitat.accounts import absences
from habitat.accounts.models import Absence, Notification, User
from projects import desks, services
from projects.desks import Desk
from projects.models import Project
from projects.tests.test_money import twin

TODAY = dt.date(2026, 4, 20)
ROLES = ["preparer", "certifier", "reviewer", "delegate", "technician", "manager", "auditor"]


@pytest.fixture
def colleague(make_user, campeche):
    return make_user("reviewer", state=campeche.state, name="Berta")


def walk(project, last):
    """Along the road as the triggers know it, without what the steps ask."""
    project.refresh_from_db()
    road = ("draft", "submitted", "authorised", "in_review", "numbered")
    for status in road[road.index(project.status) + 1 : road.index(last) + 1]:
        Project.objects.filter(pk=project.pk).update(status=status)


@pytest.fixture
def cases(project, lead, reviewer, delegate, people):
    """One of each: a draft, two submitted, one in review by the reviewer and late, one authorised, one numbered."""
    rows = {status: twin(project, f"04-ME-20{n:02d}") for n, status in enumerate(
        ("draft", "submitted", "submitted-too", "authorised", "numbered"))}  # fmt: skip
    lead(project, "review")
    Project.objects.filter(pk=project.pk).update(due_on=TODAY - dt.timedelta(3))
    for name, row in rows.items():
        walk(row, name.removesuffix("-too"))
    return rows | {"in_review": project}


def listed(client, user, desk, **query):
    client.force_login(user)
    page = client.get(f"/projects/desk/{desk}/", query)
    return {row.record.pk for row in page.context["table"].rows}, page


def brute(desk, user):
    """Said again in Python, row by row, without the condition's SQL."""
    turn = desks.waiting_statuses(user.role)
    us = {user.pk, *(away.pk for away in User(pk=user.pk).stands_in_for)}
    found = set()
    for case in Project.objects.all():
        ours = case.assigned_to_id in us or (case.assigned_to_id is None and case.created_by_id in us)
        free = case.assigned_to_id is None and case.created_by_id not in us
        before = case.status in {"draft", "submitted", "authorised", "in_review", "observed", "numbered"}
        is_on = {
            Desk.MINE: case.status in turn and ours,
            Desk.UNASSIGNED: case.status in turn and free,
            Desk.OTHERS: before and not (case.status in turn and (ours or free))
            and (user.is_local or case.status != "draft"),
            Desk.OVERDUE: bool(case.due_on) and case.due_on < timezone.localdate(),
        }  # fmt: skip
        if is_on[desk]:
            found.add(case.pk)
    return found


@pytest.mark.parametrize("role", [role for role in ROLES if role != "technician"])
def test_each_count_is_its_list_its_files_and_what_one_counts_by_hand(client, cases, people, role, stranger):
    user = people[role]
    numbers = desks.counts(user, timezone.localdate())
    assert set(numbers) == set(desks.desks_of(user))
    for desk, count in numbers.items():
        rows, page = listed(client, user, desk)
        assert rows == brute(desk, user)
        assert (len(rows), [entry["count"] for entry in page.context["desks"] if entry["desk"] == desk]) == (
            count, [count],
        )  # fmt: skip
        assert len(b"".join(client.get(f"/projects/desk/{desk}/?format=csv")).splitlines()) == count + 1
    assert not any(desks.counts(stranger, timezone.localdate()).values())


def test_a_technician_has_the_opinions_asked_for_on_the_desk(client, cases, people):
    services.ask_opinion(cases["in_review"], by=people["reviewer"])
    assert listed(client, people["technician"], "mine")[0] == {cases["in_review"].pk}
    client.force_login(people["technician"])
    assert client.get("/projects/desk/unassigned/").status_code == 404


def test_a_desk_costs_the_same_however_much_lies_on_it(client, cases, people, django_assert_max_num_queries):
    client.force_login(people["manager"])
    with django_assert_max_num_queries(14):
        client.get("/projects/desk/unassigned/")


def test_a_case_taken_is_nobody_elses_until_it_is_handed_over(client, cases, people, colleague, now):
    case = cases["in_review"]
    with pytest.raises(services.StepRefused, match="reviewer"):
        services.take(case, by=colleague)
    with pytest.raises(services.StepRefused, match="reviewer"):
        services.take_step(case, "number", by=colleague, at=now)
    client.force_login(people["reviewer"])
    page = f"/projects/{case.pk}/handover/"
    assert client.post(page, {"to": people["delegate"].pk, "note": "Va"}).status_code == 400
    assert client.post(page, {"to": colleague.pk, "note": ""}).status_code == 400
    assert client.post(page, {"to": colleague.pk, "note": "Conoce la zona"}).status_code == 302
    case.refresh_from_db()
    assert case.assigned_to == colleague
    assert client.get(page).status_code == 403
    told = Notification.objects.get(kind="assignment")
    assert (told.user, told.lines[1]) == (colleague, [None, "Conoce la zona"])
    services.take_step(case, "number", by=colleague, at=now)
    case.refresh_from_db()
    assert case.assigned_to is None


def test_a_case_that_comes_back_is_with_who_had_it(cases, people, colleague, now):
    case = cases["in_review"]
    services.take_step(case, "observe", by=people["reviewer"], reason="x", remarks=[("work", "y")], at=now)
    case.refresh_from_db()
    assert case.assigned_to is None
    services.take(case, by=people["certifier"])
    services.take_step(case, "answer", by=people["certifier"], reason="z", at=now)
    case.refresh_from_db()
    assert case.assigned_to == people["reviewer"]


def test_a_deputy_sees_and_takes_the_cases_while_the_absence_lasts(client, cases, people, colleague):
    case, today = cases["in_review"], timezone.localdate()
    absence = absences.declare(
        people["reviewer"], deputy=colleague, starts_on=today, ends_on=today, note="Curso", by=people["reviewer"]
    )
    assert listed(client, colleague, "mine")[0] == {case.pk}
    assert Notification.objects.get(user=colleague, kind="assignment").text.endswith(f"{today.year}")
    Absence.objects.update(starts_on=today - dt.timedelta(3), ends_on=today - dt.timedelta(1))
    later = User.objects.get(pk=colleague.pk)
    assert listed(client, later, "mine")[0] == set()
    with pytest.raises(services.StepRefused):
        services.take(case, by=later)
    Absence.objects.update(ends_on=today)
    client.force_login(later)
    client.post(f"/projects/{case.pk}/take/")
    case.refresh_from_db()
    assert case.assigned_to == later
    absences.end(absence, by=people["reviewer"])
    assert Absence.objects.get().ends_on == today - dt.timedelta(1)


def test_standing_in_lets_nobody_both_submit_and_approve(cases, people, make_user, campeche, now):
    case = cases["in_review"]
    services.take_step(case, "number", by=people["reviewer"], at=now)
    promoted = people["certifier"]
    promoted.role, promoted.municipality, promoted.state = "delegate", None, campeche.state
    promoted.save()
    services.take(case, by=people["delegate"])
    today = timezone.localdate()
    absences.declare(people["delegate"], deputy=promoted, starts_on=today, ends_on=today, by=people["delegate"])
    deputy = User.objects.get(pk=promoted.pk)
    services.take(case, by=deputy)
    with pytest.raises(services.StepForbidden):
        services.take_step(case, "approve", by=deputy, at=now)


def test_a_deputy_has_the_same_role_and_a_territory_that_fits(people, make_user, tlaxcala):
    today = timezone.localdate()
    days = {"starts_on": today, "ends_on": today, "by": people["reviewer"]}
    for other in (people["delegate"], make_user("reviewer", state=tlaxcala.state), people["reviewer"]):
        with pytest.raises(ValidationError):
            absences.declare(people["reviewer"], deputy=other, **days)


def test_all_cases_of_somebody_go_to_a_colleague_at_once(client, cases, people, colleague, stranger):
    for name in ("submitted", "submitted-too"):
        walk(cases[name], "in_review")
        services.take(cases[name], by=people["reviewer"])
    client.force_login(people["delegate"])
    asked = {"of": people["reviewer"].pk, "to": colleague.pk, "note": "Licencia"}
    assert client.post("/projects/handover/", asked | {"of": stranger.pk}).status_code == 400
    assert client.post("/projects/handover/", asked | {"to": people["delegate"].pk}).status_code == 409
    assert client.post("/projects/handover/", asked).status_code == 302
    assert Project.objects.filter(assigned_to=colleague).count() == 3
    told = Notification.objects.filter(kind="assignment").order_by("user")
    assert {row.user for row in told} == {people["reviewer"], colleague}
    assert all(len(row.lines) == 5 for row in told)
    client.force_login(people["reviewer"])
    offered = client.get("/projects/handover/").context["form"].fields["to"].queryset
    assert people["reviewer"] not in offered, "one's own cases go to somebody else"
    assert colleague in offered
    client.force_login(people["certifier"])
    with pytest.raises(services.StepForbidden):
        services.hand_over_all(colleague, people["reviewer"], by=people["certifier"], note="x")
