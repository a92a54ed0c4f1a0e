"""Addresses of the rows that add up to a figure."""

from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from reports.indicators import Figures
from reports.scopes import Scope


def dashboard(scope: Scope, year: int, through: int | None = None) -> str:
    query = {"year": year} | ({"through": through} if through else {})
    if scope.project:
        return f"{reverse('works:dashboard', args=[scope.project.pk])}?{urlencode(query)}"
    path = reverse("reports:dashboard", args=[scope.code]) if scope.code else reverse("reports:nation")
    return f"{path}?{urlencode(query)}"


def rows(figures: Figures, name: str, **filters: str) -> str:
    place = {"place": figures.scope.code} if figures.scope.code else {}
    period = {"year": figures.year} | ({"through": figures.through} if figures.through else {})
    return f"{reverse('reports:rows', args=[name])}?{urlencode(place | period | filters)}"


def projects(figures: Figures, statuses: tuple[str, ...] = ()) -> str:
    """The list of projects, narrowed to the figure's place, year and statuses."""
    scope = figures.scope
    if scope.project:
        return reverse("projects:detail", args=[scope.project.pk])
    place = {scope.level: scope.code} if scope.code else {}
    query = {"fiscal_year": figures.year, **place, "status": list(statuses)}
    return f"{reverse('projects:list')}?{urlencode(query, doseq=True)}"


def trail_of(figures: Figures) -> list[tuple[str, str]]:
    """Name and address of the places from the widest the reader may see down to this one."""
    scopes = [*figures.scope.wider(), figures.scope]
    return [
        (scope.label, dashboard(scope, figures.year, figures.through))
        for scope in scopes
        if scope.is_open_to(figures.user)
    ]


def with_changes(request: HttpRequest, **changes: object) -> str:
    """The address at hand from its first page, with these parts changed; None takes a part away."""
    query = request.GET.copy()
    query.pop("page", None)
    for name, value in changes.items():
        query.pop(name, None)
        if value is not None:
            query[name] = str(value)
    return f"?{query.urlencode()}" if query else request.path
