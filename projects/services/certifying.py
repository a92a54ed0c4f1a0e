"""The certifier's part before submitting: sending a draft back with comments, certifying a PH-01 signed on paper."""

import datetime as dt
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from habitat.accounts.models import Role, User
from habitat.lib.documents import Upload, inspect
from modalities.models import DocumentKind
from projects import notifications
from projects.fingerprints import fingerprint_of, short
from projects.models import Document, DraftComment, Observation, PaperSignature, Project, Status
from projects.refusals import StepForbidden, StepRefused
from projects.services.documents import watching
from projects.services.locks import lock_project, need_status

Remark = tuple[str, str]


@transaction.atomic
def return_to_preparer(
    project: Project, *, remarks: Iterable[Remark], by: User, at: dt.datetime | None = None
) -> list[DraftComment]:
    """`remarks` are (section, text) pairs. The draft is no longer ready; its preparers read them beside each section.

    Raises StepForbidden, or StepRefused where it is no draft marked ready or nothing is said.
    """
    at = at or timezone.now()
    locked = lock_project(project, by, Role.CERTIFIER)
    need_status(locked, Status.DRAFT)
    if not locked.ready_at:
        raise StepRefused([_("The draft is in the preparer's hands already.")])
    said = [(section, text.strip()) for section, text in remarks if text.strip()]
    if not said or {section for section, _text in said} - set(Observation.Section.values):
        raise StepRefused([_("Say what to mend in at least one section.")])
    comments = DraftComment.objects.bulk_create(
        DraftComment(project=locked, section=section, text=text, by=by, at=at) for section, text in said
    )
    preparer = locked.ready_by
    locked.ready_at = locked.ready_by = None
    locked.save(update_fields=["ready_at", "ready_by"])
    notifications.tell_of_return(locked, comments, preparer)
    return comments


def paper_signature(project: Project) -> PaperSignature | None:
    """The newest certified scan that speaks of the proposal as it stands; from its submission on, simply the newest."""
    newest = PaperSignature.objects.filter(project=project).select_related("certified_by", "document").last()
    if newest is None or project.status != Status.DRAFT:
        return newest
    return newest if newest.fingerprint == fingerprint_of(project) else None


def certify_scan(
    project: Project, upload: File, *, typed: str, signer: str, by: User, at: dt.datetime | None = None
) -> PaperSignature:
    """Keep the scan of a PH-01 signed by hand. `typed` is the fingerprint read from the paper.

    Raises StepForbidden for who is no certifier or prepared the draft, StepRefused where it is not ready,
    ValidationError where the paper is of another state of the draft or the file is none that is accepted.
    """
    with watching(by, upload.name or ""):
        facts = inspect(upload)
    return _certify(project, facts, typed, signer.strip(), by, at or timezone.now())


@transaction.atomic
def _certify(project: Project, facts: Upload, typed: str, signer: str, by: User, at: dt.datetime) -> PaperSignature:
    locked = lock_project(project, by, Role.CERTIFIER)
    need_status(locked, Status.DRAFT)
    if not locked.ready_at:
        raise StepRefused([_("The preparer has not marked the draft ready yet.")])
    if locked.ready_by_id == by.pk:
        raise StepForbidden(_("Who prepared a project does not certify it."))
    if not signer:
        raise ValidationError({"signer": _("Write who signed the paper.")})
    fingerprint = fingerprint_of(locked)
    if _plain(typed) != _plain(short(fingerprint)):
        raise ValidationError(
            {"typed": _("The paper is not of the draft as it stands now. Print the PH-01 again and have it signed.")}
        )
    paper = Document.objects.create(
        project=locked,
        kind=DocumentKind.PH01,
        by=by,
        **facts.columns,
    )
    return PaperSignature.objects.create(
        project=locked, fingerprint=fingerprint, signer=signer, document=paper, certified_by=by, at=at
    )


def _plain(text: str) -> str:
    return "".join(letter for letter in text.upper() if letter.isalnum())
