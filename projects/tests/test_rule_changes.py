"""A draft of the rules on the open proposals: previewed without writing, put in force by a second person."""

import csv
from decimal import Decimal
from threading import Event, Thread

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from habitat.accounts.models import Notification, OutboxMessage
from habitat.tests.fixtures import YEAR
from modalities import services as rule_book
from modalities.models import CapRule, RulesVersion, ShareRule
from projects import services
from projects.models import PreviewedChange, Project, RulesPreview, StatusChange, Verdict
from projects.refusals import Refused
from projects.tests.test_money import twin
from projects.workers import previewing


@pytest.fixture
def colleague(make_user):
    return make_user("manager", is_national=True, name="Colega", language="en")


@pytest.fixture
def draft(rules, manager):
    """The federal part may be 40 per cent, and a water network may have 600,000 pesos."""
    version = rule_book.start_draft(rules, YEAR, by=manager)
    share = version.sharerules.get()
    rule_book.save_rule(
        version, ShareRule, {"federal_max_pct": Decimal(40), "local_min_pct": Decimal(60)}, by=manager, pk=share.pk,
        seen=rule_book.fingerprint(share),
    )  # fmt: skip
    rule_book.save_rule(
        version, CapRule, by=manager,
        values={"action_type_id": "ME01", "basis": "work", "amount": 600_000, "clause": "4", "source": "DOF",
                "required_at": "submit"},
    )  # fmt: skip
    return version


