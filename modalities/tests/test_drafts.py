"""Writing a draft of the rules in the portal: by the program unit, two at once, published by a second person."""

import csv

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.test import Client

from habitat.tests.fixtures import YEAR
from modalities import services
from modalities.comparison import compare
from modalities.models import CapRule, ConductRule, RulesEdit, RulesVersion, ShareRule

pytestmark = pytest.mark.django_db


@pytest.fixture
def colleague(make_user):
    """A second person of the program unit."""
    return make_user("manager", is_national=True, name="Colega")


@pytest.fixture
def draft(rules, manager):
    return services.start_draft(rules, YEAR, by=manager)


@pytest.fixture
def desk(client, manager) -> Client:
    client.force_login(manager)
    client.cookies["django_language"] = "en"
    return client


def address(draft, *parts) -> str:
    return "/".join(["/modalities/rules", str(draft.fiscal_year_id), str(draft.version), *map(str, parts)]) + "/"


SHARE = {
    "federal_max_pct": "60", "local_min_pct": "40", "clause": "3.5", "source": "DOF", "required_at": "submit",
    "note": "", "strand": "", "modality": "", "action_type": "",
}  # fmt: skip


def test_a_draft_copied_within_the_year_keeps_sources_and_marks(rules, manager):
    with transaction.atomic():
        draft = services.start_draft(rules, YEAR, by=manager)
    assert compare(rules, draft) == []
    assert (draft.version, draft.status) == (2, "draft")


def test_a_draft_for_another_year_is_an_unverified_copy(rules, manager):
    draft = services.start_draft(rules, YEAR + 1, by=manager)
    assert draft.sharerules.get().source.startswith("Copia de 2026")
    assert all(row.is_citation for row in compare(rules, draft))


def test_a_year_has_one_draft_at_a_time(rules, draft, colleague):
    with pytest.raises(ValidationError, match="2026"):
        services.start_draft(rules, YEAR, by=colleague)
    services.discard(draft, reason="Se empieza de nuevo", by=colleague)
    assert services.start_draft(rules, YEAR, by=colleague).version == 3


@pytest.mark.parametrize("who", ["technician", "auditor", "delegate", "certifier"])
def test_only_the_program_unit_writes_rules(request, rules, draft, who):
    person = request.getfixturevalue(who)
    with pytest.raises(PermissionDenied):
        services.start_draft(rules, YEAR + 1, by=person)
    with pytest.raises(PermissionDenied):
        services.save_rule(draft, ShareRule, {}, by=person)
    with pytest.raises(PermissionDenied):
        services.discard(draft, reason="-", by=person)


def test_a_rule_is_added_changed_and_removed_and_each_is_told(draft, manager):
    cap = services.save_rule(
        draft, CapRule, {"action_type_id": "ME01", "basis": "work", "clause": "4", "source": "DOF"}, by=manager
    )
    assert cap.code == "cap-me01"
    services.save_rule(draft, CapRule, {"amount": 5}, by=manager, pk=cap.pk, seen=services.fingerprint(cap))
    cap.refresh_from_db()
    services.remove_rule(draft, CapRule, cap.pk, by=manager, seen=services.fingerprint(cap))
    told = list(draft.edits.filter(code="cap-me01").values_list("what", "by"))
    assert told == [("removed", manager.pk), ("changed", manager.pk), ("added", manager.pk)]


def test_who_wrote_in_a_draft_does_not_publish_it_even_by_raw_insert(draft, manager, colleague):
    with pytest.raises(ValidationError, match=r"segunda persona|second person"):
        services.publish(draft, by=manager, reason="-")
    with pytest.raises(IntegrityError), transaction.atomic():
        RulesEdit.objects.create(rules=draft, what="published", by=manager, at=draft.created_at)
    services.publish(draft, by=colleague, reason="Publicadas en el DOF")
    assert draft.edits.first().by == colleague


def test_a_published_draft_is_written_no_more(draft, manager, colleague):
    services.publish(draft, by=colleague, reason="-")
    with pytest.raises(ValidationError):
        services.change_types(draft, add=set(), remove={"ME01"}, by=manager)


def test_a_discarded_draft_is_neither_written_nor_published_nor_public(client, draft, manager, colleague):
    services.discard(draft, reason="Error de captura", by=manager)
    for write in (
        lambda: services.publish(draft, by=colleague),
        lambda: services.save_head(draft, {"source": "x", "published_on": None}, by=colleague, seen=""),
    ):
        with pytest.raises(ValidationError):
            write()
    with pytest.raises(IntegrityError), transaction.atomic():
        ShareRule.objects.filter(rules=draft).update(federal_max_pct=90)
    assert client.get(address(draft)).status_code == 404


