"""The papers of a technical file."""

from django.core.exceptions import PermissionDenied
from django.core.files.base import File
from django.db import transaction
from django.db.models import ProtectedError, Q, QuerySet
from django.utils.translation import gettext as _

from habitat.accounts.models import User
from habitat.accounts.security import watching
from habitat.lib.documents import Upload, inspect
from modalities.models import RequiredDocument
from projects.models import Document, Observation, Project, Status
from projects.services.editing import SectionClosed, acts_in, open_for, open_sections

# Papers of the works themselves: contract, committee, certificate, proof.
EXECUTION = frozenset({Status.APPROVED, Status.IN_EXECUTION, Status.FINISHED, Status.HANDED_OVER, Status.PROVEN})
# Opinions and letters of those who review.
REVIEW = frozenset({Status.SUBMITTED, Status.AUTHORISED, Status.IN_REVIEW, Status.NUMBERED}) | EXECUTION


def may_attach(project: Project, user: User) -> bool:
    """Whether this user adds papers now: the municipality to its draft, to what was observed and during the works;
    delegation and program unit from the moment it was submitted."""
    if not user.is_authenticated or not user.can_write or not acts_in(user, project.municipality_id):
        return False
    if user.is_local or user.prepares:
        return Observation.Section.DOCUMENTS in open_sections(project, user) or project.status in EXECUTION
    return (user.is_delegation or user.is_federal) and project.status in REVIEW


def attach_document(project: Project, kind: str, upload: File, *, by: User) -> Document:
    """A newer paper of a kind replaces the older, which stays readable.

    Raises PermissionDenied, or ValidationError with the sentence of `habitat.lib.documents.inspect`.
    """
    # Before the transaction: what a scanner found is kept though the paper is refused.
    with watching(by, upload.name or ""):
        facts = inspect(upload)
    return _keep(project, kind, facts, by)


@transaction.atomic
def _keep(project: Project, kind: str, facts: Upload, by: User) -> Document:
    locked = Project.objects.select_for_update().get(pk=project.pk)
    if not may_attach(locked, by):
        raise PermissionDenied(_("You cannot add documents to this project now."))
    if locked.status == Status.DRAFT:
        open_for(locked, by, Observation.Section.DOCUMENTS)
    return Document.objects.create(project=locked, kind=kind, by=by, **facts.columns)


@transaction.atomic
def remove_document(document: Document, *, by: User) -> None:
    """Only from a draft: what was once submitted stays in the file. Raises PermissionDenied or SectionClosed."""
    locked = open_for(document.project, by, Observation.Section.DOCUMENTS)
    if locked.status != Status.DRAFT:
        raise SectionClosed(_("What was submitted stays in the file. Attach a newer document instead."))
    stored = document.file
    try:
        document.delete()
    except ProtectedError as error:
        raise SectionClosed(_("A signature or an exception rests on this paper: it stays in the file.")) from error
    transaction.on_commit(lambda: stored.storage.delete(str(stored.name)))


def required_documents(project: Project) -> QuerySet[RequiredDocument]:
    """The papers that the project's rules ask of its modality, strand and types, whatever the step."""
    types = project.actions.values("action_type")
    return project.rules.requireddocuments.filter(
        Q(modality=None) | Q(modality=project.modality_id),
        Q(strand=None) | Q(strand=project.strand_id),
        Q(action_type=None) | Q(action_type__in=types),
    )
