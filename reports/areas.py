"""Where a question about need and money is asked: the nation, a state, a municipality, a city or a polygon."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404, QueryDict
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from polygons.models import Block, City, Municipality, Polygon, State
from projects.models import Project
from reports.scopes import home_of


@dataclass(frozen=True)
class Area:
    """The narrowest place that is set counts. `user` reads: their territory bounds what is seen of a city."""

    user: Any
    state: State | None = None
    municipality: Municipality | None = None
    city: City | None = None
    polygon: Polygon | None = None

    @property
    def label(self) -> str:
        return str(self.place.name if self.place else _("National level"))

    @property
    def level(self) -> str:
        names = ("polygon", "city", "municipality", "state")
        return next((name for name in names if getattr(self, name)), "nation")

    @property
    def place(self) -> State | Municipality | City | Polygon | None:
        return self.polygon or self.city or self.municipality or self.state

    @property
    def code(self) -> str:
        return self.place.code if self.place else ""

    def blocks(self, vintage: int | None) -> QuerySet[Block]:
        visible = Block.objects.visible_to(self.user).filter(vintage=vintage)
        if self.polygon:
            return visible.filter(polygon_versions__in=self.polygon.versions.published())
        if self.city:
            return visible.filter(city=self.city)
        return visible.filter(self._within("municipality"))

    def projects(self) -> QuerySet[Project]:
        """Approved and not cancelled since, that the reader may see; of a city those of its municipalities."""
        visible = Project.objects.visible_to(self.user).approved()
        if self.polygon:
            return visible.filter(polygon_version__polygon=self.polygon)
        if self.city:
            own = self.city.municipalities.values("pk").union(self.city.localities.values("municipality"))
            return visible.filter(municipality__in=list(own.values_list("pk", flat=True)))
        return visible.filter(self._within("municipality"))

    def _within(self, path: str) -> Q:
        if self.municipality:
            return Q(**{path: self.municipality})
        return Q(**{f"{path}__state": self.state}) if self.state else Q()


def area_of(user: Any, asked: QueryDict) -> Area:
    """What `state`, `municipality`, `city` and `polygon` of an address name, else the reader's whole territory.

    Raises Http404 for a place that is none, or that is not the reader's.
    """
    state = _place(State.objects.in_territory(user) if user.is_authenticated else State.objects, asked.get("state"))
    municipality = _place(Municipality.objects.visible_to(user).select_related("state"), asked.get("municipality"))
    city = _place(City.objects.visible_to(user).defer("point"), asked.get("city"))
    if code := asked.get("polygon"):
        polygons = Polygon.objects.visible_to(user).select_related("municipality__state")
        polygon = get_object_or_404(polygons, code=code.replace("\0", ""))
        return Area(user, polygon.municipality.state, polygon.municipality, polygon=polygon)
    if municipality and state and municipality.state_id != state.pk:
        municipality = None
    if city or municipality:
        return Area(user, municipality.state if municipality else state, municipality, city)
    if state and (user.is_anonymous or user.sees_the_nation or user.state_id):
        return Area(user, state)
    if user.is_authenticated and not user.sees_the_nation:
        home = home_of(user)
        if not home.code or not user.is_valid_today:
            raise Http404
        return Area(user, home.state, home.municipality)
    return Area(user)


def _place(places: Any, code: str | None) -> Any:
    if not code:
        return None
    place = places.filter(pk=code).first() if code.isdecimal() else None
    if place is None:
        raise Http404
    return place
