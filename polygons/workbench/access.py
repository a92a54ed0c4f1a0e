"""Who works here, and on what: everything starts from what the person may see and draw."""

from collections.abc import Callable
from functools import wraps
from typing import Any, NamedTuple

from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, Subquery
from django.http import Http404, HttpRequest, HttpResponseBase

from polygons.models import AreaTotal, Block, City, Municipality
from polygons.services.clusters import Area

CITY_DIGITS = 3


def for_drawers(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not getattr(request.user, "draws_polygons", False):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


class Site(NamedTuple):
    """The city or municipality one works in."""

    city: City | None
    municipality: Municipality | None

    @property
    def place(self) -> City | Municipality:
        return self.city or self.municipality  # type: ignore[return-value]

    @property
    def blocks(self) -> Any:
        return Block.objects.filter(city=self.city) if self.city else Block.objects.filter(municipality=self.place)

    def area(self, user: Any) -> Area:
        return Area(self.city, self.municipality, own_municipalities(user))


def own_municipalities(user: Any) -> tuple[str, ...] | None:
    """None: all of them."""
    return None if user.sees_the_nation else tuple(user.municipalities().values_list("pk", flat=True))


def site_of(code: str, user: Any) -> Site:
    """A city's key has 3 digits, a municipality's 5. Raises Http404 outside one's territory."""
    model = City if len(code) == CITY_DIGITS else Municipality
    found = model.objects.visible_to(user).filter(pk=code).first()
    if found is None:
        raise Http404
    return Site(found, None) if isinstance(found, City) else Site(None, found)


def places_called(text: str, user: Any) -> list[City | Municipality]:
    """Cities first: by their name or key, at most a screen of them."""
    found: list[City | Municipality] = []
    for model in (City, Municipality):
        rows = model.objects.visible_to(user)
        named = rows.filter(pk=text) if text.isdecimal() else rows.filter(name__plain__contains=text)
        found += named.order_by("name")[:12]
    return found


def largest_cities(user: Any) -> list[City]:
    """Those of one's territory whose blocks are known, by dwellings: where one most often goes."""
    dwellings = AreaTotal.objects.filter(level=AreaTotal.Level.CITY, code=OuterRef("pk")).order_by("-vintage")
    cities = City.objects.visible_to(user).annotate(dwellings=Subquery(dwellings.values("dwellings")[:1]))
    return list(cities.filter(dwellings__gt=0).order_by("-dwellings", "pk")[:12])
