"""The indices of marginalisation, and the units of one, as lists: filters and tables."""

from typing import Any

import django_filters as filters
import django_tables2 as tables
from django.contrib.gis.db.models import Union
from django.contrib.gis.db.models.functions import AsWKB
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Left
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from habitat.lib.lists import Value, detail
from habitat.lib.templatetags.portal import badge, number
from polygons.models import (
    Block,
    Level,
    Locality,
    MarginalisationIndex,
    MarginalisationScore,
    Municipality,
    PolygonVersion,
    State,
)
from polygons.tiles import latest_vintage

STATE_DIGITS, MUNICIPALITY_DIGITS, LOCALITY_DIGITS = 2, 5, 9


def _name(model: Any, digits: int) -> Subquery:
    return Subquery(model.objects.filter(pk=Left(OuterRef("code"), digits)).values("name")[:1])


def with_names(scores: QuerySet[MarginalisationScore]) -> Any:
    """Adds the names of the unit's state, municipality and locality, and `place`, the smallest of them that we know."""
    return scores.annotate(
        state_name=_name(State, STATE_DIGITS),
        municipality_name=_name(Municipality, MUNICIPALITY_DIGITS),
        locality_name=_name(Locality, LOCALITY_DIGITS),
    ).annotate(place=Coalesce("locality_name", "municipality_name", "state_name"))


class ScoreFilter(filters.FilterSet):
    q = filters.CharFilter(method="search", label=gettext_lazy("Name or key"))
    state = filters.ModelChoiceFilter(
        queryset=lambda request: states(request),
        method="within",
        label=gettext_lazy("State"),
        empty_label=gettext_lazy("All states"),
    )
    grade = filters.MultipleChoiceFilter(
        choices=MarginalisationScore.Grade.choices, label=gettext_lazy("marginalisation grade")
    )

    class Meta:
        model = MarginalisationScore
        fields: list[str] = []

    def search(self, queryset: Any, name: str, value: str) -> Any:
        municipalities = Municipality.objects.filter(name__plain__contains=value).values("pk")
        found = (
            Q(municipality__in=municipalities)
            | Q(code__startswith=value.upper())
            | Q(state_name__plain__contains=value)
        )
        return queryset.annotate(municipality=Left("code", MUNICIPALITY_DIGITS)).filter(found)

    def within(self, queryset: Any, name: str, value: State) -> Any:
        return queryset.filter(code__startswith=value.pk)


def states(request: HttpRequest) -> QuerySet[State]:
    if request.user.is_authenticated:
        return State.objects.in_territory(request.user).order_by("name")
    return State.objects.order_by("name")


def outlines(level: str, codes: list[str]) -> dict[str, Any]:
    """Key → WKB in EPSG:4326, of the census on the map; of an AGEB what its blocks cover."""
    blocks = Block.objects.filter(vintage=latest_vintage(), geometry__isnull=False).order_by()
    if level == Level.BLOCK:
        return dict(blocks.filter(code__in=codes).values_list("code", AsWKB("geometry")))
    if level == Level.AGEB:
        united = blocks.filter(ageb_code__in=codes).values("ageb_code").annotate(shape=AsWKB(Union("geometry")))
        return dict(united.values_list("ageb_code", "shape"))
    versions = PolygonVersion.objects.published().filter(polygon__code__in=codes)
    return dict(versions.values_list("polygon__code", AsWKB("geometry")))


# Figures under a heading of several words.
LONG = {"cell": {"class": "num long"}}


