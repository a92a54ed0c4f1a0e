"""Who is told of a step, in their own language: a line in the portal and an e-mail in the outbox."""

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from habitat.accounts import outbox
from habitat.accounts.models import Notification, User
from projects.models import Project, StatusChange
from projects.workflow import steps_of


def tell_of(change: StatusChange) -> None:
    """Written in the step's own transaction: neither told without the step, nor the step without being told."""
    for user in readers(change):
        with translation.override(user.language):
            text, body = words(change)
        path = f"/projects/{change.project_id}/"
        Notification.objects.create(user=user, text=text[:300], url=path)
        outbox.queue(
            key=f"step-{change.pk}-{user.pk}",
            to=user.email,
            subject=text[:200],
            body=f"{body}\n\n{settings.PUBLIC_URL}{path}\n",
        )


def words(change: StatusChange) -> tuple[str, str]:
    """Subject and body, in the active language."""
    project = change.project
    subject = _("%(folio)s: %(status)s") % {"folio": project.folio, "status": change.get_to_status_display()}
    lines = [_("Project %(folio)s “%(name)s” is now: %(status)s.")]
    if change.reason:
        lines.append(_("Reason: %(reason)s"))
    if project.due_on:
        lines.append(_("The next step is due on %(due)s."))
    known = {
        "folio": project.folio,
        "name": project.name,
        "status": change.get_to_status_display(),
        "reason": change.reason,
        "due": project.due_on and project.due_on.strftime("%d/%m/%Y"),
    }
    return subject, "\n".join(line % known for line in lines)


def readers(change: StatusChange) -> QuerySet[User]:
    """Whose turn it is now, and those of the municipality who made the case; all of the project's own territory."""
    project = change.project
    next_roles = {
        move.role
        for step in steps_of(project.rules.workflow).values()
        if not step.is_exit
        for move in step.move_from(project.status)
    }
    made_it = Q(pk__in=[project.created_by_id, project.ready_by_id]) | Q(
        pk__in=project.history.filter(step="submit").values("by")
    )
    return (
        User.objects.filter(Q(role__in=next_roles) | made_it)
        .filter(within_reach(project))
        .filter(is_active=True, valid_from__lte=timezone.localdate())
        .exclude(valid_to__lt=timezone.localdate())
        .exclude(pk=change.by_id)
        .distinct()
    )


def within_reach(project: Project) -> Q:
    """Users whose territory holds the project."""
    place = project.municipality
    return Q(is_national=True) | Q(state=place.state_id) | Q(municipality=place.pk)
