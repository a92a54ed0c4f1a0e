"""Who draws, judges and publishes Habitat Polygons: the program's federal staff, inside their own territory."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _


def may_draw(user: Any, municipality: str) -> bool:
    """`municipality` is its code."""
    if not user.is_authenticated or not user.draws_polygons:
        return False
    return user.sees_the_nation or user.municipalities().filter(pk=municipality).exists()


def may_choose_index(user: Any) -> bool:
    """An index of marginalisation counts for the whole country."""
    return bool(user.is_authenticated and user.draws_polygons and user.sees_the_nation)


def require_drawer(user: Any, municipalities: Iterable[str]) -> None:
    """Raises PermissionDenied. No user at all is the command line, which may."""
    if user and not all(may_draw(user, municipality) for municipality in set(municipalities)):
        raise PermissionDenied(_("Only the program unit draws polygons, inside its own territory."))


def may_publish_lists(user: Any) -> bool:
    """A list of eligible polygons is the nation's."""
    return bool(user.is_authenticated and user.draws_polygons and user.sees_the_nation)
