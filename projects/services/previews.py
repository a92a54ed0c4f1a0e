"""Asking for a preview of a draft of the rules; `previewing` works it out."""

import datetime as dt
from functools import partial

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from habitat.accounts.models import User
from habitat.lib.tasks import enqueue
from modalities.models import RulesVersion
from modalities.services import need_writer
from projects import tasks
from projects.models import Project, RulesPreview
from projects.workers import previewing

# So few are looked at at once; more wait for a worker.
AT_ONCE = 40


def open_proposals(version: RulesVersion) -> QuerySet[Project]:
    return Project.objects.until_approval().filter(fiscal_year=version.fiscal_year_id)


def latest_preview(version: RulesVersion) -> RulesPreview | None:
    return RulesPreview.objects.filter(rules=version).select_related("asked_by").first()


def latest_edit(version: RulesVersion) -> int | None:
    return version.edits.values_list("pk", flat=True).first()


def is_current(preview: RulesPreview | None, version: RulesVersion) -> bool:
    """Whether it is finished and the draft still says what it said then."""
    return bool(preview and preview.status == RulesPreview.Status.DONE and preview.edit == latest_edit(version))


@transaction.atomic
def ask_preview(version: RulesVersion, *, by: User, at: dt.datetime | None = None) -> RulesPreview:
    """A preview of the draft as it stands; one already at work on the same text is given back.

    Raises PermissionDenied.
    """
    need_writer(by)
    locked = RulesVersion.objects.select_for_update(of=("self",), no_key=True).get(pk=version.pk)
    edit = latest_edit(locked)
    same = RulesPreview.objects.filter(rules=locked, edit=edit, status__in=["waiting", "running"]).first()
    if same:
        return same
    total = open_proposals(locked).count()
    preview = RulesPreview.objects.create(
        rules=locked, edit=edit, total=total, asked_by=by, asked_at=at or timezone.now()
    )
    transaction.on_commit(partial(_start, preview.pk, total))
    return preview


def _start(pk: int, total: int) -> None:
    if total <= AT_ONCE:
        previewing.run_preview(pk)
        return
    enqueue(tasks.preview_rules, pk)
