"""What the municipality changed since its project was returned, read from the audit rows that triggers keep.

The return notes the last audit row of each table (`StatusChange.marks`). A row's state before is the last one up to
that mark, its state now the last one of all: how often it was saved in between does not matter.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib.gis.geos import GEOSGeometry
from django.db import models
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from habitat.lib.templatetags.portal import money, number
from projects.models import Action, AgeCount, Contribution, Document, Observation, Project, SchedulePart, StatusChange
from projects.services.drafts import SECTION_OF

Section = Observation.Section
# Metres are metres: INEGI's conic projection.
METRIC = 6372
# Kept by the portal, not written by those who prepare.
OURS = frozenset(
    {"id", "public_id", "created_at", "updated_at", "folio", "file_number", "rules", "fiscal_year", "project", "action"}
)
SECTION_OF_ACTION = {"geometry": Section.PLACE, "unit_price": Section.FUNDING}


@dataclass(frozen=True)
class Part:
    """Rows of an action, one for each value of `keys`, told by `fields`."""

    model: Any
    keys: tuple[str, ...]
    fields: tuple[str, ...]
    section: str


PARTS = (
    Part(AgeCount, ("group",), ("women", "men"), Section.TARGETS),
    Part(SchedulePart, ("month",), ("quantity", "amount"), Section.TARGETS),
    Part(Contribution, ("source", "years_later"), ("amount",), Section.FUNDING),
)


@dataclass(frozen=True)
class Change:
    """One field of one thing, before and now, in words; a thing that came or went has one side empty."""

    section: str
    thing: str
    field: str
    before: str
    now: str


@dataclass(frozen=True)
class Changes:
    """Since one return: `changes` by section, in the form's order, and the sections returned where nothing changed."""

    returned: StatusChange
    changes: list[Change]

    @property
    def sections(self) -> list[tuple[str, list[Change]]]:
        found = [(section, [row for row in self.changes if row.section == section]) for section in Section]
        return [(str(section.label), rows) for section, rows in found if rows]

    @property
    def untouched(self) -> list[str]:
        changed = {row.section for row in self.changes}
        returned = set(self.returned.sections)
        return [str(section.label) for section in Section if section in returned and section not in changed]


def changes_since_return(project: Project) -> Changes | None:
    """Of the last return; None where the project was never returned, or before the portal kept marks."""
    returned = project.history.filter(step="observe").order_by("at", "pk").last()
    if returned is None or not returned.marks:
        return None
    return Changes(returned, list(_changes(project, returned.marks)))


def _changes(project: Project, marks: dict[str, int]) -> Iterator[Change]:
    for before, now in _pairs(Project, marks, pgh_obj=project.pk):
        for field, old, new in _fields(Project, before, now):
            yield Change(SECTION_OF.get(field.name, Section.WORK), "", _name(field), old, new)
    names = _names_of_actions(project)
    for before, now in _pairs(Action, marks, project=project.pk):
        thing = names.get((now or before).pgh_obj_id, "")
        if before is None or now is None:
            yield _whole(Section.TARGETS, _("Action"), before and thing, now and thing)
            continue
        for field, old, new in _fields(Action, before, now):
            yield Change(SECTION_OF_ACTION.get(field.name, Section.TARGETS), thing, _name(field), old, new)
    for part in PARTS:
        yield from _changed_parts(part, marks, names, project.fiscal_year_id)
    for before, now in _pairs(Document, marks, project=project.pk):
        old, new = (f"{row.get_kind_display()}: {row.original_name}" if row else "" for row in (before, now))
        if old != new:
            yield _whole(Section.DOCUMENTS, _("Document"), old, new)