# ---- Pages ----------------------------------------------------------------------------------------------------------
def test_a_draft_is_started_from_its_page(desk, rules):
    page = desk.post("/modalities/rules/new/", {"source": rules.pk, "year": YEAR})
    assert page.status_code == 302
    assert RulesVersion.objects.drafts().get().edits.get().what == "started"
    again = desk.post("/modalities/rules/new/", {"source": rules.pk, "year": YEAR})
    assert again.status_code == 400
    assert "There is a draft for 2026 already" in again.content.decode()


@pytest.mark.parametrize("kind", [
    "sharerule", "caprule", "mixrule", "eligibilitycriterion", "requireddocument", "deadline", "conductrule",
    "parameter",
])  # fmt: skip
def test_every_kind_has_a_form_that_says_what_is_missing(desk, draft, kind):
    assert desk.get(address(draft, kind, "new")).status_code == 200
    refused = desk.post(address(draft, kind, "new"), {"source": "Lo que escribí"})
    assert refused.status_code == 400
    assert "Lo que escribí" in refused.content.decode()


def test_a_rule_is_changed_in_its_form(desk, draft):
    share = draft.sharerules.get()
    url = address(draft, "sharerule", share.pk)
    assert services.fingerprint(share) in desk.get(url).content.decode()
    saved = desk.post(url, SHARE | {"seen": services.fingerprint(share), "is_verified": "on"})
    assert saved.status_code == 302
    share.refresh_from_db()
    assert (share.federal_max_pct, share.clause, share.is_verified, share.code) == (60, "3.5", True, "share-general")


@pytest.mark.parametrize(("typed", "told"), [
    ({"federal_max_pct": "160"}, "between 0 and 100"),
    ({"federal_max_pct": "70", "local_min_pct": "40"}, "add up to more than 100"),
    ({"clause": ""}, "required"),
    ({"required_at": "elsewhere"}, "valid choice"),
])  # fmt: skip
def test_a_refused_form_keeps_what_was_typed(desk, draft, typed, told):
    share = draft.sharerules.get()
    page = desk.post(
        address(draft, "sharerule", share.pk), SHARE | {"seen": services.fingerprint(share), "note": "Mi nota"} | typed
    )
    assert page.status_code == 400
    assert told in page.content.decode()
    assert "Mi nota" in page.content.decode()
    share.refresh_from_db()
    assert share.federal_max_pct == 50


def test_a_code_is_once_in_a_version(desk, draft):
    taken = {"code": "share-general"} | SHARE
    page = desk.post(address(draft, "sharerule", "new"), taken)
    assert page.status_code == 400
    assert draft.sharerules.count() == 1


def test_the_second_editor_sees_both_values_and_chooses(desk, draft, colleague):
    share = draft.sharerules.get()
    url, seen = address(draft, "sharerule", share.pk), services.fingerprint(share)
    theirs = {"federal_max_pct": 55, "local_min_pct": 45}
    services.save_rule(draft, ShareRule, theirs, by=colleague, pk=share.pk, seen=seen)

    second = desk.post(url, SHARE | {"seen": seen})
    assert second.status_code == 409
    said = second.content.decode()
    assert "Colega" in said
    assert "55%" in said.replace("\N{NO-BREAK SPACE}", "")
    assert "60%" in said.replace("\N{NO-BREAK SPACE}", "")
    share.refresh_from_db()
    assert share.federal_max_pct == 55

    chosen = desk.post(url, SHARE | {"seen": services.fingerprint(share)})
    assert chosen.status_code == 302
    share.refresh_from_db()
    assert share.federal_max_pct == 60


def test_what_a_colleague_removed_can_be_added_again(desk, draft, colleague):
    share = draft.sharerules.get()
    seen = services.fingerprint(share)
    url = address(draft, "sharerule", share.pk)
    services.remove_rule(draft, ShareRule, share.pk, by=colleague, seen=seen)
    page = desk.post(url, SHARE | {"seen": seen})
    assert page.status_code == 409
    assert "removed this rule meanwhile" in page.content.decode()
    assert address(draft, "sharerule", "new") in page.content.decode()
    assert desk.post(address(draft, "sharerule", "new"), SHARE).status_code == 302
    assert draft.sharerules.get().federal_max_pct == 60


