"""Ceilings on their page: who sees which, who sets them, what is refused."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from habitat.tests.fixtures import PDF, agreed
from modalities.models import Strand
from projects.models import Ceiling


def typed(rules, agreement=None, **fields):
    cited = agreement or agreed(rules.fiscal_year)
    return {"fiscal_year": rules.fiscal_year_id, "strand": "G", "amount": "1,000.00", "agreement": cited.pk} | fields


def test_the_program_unit_sets_the_tree_from_its_root(client, manager, rules, campeche, agreement):
    client.force_login(manager)
    url = reverse("projects:new-ceiling")
    state = f"{url}?state=04"
    assert client.post(state, typed(rules, agreement)).status_code == 400, "the level above comes first"
    client.post(url, typed(rules, amount="$3,000"))
    client.post(state, typed(rules, agreement, amount="2,000"))
    client.post(state, typed(rules, agreement, municipality=campeche.pk))
    assert [int(amount) for amount in Ceiling.objects.order_by("pk").values_list("amount", flat=True)] == [
        3000,
        2000,
        1000,
    ]


def test_a_ceiling_above_its_parent_is_refused_and_kept_in_the_form(client, manager, rules, ceilings, campeche):
    client.force_login(manager)
    answer = client.post(
        f"{reverse('projects:new-ceiling')}?state=04",
        typed(rules, ceilings.agreement, municipality=campeche.pk, amount="2,000,001"),
    )
    assert answer.status_code == 400
    assert 'value="2,000,001"' in answer.text
    assert "error-summary" in answer.text


def test_writing_it_again_is_a_version_with_its_reason_and_paper(client, manager, rules, ceilings, reviewer):
    client.force_login(manager)
    url = reverse("projects:change-ceiling", args=[ceilings.pk])
    assert "1,000,000.00" in client.get(url).text
    again = typed(rules, ceilings.agreement, municipality="04002", amount="900000")
    assert client.post(url, again).status_code == 400, "a change needs its reason"
    assert client.post(url, again | {"reason": "Convenio modificatorio", "file": scan()}).status_code == 302
    client.force_login(reviewer)
    page = client.get(reverse("projects:ceiling", args=[ceilings.pk]))
    (version,) = page.context["changes"]
    assert (version.before, version.after, version.by) == (1_000_000, 900_000, manager)
    assert {"Convenio modificatorio", "$1,000,000.00", "$900,000.00", str(manager)} <= set(words(page))
    assert client.get(reverse("projects:money-paper", args=[version.paper.public_id])).status_code == 200


def scan():
    return SimpleUploadedFile("convenio.pdf", PDF)


def words(page):
    """What stands between the tags."""
    return [found.strip() for found in re.findall(r">([^<]+)<", page.text)]


def test_what_is_left_stands_beside_the_ceiling(client, reviewer, project, lead):
    lead(project, "approve")
    client.force_login(reviewer)
    lowest = client.get("/projects/ceilings/?municipality=04002").context["table"].data.data.get()
    assert (lowest.taken, lowest.balance) == (500_000, 500_000)


@pytest.mark.parametrize(("role", "count"), [("manager", 3), ("preparer", 3), ("stranger", 1), ("homeless", 0)])
def test_each_sees_their_own_branch(client, ceilings, request, role, count):
    client.force_login(request.getfixturevalue(role))
    assert client.get("/projects/ceilings/").context["table"].paginator.count == count


def test_the_file_says_what_the_page_says(client, manager, ceilings):
    nation = ceilings.parent.parent
    other = Strand.objects.create(code="CH", name_es="Centros", name_en="Centres", position=9)
    Ceiling.objects.create(fiscal_year=nation.fiscal_year, strand=other, amount=5, agreement=nation.agreement)
    client.force_login(manager)
    lines = client.get("/projects/ceilings/?format=csv").getvalue().decode("utf-8-sig").splitlines()
    assert len(lines) == 5
    assert "1000000.00" in lines[3], "a strand's tree down to its leaves, then the next one"
    assert "5.00" in lines[4]


def test_the_list_costs_the_same_however_long(client, manager, ceilings, django_assert_max_num_queries):
    client.force_login(manager)
    with django_assert_max_num_queries(12):
        client.get("/projects/ceilings/")