def _changed_parts(part: Part, marks: dict[str, int], names: dict[int, str], year: int) -> Iterator[Change]:
    """A part may be deleted and written anew: it is known by its action and keys, not by its id."""
    before: dict[tuple, Any] = {}
    now: dict[tuple, Any] = {}
    for old, new in _pairs(part.model, marks, action__in=names):
        for side, row in ((before, old), (now, new)):
            if row:
                side[row.action_id, *(getattr(row, key) for key in part.keys)] = row
    for key in sorted(before | now):
        action, *values = key
        told = [
            _key(part.model._meta.get_field(name), value, year) for name, value in zip(part.keys, values, strict=True)
        ]
        thing = " · ".join([names.get(action, ""), *filter(None, told)])
        for name in part.fields:
            field = part.model._meta.get_field(name)
            sides = (before.get(key), now.get(key))
            old, new = (words(field, getattr(row, name)) if row else "" for row in sides)
            if old != new:
                yield Change(part.section, thing, _name(field), old, new)


def _key(field: Any, value: Any, year: int) -> str:
    """Which part: a source, a month; the year where it is a later one than the project's."""
    if field.name == "years_later":
        return str(year + value) if value else ""
    return words(field, value)


def _whole(section: str, what: str, before: str | None, now: str | None) -> Change:
    """A thing that came or went, or one that is told as a whole."""
    return Change(section, "", what, before or "", now or "")


def _pairs(model: Any, marks: dict[str, int], **where: object) -> Iterator[tuple[Any, Any]]:
    """(before, now) of each row that was written since; None for what did not exist."""
    mark = marks.get(model._meta.model_name, 0)
    events = model.pgh_event_model.objects.filter(**where)
    newest = events.order_by("pgh_obj_id", "-pgh_id").distinct("pgh_obj_id")
    after = {row.pgh_obj_id: row for row in newest.filter(pgh_id__gt=mark)}
    if not after:
        return
    before = {row.pgh_obj_id: row for row in newest.filter(pgh_id__lte=mark, pgh_obj__in=list(after))}
    for key in sorted(after):
        old, new = (row if row and row.pgh_label != "delete" else None for row in (before.get(key), after[key]))
        if old or new:
            yield old, new


def _fields(model: Any, before: Any, now: Any) -> Iterator[tuple[models.Field, str, str]]:
    """Fields a person writes whose words differ."""
    for field in model._meta.concrete_fields:
        if not field.editable or field.name in OURS:
            continue
        old, new = getattr(before, field.attname), getattr(now, field.attname)
        if old == new:
            continue
        told = words(field, old), words(field, new)
        # As long as before, but not where it was.
        yield field, told[0], told[1] if told[0] != told[1] else _("%(site)s, elsewhere") % {"site": told[1]}


def _names_of_actions(project: Project) -> dict[int, str]:
    """Of every action it has or had: "ME01 Red de agua"."""
    actions: Any = Action
    events = actions.pgh_event_model.objects.filter(project=project.pk)
    newest = events.order_by("pgh_obj_id", "-pgh_id").distinct("pgh_obj_id")
    rows = newest.values_list("pgh_obj_id", "action_type_id", "description")
    return {key: f"{kind} {description}".strip() for key, kind, description in rows}


def _name(field: models.Field) -> str:
    return capfirst(str(field.verbose_name))


def words(field: Any, value: Any) -> str:
    """A field's value as its reader would write it; empty: nothing."""
    if value is None or value == "":
        return ""
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if field.is_relation:
        return _related(field.related_model, value)
    if isinstance(value, GEOSGeometry):
        return site_words(value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Decimal):
        return money(value) if field.max_digits == 16 else number(value, field.decimal_places)
    if isinstance(value, int):
        return number(value)
    if isinstance(value, dt.date):
        return date_format(value, "SHORT_DATE_FORMAT")
    return str(value)


def _related(model: Any, key: object) -> str:
    found = model._base_manager.filter(pk=key).first()
    return str(found) if found else str(key)


def site_words(site: GEOSGeometry) -> str:
    """What is drawn and how large: metres, hectares, or where a point lies (EPSG:4326)."""
    if site.dims == 0:
        place = site.centroid
        return _("point at %(lat)s, %(lon)s") % {"lat": f"{place.y:.5f}", "lon": f"{place.x:.5f}"}
    metric = site.transform(METRIC, clone=True)
    if site.dims == 1:
        return _("line of %(metres)s m") % {"metres": number(metric.length)}
    return _("area of %(hectares)s ha") % {"hectares": number(metric.area / 10_000, 2)}
