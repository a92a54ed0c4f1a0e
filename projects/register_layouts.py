"""The beneficiary register's three structures as files: each column with its definition, and the rows for these eyes.

The normative guidelines of the Padrón Único de Beneficiarios (June 2013) name the structures; their columns are not in
the sources at hand (domain report, 5.3). So the layouts are reconstructions, unverified, and every file says so.
"""

import datetime as dt
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from habitat.accounts.models import User
from habitat.lib.curp import facts_of
from habitat.lib.workbook import Workbook
from modalities import parameters
from modalities.models import RulesVersion
from polygons.models import State
from projects.models import Action, ActorProject, Engagement, Part, Participant, StipendList
from projects.services.courses import with_hours
from projects.workflow import PUBLIC

# Printed in the files, as the register is written: in Spanish.
UNVERIFIED = "Estructura reconstruida, sin cotejar con los Lineamientos Normativos del Padrón Único de Beneficiarios."
SEXES = {"woman": "M", "man": "H", "other": "X"}


@dataclass(frozen=True)
class Field:
    """`name` heads the column; `kind` as `habitat.lib.workbook.KINDS`."""

    name: str
    definition: Promise
    kind: str = "text"


@dataclass(frozen=True)
class Asked:
    """Whose rows: of a year, of one state or of all that the asker may see."""

    user: User
    year: int
    state: State | None = None

    def within(self, rows: QuerySet, path: str) -> QuerySet:
        found = rows.filter(**{f"{path}__fiscal_year": self.year})
        return found.filter(**{f"{path}__municipality__state": self.state}) if self.state else found


@dataclass(frozen=True)
class Layout:
    """`rows` gives (key of the person or 0, cells)."""

    code: str
    title: Promise
    fields: Sequence[Field]
    rows: Callable[[Asked], Iterator[tuple[int, list[Any]]]]


PLACE = (
    Field("CVE_ENT", gettext_lazy("INEGI's key of the state, two digits.")),
    Field("CVE_MUN", gettext_lazy("INEGI's key of the municipality, five digits.")),
    Field("MUNICIPIO", gettext_lazy("Name of the municipality that executes the project.")),
    Field("EJERCICIO", gettext_lazy("Fiscal year of the project.")),
    Field("FOLIO", gettext_lazy("The portal's folio of the project.")),
    Field("EXPEDIENTE", gettext_lazy("File number, once it is assigned.")),
)
PERSON = (
    Field("CURP", gettext_lazy("The person's key; empty where there is none.")),
    Field("SIN_CURP", gettext_lazy("Why there is no CURP.")),
    Field("PRIMER_APELLIDO", gettext_lazy("First surname.")),
    Field("SEGUNDO_APELLIDO", gettext_lazy("Second surname, if there is one.")),
    Field("NOMBRES", gettext_lazy("Given names.")),
    Field("FECHA_NACIMIENTO", gettext_lazy("Date of birth."), "date"),
    Field("ENTIDAD_NACIMIENTO", gettext_lazy("Two letters of the CURP: the state of birth, NE abroad.")),
    Field("SEXO", gettext_lazy("H man, M woman, X neither, as in the CURP.")),
    *PLACE,
    Field("TIPO_ACCION", gettext_lazy("Action type in the year's catalogue.")),
    Field("PAPEL", gettext_lazy("Service provider, promoter, tutor, or participant of a course.")),
    Field("TIPO_BENEFICIO", gettext_lazy("Monetary for a stipend, service for a course.")),
    Field("FECHA_INICIO", gettext_lazy("First day of the engagement, or of the enrolment."), "date"),
    Field("FECHA_FIN", gettext_lazy("Last day of the engagement or of the course."), "date"),
    Field("MESES_PAGADOS", gettext_lazy("Months whose stipend is confirmed."), "count"),
    Field("MONTO_PAGADO", gettext_lazy("Pesos of those months."), "money"),
    Field("CURSO", gettext_lazy("Name of the course or workshop.")),
    Field("HORAS", gettext_lazy("Hours attended."), "number"),
    Field("ACREDITADO", gettext_lazy("SI where the hours reach the part the year's rules ask for, else NO.")),
)
ACTOR = (
    Field("NOMBRE", gettext_lazy("Name of the social actor.")),
    Field("TIPO", gettext_lazy("Organisation, committee, centre, school or other.")),
    Field("RFC", gettext_lazy("Tax key, where there is one.")),
    Field("CLUNI", gettext_lazy("Key in the federal register of civil society organisations, where there is one.")),
    Field("DOMICILIO", gettext_lazy("Address or place.")),
    *PLACE,
    Field("PARTICIPACION", gettext_lazy("Whether it acts in the project or is served by it.")),
)
POPULATION = (
    *PLACE,
    Field("COLONIA", gettext_lazy("Neighbourhood, as the project gives it.")),
    Field("POLIGONO", gettext_lazy("Code of the Habitat Polygon.")),
    Field("PROYECTO", gettext_lazy("Name of the project.")),
    Field("TIPO_ACCION", gettext_lazy("Action type in the year's catalogue.")),
    Field("UNIDAD", gettext_lazy("Unit of the quantity.")),
    Field("CANTIDAD", gettext_lazy("Quantity approved."), "number"),
    Field("MUJERES", gettext_lazy("Women who benefit."), "count"),
    Field("HOMBRES", gettext_lazy("Men who benefit."), "count"),
    Field("HOGARES", gettext_lazy("Households that benefit."), "count"),
    Field("FECHA_INICIO", gettext_lazy("First day of the project."), "date"),
    Field("FECHA_FIN", gettext_lazy("Last day of the project."), "date"),
    Field("SITUACION", gettext_lazy("Status of the project.")),
)


