"""Two approvals at once that together pass the ceiling, through each door a person has: exactly one is approved."""

from threading import Barrier, Thread

import pytest
from django.db import connection
from django.test import Client

from habitat.accounts.models import User
from projects import services
from projects.models import BulkDecision, Ceiling, LedgerEntry, Moment, Project
from projects.tests.test_money import change, twin
from projects.workers import deciding


def by_page(client, project):
    return client.post(f"/projects/{project.pk}/steps/approve/").status_code == 302


def by_api(client, project):
    url = f"/api/v1/projects/{project.public_id}/steps/approve/"
    return client.post(url, {}, content_type="application/json").status_code == 200


def by_admin(client, project):
    """The admin looks and writes nothing: what it is sent changes no status."""
    client.post(f"/admin/projects/project/{project.pk}/change/", {"status": "approved"})
    return Project.objects.filter(pk=project.pk, status="approved").exists()


def by_bulk(client, project):
    """The job that decides on many; both were looked at before either was confirmed."""
    decision = BulkDecision.objects.get(rows__project=project)
    services.confirm_decision(decision, by=decision.asked_by)
    deciding.run_decision(decision.pk)
    return decision.rows.get().outcome == "taken"


def looked_at(project, by):
    decision = services.ask_decision([project.pk], "approve", by=by)
    deciding.run_decision(decision.pk)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("door", "approved"), [(by_page, 1), (by_api, 1), (by_bulk, 1), (by_admin, 0)])
def test_two_approvals_at_once_through_a_door_never_pass_the_ceiling(
    project, lead, people, ceilings, manager, door, approved
):
    change(ceilings, 900_000, manager, municipality=project.municipality)
    both = (project, twin(project))
    for each in both:
        lead(each, "number")
        if door is by_bulk:
            looked_at(each, people["delegate"])
    # So that the admin lets the person in at all.
    User.objects.filter(pk=people["delegate"].pk).update(is_staff=True)
    clients = [Client(), Client()]
    for client in clients:
        client.force_login(people["delegate"])
    start, answers = Barrier(2), []

    def press(client, case) -> None:
        start.wait()
        try:
            answers.append(door(client, case))
        finally:
            connection.close()

    threads = [Thread(target=press, args=pair) for pair in zip(clients, both, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers.count(True) == approved
    assert Project.objects.approved().count() == approved
    assert LedgerEntry.objects.at(Moment.APPROVED).total() == approved * 500_000
    assert all(node.balance >= 0 for node in Ceiling.objects.with_taken())
    assert services.balance(ceilings) >= 0
