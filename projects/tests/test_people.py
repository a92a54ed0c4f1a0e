"""The restricted register: one person once, nobody merged silently, every reading noted, erased with the papers."""

import datetime as dt

import pgtrigger
import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, transaction

from habitat.lib.curp import check_digit
from projects import services
from projects.models import Destruction, Person, Project, RegisterReading, SocialActor
from projects.refusals import StepForbidden, StepRefused
from projects.tests.social import make_social


def curp_of(start: str) -> str:
    return start + check_digit(start)


# Of nobody: no name gives these letters.
ROSA = {"curp": curp_of("XEXX900312MNEXXX0"), "given_names": "Rosa Invento", "first_surname": "Uc"}
LUIS = {
    "no_curp": "foreigner", "given_names": "Luis", "first_surname": "Supuesto", "born_on": dt.date(2001, 5, 9),
    "sex": "man",
}  # fmt: skip


@pytest.fixture
def rosa(campeche, preparer):
    return services.register_person(campeche, by=preparer, **ROSA)


def events_of(person):
    return Person._meta.apps.get_model("projects", "PersonEvent").objects.filter(pgh_obj=person.pk)


def test_birth_and_sex_come_from_the_curp(rosa):
    assert (rosa.born_on, rosa.sex) == (dt.date(1990, 3, 12), "woman")
    assert rosa.name == "Rosa Invento Uc"


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"born_on": dt.date(1990, 3, 13)}, "born_on"),
        ({"sex": "man"}, "sex"),
        ({"no_curp": "newborn"}, "no_curp"),
        ({"curp": "XEXX900312MNEXXX1"}, "curp"),
        ({"curp": ""}, "curp"),
        ({"given_names": "=1+1"}, "given_names"),
        ({"first_surname": " "}, "first_surname"),
        ({"curp": curp_of("XEXX990312MNEXXXA")}, "curp"),  # 2099
    ],
)
def test_what_does_not_agree_is_refused_at_its_field_and_not_repeated(campeche, preparer, said, field):
    with pytest.raises(ValidationError) as refused:
        services.register_person(campeche, by=preparer, **ROSA | said)
    assert field in refused.value.message_dict
    assert "XEXX" not in str(refused.value)


def test_without_curp_a_reason_is_stated(campeche, preparer):
    assert services.register_person(campeche, by=preparer, **LUIS).no_curp == "foreigner"
    with pytest.raises(ValidationError) as refused:
        services.register_person(campeche, by=preparer, **LUIS | {"no_curp": "other"})
    assert list(refused.value.message_dict) == ["no_curp_note"]


def test_the_same_curp_is_offered_and_never_merged(rosa, campeche, preparer):
    with pytest.raises(services.AlreadyRegistered) as refused:
        services.register_person(campeche, by=preparer, is_another=True, **ROSA | {"given_names": "Otra"})
    assert (refused.value.people, refused.value.is_sure) == ([rosa], True)
    rosa.refresh_from_db()
    assert rosa.given_names == "Rosa Invento"


def test_namesakes_born_on_one_day_are_two_once_somebody_says_so(campeche, preparer):
    first = services.register_person(campeche, by=preparer, **LUIS)
    with pytest.raises(services.AlreadyRegistered) as refused:
        services.register_person(campeche, by=preparer, **LUIS)
    assert (refused.value.people, refused.value.is_sure) == ([first], False)
    assert services.register_person(campeche, by=preparer, is_another=True, **LUIS).pk != first.pk


def test_each_municipality_has_its_own_row(rosa, tlaxcala, make_user):
    other = make_user("preparer", municipality=tlaxcala)
    assert services.register_person(tlaxcala, by=other, **ROSA).pk != rosa.pk


@pytest.mark.parametrize("role", ["reviewer", "manager", "auditor"])
def test_others_read_and_do_not_write(campeche, request, role):
    with pytest.raises(StepForbidden):
        services.register_person(campeche, by=request.getfixturevalue(role), **ROSA)


def test_a_stranger_writes_nothing(rosa, stranger):
    with pytest.raises(StepForbidden):
        services.change_person(rosa, by=stranger, **ROSA)


@pytest.mark.parametrize(
    ("reader", "count"),
    [
        ("preparer", 1),
        ("delegate", 1),
        ("manager", 1),
        ("auditor", 1),
        ("technician", 0),
        ("stranger", 0),
        ("homeless", 0),
    ],
)
def test_who_sees_whom(rosa, request, reader, count):
    user = request.getfixturevalue(reader)
    assert Person.objects.visible_to(user).count() == count
    assert len(services.find_people(user, curp=rosa.curp)) == count


def test_a_service_account_sees_nobody(rosa, make_user):
    assert not Person.objects.visible_to(make_user("service", is_national=True)).exists()


