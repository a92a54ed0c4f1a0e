"""What the list of polygons can be narrowed by; every filter stands in the address."""

from decimal import Decimal
from typing import Any

import django_filters as filters
from django import forms
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from polygons.deficits import MAPPED
from polygons.models import City, Municipality, Polygon, PolygonVersion, State

SHORT_LABELS = {
    "water": _("Water"),
    "drainage": _("Drainage"),
    "electricity": _("Electricity"),
    "floor": _("Firm floor"),
}


def _seen(request: HttpRequest) -> QuerySet[Polygon]:
    return Polygon.objects.visible_to(request.user)


def states(request: HttpRequest) -> QuerySet[State]:
    return State.objects.filter(municipalities__in=_seen(request).values("municipality")).distinct()


def municipalities(request: HttpRequest) -> QuerySet[Municipality]:
    """Places that have a polygon; of the chosen state once there is one."""
    found = Municipality.objects.filter(pk__in=_seen(request).values("municipality")).order_by("name")
    state = request.GET.get("state")
    return found.filter(state=state) if state else found


def cities(request: HttpRequest) -> QuerySet[City]:
    state = request.GET.get("state")
    seen = _seen(request).filter(municipality__state=state) if state else _seen(request)
    return City.objects.filter(pk__in=seen.values("city")).defer("point").order_by("name")


class PolygonFilter(filters.FilterSet):
    q = filters.CharFilter(method="search", label=_("Name or key"))
    state = filters.ModelChoiceFilter(
        field_name="polygon__municipality__state", queryset=states, label=_("State"), empty_label=_("All states")
    )
    municipality = filters.ModelChoiceFilter(
        field_name="polygon__municipality",
        queryset=municipalities,
        label=_("Municipality"),
        empty_label=_("All municipalities"),
    )
    city = filters.ModelChoiceFilter(
        field_name="polygon__city", queryset=cities, label=_("City"), empty_label=_("All cities")
    )
    variable = filters.ChoiceFilter(
        choices=[(deficit.name, SHORT_LABELS[deficit.name]) for deficit in MAPPED],
        method="just_read",
        label=_("Dwellings without"),
        empty_label=None,
    )
    at_least = filters.NumberFilter(
        method="lacking",
        label=_("From this share on"),
        help_text=_("Per cent of the dwellings, for certain"),
        min_value=0,
        max_value=100,
        widget=forms.NumberInput(attrs={"class": "short", "inputmode": "numeric"}),
    )
    attention = filters.ChoiceFilter(
        choices=[("with", _("With projects")), ("without", _("Without projects"))],
        method="attended",
        label=_("Attention"),
        empty_label=_("All"),
        widget=forms.RadioSelect,
    )

    class Meta:
        model = PolygonVersion
        fields: list[str] = []

    def search(self, queryset: QuerySet[PolygonVersion], name: str, value: str) -> QuerySet[PolygonVersion]:
        return queryset.filter(Q(polygon__name__icontains=value) | Q(polygon__code__icontains=value))

    def just_read(self, queryset: QuerySet[PolygonVersion], name: str, value: str) -> QuerySet[PolygonVersion]:
        """Says which deficit the share and the map are about; narrows nothing by itself."""
        return queryset

    def lacking(self, queryset: QuerySet[PolygonVersion], name: str, value: Decimal) -> QuerySet[PolygonVersion]:
        low = f"{self.deficit}_low__gte"
        return queryset.filter(base__gt=0, **{low: F("base") * value / 100})

    def attended(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.filter(projects__gt=0) if value == "with" else queryset.filter(projects=0)

    @property
    def deficit(self) -> str:
        asked = self.data.get("variable", "")
        return asked if asked in SHORT_LABELS else MAPPED[0].name

    def in_words(self) -> list[tuple[str, str]]:
        """The filters in use: name in the address, and what to call it."""
        if not self.form.is_valid():
            return []
        used = self.form.cleaned_data
        words = [(name, str(used[name])) for name in ("q", "state", "municipality", "city") if used[name]]
        if used["at_least"] is not None:
            share = _("Without %(service)s: %(share)s %% or more") % {
                "service": str(SHORT_LABELS[self.deficit]).lower(),
                "share": used["at_least"].normalize(),
            }
            words.append(("at_least", share))
        if used["attention"]:
            words.append(("attention", str(dict(self.filters["attention"].extra["choices"])[used["attention"]])))
        return words
