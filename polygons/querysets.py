from typing import Self

from django.db import models
from django.db.models import Q


class Territorial(models.QuerySet):
    """Rows that belong to a place. Nobody logged in sees what is public; a user sees their own territory."""

    municipality_path = "municipality"

    def in_territory(self, user) -> Self:
        if user.sees_the_nation:
            return self
        return self.filter(**{f"{self.municipality_path}__in": user.municipalities()})

    def visible_to(self, user) -> Self:
        return self.in_territory(user) if user.is_authenticated else self


class ByMunicipality(Territorial):
    pass


class ContextIndicatorQuerySet(models.QuerySet):
    """Figures of a state belong to everybody who sees one of its municipalities; `audience` narrows further.

    A figure about a polygon is seen by those who see the polygon: a draft's code is not for everybody.
    """

    def visible_to(self, user) -> Self:
        if not user.is_authenticated:
            return self.filter(audience="public").of_polygons_seen_by(user)
        rows = self.of_polygons_seen_by(user)
        if not user.reads_federal_figures:
            rows = rows.exclude(audience="federal")
        if user.sees_the_nation:
            return rows
        mine = user.municipalities()
        of_state = Q(municipality=None, state__in=mine.values("state"))
        return rows.filter(of_state | Q(municipality__in=mine))

    def of_polygons_seen_by(self, user) -> Self:
        polygons = self.model._meta.apps.get_model("polygons", "Polygon").objects.visible_to(user)
        return self.filter(~Q(level="polygon") | Q(code__in=polygons.values("code")))


def keys_of(user) -> Q:
    """Which keys (`code`) of states, municipalities and smaller places, polygons included, are of one's territory."""
    if user.sees_the_nation:
        return Q()
    if not user.is_valid_today or not (user.state_id or user.municipality_id):
        return Q(pk=None)
    if user.state_id:
        return Q(code__startswith=user.state_id)
    return Q(code__startswith=user.municipality_id) | Q(code=user.municipality_id[:2])


class ScoreQuerySet(models.QuerySet):
    """Units of an index; whoever is logged in finds those of their own territory, and their state's own."""

    def visible_to(self, user) -> Self:
        return self.filter(keys_of(user)) if user.is_authenticated else self


class AreaTotalQuerySet(ScoreQuerySet):
    """Sums of blocks; a city is of one's territory where one of its municipalities is."""

    def visible_to(self, user) -> Self:
        if not user.is_authenticated or user.sees_the_nation:
            return self
        cities = self.model._meta.apps.get_model("polygons", "City").objects.in_territory(user)
        by_key = ~Q(level__in=["nation", "city"]) & keys_of(user)
        return self.filter(by_key | Q(level="city", code__in=cities.values("pk")))

    def of(self, level: str, code: str, vintage: int | None) -> Self:
        return self.filter(level=level, code=code, vintage=vintage)


class MunicipalityQuerySet(Territorial):
    municipality_path = "pk"


class StateQuerySet(Territorial):
    def in_territory(self, user) -> Self:
        return self if user.sees_the_nation else self.filter(pk__in=user.municipalities().values("state"))


class CensusTotalQuerySet(models.QuerySet):
    def of(self, level: str, code: str) -> Self:
        return self.filter(level=level, code=code)


class CityQuerySet(Territorial):
    def in_territory(self, user) -> Self:
        if user.sees_the_nation:
            return self
        mine = user.municipalities()
        inside = Q(municipalities__in=mine) | Q(localities__municipality__in=mine)
        # A sub-query, not DISTINCT over rows with a geometry.
        return self.filter(pk__in=self.model._default_manager.filter(inside).values("pk"))


class BlockQuerySet(Territorial):
    def in_territory(self, user) -> Self:
        if user.sees_the_nation:
            return self
        return self.filter(municipality__in=user.municipalities())

    def deprived(self, deficit: str, at_least: float) -> Self:
        """Blocks whose printed count reaches the share (0 to 1); a mask never makes a block deprived."""
        return self.filter(base__gt=0, **{f"{deficit}_low__gte": models.F("base") * at_least})


class PolygonQuerySet(Territorial):
    def visible_to(self, user) -> Self:
        """What was ever published is readable for ever, also once nothing of its code is in force."""
        scope = super().visible_to(user)
        if user.is_authenticated and user.reads_draft_polygons:
            return scope
        versions = self.model._meta.get_field("versions").related_model._default_manager
        return scope.filter(models.Exists(versions.filter(polygon=models.OuterRef("pk")).exclude(status="draft")))


class PolygonVersionQuerySet(Territorial):
    municipality_path = "polygon__municipality"

    def visible_to(self, user) -> Self:
        scope = super().visible_to(user)
        if user.is_authenticated and user.reads_draft_polygons:
            return scope
        return scope.exclude(status="draft")

    def published(self) -> Self:
        return self.filter(status="published")

    def current(self) -> Self:
        """One version a polygon: the published one, else the last draft."""
        of_same = self.model._default_manager.filter(polygon=models.OuterRef("polygon")).exclude(status="superseded")
        # "published" comes after "draft".
        return self.filter(pk=models.Subquery(of_same.order_by("-status", "-number").values("pk")[:1]))


class AssessmentQuerySet(Territorial):
    municipality_path = "version__polygon__municipality"

    def counting(self) -> Self:
        """Without those that a later judgement took the place of."""
        return self.filter(replaced_at=None)


class AssessmentDocumentQuerySet(Territorial):
    municipality_path = "assessment__version__polygon__municipality"

    def visible_to(self, user) -> Self:
        """Papers name people and titles of land: the program unit, the delegation of the place and auditors."""
        return self.in_territory(user) if user.is_authenticated and user.reads_assessment_papers else self.none()


class GeometryUploadQuerySet(Territorial):
    """Private files: nothing is public."""

    def visible_to(self, user) -> Self:
        if not user.is_authenticated or not user.uploads_geometry:
            return self.none()
        return self.in_territory(user)
