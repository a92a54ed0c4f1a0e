"""Courses of social actions: sessions, who is enrolled, who came and completed; and what was reported instead."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Count, DecimalField, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from habitat.accounts.models import User
from habitat.lib.templatetags.portal import number
from modalities import parameters
from modalities.models import RulesVersion, Unit
from projects.models import (
    COURSE_UNITS,
    STIPEND_UNITS,
    Action,
    AgeGroup,
    Attendance,
    Course,
    CourseSession,
    Engagement,
    Participant,
    Person,
    ProgressLine,
    Project,
    StipendList,
    StipendPayment,
)
from projects.refusals import StepRefused
from projects.services.engagements import lock_action, need_open, years_of
from projects.services.merging import Marks, merge, refuse
from projects.services.people import need_keeper, settle_on

AGES = ((15, AgeGroup.CHILDREN), (30, AgeGroup.YOUNG), (60, AgeGroup.ADULTS))
HOURS = DecimalField(max_digits=8, decimal_places=2)
NONE = Decimal(0)
CENT = Decimal("0.01")
# What a form says of a course.
COURSE = ("name", "place", "starts_on", "ends_on", "hours")


@transaction.atomic
def save_course(course: Course, *, by: User, seen: Marks | None = None) -> Course:
    """A new one, or one that changes. Raises StepForbidden, StepRefused or Overtaken."""
    action = lock_action(course.action)
    project = action.project
    need_keeper(by, project.municipality_id)
    need_open(project)
    if course.pk:
        course = _merged(course, seen)
    messages = []
    if Unit(action.action_type.unit) not in COURSE_UNITS:
        messages.append(_("This action gives no courses."))
    if course.ends_on < course.starts_on:
        messages.append(_("The end comes before the start."))
    first, last = years_of(project)
    if not first <= course.starts_on <= course.ends_on <= last:
        days = {"first": f"{first:%d/%m/%Y}", "last": f"{last:%d/%m/%Y}"}
        messages.append(_("The project lasts from %(first)s to %(last)s.") % days)
    others = action.courses.exclude(pk=course.pk)
    if others.filter(name__iexact=course.name).exists():
        messages.append(_("A course of this name exists already in this action."))
    if course.pk is None and others.count() >= action.quantity:
        messages.append(_("The action has %(count)s courses, and all are here.") % {"count": f"{action.quantity:g}"})
    if messages:
        raise StepRefused(messages)
    if course.pk is None:
        course.by = by
    course.save()
    return course


def _merged(course: Course, seen: Marks | None) -> Course:
    """The course as it stands, with what was changed here."""
    locked = Course.objects.select_for_update(of=("self",)).get(pk=course.pk)
    now, typed = ({name: getattr(row, name) for name in COURSE} for row in (locked, course))
    mine, theirs = merge(now, typed, seen)
    refuse(locked, theirs)
    for name, value in mine.items():
        setattr(locked, name, value)
    return locked


def lock_course(course: Course, by: User) -> Course:
    project = course.action.project
    need_keeper(by, project.municipality_id)
    need_open(project)
    return Course.objects.select_for_update(of=("self",)).get(pk=course.pk)


@transaction.atomic
def save_session(session: CourseSession, *, by: User) -> CourseSession:
    """Within the course's days and planned hours. Raises StepForbidden or StepRefused."""
    course = lock_course(session.course, by)
    messages = []
    if not course.starts_on <= session.on <= course.ends_on:
        days = {"first": f"{course.starts_on:%d/%m/%Y}", "last": f"{course.ends_on:%d/%m/%Y}"}
        messages.append(_("The course lasts from %(first)s to %(last)s.") % days)
    given = course.sessions.exclude(pk=session.pk).aggregate(sum=Sum("hours", default=Decimal(0)))["sum"]
    if given + session.hours > course.hours:
        words = {"sum": f"{given + session.hours:g}", "most": f"{course.hours:g}"}
        messages.append(_("All sessions together would be %(sum)s hours; %(most)s are planned.") % words)
    if session.pk and session.attendance.filter(hours__gt=session.hours).exists():
        messages.append(_("Somebody attended more hours than that."))
    if messages:
        raise StepRefused(messages)
    if session.pk is None:
        session.by = by
    session.save()
    return session


