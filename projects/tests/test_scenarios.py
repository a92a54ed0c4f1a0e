"""Scenarios: decided on paper, measured, committed as steps by the program unit, once."""

from decimal import Decimal

import pytest
from django.core.management import call_command
from django.urls import reverse

from projects import services
from projects.models import ActionBlock, Project, Scenario
from projects.planning import measure
from projects.refusals import Refused, StepForbidden
from projects.tests.test_money import twin


@pytest.fixture
def plan(project, lead, people, ceilings, reviewer):
    """Three submitted projects of 500,000 federal each; the ceiling holds two."""
    for case in (project, twin(project, "04-ME-0997"), twin(project, "04-ME-0998")):
        lead(case, "submit")
    return services.create_scenario(
        name="Primera vuelta", fiscal_year=project.fiscal_year, state=project.municipality.state, by=reviewer
    )


def decide(plan, by, folio, choice, **fields):
    return services.decide_row(plan.rows.get(project__folio=folio), choice=choice, by=by, **fields)


def test_a_scenario_is_measured_by_money_dwellings_mix_and_ceilings(plan, project, reviewer):
    ActionBlock.objects.create(action=project.actions.get(), block=project.polygon_version.blocks.first(), share=1)
    decide(plan, reviewer, "04-ME-0144", "accept")
    decide(plan, reviewer, "04-ME-0997", "cut", federal=Decimal(100_000))
    found = measure(plan)
    assert (found.federal, found.local, found.undecided) == (600_000, 1_000_000, 1)
    assert (found.households, found.dwellings, found.without_water) == (186, 36, (20, 20))
    assert (found.mix, found.over) == ([("ME", Decimal(600_000), Decimal(100))], [])
    used = [(str(use.ceiling), use.used, round(use.share)) for use in found.fullest]
    assert used[:2] == [("Campeche › Campeche", 600_000, 60), ("Campeche", 600_000, 30)]
    decide(plan, reviewer, "04-ME-0997", "accept")
    decide(plan, reviewer, "04-ME-0998", "accept")
    assert [(str(use.ceiling), use.over) for use in measure(plan).over] == [("Campeche › Campeche", 500_000)]


def test_a_cut_has_its_amount_and_a_refusal_its_reason(plan, reviewer, delegate):
    for choice, fields in (("cut", {}), ("cut", {"federal": Decimal(500_000)}), ("refuse", {})):
        with pytest.raises(Refused):
            decide(plan, reviewer, "04-ME-0144", choice, **fields)
    with pytest.raises(StepForbidden):
        decide(plan, delegate, "04-ME-0144", "accept")
    decide(plan, reviewer, "04-ME-0144", "accept")
    assert services.copy_scenario(plan, name="Otra", by=delegate).rows.filter(choice="accept").count() == 1


def test_committing_takes_each_step_once_and_names_what_changed(plan, project, reviewer, manager, lead, people):
    fourth = twin(project, "04-ME-0999")
    lead(fourth, "submit")
    services.add_submitted(plan, by=reviewer)
    decide(plan, reviewer, "04-ME-0144", "accept")
    decide(plan, reviewer, "04-ME-0997", "cut", federal=Decimal(400_000))
    decide(plan, reviewer, "04-ME-0998", "refuse", remark="Fuera de norma")
    decide(plan, reviewer, "04-ME-0999", "accept")
    services.take_step(fourth, "withdraw", by=people["certifier"], reason="Sin terreno")
    with pytest.raises(StepForbidden):
        services.commit_scenario(plan, by=reviewer)
    services.commit_scenario(plan, by=manager)
    for _twice in range(2):
        call_command("run_scenarios")
    assert dict(Project.objects.values_list("folio", "status")) == {
        "04-ME-0144": "authorised",
        "04-ME-0997": "observed",
        "04-ME-0998": "rejected",
        "04-ME-0999": "withdrawn",
    }
    assert "$400,000.00" in Project.objects.get(folio="04-ME-0997").observations.get().text
    told = plan.rows.get(project=fourth)
    assert told.is_done is False
    assert told.said
    plan.refresh_from_db()
    assert (plan.status, plan.rows.filter(is_done=True).count()) == (Scenario.Status.DONE, 3)
    assert project.history.filter(step="authorise").count() == 1
    with pytest.raises(Refused):
        services.commit_scenario(plan, by=manager)


def test_a_scenario_is_written_compared_and_committed_on_its_pages(
    client, plan, project, reviewer, manager, preparer, django_assert_max_num_queries
):
    client.force_login(reviewer)
    url = reverse("projects:scenario", args=[plan.pk])
    with django_assert_max_num_queries(25):
        assert client.get(url).status_code == 200
    row = plan.rows.get(project=project)
    assert client.post(url, {f"row-{row.pk}-choice": "cut"}).status_code == 400
    assert client.post(url, {f"row-{row.pk}-choice": "accept"}).status_code == 302
    copy = client.post(reverse("projects:copy-scenario", args=[plan.pk]))
    other = Scenario.objects.exclude(pk=plan.pk).get()
    assert copy.url == reverse("projects:scenario", args=[other.pk])
    page = client.get(f"{reverse('projects:compare-scenarios')}?s={plan.pk}&s={other.pk}")
    assert [one.federal for one in page.context["measures"]] == [500_000, 500_000]
    assert len(client.get(f"{url}?format=csv").getvalue().decode().splitlines()) == 4
    assert client.get(reverse("projects:commit-scenario", args=[plan.pk])).status_code == 403
    client.force_login(preparer)
    assert client.get(url).status_code == 404
    client.force_login(manager)
    commit = reverse("projects:commit-scenario", args=[plan.pk])
    page = client.get(commit)
    assert [why_not for _row, why_not in page.context["checked"]] == [[]]
    assert client.post(commit).status_code == 302
    call_command("run_scenarios")
    project.refresh_from_db()
    assert project.status == "authorised"
