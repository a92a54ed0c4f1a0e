import datetime as dt

import pytest

from habitat.accounts.models import Notification
from projects import services
from projects.checklists import load_questions
from projects.models import ActionPoint, Visit
from projects.refusals import StepForbidden, StepRefused
from projects.tests.test_committees import at_status
from projects.workflow import Status

TODAY = dt.date(2026, 4, 20)


@pytest.fixture
def works(pipe):
    load_questions()
    return at_status(pipe, Status.IN_EXECUTION)


@pytest.fixture
def visit(works, reviewer):
    return services.plan_visit(works, kind="site", planned_on=TODAY, visitor=reviewer, by=reviewer)


def answers_to(visit):
    return {item.pk: ("yes", "") for item in services.questions_of(visit.kind, visit.project)}


def make(visit, by, now, **fields):
    fields = {"answers": answers_to(visit), "summary": "Bien.", "made_on": TODAY} | fields
    return services.make_visit(visit, by=by, at=now, **fields)


def test_a_checklist_asks_what_its_modality_asks(works):
    texts = {item.text_en for item in services.questions_of("site", works)}
    assert "Is the works log up to date?" in texts
    assert "Is a list of attendance kept?" not in texts


def test_a_visit_needs_every_answer(visit, reviewer, now):
    with pytest.raises(StepRefused):
        make(visit, reviewer, now, answers={})


def test_a_finding_with_something_to_do_lies_on_its_owners_desk(client, visit, reviewer, certifier, now):
    todo = services.Found("serious", "Sin letrero", "Colocarlo", certifier, TODAY + dt.timedelta(5))
    make(visit, reviewer, now, findings=[todo])
    assert Notification.objects.filter(user=certifier, key__startswith="point-").count() == 1
    client.force_login(certifier)
    assert "Colocarlo" in client.get("/projects/points/?mine=on").content.decode()


def test_a_point_is_closed_with_words_by_its_owner(visit, reviewer, certifier, preparer, works):
    point = services.add_point(works, text="Letrero", owner=certifier, due_on=TODAY, by=reviewer)
    with pytest.raises(StepForbidden):
        services.close_point(point, done="Ya", by=preparer)
    with pytest.raises(StepRefused):
        services.close_point(point, done=" ", by=certifier)
    closed = services.close_point(point, done="Se colocó.", by=certifier)
    assert closed.closed_by == certifier
    with pytest.raises(StepRefused, match=str(certifier)):
        services.close_point(point, done="Otra cosa", by=reviewer)
    assert not ActionPoint.objects.open().exists()


def test_nobody_of_another_place_gets_something_to_do(works, reviewer, stranger):
    with pytest.raises(StepRefused):
        services.add_point(works, text="Letrero", owner=stranger, due_on=TODAY, by=reviewer)


def test_a_verification_plans_the_next_one_by_the_rules(pipe, reviewer, now):
    load_questions()
    at_status(pipe, Status.CLOSED)
    visit = services.plan_visit(pipe, kind="verification", planned_on=TODAY, visitor=reviewer, by=reviewer)
    with pytest.raises(StepRefused):
        make(visit, reviewer, now)
    made = make(visit, reviewer, now, marks=dict.fromkeys(services.MARKS, True))
    assert made.next_on == dt.date(2027, 4, 20)
    assert Visit.objects.filter(planned_on=made.next_on, made_on=None).exists()


def test_there_is_nothing_to_verify_before_the_handover(works, reviewer):
    with pytest.raises(StepRefused):
        services.plan_visit(works, kind="verification", planned_on=TODAY, visitor=reviewer, by=reviewer)


def test_a_question_with_answers_keeps_its_words(visit, reviewer, manager, now):
    make(visit, reviewer, now)
    item = visit.answers.first().item
    item.text_es = "¿Otra cosa?"
    with pytest.raises(StepRefused):
        services.save_question(item, by=manager)


def test_the_page_keeps_what_was_typed_when_an_answer_is_missing(client, visit, reviewer):
    client.force_login(reviewer)
    answer = client.post(
        f"/projects/{visit.project_id}/visits/{visit.pk}/made/", {"summary": "Zanja abierta", "made_on": "2026-04-20"}
    )
    assert answer.status_code == 400
    assert "Zanja abierta" in answer.content.decode()


@pytest.mark.parametrize("count", [1, 4])
def test_the_list_asks_as_much_for_one_visit_as_for_four(
    client, auditor, works, reviewer, count, django_assert_num_queries
):
    for _number in range(count):
        services.plan_visit(works, kind="site", planned_on=TODAY, visitor=reviewer, by=reviewer)
    client.force_login(auditor)
    client.get("/projects/visits/")
    with django_assert_num_queries(6):
        client.get("/projects/visits/")
