"""People behind the social actions of the demo. Nobody in it exists: the CURPs begin with XEXX or XIXX and have XXX for
inner consonants, which no name gives."""

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils import timezone

from habitat.lib.curp import check_digit
from projects import services
from projects.models import COURSE_UNITS, STIPEND_UNITS, Action, Course, CourseSession, Person, SocialActor
from projects.services.targets import months_between

if TYPE_CHECKING:
    from reports.demo.story import Story

GIVEN = (
    ("Rosa", "M"), ("Manuel", "H"), ("Elena", "M"), ("Jorge", "H"), ("Inés", "M"), ("Tomás", "H"), ("Lucía", "M"),
    ("Andrés", "H"), ("Marta", "M"), ("Pablo", "H"), ("Silvia", "M"), ("Óscar", "H"),
)  # fmt: skip
SURNAMES = ("Invento", "Ficticio", "Supuesta", "Imaginario", "Muestra", "Ejemplar")
FEW = 8


def invented(number: int, born_on: dt.date, sex: str) -> str:
    """A CURP of nobody whose check digit holds; `sex` H or M."""
    start = "XEXX" if number % 2 else "XIXX"
    namesake = str(number % 10) if born_on.year < 2000 else "ABCDEFGHIJ"[number % 10]
    first = f"{start}{born_on:%y%m%d}{sex}NEXXX{namesake}"
    return first + check_digit(first)


def people(story: "Story", count: int) -> list[Person]:
    """New ones, invented; each of another name and birth."""
    by, place = story.team.preparer, story.project.municipality
    # Counted in the whole country: the same CURP in two municipalities would be flagged.
    known = Person.objects.count()
    found = []
    for number in range(known, known + count):
        given, sex = GIVEN[number % len(GIVEN)]
        surname = SURNAMES[(number // len(GIVEN)) % len(SURNAMES)]
        born_on = dt.date(1958 + (number * 7) % 48, number % 12 + 1, number % 28 + 1)
        who = {"given_names": given, "first_surname": surname, "second_surname": "Demostración", "born_on": born_on}
        if number % 9 == 8:
            who |= {"no_curp": Person.NoCurp.FOREIGNER, "sex": "woman" if sex == "M" else "man"}
        else:
            who["curp"] = invented(number, born_on, sex)
        found.append(services.register_person(place, by=by, is_another=True, **who))
    return found


def serve(story: "Story") -> None:
    """Engagements with their months, or courses with their sessions, as far as the work got."""
    for action in story.project.actions.select_related("action_type"):
        if action.action_type.unit in STIPEND_UNITS:
            _pay(story, action)
        elif action.action_type.unit in COURSE_UNITS:
            _teach(story, action)
            _name_actor(story)


def _pay(story: "Story", action: Action) -> None:
    project, by = story.project, story.team.preparer
    starts_on = story.moments["start"].date()
    touched = months_between(starts_on, project.ends_on)
    heads = max(1, min(FEW, int(action.quantity) // max(len(touched), 1)))
    stipend = (services.cost_of(action) / max(action.quantity, Decimal(1))).quantize(Decimal("0.01"), "ROUND_DOWN")
    engaged = [
        services.engage(
            action, person, by=by, starts_on=starts_on, ends_on=project.ends_on, school="Universidad Inventada",
            monthly_stipend=stipend, months=min(len(touched), int(action.quantity) // heads),
        )
        for person in people(story, heads)
    ]  # fmt: skip
    for number, month in enumerate(month for month in touched if month <= story.at.date()):
        amounts = {row.pk: stipend for row in engaged}
        at = min(story.at, timezone.make_aware(dt.datetime.combine(month, dt.time(12))) + dt.timedelta(30))
        found, _refused = services.list_stipends(action, month, amounts=amounts, by=by, at=at)
        # The last month waits for its second person.
        if number < 2 and found.payments.exists():
            services.confirm_stipends(found, by=story.team.certifier, at=at)


def _teach(story: "Story", action: Action) -> None:
    project, by = story.project, story.team.preparer
    first = story.moments["start"].date()
    last = min(first + dt.timedelta(28), project.ends_on or first)
    course = services.save_course(
        Course(action=action, name=f"{action.action_type.name_es} 1", place="Centro de Desarrollo Comunitario",
               starts_on=first, ends_on=last, hours=Decimal(16)),
        by=by,
    )  # fmt: skip
    enrolled = [services.enrol(course, person, by=by, enrolled_on=first) for person in people(story, FEW)]
    for week in range(4):
        day = first + dt.timedelta(7 * week)
        if day > min(last, story.at.date()):
            break
        session = services.save_session(
            CourseSession(course=course, on=day, hours=Decimal(4), topic=f"Tema {week + 1}"), by=by
        )
        came = {row.pk: Decimal(4) for number, row in enumerate(enrolled) if (number + week) % 5}
        services.take_attendance(session, hours=came, by=by, at=story.at)


def _name_actor(story: "Story") -> None:
    place = story.project.municipality
    name = f"Asociación Inventada de {place.name}"
    actor = SocialActor.objects.filter(municipality=place, name=name).first() or SocialActor(
        municipality=place, name=name, kind=SocialActor.Kind.ORGANISATION, place="Domicilio de demostración"
    )
    parts = {row.project: row.part for row in actor.works.select_related("project")} if actor.pk else {}
    services.save_actor(actor, parts=parts | {story.project: "acts"}, by=story.team.preparer)
