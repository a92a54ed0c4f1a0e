import datetime as dt
import re

import pytest
from django.utils import timezone

from habitat.accounts.models import Role
from projects.models import ProgressReport, Project
from reports.desks import Desk


def count_on(page: str) -> int:
    found = re.search(r"<tbody>(.*?)</tbody>", page, re.S)
    return found[1].count("<tr") if found else 0


@pytest.fixture
def late_in_review(project, walk):
    walk(project, "in_review")
    Project.objects.filter(pk=project.pk).update(due_on=timezone.localdate() - dt.timedelta(days=7))
    return project


@pytest.mark.parametrize("role", ["preparer", "certifier", "reviewer", "delegate", "technician", "manager", "auditor"])
def test_every_count_opens_its_list(client, request, late_in_review, role):
    user = request.getfixturevalue(role)
    client.force_login(user)
    desk = Desk(user)
    counts = {"waiting": desk.waiting_count, "overdue": desk.overdue_count, "observed": desk.observed_count}
    page = client.get("/").content.decode()
    for name, count in counts.items():
        listed = client.get(desk.links[name]).content.decode()
        assert count_on(listed) == count, name
    assert ("Lo que espera por mí" in page) == desk.waits


def test_late_case_is_on_the_reviewers_desk_and_nobody_elses(client, late_in_review, reviewer, delegate, stranger):
    assert [Desk(user).overdue_count for user in (reviewer, delegate, stranger)] == [1, 0, 0]
    client.force_login(reviewer)
    page = client.get("/").content.decode()
    assert late_in_review.folio in page
    assert "venció hace" in page


def test_late_comes_first_and_days_are_business_days(late_in_review, reviewer):
    friday, monday = dt.date(2026, 11, 20), dt.date(2026, 11, 23)
    Project.objects.update(due_on=friday)
    desk = Desk(reviewer, today=monday)
    assert (desk.overdue_count, desk.first_waiting[0].days) == (1, -1)


def test_progress_waits_for_the_delegation_once_sent(client, running_project, reviewer, preparer):
    report = ProgressReport.objects.create(project=running_project, year=2026, month=11)
    assert [len(Desk(user).first_progress) for user in (preparer, reviewer)] == [1, 0]
    ProgressReport.objects.filter(pk=report.pk).update(status="submitted")
    assert [len(Desk(user).first_progress) for user in (preparer, reviewer)] == [0, 1]
    client.force_login(reviewer)
    assert count_on(client.get(Desk(reviewer).links["progress"]).content.decode()) == 1


def test_opinion_waits_for_the_technician(client, project, walk, reviewer, technician):
    walk(project, "in_review")
    project.opinions.create(modality=project.modality, asked_by=reviewer, asked_at=timezone.now())
    client.force_login(technician)
    assert project.folio in client.get("/").content.decode()


def test_cancellation_waits_for_the_program_unit(client, running_project, delegate, manager):
    running_project.cancellation_proposals.create(reason="Sin terreno", by=delegate, at=timezone.now())
    client.force_login(manager)
    assert "Sin terreno" in client.get("/").content.decode()


def test_person_without_territory_has_an_empty_desk(client, late_in_review, homeless):
    client.force_login(homeless)
    page = client.get("/").content.decode()
    assert late_in_review.folio not in page


def test_every_role_has_a_desk(client, make_user, rules):
    for role in Role.values:
        client.force_login(make_user(role, is_national=True))
        assert client.get("/").status_code == 200


def test_desk_has_a_fixed_number_of_queries(client, late_in_review, reviewer, django_assert_num_queries):
    client.force_login(reviewer)
    client.get("/")
    with django_assert_num_queries(20):
        client.get("/")


def test_public_front_page_tells_what_is_public(client, running_project):
    page = client.get("/").content.decode()
    assert running_project.name in page
    assert "$200,000.15" in page
    assert "186" in page


def test_public_front_page_has_no_draft(client, project):
    assert project.name not in client.get("/").content.decode()


def test_public_front_page_has_a_fixed_number_of_queries(client, running_project, django_assert_num_queries):
    client.get("/")
    with django_assert_num_queries(7):
        client.get("/")