@transaction.atomic
def enrol(course: Course, person: Person, *, by: User, enrolled_on: dt.date) -> Participant:
    """Raises StepForbidden or StepRefused."""
    lock_course(course, by)
    if course.participants.filter(person=person).exists():
        raise StepRefused([_("This person is enrolled already.")])
    if enrolled_on > course.ends_on:
        raise StepRefused([_("The course had ended by then.")])
    return Participant.objects.create(course=course, person=person, enrolled_on=enrolled_on, by=by)


@transaction.atomic
def enrol_person(course: Course, *, by: User, chosen: str, who: dict[str, Any], enrolled_on: dt.date) -> Participant:
    """Registers somebody new, or takes who was `chosen` of those offered, and enrols them: both or neither."""
    # The course before the municipality, as `rosters` does: two at once wait for one another in one order.
    lock_course(course, by)
    person = settle_on(course.action.project.municipality, by=by, chosen=chosen, who=who)
    return enrol(course, person, by=by, enrolled_on=enrolled_on)


@transaction.atomic
def leave_course(participant: Participant, *, on: dt.date, by: User) -> Participant:
    lock_course(participant.course, by)
    if participant.left_on:
        raise StepRefused([_("This person left already.")])
    if on < participant.enrolled_on:
        raise StepRefused([_("Nobody leaves before being enrolled.")])
    if participant.attendance.filter(session__on__gt=on).exists():
        raise StepRefused([_("This person came after that day.")])
    participant.left_on = on
    participant.save(update_fields=["left_on"])
    return participant


def expected_at(session: CourseSession) -> QuerySet[Participant]:
    """Who was enrolled on that day, and who is written down as having come."""
    rows = Participant.objects.filter(course=session.course_id, enrolled_on__lte=session.on)
    gone = rows.filter(left_on__lt=session.on).exclude(attendance__session=session)
    return rows.exclude(pk__in=gone.values("pk")).select_related("person")


@transaction.atomic
def take_attendance(
    session: CourseSession, *, hours: Mapping[int, Decimal], by: User, seen: Marks | None = None,
    at: dt.datetime | None = None,
) -> dict[int, str]:  # fmt: skip
    """`hours`: participant → hours attended; who is not named, or has 0, did not come. Answers why rows were refused.

    `seen`: participant → mark of what the sheet said. Then who is not named stays as they are, and a row that another
    person changed since is kept or refused as in `list_stipends`. Raises StepForbidden or StepRefused before the day
    of the session.
    """
    at = at or timezone.now()
    lock_course(session.course, by)
    if session.on > session.course.action.project.municipality.local_day(at):
        raise StepRefused([_("The session lies ahead.")])
    expected = {row.pk for row in expected_at(session)}
    refused = {
        key: _("The session lasted %(hours)s hours.") % {"hours": f"{session.hours:g}"}
        for key, count in hours.items()
        if count > session.hours
    }
    refused |= {key: _("Not enrolled on that day.") for key in hours if key not in expected}
    kept = {row.participant_id: row for row in session.attendance.all()}
    named = expected if seen is None else expected & set(hours)
    typed = {str(key): hours.get(key, NONE) for key in named - set(refused)}
    now = {str(key): row.hours for key, row in kept.items()}
    mine, theirs = merge({key: now.get(key, NONE) for key in typed}, typed, seen)
    for key in mine.keys() - theirs.keys():
        _set_hours(session, kept.get(int(key)), int(key), mine[key])
    session.taken_at, session.taken_by = at, by
    session.save(update_fields=["taken_at", "taken_by"])
    return refused | {int(key): _overtaken(count, typed[key]) for key, count in theirs.items()}


def in_hours(value: Decimal | int) -> str:
    """With the decimals it has: 4, 2.5, 12.75."""
    exponent = Decimal(value).quantize(CENT).normalize().as_tuple().exponent
    return number(value, max(-int(exponent), 0))


def _overtaken(theirs: Decimal, yours: Decimal) -> str:
    words = {"theirs": in_hours(theirs), "yours": in_hours(yours)}
    return _("Meanwhile somebody else wrote %(theirs)s hours; you wrote %(yours)s. Save what holds.") % words


