"""Courses and workshops: sessions, participants, who came for how many hours."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from habitat.lib.audit import audited, touch
from modalities.models import Unit
from projects.models.people import Person
from projects.models.projects import Action
from projects.models.stipends import of_one_place
from projects.querysets.people import OfActionInRegister, OfCourse

# Action types whose quantity is courses.
COURSE_UNITS = (Unit.COURSE, Unit.WORKSHOP)


def hours(label, **kwargs) -> models.DecimalField:
    return models.DecimalField(label, max_digits=6, decimal_places=2, **kwargs)


@audited()
class Course(models.Model):
    """One course or workshop of an action; `hours` are those planned."""

    action = models.ForeignKey(Action, models.PROTECT, related_name="courses")
    name = models.CharField(_("name"), max_length=200)
    place = models.CharField(_("place"), max_length=200, blank=True)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))
    hours = hours(_("hours planned"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = OfActionInRegister.as_manager()

    class Meta:
        ordering = ["action", "starts_on", "pk"]
        verbose_name = _("course")
        verbose_name_plural = _("courses")
        constraints = [
            models.UniqueConstraint(fields=["action", "name"], name="course_once_an_action"),
            models.CheckConstraint(
                condition=models.Q(ends_on__gte=models.F("starts_on")), name="course_ends_after_start"
            ),
            models.CheckConstraint(condition=models.Q(hours__gt=0), name="course_has_hours"),
        ]
        triggers = [touch(), pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.name


@audited()
class CourseSession(models.Model):
    course = models.ForeignKey(Course, models.PROTECT, related_name="sessions")
    on = models.DateField(_("date"))
    hours = hours(_("hours"))
    topic = models.CharField(_("topic"), max_length=200, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False)
    # Of the attendance; none was taken yet where it is empty.
    taken_at = models.DateTimeField(_("attendance taken"), null=True)
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = OfCourse.as_manager()

    class Meta:
        ordering = ["course", "on", "pk"]
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        constraints = [
            models.CheckConstraint(condition=models.Q(hours__gt=0, hours__lte=12), name="session_hours_possible")
        ]


@audited()
class Participant(models.Model):
    """A person enrolled in a course. Completion is worked out from the hours, never typed."""

    course = models.ForeignKey(Course, models.PROTECT, related_name="participants")
    person = models.ForeignKey(Person, models.PROTECT, related_name="participations")
    enrolled_on = models.DateField(_("enrolled on"))
    left_on = models.DateField(_("left on"), null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False)

    objects = OfCourse.as_manager()

    class Meta:
        ordering = ["person__first_surname", "person__second_surname", "person__given_names", "pk"]
        verbose_name = _("participant")
        verbose_name_plural = _("participants")
        constraints = [
            models.UniqueConstraint(fields=["course", "person"], name="participant_once_a_course"),
            models.CheckConstraint(
                condition=models.Q(left_on=None) | models.Q(left_on__gte=models.F("enrolled_on")),
                name="participant_left_after_enrolled",
            ),
        ]
        triggers = [
            of_one_place(
                "SELECT a.project_id FROM projects_action AS a JOIN projects_course AS c ON c.action_id = a.id"
                " WHERE c.id = NEW.course_id"
            ),
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
        ]


@audited()
class Attendance(models.Model):
    """A participant came to a session for so many hours; who did not come has no row."""

    session = models.ForeignKey(CourseSession, models.PROTECT, related_name="attendance")
    participant = models.ForeignKey(Participant, models.PROTECT, related_name="attendance")
    hours = hours(_("hours"))

    class Meta:
        ordering = ["session", "participant"]
        constraints = [
            models.UniqueConstraint(fields=["session", "participant"], name="came_once_a_session"),
            models.CheckConstraint(condition=models.Q(hours__gt=0), name="attendance_has_hours"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="of_the_course",
                operation=pgtrigger.Insert | pgtrigger.Update,
                when=pgtrigger.Before,
                func="""
                    IF NOT EXISTS (
                        SELECT FROM projects_coursesession AS s
                        JOIN projects_participant AS p ON p.course_id = s.course_id
                        WHERE s.id = NEW.session_id AND p.id = NEW.participant_id AND NEW.hours <= s.hours
                    ) THEN
                        RAISE EXCEPTION 'only participants of the course come to its sessions, for their hours at most'
                            USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            )
        ]
