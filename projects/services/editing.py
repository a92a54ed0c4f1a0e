"""Who may write which part of a proposal now."""

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from habitat.accounts.models import User
from projects.models import Observation, Project, Status
from projects.refusals import Refused


class SectionClosed(Refused):
    """The project's state does not let this part be written."""


def acts_in(user: User, municipality: str) -> bool:
    return user.municipalities().filter(pk=municipality).exists()


def may_prepare(user: User) -> bool:
    """Preparers write, and service accounts that were granted it. Certifiers read, certify and submit, so that two
    people answer for a proposal."""
    return bool(user.is_authenticated and user.prepares)


def open_sections(project: Project, user: User) -> frozenset[str]:
    """Sections of the form this user may write now: all of a draft, those named by an observation afterwards."""
    if not may_prepare(user) or not acts_in(user, project.municipality_id):
        return frozenset()
    if project.status == Status.DRAFT:
        return frozenset(Observation.Section.values)
    if project.status == Status.OBSERVED:
        return frozenset(project.history.filter(to_status=Status.OBSERVED).latest("at", "pk").sections)
    return frozenset()


def open_for(project: Project, by: User, *sections: str) -> Project:
    """The project's row, locked, if `by` may write these sections; a draft marked ready is no longer so.

    Raises PermissionDenied or SectionClosed.
    """
    locked = Project.objects.select_for_update().get(pk=project.pk)
    if not may_prepare(by) or not acts_in(by, locked.municipality_id):
        raise PermissionDenied(_("Only those who prepare proposals of this municipality may change this one."))
    if not open_sections(locked, by).issuperset(sections):
        raise SectionClosed(_("This part of the proposal can no longer be changed: it is not in your hands now."))
    if locked.ready_at:
        locked.ready_at = locked.ready_by = None
        locked.save(update_fields=["ready_at", "ready_by"])
    return locked
