"""What the address asks for: filters, grain, colours, columns, order and extent; all of it stands there."""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django import forms
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from habitat.lib.classes import FEWEST, METHODS, MOST
from polygons.models import MarginalisationScore
from reports.explorer.found import Box
from reports.explorer.grains import BLOCKS, GRAINS, POLYGONS, Grain
from reports.explorer.measures import MEASURES, Measure, Unit, offered
from reports.explorer.places import cities, municipalities, states, years

METHOD_LABELS = {
    "quantile": _("Equal numbers (quantiles)"),
    "equal": _("Equal intervals"),
    "natural": _("Natural breaks"),
    "strata": _("Strata (Dalenius-Hodges)"),
}
COUNTS = range(FEWEST, MOST + 1)
DEFAULT_COUNT = 5
PLAIN_COLUMNS = {
    POLYGONS.name: {"place": _("Municipality"), "block_count": _("Blocks"), "population": _("Population")},
    BLOCKS.name: {"polygon": _("Polygon"), "place": _("Municipality"), "population": _("Population")},
}
DEFAULT_COLUMNS = {
    POLYGONS.name: (*("block_count", "dwellings", "water", "drainage", "floor", "projects", "approved_year"),),
    BLOCKS.name: ("polygon", "dwellings", "water", "drainage", "electricity", "floor", "approved"),
}
SHORT = {"class": "short", "inputmode": "decimal"}


