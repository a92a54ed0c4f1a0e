"""Lists of the restricted register. CURPs are masked in every list; the one of people has no file of its own."""

import django_filters as filters
import django_tables2 as tables
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from habitat.lib.curp import mask
from habitat.lib.forms import DateInput
from habitat.lib.lists import detail
from modalities.models import FiscalYear
from polygons.models import Municipality
from projects.filters.projects import states
from projects.models import Part, Person, RegisteredSex, RegisterReading, SocialActor
from projects.querysets.people import PersonQuerySet
from projects.tables.projects import NUMBER


def municipalities(request) -> QuerySet[Municipality]:
    return request.user.municipalities() if request else Municipality.objects.none()


class PersonFilter(filters.FilterSet):
    """Nothing personal goes into an address: whom one looks for by name or CURP is searched by POST."""

    part = filters.ChoiceFilter(choices=Part.choices, method="in_part", label=_("Part"))
    year = filters.ModelChoiceFilter(queryset=FiscalYear.objects.all(), method="in_year", label=_("Fiscal year"))
    folio = filters.CharFilter(method="in_project", label=_("Folio of the project"))
    state = filters.ModelChoiceFilter(field_name="municipality__state", queryset=states, label=_("State"))
    sex = filters.ChoiceFilter(choices=RegisteredSex.choices, label=_("Sex"))
    curp = filters.ChoiceFilter(
        choices=(("with", _("With CURP")), ("without", _("Without CURP"))), method="with_curp", label="CURP",
    )  # fmt: skip

    class Meta:
        model = Person
        fields: tuple[str, ...] = ()

    def in_part(self, rows: PersonQuerySet, name: str, value: str) -> PersonQuerySet:
        return rows.filter(**{value: True})

    def in_year(self, rows: PersonQuerySet, name: str, value: FiscalYear) -> PersonQuerySet:
        return self._through(rows, "fiscal_year", value)

    def in_project(self, rows: PersonQuerySet, name: str, value: str) -> PersonQuerySet:
        return self._through(rows, "folio__iexact", value.strip())

    def _through(self, rows: PersonQuerySet, suffix: str, value: object) -> PersonQuerySet:
        served = Q(**{f"engagements__action__project__{suffix}": value})
        taught = Q(**{f"participations__course__action__project__{suffix}": value})
        return rows.filter(pk__in=Person.objects.filter(served | taught).values("pk"))

    def with_curp(self, rows: PersonQuerySet, name: str, value: str) -> PersonQuerySet:
        return rows.exclude(curp="") if value == "with" else rows.filter(curp="")


class PersonTable(tables.Table):
    name = tables.Column(
        verbose_name=_("Name"), attrs={"td": {"scope": "row"}}, empty_values=(),
        order_by=("first_surname", "second_surname", "given_names"),
    )  # fmt: skip
    curp = tables.Column(verbose_name="CURP", orderable=False, attrs={"cell": {"class": "key"}}, empty_values=())
    sex = tables.Column(verbose_name=_("Sex"))
    age = tables.Column(verbose_name=_("Age"), attrs=NUMBER, accessor="born_on")
    parts = tables.Column(verbose_name=_("Part"), orderable=False, empty_values=())
    place = tables.Column(verbose_name=_("Municipality"), accessor="municipality__name")

    begins = _("People enter the register when they are engaged in an action, from the page of their project.")

    class Meta:
        model = Person
        fields: tuple[str, ...] = ()
        order_by = ("name",)
        empty_text = _("Nobody fits these filters.")
        attrs = {"caption": _("People in the register")}

    def render_name(self, record: Person) -> str:
        url = reverse("projects:person", args=[record.pk])
        return format_html('<a class="main" href="{}">{}</a><span class="sub">#{}</span>', url, record.name, record.pk)

    def render_curp(self, record: Person) -> str:
        return mask(record.curp) or str(record.get_no_curp_display())

    def render_age(self, record: Person) -> int:
        return age_of(record)

    def order_age(self, rows: QuerySet[Person], is_descending: bool) -> tuple[QuerySet[Person], bool]:
        """The older, the earlier the birth."""
        return rows.order_by(("" if is_descending else "-") + "born_on", "pk"), True

    def render_parts(self, record: Person) -> str:
        return ", ".join(str(part.label) for part in Part if getattr(record, part.value)) or "—"


