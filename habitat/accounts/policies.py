"""Who looks after whom: managers everyone, delegations the governments of their state; auditors read."""

from django.db.models import Q, QuerySet

from habitat.accounts.models import Role, User

INVITED_BY_MANAGER = tuple(Role)
INVITED_BY_DELEGATION = (Role.PREPARER, Role.CERTIFIER)
SEES_PEOPLE = {Role.MANAGER, Role.DELEGATE, Role.REVIEWER, Role.AUDITOR}


def sees_people(user: User) -> bool:
    return user.role in SEES_PEOPLE


def roles_invited_by(user: User) -> tuple[Role, ...]:
    """The roles this user may give to others, inside their own territory; empty: none."""
    if user.role == Role.MANAGER:
        return INVITED_BY_MANAGER
    return INVITED_BY_DELEGATION if user.is_delegation else ()


def looks_after(user: User, other: User) -> bool:
    """May end or change the other's account: in one's territory, a role one may give, and never oneself."""
    if user.pk == other.pk or other.role not in roles_invited_by(user):
        return False
    return User.objects.in_territory(user).filter(pk=other.pk).exists()


def may_grant_writing(user: User, other: User) -> bool:
    """To a service account, by the program unit: people write by their role."""
    return user.role == Role.MANAGER and other.role == Role.SERVICE and looks_after(user, other)


def token_owners(user: User) -> QuerySet[User]:
    """Whose API keys this user issues and revokes: one's own; a manager also those of service accounts."""
    mine = Q(pk=user.pk)
    return User.objects.filter(mine | Q(role=Role.SERVICE) if user.role == Role.MANAGER else mine)
