"""The five levels at which every figure is told: nation, state, municipality, polygon, project."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _

from polygons.models import Municipality, Polygon, State
from projects.models import Project


@dataclass(frozen=True)
class Scope:
    """The narrowest place that is set counts; the wider ones stand beside it, for the trail."""

    state: State | None = None
    municipality: Municipality | None = None
    polygon: Polygon | None = None
    project: Project | None = None

    @property
    def level(self) -> str:
        if self.project:
            return "project"
        if self.polygon:
            return "polygon"
        if self.municipality:
            return "municipality"
        return "state" if self.state else "nation"

    @property
    def place(self) -> State | Municipality | Polygon | Project | None:
        return self.project or self.polygon or self.municipality or self.state

    @property
    def code(self) -> str:
        """The key in addresses and file names; empty for the nation."""
        if self.project:
            return self.project.folio
        return self.place.code if self.place else ""

    @property
    def label(self) -> str:
        return str(self.place) if self.place else _("National level")

    def places(
        self, municipality: str = "municipality", polygon: str = "polygon_version__polygon", project: str = "pk"
    ) -> Q:
        """The condition on rows that reach their municipality, polygon and project by these paths."""
        if self.project:
            return Q(**{project: self.project.pk})
        if self.polygon:
            return Q(**{polygon: self.polygon.pk})
        if self.municipality:
            return Q(**{municipality: self.municipality.pk})
        return Q(**{f"{municipality}__state": self.state}) if self.state else Q()

    def is_open_to(self, user) -> bool:
        """The public sees every place; a user the places inside their own territory, whole."""
        if self.project:
            return Project.objects.visible_to(user).filter(pk=self.project.pk).exists()
        if not user.is_authenticated or user.sees_the_nation:
            return True
        if self.municipality:
            return user.municipalities().filter(pk=self.municipality.pk).exists()
        return bool(self.state and user.is_valid_today and user.state_id == self.state.pk)

    def wider(self) -> Iterator["Scope"]:
        """From the nation down to the one just above."""
        if self.state:
            yield Scope()
        if self.municipality:
            yield Scope(self.state)
        if self.polygon or self.project:
            yield Scope(self.state, self.municipality)
        if self.project and self.polygon:
            yield Scope(self.state, self.municipality, self.polygon)


def scope_of_project(project: Project) -> Scope:
    """Takes a project with its municipality, state, version and polygon."""
    polygon = project.polygon_version.polygon if project.polygon_version else None
    return Scope(project.municipality.state, project.municipality, polygon, project)


def scope_of(code: str) -> Scope:
    """The place an INEGI key (2 or 5 digits), a polygon's code or a project's folio names; raises LookupError."""
    if not code:
        return Scope()
    if code.isdecimal() and len(code) == 2 and (state := State.objects.filter(pk=code).first()):
        return Scope(state)
    if code.isdecimal() and len(code) == 5:
        municipality = Municipality.objects.select_related("state").filter(pk=code).first()
        if municipality:
            return Scope(municipality.state, municipality)
    polygon = Polygon.objects.select_related("municipality__state").filter(code=code).first()
    if not polygon:
        around = ("municipality__state", "polygon_version__polygon")
        if project := Project.objects.filter(folio=code).select_related(*around).first():
            return scope_of_project(project)
        raise LookupError(_("No place has the key “%(code)s”.") % {"code": code})
    return Scope(polygon.municipality.state, polygon.municipality, polygon)


def home_of(user) -> Scope:
    """A user's whole territory; the nation for the public."""
    if not user.is_authenticated or user.is_national:
        return Scope()
    if user.municipality_id:
        return Scope(user.municipality.state, user.municipality)
    return Scope(user.state)
