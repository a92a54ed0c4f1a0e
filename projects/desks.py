"""Desks: one condition each, which the count, the list and the files share."""

import datetime as dt

from django.db import models
from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from habitat.accounts.models import Role, User
from projects.models import Opinion, Project, Status
from projects.querysets.works import ProjectQuerySet
from projects.turns import waiting_statuses
from projects.workflow import PUBLIC

ENDED = (Status.CLOSED, Status.REJECTED, Status.WITHDRAWN, Status.CANCELLED)


class Desk(models.TextChoices):
    MINE = "mine", _("Assigned to me")
    UNASSIGNED = "unassigned", _("Unassigned in my territory")
    OTHERS = "others", _("Waiting for others")
    OVERDUE = "overdue", _("Overdue")


ABOUT = {
    Desk.MINE: _("Cases in your hands whose next step is yours, and those of colleagues you stand in for."),
    Desk.UNASSIGNED: _("Cases whose next step is your role's and that nobody has taken."),
    Desk.OTHERS: _("Proposals of your territory that somebody else has to move on before they are approved."),
    Desk.OVERDUE: _("Cases of your territory past the day their rules set, whoever has them."),
}


def desks_of(user: User) -> tuple[Desk, ...]:
    """Technicians have the opinions asked of them; who takes no step has nothing assigned."""
    if user.role == Role.TECHNICIAN:
        return Desk.MINE, Desk.OVERDUE
    return tuple(Desk) if waiting_statuses(user.role) else (Desk.OVERDUE,)


def condition(desk: Desk, user: User, today: dt.date) -> Q:
    """Of the projects this user sees, which lie on the desk on a day (local)."""
    if desk == Desk.OVERDUE:
        return Q(due_on__lt=today) & ~Q(status__in=ENDED)
    if user.role == Role.TECHNICIAN:
        return Q(Exists(Opinion.objects.filter(project=OuterRef("pk"), given_at=None)))
    turn = Q(status__in=waiting_statuses(user.role))
    us = [user.pk, *(away.pk for away in user.stands_in_for)]
    if desk == Desk.MINE:
        return turn & (Q(assigned_to__in=us) | Q(assigned_to=None, created_by__in=us))
    if desk == Desk.UNASSIGNED:
        return turn & Q(assigned_to=None) & ~Q(created_by__in=us)
    theirs = ~turn | (Q(assigned_to__isnull=False) & ~Q(assigned_to__in=us))
    unwritten = Q() if user.is_local else ~Q(status=Status.DRAFT)
    return theirs & unwritten & ~Q(status__in=[*ENDED, *PUBLIC])


def on_desk(desk: Desk, user: User, today: dt.date) -> ProjectQuerySet:
    return Project.objects.visible_to(user).filter(condition(desk, user, today))


def tabs(user: User, today: dt.date) -> list[dict[str, object]]:
    """Of `projects/_desks.html`: each desk with its count and address."""
    return [
        {"desk": desk, "count": count, "url": reverse("projects:desk", args=[desk.value])}
        for desk, count in counts(user, today).items()
    ]


def counts(user: User, today: dt.date) -> dict[Desk, int]:
    """How many lie on each of the user's desks, in one query."""
    sums = {desk.value: Count("pk", filter=condition(desk, user, today)) for desk in desks_of(user)}
    found = Project.objects.visible_to(user).order_by().aggregate(**sums)
    return {desk: found[desk.value] for desk in desks_of(user)}