def _set_hours(session: CourseSession, kept: Attendance | None, participant: int, hours: Decimal) -> None:
    if kept and not hours:
        kept.delete()
    elif kept and kept.hours != hours:
        kept.hours = hours
        kept.save(update_fields=["hours"])
    elif not kept and hours:
        Attendance.objects.create(session=session, participant_id=participant, hours=hours)


# ---- Sums -----------------------------------------------------------------------------------------------------------
def with_hours(participants: QuerySet[Participant]) -> QuerySet[Participant]:
    """Adds `came`, the hours attended."""
    came = Attendance.objects.filter(participant=OuterRef("pk")).order_by().values("participant")
    summed = came.annotate(sum=Sum("hours")).values("sum")
    return participants.annotate(came=Coalesce(Subquery(summed), Value(Decimal(0)), output_field=HOURS))


def least_hours(course: Course, rules: RulesVersion) -> Decimal:
    """Who attended as many of the planned hours has completed the course."""
    return course.hours * parameters.value(rules, "course_completion_percent") / 100


@dataclass(frozen=True)
class Reported:
    """What a project says of a social action beside what the register holds; sums alone, no names.

    Of courses: the people it serves beside those enrolled. Of stipends: the months it measured beside those confirmed.
    """

    action: Action
    is_course: bool
    reported: Decimal
    registered: int
    women: int
    men: int
    others: int
    # Age group → people; ages on the day their part began.
    ages: dict[str, int]

    @property
    def gap(self) -> Decimal:
        return max(self.reported - self.registered, Decimal(0))


def age_group(born_on: dt.date, day: dt.date) -> AgeGroup:
    years = day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))
    return next((group for below, group in AGES if years < below), AgeGroup.OLDER)


def reported_of(project: Project) -> list[Reported]:
    """Of each social action of a project. Five queries."""
    social = project.actions.filter(action_type__unit__in=(*COURSE_UNITS, *STIPEND_UNITS))
    actions = list(social.select_related("action_type").defer("geometry").order_by("pk"))
    people: dict[int, dict[int, tuple]] = {action.pk: {} for action in actions}
    fields = ("person", "person__sex", "person__born_on")
    served = Engagement.objects.filter(action__in=actions).values_list("action", *fields, "starts_on")
    taught = Participant.objects.filter(course__action__in=actions)
    for key, person, *facts in (*served, *taught.values_list("course__action", *fields, "enrolled_on")):
        people[key][person] = tuple(facts)
    lines = ProgressLine.objects.filter(action__in=actions).exclude(report__status="superseded")
    measured = dict(lines.order_by().values("action").annotate(sum=Sum("quantity")).values_list("action", "sum"))
    paid = StipendPayment.objects.filter(list__action__in=actions, list__status=StipendList.Status.CONFIRMED)
    months = dict(paid.order_by().values("list__action").annotate(n=Count("pk")).values_list("list__action", "n"))
    return [_reported(row, list(people[row.pk].values()), measured, months) for row in actions]


def _reported(
    action: Action, people: list[tuple], measured: Mapping[int, Decimal], months: Mapping[int, int]
) -> Reported:
    ages: dict[str, int] = dict.fromkeys(AgeGroup.values, 0)
    for _sex, born_on, day in people:
        if born_on:
            ages[age_group(born_on, day)] += 1
    sexes = Counter(sex for sex, _born_on, _day in people)
    is_course = Unit(action.action_type.unit) in COURSE_UNITS
    reported = Decimal(action.women + action.men) if is_course else measured.get(action.pk, Decimal(0))
    registered = len(people) if is_course else months.get(action.pk, 0)
    return Reported(
        action=action, is_course=is_course, reported=reported, registered=registered, women=sexes["woman"],
        men=sexes["man"], others=sexes["other"], ages=ages,
    )  # fmt: skip


def with_counts(courses: QuerySet[Course]) -> QuerySet[Course]:
    """Adds `enrolled` and `sessions_count`."""
    return courses.annotate(
        enrolled=Count("participants", distinct=True), sessions_count=Count("sessions", distinct=True)
    )