@pytest.fixture
def previewed(draft, project, manager, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        preview = services.ask_preview(draft, by=manager)
    preview.refresh_from_db()
    return preview


def test_the_preview_says_which_verdict_changes_and_why(previewed, project):
    assert (previewed.status, previewed.total, previewed.done, previewed.changed) == ("done", 1, 1, 1)
    change = PreviewedChange.objects.get()
    assert (change.project, change.rule_code, change.before, change.after) == (project, "share-general", "pass", "fail")
    assert change.stops_after == "submit"
    assert (change.inputs_before["maximum"], change.inputs_after["maximum"]) == ("50.00", "40.00")
    assert "50" in change.why
    assert "40" in change.why


def test_the_preview_writes_nothing_but_itself(draft, project, manager, django_capture_on_commit_callbacks):
    before = Project.pgh_event_model.objects.count(), Project.objects.get(pk=project.pk).updated_at
    with CaptureQueriesContext(connection) as ran, django_capture_on_commit_callbacks(execute=True):
        services.ask_preview(draft, by=manager)
    written = {query["sql"].split('"')[1] for query in ran if query["sql"].startswith(("INSERT", "UPDATE", "DELETE"))}
    assert written == {"projects_rulespreview", "projects_previewedchange"}
    assert (Project.pgh_event_model.objects.count(), Project.objects.get(pk=project.pk).updated_at) == before
    assert not Verdict.objects.exists()


def test_a_proposal_costs_a_bounded_number_of_queries(draft, project, manager):
    def cost() -> int:
        preview = RulesPreview.objects.create(rules=draft, asked_by=manager, asked_at=draft.created_at)
        with CaptureQueriesContext(connection) as ran:
            previewing.run_preview(preview.pk)
        return len(ran)

    alone = cost()
    for number in range(4):
        twin(project, f"04-ME-100{number}")
    assert (cost() - alone) / 4 <= 10


def test_a_run_that_died_is_gone_on_with_and_repeats_nothing(draft, project, manager, monkeypatch):
    for number in range(3):
        twin(project, f"04-ME-100{number}")
    monkeypatch.setattr(previewing, "CHUNK", 2)
    preview = RulesPreview.objects.create(rules=draft, asked_by=manager, asked_at=draft.created_at, total=4)
    calls = iter([None, RuntimeError("worker gone")])

    def die(project, at=None, _facts=previewing.facts_of):
        yield from _facts(project, at=at)
        if error := next(calls, None):
            raise error

    with monkeypatch.context() as broken:
        broken.setattr(previewing, "facts_of", die)
        previewing.run_preview(preview.pk)
    preview.refresh_from_db()
    assert (preview.status, preview.done) == ("running", 2)
    call_command("run_previews")
    preview.refresh_from_db()
    assert (preview.status, preview.done, preview.changed) == ("done", 4, 4)
    assert PreviewedChange.objects.count() == 4


def test_only_those_who_write_rules_preview_and_publish(draft, technician, auditor, delegate):
    for person in (technician, auditor, delegate):
        with pytest.raises(PermissionDenied):
            services.ask_preview(draft, by=person)
        with pytest.raises(PermissionDenied):
            services.publish_rules(draft, by=person, reason="-")


# ---- In force -------------------------------------------------------------------------------------------------------
def test_the_editor_cannot_publish_and_nobody_without_a_preview_of_what_stands(draft, project, manager, colleague):
    with pytest.raises(Refused) as refused:
        services.publish_rules(draft, by=manager, reason=" ")
    assert len(refused.value.messages) == 3
    with pytest.raises(Refused):
        services.publish_rules(draft, by=colleague, reason="DOF")
    assert RulesVersion.objects.get(pk=draft.pk).is_draft


def test_an_edit_after_the_preview_asks_for_another(previewed, draft, manager, colleague):
    assert services.is_current(previewed, draft)
    rule_book.change_types(draft, add=set(), remove={"PD01"}, by=manager)
    assert not services.is_current(previewed, draft)
    with pytest.raises(Refused):
        services.publish_rules(draft, by=colleague, reason="DOF")


def test_open_proposals_move_and_what_was_approved_keeps_its_rules(
    draft, project, rules, manager, colleague, lead, django_capture_on_commit_callbacks
):
    approved = twin(project)
    submitted = twin(project, "04-ME-0500")
    lead(approved, "approve")
    lead(submitted, "authorise")
    kept = list(Verdict.objects.filter(project=submitted).values_list("rules", flat=True))
    due_on = submitted.due_on
    with django_capture_on_commit_callbacks(execute=True):
        services.ask_preview(draft, by=manager)
    published = services.publish_rules(draft, by=colleague, reason="Publicadas en el DOF")
    assert (published.previous, published.moved) == (rules, 2)
    for each in (approved, submitted, project):
        each.refresh_from_db()
    rules.refresh_from_db()
    assert (rules.status, approved.rules, submitted.rules, project.rules) == ("superseded", rules, draft, draft)
    assert submitted.due_on == due_on
    assert list(Verdict.objects.filter(project=submitted).values_list("rules", flat=True)) == kept
    event = Project.pgh_event_model.objects.filter(pgh_obj=submitted).latest("pgh_id")
    assert event.pgh_context.metadata["user"] == colleague.pk
    assert StatusChange.objects.filter(project=submitted).latest("pk").step == "authorise"


def test_those_with_open_proposals_are_told_once_in_their_language(
    previewed, draft, colleague, preparer, reviewer, stranger, auditor
):
    services.publish_rules(draft, by=colleague, reason="Publicadas en el DOF")
    told = set(Notification.objects.values_list("user", flat=True))
    assert told >= {preparer.pk, reviewer.pk}
    assert not told & {stranger.pk, auditor.pk, colleague.pk}
    message = OutboxMessage.objects.get(to=preparer.email, key__startswith="rules-")
    assert "Publicadas en el DOF" in message.notification.lines[-1][1]
    assert message.notification.url == f"/modalities/rules/{YEAR}/2/comparison/"


@pytest.mark.django_db(transaction=True)
def test_a_proposal_begun_while_rules_are_published_follows_the_new_ones(
    draft, manager, colleague, preparer, campeche, rules
):
    """The publication holds the rules; the draft waits for it and reads them afterwards."""
    is_held, errors = Event(), []

    def publish() -> None:
        try:
            with transaction.atomic():
                services.publish_rules(draft, by=colleague, reason="DOF")
                is_held.set()
                waiting.join(1)
        except Exception as error:
            errors.append(error)
            is_held.set()
        finally:
            connection.close()

    def begin() -> None:
        is_held.wait(10)
        try:
            services.create_draft(
                by=preparer, municipality=campeche, modality=rules.action_types.get(pk="ME01").modality,
                strand=rules.sharerules.model._meta.get_field("strand").related_model.objects.get(pk="G"), name="Nueva",
            )  # fmt: skip
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    publishing, waiting = Thread(target=publish), Thread(target=begin)
    publishing.start()
    waiting.start()
    publishing.join(20)
    waiting.join(20)
    assert errors == []
    assert Project.objects.get(name="Nueva").rules == draft


# ---- Pages ----------------------------------------------------------------------------------------------------------
def address(draft, page) -> str:
    return f"/modalities/rules/{draft.fiscal_year_id}/{draft.version}/{page}/"


def test_the_page_counts_filters_and_exports_the_same_rows(
    client, previewed, draft, auditor, django_assert_max_num_queries
):
    client.force_login(auditor)
    client.cookies["django_language"] = "en"
    with django_assert_max_num_queries(20):
        page = client.get(address(draft, "preview")).content.decode()
    assert "1 of 1 open proposals looked at" in page.replace("\n", " ")
    assert "share-general" in page
    assert "share-general" in client.get(address(draft, "preview") + "?rule=share-general&after=fail").content.decode()
    nothing = client.get(address(draft, "preview") + "?after=pass").content.decode()
    assert "No verdict that changes fits these filters" in nothing
    lines = b"".join(client.get(address(draft, "preview") + "?format=csv").streaming_content).decode("utf-8-sig")
    assert [row[6] for row in csv.reader(lines.splitlines())][1:] == ["share-general"]
    assert client.get(address(draft, "preview") + "?rule=nonsense").status_code == 200


def test_a_second_person_puts_it_in_force_on_its_page(client, previewed, draft, manager, colleague):
    client.cookies["django_language"] = "en"
    client.force_login(manager)
    assert "a second person does" in client.get(address(draft, "publish")).content.decode()
    assert client.post(address(draft, "publish"), {"reason": "DOF"}).status_code == 400
    client.force_login(colleague)
    assert client.post(address(draft, "publish"), {"reason": ""}).status_code == 400
    assert client.post(address(draft, "publish"), {"reason": "DOF"}).status_code == 302
    assert RulesVersion.objects.in_force().get() == draft