def test_a_changed_rule_is_not_removed_unseen(desk, draft, colleague):
    share = draft.sharerules.get()
    seen = services.fingerprint(share)
    services.save_rule(draft, ShareRule, {"clause": "9"}, by=colleague, pk=share.pk, seen=seen)
    url = address(draft, "sharerule", share.pk, "remove")
    assert desk.post(url, {"seen": seen}).status_code == 302
    assert draft.sharerules.count() == 1
    share.refresh_from_db()
    desk.post(url, {"seen": services.fingerprint(share)})
    assert draft.sharerules.count() == 0


def test_two_editors_of_the_types_undo_nothing_of_each_other(desk, draft, colleague):
    before = sorted(draft.action_types.values_list("pk", flat=True))
    services.change_types(draft, add=set(), remove={"PD01"}, by=colleague)
    desk.post(address(draft, "types"), {"types": ["ME01", "PD01"], "before": before})
    assert sorted(draft.action_types.values_list("pk", flat=True)) == ["ME01"]


def test_the_head_is_written_by_one_at_a_time(desk, draft, colleague):
    seen = services.fingerprint(draft)
    services.save_head(draft, {"source": "DOF 1", "published_on": None}, by=colleague, seen=seen)
    page = desk.post(address(draft, "head"), {"source": "DOF 2", "published_on": "2026-01-02", "seen": seen})
    assert page.status_code == 409
    assert "DOF 1" in page.content.decode()
    assert "DOF 2" in page.content.decode()


def test_a_conduct_rule_that_weighs_nothing_takes_no_threshold(desk, draft):
    row = {"code": "one_modality", "name_es": "Una", "name_en": "One", "threshold": "5", "clause": "1", "source": "DOF"}
    assert desk.post(address(draft, "conductrule", "new"), row).status_code == 400
    assert desk.post(address(draft, "conductrule", "new"), row | {"threshold": ""}).status_code == 302
    assert ConductRule.objects.get(rules=draft).code == "one_modality"


def test_a_version_in_force_cannot_be_opened_for_writing(desk, rules):
    share = rules.sharerules.get()
    for url in (address(rules, "head"), address(rules, "types"), address(rules, "sharerule", share.pk)):
        assert desk.get(url).status_code == 302
    refused = desk.post(address(rules, "sharerule", share.pk), SHARE | {"seen": services.fingerprint(share)})
    assert refused.status_code == 400
    share.refresh_from_db()
    assert share.federal_max_pct == 50


# ---- Comparison -----------------------------------------------------------------------------------------------------
def test_the_comparison_says_old_and_new_in_words(desk, rules, draft, manager, django_assert_max_num_queries):
    share = draft.sharerules.get()
    services.save_rule(
        draft, ShareRule, {"federal_max_pct": 60}, by=manager, pk=share.pk, seen=services.fingerprint(share)
    )
    services.save_rule(
        draft, CapRule, {"action_type_id": "ME01", "basis": "work", "amount": 100, "clause": "4", "source": "DOF"},
        by=manager,
    )  # fmt: skip
    services.change_types(draft, add=set(), remove={"PD01"}, by=manager)
    found = {(row.kind, row.code): row for row in compare(rules, draft)}
    assert [(row.what, row.is_citation) for row in found.values()] == [
        ("removed", False), ("changed", False), ("added", False),
    ]  # fmt: skip
    part = found["sharerule", "share-general"].parts[0]
    assert (part.field, part.old.rstrip("%"), part.new.rstrip("%")) == (
        "federal_max_pct", "50\N{NO-BREAK SPACE}", "60\N{NO-BREAK SPACE}",
    )  # fmt: skip
    with django_assert_max_num_queries(32):
        page = desk.get(address(draft, "comparison")).content.decode()
    assert "3 differences" in page
    rows = b"".join(desk.get(address(draft, "comparison") + "?format=csv").streaming_content).decode("utf-8-sig")
    assert len(list(csv.reader(rows.splitlines()))) == 4


def test_anybody_compares_what_was_in_force_and_nobody_outside_a_draft(client, rules, draft, colleague):
    assert client.get(address(draft, "comparison")).status_code == 404
    assert client.get(address(rules, "comparison") + f"?with={YEAR}-2").status_code == 404
    assert client.get(address(rules, "comparison") + "?with=abc").status_code == 404
    services.publish(draft, by=colleague, reason="-")
    assert client.get(address(draft, "comparison")).status_code == 200
