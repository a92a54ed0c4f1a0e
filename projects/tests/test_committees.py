import datetime as dt
import io

import pytest
from django.urls import reverse
from pypdf import PdfReader

from habitat.accounts.models import Notification
from modalities.models import ActionType
from projects import rules, services
from projects.checklists import load_questions
from projects.models import Committee, SicsCapture
from projects.refusals import StepForbidden, StepRefused
from projects.workflow import Status


def at_status(project, status):
    """As if it had come there by the road, which other tests walk."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE projects_project SET status = %s WHERE id = %s", [status, project.pk])
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")
    project.refresh_from_db()
    return project


@pytest.fixture
def committee(pipe, constituted):
    return constituted(pipe)


def judged(project, code, at):
    return next(row for row in rules.evaluate(project, at) if row.code == code)


def test_a_polygons_committee_watches_all_of_its_works(pipe, now, certifier, paper):
    at_status(pipe, Status.APPROVED)
    made = services.constitute_committee(
        by=certifier, projects=[], minutes=paper(), municipality=pipe.municipality, fiscal_year=pipe.fiscal_year,
        polygon=pipe.polygon_version.polygon, name="Del polígono", constituted_on=now.date(),
    )  # fmt: skip
    assert judged(pipe, "committee_before_start", now).outcome == "unknown"
    services.add_member(
        made, by=certifier, name="Ana Chi", sex="woman", post="vocal", joined_on=now.date(), is_no_official=True
    )
    assert judged(pipe, "committee_before_start", now).outcome == "pass"


def test_a_committee_constituted_later_does_not_count_yet(pipe, committee, now):
    at_status(pipe, Status.APPROVED)
    before = now - dt.timedelta(30)
    assert judged(pipe, "committee_before_start", before).outcome == "unknown"


def test_studies_ask_for_no_committee(pipe, now):
    ActionType.objects.filter(pk="ME01").update(needs_committee=False)
    for code in ("committee_before_start", "committee_verdict"):
        assert judged(pipe, code, now).outcome == "pass"


def test_nobody_is_a_member_without_the_declaration(committee, certifier, now):
    with pytest.raises(StepRefused):
        services.add_member(
            committee, by=certifier, name="X", sex="man", post="vocal", joined_on=now.date(), is_no_official=False
        )


def test_each_act_gets_its_day_in_sics_once_and_for_all(committee, certifier, pipe):
    # 15 business days after 10 April 2026.
    assert committee.captures.get(what="constitution").due_on == dt.date(2026, 5, 4)
    services.record_activity(
        committee, by=certifier, on=dt.date(2026, 4, 13), kind="training", text="Guía", women=3, men=2
    )
    capture = committee.captures.get(what="training")
    assert services.mark_captured(capture, on=dt.date(2026, 4, 20), by=certifier).captured_by == certifier
    with pytest.raises(StepRefused):
        services.mark_captured(capture, on=dt.date(2026, 4, 21), by=certifier)


def test_an_overdue_capture_is_told_once(committee, certifier):
    at = dt.datetime(2026, 5, 6, 16, tzinfo=dt.UTC)
    services.remind(at=at)
    assert services.remind(at=at) == [], "what was told already is not told, nor counted, again"
    assert Notification.objects.filter(user=certifier, key__startswith="sics-overdue").count() == 1


def test_every_question_of_a_form_is_answered(committee, certifier, pipe):
    load_questions()
    questions = services.questions_of("vigilance", pipe)
    with pytest.raises(StepRefused):
        services.capture_form(committee, pipe, by=certifier, on=dt.date(2026, 4, 15), answers={questions[0].pk: "yes"})
    answers = {item.pk: "yes" for item in questions}
    form = services.capture_form(committee, pipe, by=certifier, on=dt.date(2026, 4, 15), answers=answers)
    assert form.answers.count() == len(questions)
    assert SicsCapture.objects.get(form=form).due_on > form.on


def test_a_waiver_takes_a_second_person(pipe, delegate, manager, paper):
    at_status(pipe, Status.PROVEN)
    waiver = services.ask_waiver(pipe, reason="Se disolvió.", upload=paper(), by=delegate)
    with pytest.raises(StepForbidden):
        services.decide_waiver(waiver, is_granted=True, note="Sí", by=delegate)
    services.decide_waiver(waiver, is_granted=True, note="Sí", by=manager)
    assert judged(pipe, "committee_verdict", None).outcome == "pass"


def test_an_unsatisfied_committee_stops_the_closing(pipe, committee, certifier, now, paper):
    at_status(pipe, Status.PROVEN)
    services.record_verdict(
        pipe, committee, is_favourable=False, text="Fuga.", on=now.date(), upload=paper(), by=certifier
    )
    judgement = judged(pipe, "committee_verdict", now)
    assert (judgement.outcome, judgement.blocks("close"), judgement.blocks("prove")) == ("unknown", True, False)


@pytest.mark.parametrize(("reader", "reads"), [("auditor", True), ("certifier", True), ("technician", False)])
def test_names_of_members_are_for_who_works_with_them(client, request, committee, reader, reads):
    client.force_login(request.getfixturevalue(reader))
    page = client.get(reverse("projects:committee", args=[committee.pk])).content.decode()
    assert ("Rosa Uc" in page) is reads


def test_a_government_keeps_no_committee_of_another(committee, stranger, now):
    with pytest.raises(StepForbidden):
        services.add_member(
            committee, by=stranger, name="X", sex="man", post="vocal", joined_on=now.date(), is_no_official=True
        )


@pytest.mark.parametrize("count", [1, 4])
def test_the_list_asks_as_much_for_one_committee_as_for_four(
    client, auditor, pipe, constituted, count, django_assert_num_queries
):
    for number in range(count):
        constituted(pipe, name=f"Comité {number}")
    client.force_login(auditor)
    client.get("/projects/committees/")
    with django_assert_num_queries(LIST_QUERIES):
        client.get("/projects/committees/")


LIST_QUERIES = 6


def test_files_of_the_list_name_no_member(client, auditor, committee):
    client.force_login(auditor)
    body = b"".join(client.get("/projects/committees/?format=csv").streaming_content).decode()
    assert committee.name in body
    assert "Rosa" not in body
    assert Committee.objects.count() == 1


def test_the_blank_form_is_a_tagged_pdf_with_the_works_data(client, certifier, pipe, committee):
    load_questions()
    client.force_login(certifier)
    reader = PdfReader(io.BytesIO(client.get(reverse("projects:vigilance-form", args=[pipe.pk])).content))
    assert reader.root_object["/MarkInfo"]["/Marked"]
    assert pipe.folio in reader.pages[0].extract_text()
