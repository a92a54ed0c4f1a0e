import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction

from modalities import services
from modalities.models import ActionType, CapRule, ConductRule, RulesVersion, ShareRule
from modalities.sentences import sentence


def refused(write) -> bool:
    try:
        with transaction.atomic():
            write()
    except DatabaseError as error:
        return "rules in force are immutable" in str(error)
    return False


def test_a_rule_in_force_cannot_be_changed_added_or_removed(rules):
    share = ShareRule.objects.get(rules=rules)
    assert refused(lambda: ShareRule.objects.filter(pk=share.pk).update(federal_max_pct=90))
    assert refused(share.delete)
    assert refused(lambda: ConductRule.objects.create(rules=rules, code="new", clause="1", source="-"))
    assert refused(lambda: RulesVersion.objects.filter(pk=rules.pk).update(source="otra"))


def test_a_draft_copy_can_be_changed_and_then_supersedes_what_was_in_force(rules, manager):
    draft = services.copy_rules(rules, rules.fiscal_year_id, by=manager)
    assert (draft.version, draft.status, draft.copied_from) == (2, RulesVersion.Status.DRAFT, rules)
    ShareRule.objects.filter(rules=draft).update(federal_max_pct=60)

    services.publish(draft, by=manager)

    rules.refresh_from_db()
    draft.refresh_from_db()
    assert (rules.status, draft.status) == (RulesVersion.Status.SUPERSEDED, RulesVersion.Status.IN_FORCE)
    assert ShareRule.objects.get(rules=rules).federal_max_pct == 50
    assert refused(lambda: ShareRule.objects.filter(rules=draft).update(federal_max_pct=70))


def test_only_a_draft_is_published(rules, manager):
    with pytest.raises(ValidationError):
        services.publish(rules, by=manager)


def test_the_audit_row_of_a_copy_names_who_made_it(rules, manager):
    draft = services.copy_rules(rules, 2031, by=manager)
    event = RulesVersion.pgh_event_models["insert"].objects.get(pgh_obj=draft)
    assert event.pgh_context.metadata["user"] == manager.pk


def test_a_copy_of_a_copy_keeps_the_first_origin(rules):
    first = services.copy_rules(rules, 2030)
    second = services.copy_rules(first, 2031)
    assert second.source == first.source == "Copia de 2026, sin verificar. Prueba"


def test_drafts_are_for_those_who_write_or_audit_rules(rules, manager, auditor, technician, certifier, delegate):
    from django.contrib.auth.models import AnonymousUser

    draft = services.copy_rules(rules, 2030, by=manager)
    for user in (manager, auditor, technician):
        assert draft in RulesVersion.objects.visible_to(user)
    for user in (certifier, delegate, AnonymousUser()):
        assert list(RulesVersion.objects.visible_to(user)) == [rules]


def test_a_cap_with_an_amount_can_be_said(rules):
    cap = CapRule(rules=rules, action_type=ActionType.objects.get(code="ME01"), basis="work", amount=1200)
    assert "1,200.00" in sentence(cap)
