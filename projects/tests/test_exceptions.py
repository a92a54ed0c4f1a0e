"""One project leaves one rule for a time: asked for by one person with a paper, granted by another."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import translation

from habitat.tests.fixtures import PDF
from projects import rules, services
from projects.models import Contribution, RuleException
from projects.refusals import StepForbidden, StepRefused

SHARE = ("sharerule", "share-general")
DAY = dt.date(2026, 5, 31)


@pytest.fixture(autouse=True)
def in_english(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    with translation.override("en"):
        yield


@pytest.fixture
def too_federal(project):
    """60 % federal, where the rules allow half."""
    Contribution.objects.filter(action__project=project, source="federal").update(amount=750_000)
    return project


@pytest.fixture
def ask(too_federal, people, now):
    def ask(role="reviewer", rule=SHARE, reason="Zona de desastre.", expires_on=DAY):
        paper = SimpleUploadedFile("oficio.pdf", PDF)
        return services.ask_exception(
            too_federal, rule, reason=reason, upload=paper, expires_on=expires_on, by=people[role], at=now
        )

    return ask


def share_of(project, at):
    return next(row for row in rules.evaluate(project, at) if row.code == "share-general")


def test_a_granted_exception_stops_nothing_until_its_day_and_the_rule_still_fails(ask, too_federal, people, now):
    asked = ask()
    assert share_of(too_federal, now).blocks("submit")
    services.decide_exception(asked, is_granted=True, note="Declaratoria.", by=people["manager"], at=now)
    excepted = share_of(too_federal, now)
    assert (excepted.outcome, excepted.exception, excepted.blocks("submit")) == ("fail", asked, False)
    assert share_of(too_federal, now.replace(month=5, day=31)).exception
    late = share_of(too_federal, now.replace(month=6, day=1, hour=18))
    assert (late.exception, late.blocks("submit")) == (None, True)
    services.mark_ready(too_federal, by=people["preparer"], at=now)
    change = services.take_step(too_federal, "submit", by=people["certifier"], at=now)
    kept = change.verdicts.get(rule_code="share-general")
    assert (kept.outcome, kept.exception) == ("fail", asked)
    assert services.replay(kept).answer == "same"


def test_who_asks_never_grants_neither_here_nor_in_the_database(ask, people, make_user, now):
    asked = ask("manager")
    with pytest.raises(StepForbidden):
        services.decide_exception(asked, is_granted=True, note="Sí.", by=people["manager"], at=now)
    with pytest.raises(IntegrityError), transaction.atomic():
        RuleException.objects.filter(pk=asked.pk).update(is_granted=True, decided_by=people["manager"], decided_at=now)
    with pytest.raises(StepForbidden):
        services.decide_exception(asked, is_granted=True, note="Sí.", by=people["delegate"], at=now)
    second = make_user("manager", is_national=True)
    services.decide_exception(asked, is_granted=False, note="No procede.", by=second, at=now)
    with pytest.raises(StepRefused):
        services.decide_exception(asked, is_granted=True, note="Sí.", by=second, at=now)


def test_nobody_leaves_a_ceiling_a_met_rule_or_gives_no_reason(ask, people, now):
    for refused in ({"rule": ("ceiling", "ceiling")}, {"rule": ("conductrule", "x")}, {"reason": " "}):
        with pytest.raises(StepRefused):
            ask(**refused)
    with pytest.raises(ValidationError):
        ask(expires_on=now.date() - dt.timedelta(1))
    for role in ("preparer", "certifier", "auditor", "technician"):
        with pytest.raises(StepForbidden):
            ask(role)
    ask()
    with pytest.raises(StepRefused):
        ask("delegate")


def test_auditors_read_the_list_and_take_it_with_them(client, ask, people, too_federal, now):
    asked = ask(expires_on=dt.date(2099, 12, 31))
    client.cookies["django_language"] = "en"
    client.force_login(people["auditor"])
    listed = reverse("projects:exceptions")
    assert too_federal.folio in client.get(listed, {"now": "asked"}).text
    assert too_federal.folio not in client.get(listed, {"now": "holds"}).text
    assert "Zona de desastre." in client.get(listed, {"format": "csv"}).getvalue().decode()
    page = reverse("projects:exception", args=[too_federal.pk, asked.pk])
    assert client.get(page).status_code == 200
    assert client.post(page, {"is_granted": "yes", "note": "Sí."}).status_code == 403
    client.force_login(people["manager"])
    assert client.post(page, {"is_granted": "yes", "note": "Sí."}).status_code == 302
    shown = client.get(reverse("projects:detail", args=[too_federal.pk])).text
    assert "it stops nothing" in shown


def test_the_delegation_asks_on_a_page(client, too_federal, people):
    client.force_login(people["reviewer"])
    url = reverse("projects:ask-exception", args=[too_federal.pk])
    assert "share-general" in client.get(url).text
    paper = SimpleUploadedFile("oficio.pdf", PDF)
    typed = {"rule": "sharerule:share-general", "reason": "Desastre.", "expires_on": "2099-12-31", "file": paper}
    assert client.post(url, typed | {"reason": ""}).status_code == 400
    paper.seek(0)
    assert client.post(url, typed).status_code == 302
    assert RuleException.objects.get().asked_by == people["reviewer"]
