"""Electoral silences as a list: when and where, by which source, and whether one runs now."""

from typing import Any

import django_filters as filters
import django_tables2 as tables
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from habitat.lib.lists import detail
from habitat.lib.templatetags.portal import badge
from polygons.models import State
from projects import services
from projects.models import Silence


class SilenceFilter(filters.FilterSet):
    q = filters.CharFilter(field_name="election", lookup_expr="icontains", label=gettext_lazy("Election"))
    year = filters.NumberFilter(field_name="starts_on__year", label=gettext_lazy("Year"))
    state = filters.ModelChoiceFilter(
        method="of_state", queryset=State.objects.order_by("name"), label=gettext_lazy("What holds in")
    )

    class Meta:
        model = Silence
        fields: tuple[str, ...] = ()

    def of_state(self, rows: Any, name: str, state: State) -> QuerySet[Silence]:
        return rows.of_state(state.pk)


class SilenceTable(tables.Table):
    election = tables.Column(verbose_name=gettext_lazy("Election"), attrs={"td": {"scope": "row"}})
    state = tables.Column(
        verbose_name=gettext_lazy("State"), order_by="state__name", default=gettext_lazy("The whole country")
    )
    starts_on = tables.Column(verbose_name=gettext_lazy("From"))
    ends_on = tables.Column(verbose_name=gettext_lazy("Until"))
    source = tables.Column(verbose_name=gettext_lazy("Source"))
    is_verified = tables.Column(verbose_name=gettext_lazy("Verified"))
    now = tables.Column(verbose_name=gettext_lazy("Now"), empty_values=(), orderable=False)
    starts_time = detail(gettext_lazy("From, at"))
    ends_time = detail(gettext_lazy("Until, at"))
    drop = tables.TemplateColumn(
        template_name="projects/society/_drop_silence.html",
        verbose_name=gettext_lazy("Take it away"),
        orderable=False,
        exclude_from_export=True,
    )

    begins = gettext_lazy("The program unit writes down each electoral silence, on this page.")

    class Meta:
        model = Silence
        fields: tuple[str, ...] = ()
        order_by = ("-starts_on", "pk")
        empty_text = gettext_lazy("No silence fits these filters.")
        attrs = {"caption": gettext_lazy("Electoral silences")}

    def __init__(self, *args: Any, may_write: bool, **kwargs: Any) -> None:
        self.may_write = may_write
        self.running = {row.pk for row in services.silences_now()}
        self.today = timezone.localdate()
        super().__init__(*args, exclude=() if may_write else ("drop",), **kwargs)

    def render_election(self, value: str, record: Silence) -> str:
        url = reverse("projects:silence", args=[record.pk])
        return format_html('<a href="{}">{}</a>', url, value) if self.may_write else value

    def value_election(self, record: Silence) -> str:
        return record.election

    def value_state(self, record: Silence) -> str:
        return str(record.state or _("The whole country"))

    def render_starts_on(self, record: Silence) -> str:
        return f"{date_format(record.starts_on, 'SHORT_DATE_FORMAT')} {time_format(record.starts_time, 'H:i')}"

    def render_ends_on(self, record: Silence) -> str:
        return f"{date_format(record.ends_on, 'SHORT_DATE_FORMAT')} {time_format(record.ends_time, 'H:i')}"

    def value_starts_time(self, record: Silence) -> str:
        return record.starts_time.isoformat()

    def value_ends_time(self, record: Silence) -> str:
        return record.ends_time.isoformat()

    def render_is_verified(self, value: bool) -> str:
        return _("verified") if value else _("not verified")

    def render_now(self, record: Silence) -> str:
        if record.pk in self.running:
            return badge("attention", _("Runs now"))
        return badge("transit", _("Ahead")) if record.starts_on > self.today else badge("done", _("Over"))
