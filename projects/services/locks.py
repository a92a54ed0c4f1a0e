"""What is locked before anything is decided, always in one order: the project, then ceilings from the root down."""

from django.utils.translation import gettext as _

from habitat.accounts.models import Role, User
from polygons.models import Municipality
from projects.models import Ceiling, Project
from projects.refusals import StepForbidden, StepRefused
from projects.workers.looking import look_after
from projects.workflow import ENDED


def lock_project(project: Project, by: User, *roles: Role) -> Project:
    """The locked row, within one's territory; its alerts are looked at again after the commit.

    Raises StepForbidden for another's work, DoesNotExist outside.
    """
    if not (by.is_authenticated and by.is_valid_today and by.can_write and by.role in roles):
        raise StepForbidden(_("This is not yours to do."))
    locked = Project.objects.visible_to(by).select_for_update(of=("self",)).get(pk=project.pk)
    look_after(locked)
    return locked


def need_status(project: Project, *statuses: str) -> None:
    if project.status not in statuses:
        raise StepRefused([_("The project is “%(status)s” now.") % {"status": project.get_status_display()}])


def need_going_on(project: Project) -> None:
    """Of works that have ended nothing is mended any more."""
    if project.status in ENDED:
        raise StepRefused([_("The project is “%(status)s” now.") % {"status": project.get_status_display()}])


def lock_branch(project: Project) -> list[Ceiling]:
    """The nodes an approval draws on, and the municipality whose shared caps it uses up.

    Everybody locks the municipality first and then from the root, so nobody waits in a circle. Caps per polygon, centre
    and municipality are shared across strands, whose ceilings are branches of their own: the municipality's row makes
    their approvals wait for each other.
    """
    Municipality.objects.select_for_update(no_key=True).get(pk=project.municipality_id)
    return list(Ceiling.objects.branch(project).from_the_root().select_for_update(of=("self",)))