class ScoreTable(tables.Table):
    code = tables.Column(verbose_name=gettext_lazy("Key"), attrs={"cell": {"class": "key"}})
    place = tables.Column(
        verbose_name=gettext_lazy("Place"), attrs={"td": {"scope": "row", "class": "name"}}, empty_values=()
    )
    municipality = detail(gettext_lazy("Municipality"), "municipality_name")
    state = detail(gettext_lazy("State"), "state_name")
    value = Value("degrees", verbose_name=gettext_lazy("Index (higher: less marginal)"), attrs=LONG)
    normalised = Value("degrees", verbose_name=gettext_lazy("Normalised, 0 to 1"), attrs=LONG)
    grade = tables.Column(verbose_name=gettext_lazy("Grade of marginalisation"))
    rank = Value("count", verbose_name=gettext_lazy("Place among all (1: most marginal)"), attrs=LONG)

    begins = gettext_lazy("None of its units lies in your territory.")

    class Meta:
        model = MarginalisationScore
        fields: tuple[str, ...] = ()
        order_by = "rank"
        empty_text = gettext_lazy("No unit fits these filters.")
        attrs = {"caption": gettext_lazy("Units of the index")}

    def __init__(self, *args: Any, level: str, **kwargs: Any) -> None:
        """`level`: of what the units are."""
        self.level = level
        self.shapes = self._shapes if level in (Level.BLOCK, Level.AGEB, Level.POLYGON) else None
        super().__init__(*args, **kwargs)

    def _shapes(self, scores: list[MarginalisationScore]) -> list[Any]:
        known = outlines(self.level, [score.code for score in scores])
        return [known.get(score.code) for score in scores]

    def render_place(self, record: Any) -> SafeString:
        wider = [name for name in (record.municipality_name, record.state_name) if name and name != record.place]
        return format_html('{}<span class="sub">{}</span>', record.place or _("unknown place"), ", ".join(wider))

    def value_place(self, record: Any) -> str:
        return record.place

    def render_grade(self, record: MarginalisationScore) -> str:
        return record.get_grade_display()


class IndexFilter(filters.FilterSet):
    level = filters.ChoiceFilter(choices=Level.choices, label=gettext_lazy("Level"))
    origin = filters.ChoiceFilter(choices=MarginalisationIndex.Origin.choices, label=gettext_lazy("Origin"))

    class Meta:
        model = MarginalisationIndex
        fields: list[str] = []


class IndexTable(tables.Table):
    level = tables.Column(verbose_name=gettext_lazy("Index"), attrs={"td": {"scope": "row"}})
    year = Value("year", verbose_name=gettext_lazy("Year"))
    source = detail(gettext_lazy("Source"), "source")
    origin = tables.Column(verbose_name=gettext_lazy("Origin"))
    is_reference = detail(gettext_lazy("in use"), "is_reference")
    units = Value("count", verbose_name=gettext_lazy("Units"))
    indicators = Value("count", verbose_name=gettext_lazy("Indicators"), empty_values=(), orderable=False, default="—")
    made_at = Value("date", verbose_name=gettext_lazy("Made"))

    begins = gettext_lazy("An index appears once the program unit computes one or brings in CONAPO's.")

    class Meta:
        model = MarginalisationIndex
        fields: tuple[str, ...] = ()
        order_by = ("level", "-is_reference", "-year", "-made_at")
        empty_text = gettext_lazy("No index fits these filters.")
        attrs = {"caption": gettext_lazy("Indices of marginalisation")}

    def render_level(self, record: MarginalisationIndex) -> str:
        words = '<a class="main" href="{}">{}</a><span class="sub">{}</span>'
        url = reverse("polygons:index", args=[record.pk])
        return format_html(words, url, record.get_level_display(), record.source)

    def value_level(self, record: MarginalisationIndex) -> str:
        return record.get_level_display()

    def render_origin(self, value: str, record: MarginalisationIndex) -> str:
        return format_html("{} {}", value, badge("good", _("in use"))) if record.is_reference else value

    def value_origin(self, record: MarginalisationIndex) -> str:
        return record.get_origin_display()

    def render_indicators(self, record: MarginalisationIndex) -> str:
        return number(len(record.indicators) or None)

    def value_indicators(self, record: MarginalisationIndex) -> int | None:
        return len(record.indicators) or None