def _place(project: Any) -> list[Any]:
    place = project.municipality
    return [place.state_id, place.pk, place.name, str(project.fiscal_year_id), project.folio, project.file_number]


def _who(person: Any) -> list[Any]:
    birth = facts_of(person.curp).state if person.curp else ""
    names = [person.first_surname, person.second_surname, person.given_names]
    reason = person.no_curp_note or person.get_no_curp_display()
    return [person.curp, "" if person.curp else reason, *names, person.born_on, birth, SEXES[person.sex]]


def _people(asked: Asked) -> Iterator[tuple[int, list[Any]]]:
    """Those erased are in no file: nobody is left to name."""
    yield from _served(asked)
    yield from _taught(asked)


def _served(asked: Asked) -> Iterator[tuple[int, list[Any]]]:
    confirmed = Q(payments__list__status=StipendList.Status.CONFIRMED)
    rows = Engagement.objects.visible_to(asked.user).filter(person__erased_at=None)
    rows = rows.annotate(
        paid_months=Count("payments", filter=confirmed), paid=Sum("payments__amount", filter=confirmed)
    )
    rows = rows.select_related("person", "action__action_type", "action__project__municipality")
    for row in asked.within(rows, "action__project").order_by("action__project__folio", "pk"):
        kind = row.action.action_type
        facts = [row.starts_on, row.left_on or row.ends_on, row.paid_months, row.paid or 0, "", None, ""]
        yield (
            row.person_id,
            [*_who(row.person), *_place(row.action.project), str(kind), str(row.part.label), _("Monetary"), *facts],
        )


def _taught(asked: Asked) -> Iterator[tuple[int, list[Any]]]:
    rows = with_hours(Participant.objects.visible_to(asked.user).filter(person__erased_at=None))
    rows = rows.select_related(
        "person",
        "course__action__action_type",
        "course__action__project__municipality",
        "course__action__project__rules",
    )
    asks = parameters.by_version(RulesVersion.objects.filter(fiscal_year=asked.year).prefetch_related("parameters"))
    for row in asked.within(rows, "course__action__project").order_by("course__action__project__folio", "pk"):
        course, project = row.course, row.course.action.project
        least = course.hours * asks[project.rules_id]["course_completion_percent"] / 100
        facts = [row.enrolled_on, row.left_on or course.ends_on, None, None, course.name, row.came]
        what = [str(course.action.action_type), str(Part.PARTICIPANT.label), _("Service")]
        yield row.person_id, [*_who(row.person), *_place(project), *what, *facts, "SI" if row.came >= least else "NO"]


def _actors(asked: Asked) -> Iterator[tuple[int, list[Any]]]:
    rows = ActorProject.objects.visible_to(asked.user).select_related("actor", "project__municipality")
    for row in asked.within(rows, "project").order_by("actor__name", "pk"):
        actor = row.actor
        told = [actor.name, actor.get_kind_display(), actor.rfc, actor.cluni, actor.place]
        yield 0, [*told, *_place(row.project), row.get_part_display()]


def _population(asked: Asked) -> Iterator[tuple[int, list[Any]]]:
    rows = Action.objects.visible_to(asked.user).filter(project__status__in=PUBLIC).defer("geometry")
    rows = rows.select_related("action_type", "project__municipality", "project__polygon_version__polygon")
    for row in asked.within(rows, "project").order_by("project__folio", "pk"):
        project, kind = row.project, row.action_type
        polygon = project.polygon_version.polygon.code if project.polygon_version else ""
        what = [project.neighbourhood, polygon, project.name, str(kind), kind.get_unit_display()]
        count = [row.quantity, row.women, row.men, row.households]
        days = [project.starts_on, project.ends_on, project.get_status_display()]
        yield 0, [*_place(project), *what, *count, *days]


LAYOUTS = {
    layout.code: layout
    for layout in (
        Layout("person", gettext_lazy("Person"), PERSON, _people),
        Layout("actor", gettext_lazy("Social actor"), ACTOR, _actors),
        Layout("population", gettext_lazy("Population served by works"), POPULATION, _population),
    )
}


def write_xlsx(layout: Layout, rows: Sequence[list[Any]], *, at: dt.datetime) -> bytes:
    """The rows, and on a second sheet what each column means."""
    buffer = io.BytesIO()
    with Workbook(buffer, title=str(layout.title), author="Hábitat", at=at) as book:
        sheet = book.sheet(str(layout.title), [field.kind for field in layout.fields])
        sheet.head([field.name for field in layout.fields])
        sheet.add(rows)
        words = book.sheet(_("Definitions"), ["text", "text"], [24, 90])
        words.head([_("Column"), _("Definition")])
        words.add([["", UNVERIFIED], *([field.name, str(field.definition)] for field in layout.fields)])
    return buffer.getvalue()
