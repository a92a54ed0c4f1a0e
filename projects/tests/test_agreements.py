"""Coordination agreements: written, signed with their paper, fixed from then on."""

import datetime as dt

import pgtrigger
import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from habitat.tests.fixtures import YEAR, agreed, authorised_subsidies
from modalities.models import Strand
from projects import services
from projects.models import Agreement, Ceiling, Project
from projects.refusals import Refused, StepForbidden
from projects.tests.test_ceiling_pages import scan
from projects.tests.test_money import together

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


def test_the_database_authorises_nothing_without_the_letter_of_the_states_subsidies(project, ceilings, manager):
    Project.objects.filter(pk=project.pk).update(status="submitted")
    place = project.fiscal_year, ceilings.state, manager
    Strand.objects.create(code="CH", name_es="Centros", name_en="Centres")
    authorised_subsidies(*place, "CH", number="OAS-04-2026-0001")
    cancelled = authorised_subsidies(*place, number="OAS-04-2026-0002", cancelled_at=timezone.now())
    with pytest.raises(IntegrityError, match="no letter in force"), transaction.atomic():
        Project.objects.filter(pk=project.pk).update(status="authorised")
    authorised_subsidies(*place, replaces=cancelled)
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


def unsigned(agreement):
    with pgtrigger.ignore("projects.Agreement:signed_is_fixed"):
        Agreement.objects.filter(pk=agreement.pk).update(signed_on=None)


# ---- What was agreed holds the ceilings -----------------------------------------------------------------------------
@pytest.fixture
def strands(ceilings, manager):
    """A second strand, whose nation holds three millions, and what sets the state's own ceiling of either."""
    Strand.objects.create(code="CH", name_es="Centros Históricos", name_en="Historic Centres", position=2)
    Ceiling.objects.create(
        fiscal_year=ceilings.fiscal_year, strand_id="CH", amount=3_000_000, agreement=agreed(ceilings.fiscal_year)
    )

    def set_state(strand, amount, cited):
        return services.set_ceiling(
            fiscal_year=ceilings.fiscal_year, strand=Strand.objects.get(pk=strand), state=ceilings.state,
            amount=amount, agreement=cited, reason="Según lo convenido", by=manager,
        )  # fmt: skip

    return set_state


def test_ceilings_of_all_strands_stay_within_what_was_agreed(client, strands, ceilings, manager, neighbour):
    """Beyond it the page, the change and the reallocation are refused until an amendment is cited."""
    unsigned(ceilings.agreement)
    state = ceilings.state
    cited = write(ceilings, state, manager, agreement=ceilings.agreement, federal=2_500_000)
    with pytest.raises(Refused, match=r"\$2,500,000\.00.*\$2,500,001\.00"):
        strands("CH", 500_001, cited)
    strands("CH", 500_000, cited)
    with pytest.raises(Refused, match=r"\$2,500,000\.00"):
        write(ceilings, state, manager, agreement=cited, federal=2_400_000)
    with pytest.raises(Refused):
        services.propose_reallocation(source=neighbour, target=ceilings, amount=1, reason="x", by=manager)
    client.force_login(manager)
    page = client.get(reverse("projects:agreement", args=[cited.pk]))
    assert (page.context["given"], page.context["left"]) == (2_500_000, 0)
    cited = write(ceilings, state, manager, agreement=cited, federal=2_500_000, signed_on=SIGNED, upload=scan())
    amendment = {"kind": "amendment", "amends": cited, "name": "Convenio", "federal": 2_600_000}
    more = write(ceilings, state, manager, signed_on=SIGNED, upload=scan(), **amendment)
    strands("CH", 600_000, more)
    with pytest.raises(Refused):
        strands("CH", 600_001, more)
    strands("CH", 400_000, cited)


@pytest.mark.django_db(transaction=True)
def test_two_strands_at_once_share_what_was_agreed(strands, ceilings, manager):
    Strand.objects.create(code="IP", name_es="Preventivas", name_en="Preventive", position=3)
    Ceiling.objects.create(
        fiscal_year=ceilings.fiscal_year, strand_id="IP", amount=9_000_000, agreement=agreed(ceilings.fiscal_year)
    )
    cited = ceilings.agreement
    unsigned(cited)
    write(ceilings, ceilings.state, manager, agreement=cited, federal=4_000_000)
    cited.refresh_from_db()
    errors = together(lambda: strands("CH", 1_500_000, cited), lambda: strands("IP", 1_500_000, cited))
    assert errors.count(None) == 1
    assert services.resting_on(cited).count() == 2