def test_a_reading_is_never_taken_back(rosa, auditor):
    row = services.note_reading(auditor, "person", page="/x/", people=1, person=rosa)
    for change in (lambda: RegisterReading.objects.filter(pk=row.pk).update(people=0), row.delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_who_may_not_read_notes_nothing(technician):
    with pytest.raises(StepForbidden):
        services.note_reading(technician, "list", page="/x/", people=1)


def test_a_correction_keeps_what_stood_before_in_the_history(rosa, preparer):
    services.change_person(rosa, by=preparer, **ROSA | {"given_names": "Rosa María"})
    assert list(events_of(rosa).order_by("pgh_id").values_list("given_names", flat=True)) == [
        "Rosa Invento",
        "Rosa María",
    ]


def test_who_never_was_in_an_action_is_taken_out_whole(rosa, preparer):
    services.erase_person(rosa, by=preparer)
    kept = Person.objects.get(pk=rosa.pk)
    assert (kept.curp, kept.name, kept.born_on, kept.sex) == ("", "", None, "woman")
    assert [(row.curp, row.first_surname) for row in events_of(rosa)] == [("", "")]
    assert not Person.objects.known().exists()
    with pytest.raises(DatabaseError), transaction.atomic():
        Person.objects.filter(pk=rosa.pk).update(first_surname="Uc")


def test_history_is_guarded_but_for_the_erasure(rosa):
    with pytest.raises(DatabaseError), transaction.atomic():
        events_of(rosa).delete()


def test_the_database_wants_a_curp_or_a_reason(rosa):
    for wrong in ({"curp": ""}, {"no_curp": "foreigner"}, {"curp": "x"}, {"first_surname": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Person.objects.filter(pk=rosa.pk).update(**wrong)


def test_destroying_the_papers_erases_those_who_are_in_no_kept_project(social, rosa, preparer, manager, second):
    course = social.courses[0]
    services.enrol(course, rosa, by=preparer, enrolled_on=course.starts_on)
    luis = services.register_person(rosa.municipality, by=preparer, **LUIS)
    services.enrol(course, luis, by=preparer, enrolled_on=course.starts_on)
    services.engage(social.providers, luis, by=preparer, **social.terms)
    with pytest.raises(StepRefused):
        services.erase_person(rosa, by=preparer)
    proposal = Destruction.objects.create(
        project=course.action.project, kept_until=dt.date(2020, 1, 1), reason="X", by=manager, at=social.at
    )
    services.confirm_destruction(proposal, by=second)
    rosa.refresh_from_db()
    luis.refresh_from_db()
    assert (rosa.curp, rosa.erased_at is None) == ("", False)
    # He serves in another project, whose papers are kept: until those go, too.
    assert luis.first_surname == "Supuesto"
    proposal = Destruction.objects.create(
        project=social.providers.project, kept_until=dt.date(2020, 1, 1), reason="X", by=manager, at=social.at
    )
    services.confirm_destruction(proposal, by=second)
    luis.refresh_from_db()
    assert luis.name == ""


def test_who_serves_in_two_projects_stays_while_one_is_kept(
    social, rules, polygon_version, rosa, preparer, manager, second
):
    services.engage(social.providers, rosa, by=preparer, **social.terms)
    social.providers.project.folio, social.lessons.project.folio = "04-DS-0009", "04-DS-0008"
    for action in (social.providers, social.lessons):
        action.project.save(update_fields=["folio"])
    services.engage(make_social(rules, polygon_version, preparer).providers, rosa, by=preparer, **social.terms)
    proposal = Destruction.objects.create(
        project=social.providers.project, kept_until=dt.date(2020, 1, 1), reason="X", by=manager, at=social.at
    )
    services.confirm_destruction(proposal, by=second)
    rosa.refresh_from_db()
    assert rosa.curp == ROSA["curp"]


def test_an_actor_belongs_to_projects_of_its_place(project, preparer, campeche):
    actor = SocialActor(municipality=campeche, kind="organisation", name="Manos", place="Centro")
    services.save_actor(actor, parts={project: "acts"}, by=preparer)
    assert actor.works.get().part == "acts"
    services.save_actor(actor, parts={}, by=preparer)
    assert not actor.works.exists()
    with pytest.raises(StepRefused):
        services.save_actor(
            SocialActor(municipality=campeche, kind="school", name="MANOS", place="X"), parts={}, by=preparer
        )
    assert Project.objects.filter(pk=project.pk).exists()


def test_nothing_but_the_erasure_ignores_the_guard_of_the_history():
    """If this name changes, the erasure would leave the history behind."""
    assert "projects.PersonEvent:append_only" in {trigger.get_uri(model) for model, trigger in pgtrigger.registered()}
