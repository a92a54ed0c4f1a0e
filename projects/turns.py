"""Whose turn it is: from which statuses a role carries a project on, and who of it has the case in hand."""

from habitat.accounts.models import Role
from projects.workflow import WORKFLOWS, Status


def waiting_statuses(role: str) -> set[str]:
    """Statuses from which the next step along the road belongs to the role; a preparer writes what is not submitted."""
    return {
        move.source
        for steps in WORKFLOWS.values()
        for step in steps
        if not step.is_exit
        for move in step.moves
        if move.role == role
    } | ({Status.DRAFT, Status.OBSERVED} if role == Role.PREPARER else set())


def roles_of(status: str) -> set[str]:
    """The roles whose turn it is in a status."""
    return {role.value for role in Role if status in waiting_statuses(role)}