class ExplorerForm(forms.Form):
    """The filters beside the map. A threshold is in the measure's own unit: per cent, pesos, persons."""

    q = forms.CharField(label=_("Name or key"), required=False, max_length=120)
    state: Any = forms.ModelChoiceField(None, label=_("State"), required=False, empty_label=_("All states"))
    municipality: Any = forms.ModelChoiceField(
        None, label=_("Municipality"), required=False, empty_label=_("All municipalities")
    )
    city: Any = forms.ModelChoiceField(None, label=_("City"), required=False, empty_label=_("All cities"))
    variable = forms.ChoiceField(label=_("Need"), required=False)
    at_least = forms.FloatField(label=_("From"), required=False, min_value=0, widget=forms.NumberInput(attrs=SHORT))
    at_most = forms.FloatField(label=_("To"), required=False, min_value=0, widget=forms.NumberInput(attrs=SHORT))
    attention = forms.ChoiceField(
        label=_("Attention"),
        required=False,
        choices=[("", _("All")), ("with", _("With projects")), ("without", _("Without projects"))],
        widget=forms.RadioSelect,
    )
    year = forms.TypedChoiceField(label=_("Year"), required=False, coerce=int, empty_value=None)
    spending = forms.ChoiceField(label=_("Spending"), required=False)
    spent_least = forms.FloatField(label=_("From"), required=False, min_value=0, widget=forms.NumberInput(attrs=SHORT))
    spent_most = forms.FloatField(label=_("To"), required=False, min_value=0, widget=forms.NumberInput(attrs=SHORT))
    grade = forms.TypedChoiceField(
        label=_("Marginalisation grade"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", _("All")), *MarginalisationScore.Grade.choices],
    )
    eligible = forms.ChoiceField(
        label=_("Eligibility"),
        required=False,
        choices=[
            ("", _("All")),
            ("eligible", _("Meets every criterion of the year")),
            ("not", _("Fails a criterion")),
            ("open", _("A criterion is still open")),
            ("none", _("Not assessed")),
        ],
    )

    def __init__(self, data: QueryDict, *, user: Any, grain: Grain, measures: dict[str, Measure]) -> None:
        super().__init__(data)
        self.label_suffix = ""
        asked = {name: data.get(name, "") for name in ("state", "municipality", "city")}
        fields: dict[str, Any] = self.fields
        fields["state"].queryset = states(user, grain)
        fields["municipality"].queryset = municipalities(user, grain, asked)
        fields["city"].queryset = cities(user, grain, asked["state"])
        fields["variable"].choices = [(name, m.title) for name, m in measures.items() if m.is_need]
        fields["spending"].choices = [(name, m.title) for name, m in measures.items() if not m.is_need]
        fields["year"].choices = [("", _("This year")), *((year, str(year)) for year in years())]
        if grain is BLOCKS:
            del fields["eligible"]

    @property
    def basic(self) -> list[forms.BoundField]:
        return [self[name] for name in ("q", "state", "municipality", "city")]

    @property
    def rest(self) -> list[forms.BoundField]:
        return [self[name] for name in ("attention", "year", "grade", "eligible") if name in self.fields]

    def is_used(self, *names: str) -> bool:
        return any(self.data.get(name) for name in names)

    @property
    def shows_more(self) -> bool:
        return self.is_used("year", "grade", "eligible", "spent_least", "spent_most")


@dataclass
class Asked:
    """One request to the explorer, read; what makes no sense falls back to the default."""

    request: HttpRequest

    @property
    def data(self) -> QueryDict:
        return self.request.GET

    @cached_property
    def grain(self) -> Grain:
        return GRAINS.get(self.data.get("grain", ""), POLYGONS)

    @cached_property
    def measures(self) -> dict[str, Measure]:
        return offered(self.request.user, of_polygons=self.grain is POLYGONS)

    @cached_property
    def form(self) -> ExplorerForm:
        return ExplorerForm(self.data, user=self.request.user, grain=self.grain, measures=self.measures)

    @cached_property
    def used(self) -> dict[str, Any]:
        """The filters that are set and make sense."""
        self.form.full_clean()
        return {name: value for name, value in self.form.cleaned_data.items() if value not in (None, "")}

    def _choice(self, name: str, choices: Any, default: Any) -> Any:
        asked = self.data.get(name, "")
        return asked if asked in choices else default

    @property
    def year(self) -> int:
        return self.used.get("year") or timezone.localdate().year

    @property
    def need(self) -> str:
        """What the thresholds of need are about."""
        return self._choice("variable", [name for name, m in self.measures.items() if m.is_need], "water")

    @property
    def spending(self) -> str:
        names = [name for name, m in self.measures.items() if not m.is_need]
        return self._choice("spending", names, "approved_year")

    @property
    def colour(self) -> Measure:
        return self.measures[self._choice("colour", self.measures, self.need)]

    @property
    def against(self) -> Measure | None:
        """The spending that the need is coloured against, in nine classes."""
        name = self._choice("against", self.measures, "")
        if not name or MEASURES[name].is_need or not self.colour.is_need:
            return None
        return self.measures[name]

    @property
    def method(self) -> str:
        return self._choice("method", METHODS, "quantile")

    @property
    def count(self) -> int:
        return int(self._choice("classes", [str(count) for count in COUNTS], str(DEFAULT_COUNT)))

    @property
    def has_patterns(self) -> bool:
        return self.data.get("patterns") == "1"

    @property
    def choosable(self) -> dict[str, Any]:
        """Columns by name, with their titles."""
        dwellings = {"dwellings": self.measures["dwellings"].title}
        measures = {name: measure.title for name, measure in self.measures.items()}
        return PLAIN_COLUMNS[self.grain.name] | dwellings | measures

    @cached_property
    def columns(self) -> list[str]:
        """Chosen columns; what colours the map always stands in its table."""
        wanted = set(self.data.getlist("columns")) & set(self.choosable) or set(DEFAULT_COLUMNS[self.grain.name])
        wanted |= {self.colour.name} | ({self.against.name} if self.against else set())
        return [name for name in self.choosable if name in wanted]

    @cached_property
    def box(self) -> Box | None:
        """`bbox`: west, south, east, north in degrees."""
        try:
            west, south, east, north = map(float, self.data.get("bbox", "").split(","))
        except ValueError:
            return None
        box = (west, south, east, north)
        is_sane = all(map(math.isfinite, box)) and -180 <= west < east <= 180 and -90 <= south < north <= 90
        return box if is_sane else None

    @property
    def is_inside(self) -> bool:
        """Only what the map shows."""
        return self.data.get("inside") == "1" and self.box is not None

    @property
    def selected(self) -> str:
        return self.data.get("selected", "")[:20]

    def scaled(self, name: str, value: float | None) -> float | None:
        """A threshold as typed, in the figures' own unit."""
        if value is None:
            return None
        return value / 100 if MEASURES[name].unit is Unit.SHARE else value

    # ---- Other addresses -------------------------------------------------------------------------------------------
    def address(self, **changes: str | None) -> str:
        """This page with some parameters changed; None takes one away. Any change begins at the first page."""
        query = self.data.copy()
        query.pop("page", None)
        for name, value in changes.items():
            query.pop(name, None)
            if value is not None:
                query[name] = value
        return f"?{query.urlencode()}" if query else self.request.path

    def kept(self, *own: str) -> list[tuple[str, str]]:
        """Parameters that a form with the fields `own` must carry along."""
        gone = {*own, "page", "format"}
        return [(name, value) for name, values in self.data.lists() if name not in gone for value in values if value]
