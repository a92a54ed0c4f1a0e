"""The handover certificate: issued with its promises, signed by everybody, cancelled with a reason."""

import datetime as dt
import hashlib
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from habitat.accounts.models import Role, User
from habitat.accounts.security import watching
from habitat.lib.documents import PDF, inspect
from habitat.lib.pdf import render_pdf
from modalities import parameters
from modalities.models import DocumentKind
from projects.letters.codes import address_of, qr_svg
from projects.models import Document, Handover, HandoverFile, Project, Status
from projects.months import months_after
from projects.records import actions_of, totals_of
from projects.refusals import StepRefused
from projects.services.locks import lock_project, need_status
from projects.services.silences import silence_of

ISSUERS = (Role.CERTIFIER, Role.REVIEWER)


def may_issue_handover(project: Project, user: User) -> bool:
    return bool(user.is_authenticated and user.can_write and user.role in ISSUERS and project.status == Status.FINISHED)


def warranty_of(project: Project, on: dt.date) -> dt.date:
    """Until when hidden defects are answered for, by the rules of the project."""
    return months_after(on, int(parameters.value(project.rules, "warranty_months")))


@transaction.atomic
def issue_handover(project: Project, *, by: User, at: dt.datetime | None = None, **fields: Any) -> Handover:
    """The certificate with its number and file. `fields` are its words; a cancelled one is followed by the next number.

    Raises StepForbidden or StepRefused.
    """
    locked = lock_project(project, by, *ISSUERS)
    need_status(locked, Status.FINISHED)
    if locked.handovers.filter(cancelled_at=None).exists():
        raise StepRefused([_("A handover certificate stands. Cancel it before you issue another.")])
    if fields["warranty_until"] < warranty_of(locked, fields["on"]):
        day = warranty_of(locked, fields["on"])
        raise StepRefused([_("The warranty lasts at least until %(day)s.") % {"day": f"{day:%d/%m/%Y}"}])
    if fields["maintained_until"] < fields["on"]:
        raise StepRefused([_("The maintenance cannot end before the handover.")])
    number = f"AER-{locked.folio}-{locked.handovers.count() + 1}"
    handover = Handover.objects.create(
        project=locked, number=number, issued_by=by, issued_at=at or timezone.now(), **fields
    )
    _keep_file(handover, draw_handover(handover), by)
    return handover


def draw_handover(handover: Handover) -> bytes:
    """The PDF (PDF/UA-1), in Spanish whoever asks."""
    project = handover.project
    with translation.override("es-mx"):
        actions = actions_of(project)
        context = {
            "handover": handover,
            "project": project,
            "actions": actions,
            "totals": totals_of(project, actions),
            "silence": silence_of(project.state_code, handover.on),
            "qr": qr_svg(handover.code),
            "address": address_of(handover.code),
        }
        return render_pdf("projects/handover/certificate.html", context)


def _keep_file(handover: Handover, content: bytes, by: User) -> None:
    name = f"{handover.number}.pdf"
    digest = hashlib.sha256(content).hexdigest()
    kept = HandoverFile(
        handover=handover, original_name=name, content_type=PDF, size=len(content), sha256=digest, by=by
    )
    kept.file.save(name, ContentFile(content), save=False)
    kept.save()


def attach_signed_handover(handover: Handover, upload: UploadedFile, *, by: User) -> Handover:
    """The copy that everybody signed: it becomes a paper of the technical file."""
    with watching(by, upload.name or ""):
        facts = inspect(upload)
    with transaction.atomic():
        project = lock_project(handover.project, by, *ISSUERS)
        need_status(project, Status.FINISHED)
        locked = Handover.objects.select_for_update(of=("self",)).get(pk=handover.pk)
        if locked.cancelled_at:
            raise StepRefused([_("This certificate was cancelled.")])
        kind = DocumentKind.HANDOVER_CERTIFICATE
        locked.signed = Document.objects.create(project=project, kind=kind, by=by, **facts.columns)
        locked.save(update_fields=["signed"])
        return locked


@transaction.atomic
def cancel_handover(handover: Handover, *, reason: str, by: User, at: dt.datetime | None = None) -> Handover:
    """Before the step is taken; the number is spent. Raises StepForbidden or StepRefused."""
    need_status(lock_project(handover.project, by, *ISSUERS), Status.FINISHED)
    locked = Handover.objects.select_for_update(of=("self",)).get(pk=handover.pk)
    if locked.cancelled_at:
        raise StepRefused([_("This certificate was cancelled.")])
    locked.cancelled_at, locked.cancelled_by, locked.cancel_reason = at or timezone.now(), by, reason
    locked.save(update_fields=["cancelled_at", "cancelled_by", "cancel_reason"])
    return locked