def age_of(person: Person) -> int:
    """Of somebody who is not erased."""
    today, born_on = timezone.localdate(), person.born_on
    if born_on is None:
        raise ValueError("erased")
    return today.year - born_on.year - ((today.month, today.day) < (born_on.month, born_on.day))


class ActorFilter(filters.FilterSet):
    q = filters.CharFilter(field_name="name", lookup_expr="icontains", label=_("Name"))
    kind = filters.ChoiceFilter(choices=SocialActor.Kind, label=_("Kind"))
    state = filters.ModelChoiceFilter(field_name="municipality__state", queryset=states, label=_("State"))

    class Meta:
        model = SocialActor
        fields: tuple[str, ...] = ()


class ActorTable(tables.Table):
    name = tables.Column(verbose_name=_("Name"), attrs={"td": {"scope": "row"}})
    kind = tables.Column(verbose_name=_("Kind"))
    rfc = tables.Column(verbose_name="RFC", attrs={"cell": {"class": "key"}})
    cluni = tables.Column(verbose_name="CLUNI", attrs={"cell": {"class": "key"}})
    state = detail(_("State"), "municipality__state__name")
    municipality_key = detail(_("Municipality key"), "municipality_id")
    municipality = tables.Column(verbose_name=_("Municipality"), accessor="municipality__name")
    place = detail(_("Address or place"), "place")
    works_count = tables.Column(verbose_name=_("Projects"), attrs=NUMBER)

    begins = _("A social actor takes part in an action of a project: see the people of that project.")

    class Meta:
        model = SocialActor
        fields: tuple[str, ...] = ()
        order_by = ("name",)
        empty_text = _("No social actor fits these filters.")
        attrs = {"caption": _("Social actors")}

    def render_name(self, record: SocialActor) -> str:
        url = reverse("projects:actor", args=[record.pk])
        return format_html(
            '<a class="main" href="{}">{}</a><span class="sub">{}</span>', url, record.name, record.place
        )

    def value_name(self, record: SocialActor) -> str:
        return record.name


class ReadingFilter(filters.FilterSet):
    who = filters.CharFilter(method="by_person", label=_("Who read: name or e-mail"))
    what = filters.ChoiceFilter(choices=RegisterReading.What, label=_("What"))
    person = filters.NumberFilter(field_name="person", label=_("Number of the person read"))
    first = filters.DateFilter(field_name="at", lookup_expr="date__gte", label=_("From"), widget=DateInput)
    last = filters.DateFilter(field_name="at", lookup_expr="date__lte", label=_("Until"), widget=DateInput)

    class Meta:
        model = RegisterReading
        fields: tuple[str, ...] = ()

    def by_person(self, rows: QuerySet[RegisterReading], name: str, value: str) -> QuerySet[RegisterReading]:
        return rows.filter(Q(by__name__icontains=value) | Q(by__email__icontains=value))


class ReadingTable(tables.Table):
    at = tables.DateTimeColumn(verbose_name=_("Moment"), short=True, attrs={"td": {"scope": "row"}})
    by = tables.Column(verbose_name=_("Who"), order_by="by__name")
    email = detail(_("E-mail"), "by__email")
    role = detail(_("Role"), "by__role")
    what = tables.Column(verbose_name=_("What"))
    person = tables.Column(verbose_name=_("Whom"), empty_values=(), orderable=False)
    people = tables.Column(verbose_name=_("People"), attrs=NUMBER)
    page = tables.Column(verbose_name=_("Page"), orderable=False)
    purpose = detail(_("What for"), "purpose")

    begins = _("It is written down here by itself each time somebody reads a name.")

    class Meta:
        model = RegisterReading
        fields: tuple[str, ...] = ()
        order_by = ("-at",)
        empty_text = _("No reading fits these filters.")
        attrs = {"caption": _("Readings of the register")}

    def render_by(self, record: RegisterReading) -> str:
        return format_html('{}<span class="sub">{}</span>', record.by, record.by.email)

    def value_by(self, record: RegisterReading) -> str:
        return str(record.by)

    def value_page(self, record: RegisterReading) -> str:
        return record.page

    def render_person(self, record: RegisterReading) -> str:
        if record.person_id:
            return format_html(
                '<a href="{}">#{}</a>', reverse("projects:person", args=[record.person_id]), record.person_id
            )
        return record.project.folio if record.project else "—"

    def render_page(self, record: RegisterReading) -> str:
        return format_html('<span class="address">{}</span><span class="sub">{}</span>', record.page, record.purpose)
