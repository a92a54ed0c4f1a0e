"""Projects of one polygon prepared together, submitted together, each with its own fate."""

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import translation

from projects import services
from projects.models import Project, Status
from projects.refusals import Refused
from projects.tests.test_money import twin


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def together(project, polygon_version, preparer):
    """Two drafts of 1,000,000 pesos in one integral project."""
    made = services.create_integral(by=preparer, name="Bellavista con agua", polygon_version=polygon_version)
    second = twin(project)
    for draft in (project, second):
        services.put_into_integral(draft, made, by=preparer)
    return made, project, second


def test_each_draft_is_submitted_on_its_own(together, people, now, ceilings):
    made, first, second = together
    services.mark_ready(second, by=people["preparer"], at=now)
    results = {row.project.pk: row.refusal for row in services.submit_integral(made, by=people["certifier"], at=now)}
    assert results[second.pk] == []
    assert "marked the draft ready" in results[first.pk][0]
    assert set(made.projects.values_list("status", flat=True)) == {Status.DRAFT, Status.SUBMITTED}
    services.take_step(second, "withdraw", by=people["certifier"], reason="Otra obra.", at=now)
    first.refresh_from_db()
    assert first.status == Status.DRAFT


def test_only_drafts_of_the_polygon_join_and_leave(together, preparer, certifier, now):
    made, first, second = together
    with pytest.raises(PermissionDenied):
        services.put_into_integral(first, None, by=certifier)
    services.put_into_integral(second, None, by=preparer)
    Project.objects.filter(pk=second.pk).update(polygon_version=None)
    with pytest.raises(Refused, match="another polygon"):
        services.put_into_integral(second, made, by=preparer)
    Project.objects.filter(pk=first.pk).update(status=Status.SUBMITTED)
    with pytest.raises(Refused, match="no draft"):
        services.put_into_integral(first, None, by=preparer)
    assert list(made.projects.all()) == [first]


def test_a_draft_made_ready_stays_ready_when_it_joins(together, preparer, now):
    _made, first, _second = together
    services.mark_ready(first, by=preparer, at=now)
    assert services.put_into_integral(first, None, by=preparer).ready_at


def test_the_page_shows_them_together_and_says_what_came_of_each(client, together, people, now):
    made, first, second = together
    client.cookies["django_language"] = "en"
    client.force_login(people["preparer"])
    url = reverse("projects:integral", args=[made.pk])
    shown = client.get(url).text
    assert first.folio in shown
    assert "$2,000,000.00" in shown
    assert client.post(reverse("projects:leave-integral", args=[made.pk, second.pk])).status_code == 302
    assert made.projects.count() == 1
    assert client.post(url, {"project": second.pk}).status_code == 302
    new = {"name": "Otro", "polygon_version": made.polygon_version_id}
    moved = client.post(reverse("projects:new-integral"), new).url
    assert client.post(moved, {"project": second.pk}).status_code == 302
    assert made.projects.count() == 1
    assert "Otro" in client.get(reverse("projects:integrals")).text
    client.force_login(people["certifier"])
    told = client.post(reverse("projects:submit-integral", args=[made.pk])).text
    assert "was not submitted" in told
    Project.objects.filter(pk=first.pk).update(status=Status.WITHDRAWN)
    alone = client.get(url).text
    assert "Without what was rejected" in alone
    assert "$0.00" in alone
    assert client.get(reverse("projects:integrals")).text.count("$1,000,000.00") == 1
