"""What is told of action points and of SICS: before the day and once it is over, each once."""

import datetime as dt
from collections.abc import Iterator

from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from habitat.accounts.models import Kind, Role, User
from habitat.accounts.notices import Notice
from modalities import parameters
from modalities.models import business_days
from projects import notifications
from projects.models import ActionPoint, SicsCapture


def social_notices(today: dt.date) -> Iterator[Notice]:
    last = business_days().add(today, int(parameters.CATALOGUE["reminder_days"].value))
    points = ActionPoint.objects.open().filter(due_on__lte=last).select_related("owner", "project")
    for point in points:
        yield _of_point(point, today)
    captures = list(SicsCapture.objects.open().filter(due_on__lte=last).select_related("committee"))
    if not captures:
        return
    local = notifications.valid_accounts().filter(role__in=[Role.PREPARER, Role.CERTIFIER])
    people: dict[str, list[User]] = {}
    for user in local.exclude(municipality=None):
        people.setdefault(str(user.municipality_id), []).append(user)
    for capture in captures:
        for user in people.get(capture.committee.municipality_id, ()):
            yield _of_capture(capture, user, today)


def _of_point(point: ActionPoint, today: dt.date) -> Notice:
    name = _name(point.due_on, today)
    with translation.override(point.owner.language):
        known = {"folio": point.project.folio, "day": date_format(point.due_on)}
        text = (
            _("%(folio)s: what you had to do by %(day)s is overdue")
            if name == "overdue"
            else _("%(folio)s: something is due on %(day)s")
        ) % known
    key = f"point-{name}-{point.pk}"
    return notifications.about(point.project, point.owner, Kind.DEADLINE, key=key, text=text, lines=[point.text])


def _of_capture(capture: SicsCapture, user: User, today: dt.date) -> Notice:
    name = _name(capture.due_on, today)
    with translation.override(user.language):
        known = {
            "committee": capture.committee.name,
            "what": capture.get_what_display(),
            "day": date_format(capture.due_on),
        }
        text = (
            _("SICS: “%(what)s” of %(committee)s was due on %(day)s")
            if name == "overdue"
            else _("SICS: “%(what)s” of %(committee)s is due on %(day)s")
        ) % known
    key, url = f"sics-{name}-{capture.pk}", f"/projects/committees/{capture.committee_id}/"
    return Notice(user, Kind.DEADLINE, key, text, url, ((capture.committee_id, text),), "projects.committee")


def _name(due_on: dt.date, today: dt.date) -> str:
    return "overdue" if due_on < today else "soon"
