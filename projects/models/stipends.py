"""Service providers, promoters and tutors: who serves in which action, and what each is paid a month."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from habitat.lib.audit import audited, touch
from modalities.models import Unit
from projects.models.money import pesos
from projects.models.people import Person
from projects.models.projects import Action
from projects.querysets.people import OfActionInRegister, StipendQuerySet


class Part(models.TextChoices):
    """What a person is in a social action."""

    PROVIDER = "provider", _("Social service provider")
    PROMOTER = "promoter", _("Community promoter")
    TUTOR = "tutor", _("Tutor or adviser")
    PARTICIPANT = "participant", _("Course participant")


# Action types whose quantity is people × months of a stipend.
STIPEND_UNITS = {
    Unit.PROVIDER_MONTH: Part.PROVIDER,
    Unit.PROMOTER_MONTH: Part.PROMOTER,
    Unit.ADVISER_MONTH: Part.TUTOR,
}


def of_one_place(project: str) -> pgtrigger.Trigger:
    """`project`: SQL over NEW that gives the project's key."""
    return pgtrigger.Trigger(
        name="of_one_place",
        operation=pgtrigger.Insert | pgtrigger.Update,
        when=pgtrigger.Before,
        func=f"""
            IF (SELECT municipality_id FROM projects_person WHERE id = NEW.person_id) IS DISTINCT FROM
               (SELECT municipality_id FROM projects_project WHERE id = ({project})) THEN
                RAISE EXCEPTION 'a person takes part in actions of the municipality that registered them'
                    USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        """,
    )


@audited()
class Engagement(models.Model):
    """A person who serves in an action for a monthly stipend, in pesos; `months` are those to be paid."""

    action = models.ForeignKey(Action, models.PROTECT, related_name="engagements")
    person = models.ForeignKey(Person, models.PROTECT, related_name="engagements")
    # Where a service provider studies.
    school = models.CharField(_("school"), max_length=200, blank=True)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))
    monthly_stipend = pesos(_("monthly stipend"))
    months = models.PositiveSmallIntegerField(_("months"))
    # Where it ended before its time.
    left_on = models.DateField(_("left on"), null=True)
    left_reason = models.CharField(_("why"), max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = OfActionInRegister.as_manager()

    class Meta:
        ordering = ["person__first_surname", "person__second_surname", "person__given_names", "pk"]
        verbose_name = _("engagement")
        verbose_name_plural = _("engagements")
        constraints = [
            models.UniqueConstraint(
                fields=["action", "person"], condition=models.Q(left_on=None), name="engaged_once_an_action"
            ),
            models.CheckConstraint(
                condition=models.Q(ends_on__gte=models.F("starts_on")), name="engagement_ends_after_start"
            ),
            models.CheckConstraint(condition=models.Q(monthly_stipend__gt=0, months__gt=0), name="engagement_is_paid"),
        ]
        triggers = [
            touch(),
            of_one_place("SELECT project_id FROM projects_action WHERE id = NEW.action_id"),
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
        ]

    @property
    def part(self) -> Part:
        return STIPEND_UNITS[Unit(self.action.action_type.unit)]


@audited()
class StipendList(models.Model):
    """The stipends of an action in a month: listed by some, confirmed by another. `month` is its first day.

    Who comes late to a confirmed month stands in its next list (`number`).
    """

    class Status(models.TextChoices):
        LISTED = "listed", _("Listed, to be confirmed")
        RETURNED = "returned", _("Returned")
        CONFIRMED = "confirmed", _("Confirmed")

    action = models.ForeignKey(Action, models.PROTECT, related_name="stipend_lists")
    month = models.DateField(_("month"))
    number = models.PositiveSmallIntegerField(_("list"), default=1)
    status = models.CharField(_("status"), max_length=9, choices=Status, default=Status.LISTED)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(_("confirmed"), null=True)
    # Why it was returned the last time, and by whom.
    reason = models.TextField(_("reason"), blank=True)
    returned_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = OfActionInRegister.as_manager()

    class Meta:
        ordering = ["action", "month", "number"]
        constraints = [
            models.UniqueConstraint(fields=["action", "month", "number"], name="stipend_list_once"),
            models.UniqueConstraint(
                fields=["action", "month"], condition=~models.Q(status="confirmed"), name="one_open_stipend_list"
            ),
            models.CheckConstraint(condition=models.Q(month__day=1), name="stipends_by_month"),
            models.CheckConstraint(
                condition=models.Q(status="confirmed", confirmed_by__isnull=False, confirmed_at__isnull=False)
                | (~models.Q(status="confirmed") & models.Q(confirmed_by=None, confirmed_at=None)),
                name="stipends_confirmed_whole",
            ),
        ]
        triggers = [
            # An open list goes with its last row: empty it would stand in the way of reopening another of the month.
            pgtrigger.Protect(
                name="confirmed_list_stays",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Q(old__status="confirmed"),
            ),
            pgtrigger.Trigger(
                name="two_people_pay",
                operation=pgtrigger.Insert | pgtrigger.Update,
                when=pgtrigger.Before,
                condition=pgtrigger.Q(new__status="confirmed"),
                func="""
                    IF EXISTS (SELECT FROM projects_stipendpayment
                               WHERE list_id = NEW.id AND by_id = NEW.confirmed_by_id) THEN
                        RAISE EXCEPTION 'who lists a stipend does not confirm it' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]


@audited()
class StipendPayment(models.Model):
    """What one person is paid of one month. `person` and `month` repeat the engagement's and the list's, by trigger:
    so nobody is paid a month twice, in whatever action."""

    list = models.ForeignKey(StipendList, models.PROTECT, related_name="payments")
    engagement = models.ForeignKey(Engagement, models.PROTECT, related_name="payments")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    month = models.DateField(_("month"))
    amount = pesos(_("amount"))
    # Who wrote this row last.
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("listed"))

    objects = StipendQuerySet.as_manager()

    class Meta:
        ordering = ["month", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["person", "month"], name="month_paid_once"),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="stipend_positive"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="as_engaged_and_listed",
                operation=pgtrigger.Insert | pgtrigger.Update,
                when=pgtrigger.Before,
                func="""
                    SELECT person_id INTO NEW.person_id FROM projects_engagement
                        WHERE id = NEW.engagement_id
                          AND action_id = (SELECT action_id FROM projects_stipendlist WHERE id = NEW.list_id);
                    SELECT month INTO NEW.month FROM projects_stipendlist WHERE id = NEW.list_id;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="confirmed_stays",
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                when=pgtrigger.Before,
                declare=[("listed", "text")],
                func="""
                    SELECT status INTO listed FROM projects_stipendlist
                        WHERE id = CASE WHEN TG_OP = 'INSERT' THEN NEW.list_id ELSE OLD.list_id END;
                    IF listed = 'confirmed' THEN
                        RAISE EXCEPTION 'a confirmed stipend does not change' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
                """,
            ),
        ]
