"""Proposals are written by their municipality's preparers, while they are theirs to write."""

from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from modalities import services as rule_book
from modalities.models import ActionType, Modality, Strand
from projects import services
from projects.models import Project, Status, StatusChange
from projects.rules import Facts, decisions
from projects.rules.conduct import location_basis


@pytest.fixture
def propose(rules, campeche, preparer):
    def propose(**fields):
        fields = {"by": preparer, "municipality": campeche, "modality": "ME", "strand": "G", "name": "Agua"} | fields
        fields["modality"] = Modality.objects.get(pk=fields["modality"])
        fields["strand"] = Strand.objects.get(pk=fields["strand"])
        return services.create_draft(**fields)

    return propose


def observe(project: Project, *sections: str) -> None:
    """Bring a project back with observations, as the review's steps do."""
    for status in (Status.SUBMITTED, Status.OBSERVED):
        Project.objects.filter(pk=project.pk).update(status=status)
    StatusChange.objects.create(
        project=project,
        step="observe",
        from_status=Status.SUBMITTED,
        to_status=Status.OBSERVED,
        at=timezone.now(),
        sections=list(sections),
    )
    project.refresh_from_db()


def test_folios_run_by_state_and_modality(propose, rules):
    folios = [propose(modality=code).folio for code in ("ME", "ME", "DS", "ME")]
    assert folios == ["04-ME-0001", "04-ME-0002", "04-DS-0001", "04-ME-0003"]


def test_folios_pass_ten_thousand(propose):
    Project.objects.filter(pk=propose().pk).update(folio="04-ME-9999")
    assert [propose().folio, propose().folio] == ["04-ME-10000", "04-ME-10001"]


def test_a_draft_stands_under_the_rules_in_force_and_begins_its_history(propose, rules, preparer):
    draft = propose()
    assert (draft.rules, draft.fiscal_year_id, draft.status) == (rules, 2026, Status.DRAFT)
    assert draft.history.get().by == preparer


def test_without_an_open_year_nobody_begins(propose, rules):
    rules.fiscal_year.status = "closing"
    rules.fiscal_year.save()
    with pytest.raises(ValidationError):
        propose()


@pytest.mark.parametrize("role", ["certifier", "stranger", "reviewer", "manager", "auditor"])
def test_only_preparers_of_the_municipality_begin(propose, request, role):
    with pytest.raises(PermissionDenied):
        propose(by=request.getfixturevalue(role))


def test_a_change_takes_the_ready_mark_away(project, preparer):
    Project.objects.filter(pk=project.pk).update(ready_at=timezone.now(), ready_by=preparer)
    assert services.update_draft(project, by=preparer, name="Agua y drenaje").ready_at is None
    project.refresh_from_db()
    assert (project.name, project.ready_at) == ("Agua y drenaje", None)


def test_a_submitted_proposal_is_closed(project, preparer):
    Project.objects.filter(pk=project.pk).update(status=Status.SUBMITTED)
    with pytest.raises(services.SectionClosed):
        services.update_draft(project, by=preparer, name="otro")


def test_an_observation_opens_its_section_alone(project, preparer):
    observe(project, "funding")
    services.set_contributions(project.actions.get(), by=preparer, amounts={"federal": Decimal("1.50")})
    with pytest.raises(services.SectionClosed):
        services.update_draft(project, by=preparer, name="otro")


def test_the_polygon_is_of_the_municipality(project, preparer, polygon_version, tlaxcala):
    polygon_version.polygon.municipality = tlaxcala
    polygon_version.polygon.save()
    with pytest.raises(ValidationError):
        services.update_draft(project, by=preparer, polygon_version=polygon_version)


def test_the_end_does_not_come_before_the_start(project, preparer):
    with pytest.raises(ValidationError):
        services.update_draft(project, by=preparer, ends_on=project.starts_on.replace(year=2025))


def test_actions_share_the_projects_modality(project, preparer):
    with pytest.raises(ValidationError):
        services.add_action(project, by=preparer, action_type=ActionType.objects.get(pk="DS01"), quantity=1)


def test_only_what_the_years_rules_fund_is_added(project, preparer):
    unfunded = ActionType.objects.get(pk="ME01")
    unfunded.pk, unfunded.public_id = "ME99", "00000000-0000-4000-8000-000000000099"
    unfunded.save(force_insert=True)
    with pytest.raises(ValidationError):
        services.add_action(project, by=preparer, action_type=unfunded, quantity=1)


def test_contributions_are_four_and_replace_the_former(project, preparer):
    action = project.actions.get()
    services.set_contributions(action, by=preparer, amounts={"federal": Decimal(10), "state": Decimal(10)})
    assert dict(action.contributions.values_list("source", "amount")) == {
        "federal": 10,
        "state": 10,
        "municipal": 0,
        "beneficiaries": 0,
    }


def test_the_last_action_stays_and_another_goes(project, preparer):
    first = project.actions.get()
    with pytest.raises(ValidationError):
        services.remove_action(first, by=preparer)
    second = services.add_action(project, by=preparer, action_type=first.action_type, quantity=5)
    services.remove_action(first, by=preparer)
    assert list(project.actions.all()) == [second]


def test_of_two_open_years_a_draft_belongs_to_the_newer(rules, preparer, campeche):
    newer = rule_book.publish(rule_book.copy_rules(rules, 2027), by=None)
    newer.fiscal_year.status = "open"
    newer.fiscal_year.save(update_fields=["status"])
    assert services.rules_for_new_projects() == newer


def test_an_action_without_a_place_of_its_own_needs_no_site(project, preparer):
    action = project.actions.get()
    ActionType.objects.filter(pk="ME01").update(geometry_kind="none", location_basis="serving_polygon")
    services.set_site(action, by=preparer)
    _words, inputs = location_basis(Facts(project), None)
    assert decisions.location_basis(inputs) == "pass"
