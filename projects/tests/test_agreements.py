"""Coordination agreements: written, signed with their paper, fixed from then on."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from habitat.tests.fixtures import YEAR, agreed
from projects import services
from projects.models import Agreement, Project
from projects.refusals import Refused, StepForbidden
from projects.tests.test_ceiling_pages import scan

SIGNED = dt.date(YEAR, 2, 10)


def write(rules, state, by, **fields):
    shared = {"kind": "agreement", "name": "Acuerdo", "federal": 5_000_000}
    return services.save_agreement(fiscal_year=rules.fiscal_year, state=state, by=by, **(shared | fields))


def test_an_agreement_is_signed_with_its_paper_and_then_fixed(rules, tlaxcala, manager):
    state = tlaxcala.state
    draft = write(rules, state, manager)
    draft = write(rules, state, manager, agreement=draft, federal=6_000_000)
    with pytest.raises(Refused, match=r"paper|firmado"):
        write(rules, state, manager, agreement=draft, federal=6_000_000, signed_on=SIGNED)
    signed = write(rules, state, manager, agreement=draft, federal=6_000_000, signed_on=SIGNED, upload=scan())
    with pytest.raises(Refused):
        write(rules, state, manager, agreement=signed, federal=7_000_000, signed_on=SIGNED)
    published = services.save_agreement(
        fiscal_year=rules.fiscal_year, state=state, by=manager, agreement=signed, published_on=dt.date(YEAR, 3, 1)
    )
    assert (published.federal, published.papers.count()) == (6_000_000, 1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Agreement.objects.filter(pk=signed.pk).update(federal=1)


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "budget"},
        {"kind": "amendment"},
        {"signed_on": dt.date(YEAR, 12, 31)},
        {"published_on": SIGNED},
        {"name": "Acuerdo de Coordinación 2026"},
    ],
)
def test_what_no_agreement_can_say_is_refused(rules, campeche, agreement, manager, fields):
    at = dt.datetime(YEAR, 6, 1, tzinfo=dt.UTC)
    with pytest.raises(Refused):
        write(rules, campeche.state, manager, at=at, upload=scan(), **fields)


def test_an_amendment_amends_an_agreement_of_its_own_state(rules, campeche, tlaxcala, agreement, manager):
    amendment = {"kind": "amendment", "amends": agreement, "name": "Convenio", "signed_on": SIGNED}
    with pytest.raises(Refused):
        write(rules, tlaxcala.state, manager, upload=scan(), **amendment)
    assert write(rules, campeche.state, manager, upload=scan(), **amendment).amends == agreement


def test_only_the_program_unit_writes_agreements(rules, campeche, people):
    for role in set(people) - {"manager"}:
        with pytest.raises(StepForbidden):
            write(rules, campeche.state, people[role])


def test_the_database_authorises_nothing_without_a_signed_agreement(project, tlaxcala):
    Project.objects.filter(pk=project.pk).update(status="submitted")
    Project.objects.filter(pk=project.pk).update(municipality=tlaxcala)
    agreed(project.fiscal_year, tlaxcala.state, signed_on=None)
    with pytest.raises(IntegrityError, match="coordination agreement"), transaction.atomic():
        Project.objects.filter(pk=project.pk).update(status="authorised")


def test_an_agreement_is_written_signed_and_read_on_its_pages(client, manager, rules, tlaxcala, stranger, reviewer):
    client.force_login(manager)
    new = f"{reverse('projects:new-agreement')}?state=29"
    answers = {"fiscal_year": YEAR, "kind": "agreement", "name": "Acuerdo con Tlaxcala", "federal": "5,000,000"}
    assert client.get(new).status_code == 200
    assert client.post(new, answers | {"signed_on": SIGNED}).status_code == 400, "no paper"
    answer = client.post(new, answers | {"signed_on": SIGNED, "file": scan()})
    assert answer.status_code == 302
    client.force_login(stranger)
    page = client.get(answer.url)
    assert "$5,000,000.00" in page.text
    assert "acuerdo" not in page.context["papers"][0].file.name, "the sender's name never reaches the disk"
    lines = client.get("/projects/agreements/?format=csv").getvalue().decode("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert client.get("/projects/agreements/?unsigned=on").context["table"].paginator.count == 0
    client.force_login(reviewer)
    assert client.get(answer.url).status_code == 404
