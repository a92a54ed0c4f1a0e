"""Papers of closed works past their years: one person proposes to destroy them, another does; nothing goes silently."""

import datetime as dt
from functools import partial

from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from habitat.accounts.models import Role, User
from modalities import parameters
from modalities.models import RulesVersion
from projects.models import DestroyedFile, Destruction, Document, Project, Status
from projects.months import months_after
from projects.querysets.works import ProjectQuerySet
from projects.refusals import StepForbidden, StepRefused
from projects.services.people import forget_people_of


def may_destroy(user: User) -> bool:
    return bool(
        user.is_authenticated and user.can_write and user.is_valid_today and user.role == Role.MANAGER
        and user.sees_the_nation
    )  # fmt: skip


def closed_projects(user: User) -> ProjectQuerySet:
    """With `closed_at`, the moment of their last step."""
    closed = Project.objects.visible_to(user).filter(status=Status.CLOSED)
    return closed.annotate(closed_at=Max("history__at", filter=Q(history__step="close")))


def past_retention(user: User, today: dt.date) -> ProjectQuerySet:
    """Closed works whose years are over by the rules of each; a version counts its own years."""
    over = Q(pk__in=[])
    versions = RulesVersion.objects.exclude(status="draft").prefetch_related("parameters")
    for pk, numbers in parameters.by_version(versions).items():
        last = months_after(today, -12 * int(numbers["retention_years"]))
        over |= Q(rules=pk, closed_at__date__lt=last)
    return closed_projects(user).filter(over)


def kept_until(project: Project) -> dt.date:
    closed = project.history.filter(step="close").order_by("-at").values_list("at", flat=True).first()
    if closed is None:
        raise StepRefused([_("Only the papers of a closed project are ever destroyed.")])
    years = int(parameters.value(project.rules, "retention_years"))
    return months_after(timezone.localdate(closed), 12 * years)


@transaction.atomic
def propose_destruction(project: Project, *, reason: str, by: User, at: dt.datetime | None = None) -> Destruction:
    """Raises StepForbidden, or StepRefused before the years are over."""
    if not may_destroy(by):
        raise StepForbidden(_("The program unit proposes what is destroyed."))
    at = at or timezone.now()
    locked = Project.objects.select_for_update(of=("self",)).get(pk=project.pk)
    until = kept_until(locked)
    if timezone.localdate(at) <= until:
        raise StepRefused([_("Its papers are kept until %(day)s.") % {"day": f"{until:%d/%m/%Y}"}])
    if locked.destructions.filter(discarded_at=None).exists():
        raise StepRefused([_("It has been proposed already.")])
    return Destruction.objects.create(project=locked, kept_until=until, reason=reason, by=by, at=at)


@transaction.atomic
def discard_destruction(destruction: Destruction, *, by: User, at: dt.datetime | None = None) -> Destruction:
    locked = _lock(destruction, by)
    locked.discarded_by, locked.discarded_at = by, at or timezone.now()
    locked.save(update_fields=["discarded_by", "discarded_at"])
    return locked


@transaction.atomic
def confirm_destruction(destruction: Destruction, *, by: User, at: dt.datetime | None = None) -> Destruction:
    """Takes the files away, and who its people were; names of files and fingerprints stay. Never by who proposed it."""
    locked = _lock(destruction, by)
    if locked.by_id == by.pk:
        raise StepForbidden(_("Who proposed a destruction does not confirm it."))
    locked.confirmed_by, locked.confirmed_at = by, at or timezone.now()
    locked.save(update_fields=["confirmed_by", "confirmed_at"])
    for document in Document.objects.filter(project=locked.project, destroyed=None):
        DestroyedFile.objects.create(
            destruction=locked, document=document, original_name=document.original_name, size=document.size,
            sha256=document.sha256,
        )  # fmt: skip
        # Once it cannot be taken back any more.
        transaction.on_commit(partial(document.file.storage.delete, str(document.file.name)))
    forget_people_of(locked.project, locked.confirmed_at)
    return locked


def _lock(destruction: Destruction, by: User) -> Destruction:
    if not may_destroy(by):
        raise StepForbidden(_("The program unit proposes what is destroyed."))
    locked = Destruction.objects.select_for_update(of=("self",)).get(pk=destruction.pk)
    if locked.confirmed_at or locked.discarded_at:
        raise StepRefused([_("This proposal has been decided already.")])
    return locked
