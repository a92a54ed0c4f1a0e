"""The list of days that count otherwise, on the page and as a file."""

import django_filters
import django_tables2 as tables
from django import forms
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from modalities.models import CalendarException, Milestone
from polygons.models import State


def state_names() -> dict[str, str]:
    """Code → name, the whole country under the blank one."""
    return {"": _("Whole country"), **dict(State.objects.values_list("pk", "name"))}


class CalendarFilter(django_filters.FilterSet):
    year = django_filters.NumberFilter(field_name="day__year", label=gettext_lazy("Year"))
    state = django_filters.ModelChoiceFilter(
        method="of_state", queryset=State.objects.order_by("name"), label=gettext_lazy("What holds in")
    )
    is_business_day = django_filters.ChoiceFilter(
        label=gettext_lazy("That day"),
        choices=[("False", gettext_lazy("Does not count")), ("True", gettext_lazy("Counts"))],
        widget=forms.Select,
    )

    class Meta:
        model = CalendarException
        fields = ("year", "state", "is_business_day")

    def of_state(self, rows, name: str, state: State):
        return rows.of(state.pk)


class CalendarTable(tables.Table):
    day = tables.Column(verbose_name=gettext_lazy("Day"), attrs={"td": {"scope": "row"}, "cell": {"class": "num"}})
    state_code = tables.Column(verbose_name=gettext_lazy("Where"), empty_values=())
    is_business_day = tables.Column(verbose_name=gettext_lazy("That day"))
    reason = tables.Column(verbose_name=gettext_lazy("Reason"))
    source = tables.Column(verbose_name=gettext_lazy("Where it is ordered"))
    by = tables.Column(verbose_name=gettext_lazy("Written by"), order_by="by__name")
    remove = tables.Column(
        verbose_name=gettext_lazy("Remove"), accessor="pk", orderable=False, exclude_from_export=True
    )

    class Meta:
        model = CalendarException
        fields: tuple[str, ...] = ()
        order_by = ("-day",)
        empty_text = gettext_lazy("No day has been ordered otherwise: the federal calendar holds.")
        attrs = {"caption": gettext_lazy("Calendar exceptions")}

    def __init__(self, *args, may_write: bool, **kwargs) -> None:
        self.names = state_names()
        super().__init__(*args, exclude=() if may_write else ("remove",), **kwargs)

    def render_day(self, value) -> str:
        return date_format(value, "SHORT_DATE_FORMAT")

    def render_state_code(self, record: CalendarException) -> str:
        return self.names.get(record.state_code, record.state_code)

    def render_is_business_day(self, value: bool) -> str:
        return _("Counts") if value else _("Does not count")

    def render_remove(self, record: CalendarException) -> str:
        name = date_format(record.day, "SHORT_DATE_FORMAT")
        url = reverse("projects:remove-calendar-exception", args=[record.pk])
        words = _("Remove…")
        return format_html('<a href="{}">{}<span class="visually-hidden"> {}</span></a>', url, words, name)


class WindowTable(tables.Table):
    """Capture windows, for the files; takes `states`, the name of each by its code."""

    state = tables.Column(verbose_name=gettext_lazy("State"), accessor="state_code", empty_values=())
    opens = tables.Column(verbose_name=gettext_lazy("Opens"))
    closes = tables.Column(verbose_name=gettext_lazy("Closes"))
    source = tables.Column(verbose_name=gettext_lazy("Source"))
    is_verified = tables.Column(verbose_name=gettext_lazy("Verified"))

    class Meta:
        model = Milestone
        fields: tuple[str, ...] = ()
        attrs = {"caption": gettext_lazy("Capture windows")}

    def __init__(self, *args, states: dict[str, str], **kwargs) -> None:
        self.states = states
        super().__init__(*args, **kwargs)

    def value_state(self, record: Milestone) -> str:
        return self.states.get(record.state_code, "")
