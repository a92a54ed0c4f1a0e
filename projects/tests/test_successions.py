"""A municipal administration changes: accounts end, cases go on, all in one step or not at all."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone, translation

from projects import services
from projects.models import Succession

YESTERDAY = timezone.localdate() - dt.timedelta(1)


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def heirs(make_user, campeche):
    return {role: make_user(role, municipality=campeche) for role in ("preparer", "certifier")}


@pytest.fixture
def succeed(campeche, preparer, certifier, reviewer, heirs):
    def succeed(**changed):
        known = {"leavers": [preparer, certifier], "heirs": heirs, "last_day": YESTERDAY, "reason": "Cambio.",
                 "by": reviewer}  # fmt: skip
        return services.succeed(campeche, **known | changed)

    return succeed


def test_accounts_end_and_cases_go_on_with_the_heirs(project, succeed, preparer, certifier, heirs):
    services.mark_ready(project, by=preparer)
    made = succeed()
    for person in (preparer, certifier):
        person.refresh_from_db()
        assert not person.is_valid_today
    project.refresh_from_db()
    assert (project.assigned_to, project.ready_at, made.cases) == (heirs["preparer"], None, 1)
    assert set(made.leavers.all()) == {preparer, certifier}
    services.update_draft(project, by=heirs["preparer"], name="Agua para todos")
    with pytest.raises(PermissionDenied):
        services.update_draft(project, by=preparer, name="Otra")


def test_what_does_not_fit_changes_nothing(project, succeed, heirs, preparer, make_user, tlaxcala, people):
    elsewhere = make_user("preparer", municipality=tlaxcala)
    wrong = (
        {"leavers": []},
        {"reason": " "},
        {"heirs": {}},
        {"heirs": heirs | {"preparer": elsewhere}},
        {"heirs": heirs | {"preparer": preparer}},
        {"last_day": dt.date(2019, 12, 31)},
    )
    for changed in wrong:
        with pytest.raises(ValidationError):
            succeed(**changed)
    for changed in ({"by": heirs["certifier"]}, {"leavers": [elsewhere]}, {"by": people["auditor"]}):
        with pytest.raises(PermissionDenied):
            succeed(**changed)
    preparer.refresh_from_db()
    project.refresh_from_db()
    assert (preparer.is_valid_today, project.assigned_to, Succession.objects.count()) == (True, None, 0)


def test_the_delegation_does_it_on_one_page(client, project, reviewer, preparer, heirs, campeche, tlaxcala):
    client.cookies["django_language"] = "en"
    client.force_login(reviewer)
    url = reverse("projects:succession")
    assert campeche.name in client.get(url).text
    assert client.get(url, {"municipality": tlaxcala.pk}).status_code == 404
    url += f"?municipality={campeche.pk}"
    assert project.folio in client.get(url).text
    typed = {"leavers": [preparer.pk], "last_day": YESTERDAY.isoformat(), "reason": "Nueva administración."}
    refused = client.post(url, typed)
    assert refused.status_code == 400
    assert "choose who takes over" in refused.text
    told = client.post(url, typed | {"preparer": heirs["preparer"].pk}, follow=True).text
    assert "1 case was passed on" in told
