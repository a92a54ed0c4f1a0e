"""Files of open data: every approved work with its money, progress and comments, and a dictionary of their columns.

Made whole by `publish_open_data`, kept with their fingerprints, and drawn from what nobody logged in may see.
"""

import csv
import hashlib
import io
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.files.base import ContentFile
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from habitat.lib.spreadsheets import safe_cell
from polygons.models import Polygon
from projects.balances import paid_of
from projects.models import Action, Comment, ProgressLine, Project, ProjectTotal
from projects.workflow import PUBLIC
from reports.models import OpenFile, OpenRelease
from reports.oc4ids import package

SOURCES = ("federal", "state", "municipal", "beneficiaries")
# Older ones go when a newer one is made.
MOST_RELEASES = 10
TYPES = {"csv": "text/csv", "json": "application/json", "geojson": "application/geo+json"}


@dataclass(frozen=True)
class Column:
    """`definition` is read by people; `type` is text, integer, number, date or pesos."""

    name: str
    type: str
    definition: Any


@dataclass(frozen=True)
class Table:
    name: str
    title: Any
    columns: tuple[Column, ...]
    rows: Callable[[], Iterable[tuple[Any, ...]]]


NOBODY = AnonymousUser()
FOLIO = Column("folio", "text", _("Key of the work in the portal; the same in every file."))


def _paid() -> dict[int, dict[str, Decimal]]:
    return paid_of(Project.objects.visible_to(NOBODY).filter(status__in=PUBLIC))


def _works() -> Iterator[tuple[Any, ...]]:
    totals = ProjectTotal.objects.filter(status__in=PUBLIC).select_related("project__municipality__state", "polygon")
    paid = _paid()
    for kept in totals.order_by("project__folio").iterator(chunk_size=2_000):
        work, share = kept.project, kept.reached_share
        yield (
            work.folio, work.name, kept.fiscal_year_id, kept.modality_id, work.municipality.state_id,
            work.municipality.state.name, work.municipality_id, work.municipality.name,
            kept.polygon.code if kept.polygon else "", work.neighbourhood, kept.status, work.starts_on, work.ends_on,
            *(_cents(getattr(kept, f"cost_{source}")) for source in SOURCES), _cents(kept.cost),
            _cents(sum(paid.get(work.pk, {}).values(), Decimal(0))), None if share is None else round(share, 1),
            kept.households,
        )  # fmt: skip


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"))


def _money() -> Iterator[tuple[Any, ...]]:
    totals = ProjectTotal.objects.filter(status__in=PUBLIC).order_by("project__folio")
    paid = _paid()
    for kept in totals.select_related("project").iterator(chunk_size=2_000):
        for source in SOURCES:
            cost, spent = getattr(kept, f"cost_{source}"), paid.get(kept.pk, {}).get(source, Decimal(0))
            if cost or spent:
                yield kept.project.folio, source, _cents(cost), _cents(spent)


def _progress() -> Iterator[tuple[Any, ...]]:
    lines = ProgressLine.objects.filter(report__status="accepted", report__project__status__in=PUBLIC)
    names = (
        "report__project__folio", "action_id", "action__action_type_id", "report__year", "report__month", "quantity",
        "action__action_type__unit",
    )  # fmt: skip
    yield from lines.order_by(*names[:5]).values_list(*names).iterator(chunk_size=5_000)


def _polygons() -> Iterator[tuple[Any, ...]]:
    names = (
        "code", "name", "municipality__state_id", "municipality_id", "versions__vintage", "versions__block_count",
        "versions__population", "versions__dwellings", "versions__base", "versions__water_low", "versions__water_high",
        "versions__drainage_low", "versions__drainage_high", "versions__electricity_low", "versions__electricity_high",
    )  # fmt: skip
    published = Polygon.objects.visible_to(NOBODY).filter(versions__status="published")
    yield from published.order_by("code").values_list(*names).iterator(chunk_size=5_000)


def _comments() -> Iterator[tuple[Any, ...]]:
    shown = Comment.objects.visible_to(NOBODY).select_related("project").order_by("created_at", "pk")
    for comment in shown.iterator(chunk_size=2_000):
        answered = comment.answered_at
        days = (answered - comment.created_at).days if answered else None
        yield (
            comment.project.folio,
            timezone.localdate(comment.created_at),
            comment.text,
            answered and timezone.localdate(answered),
            days,
            comment.answer,
        )


PESOS = "pesos"
TABLES = (
    Table(
        "works", _("Approved works, one a row"),
        (
            FOLIO, Column("name", "text", _("Name of the work.")),
            Column("fiscal_year", "integer", _("Fiscal year of its federal money.")),
            Column("modality", "text", _("Key of the modality: DS, ME or PD.")),
            Column("state_key", "text", _("INEGI key of the state, two digits.")),
            Column("state", "text", _("Name of the state.")),
            Column("municipality_key", "text", _("INEGI key of the municipality, five digits.")),
            Column("municipality", "text", _("Name of the municipality.")),
            Column("polygon", "text", _("Code of the Habitat Polygon; empty for a work outside of polygons.")),
            Column("neighbourhood", "text", _("Colonia, as the municipality wrote it.")),
            Column("status", "text", _("Stage: approved, in_execution, finished, handed_over, proven or closed.")),
            Column("starts_on", "date", _("First day of its own calendar.")),
            Column("ends_on", "date", _("Last day of its own calendar.")),
            *(Column(f"cost_{source}", PESOS, _("What this source pays of its cost.")) for source in SOURCES),
            Column("cost", PESOS, _("Its whole cost.")),
            Column("paid", PESOS, _("Paid by all sources until now.")),
            Column("physical_progress", "number", _("Per cent built, each action weighed by its cost.")),
            Column("households", "integer", _("Households that benefit, as the project foresees.")),
        ),
        _works,
    ),
    Table(
        "money", _("Money of the works by source"),
        (
            FOLIO, Column("source", "text", _("Who pays: federal, state, municipal or beneficiaries.")),
            Column("cost", PESOS, _("What this source pays of its cost.")),
            Column("paid", PESOS, _("Paid by it until now.")),
        ),
        _money,
    ),
    Table(
        "progress", _("Accepted progress by month and action"),
        (
            FOLIO, Column("action", "integer", _("Number of the action in the portal.")),
            Column("action_type", "text", _("Key of the action type in the program's catalogue.")),
            Column("year", "integer", _("Year that was reported.")), Column("month", "integer", _("Month, 1 to 12.")),
            Column("quantity", "number", _("Measured in that month, not to date.")),
            Column("unit", "text", _("Unit of the quantity.")),
        ),
        _progress,
    ),
    Table(
        "polygons", _("Habitat Polygons and what their dwellings lack"),
        (
            Column("polygon", "text", _("Code of the Habitat Polygon.")), Column("name", "text", _("Its name.")),
            Column("state_key", "text", _("INEGI key of the state, two digits.")),
            Column("municipality_key", "text", _("INEGI key of the municipality, five digits.")),
            Column("census", "integer", _("Year of the census counted.")),
            Column("blocks", "integer", _("City blocks.")),
            Column("population", "integer", _("Population of its blocks.")),
            Column("dwellings", "integer", _("Dwellings of its blocks.")),
            Column("known_dwellings", "integer", _("Dwellings with known characteristics.")),
            *(
                Column(f"without_{name}_{end}", "integer", _("Dwellings without it: at least (low), at most (high)."))
                for name in ("water", "drainage", "electricity") for end in ("low", "high")
            ),
        ),
        _polygons,
    ),
    Table(
        "comments", _("Published comments and their answers"),
        (
            FOLIO, Column("sent_on", "date", _("Day it was sent.")), Column("text", "text", _("What was written.")),
            Column("answered_on", "date", _("Day the delegation answered; empty while it has not.")),
            Column("days", "integer", _("Days from sending to answering.")),
            Column("answer", "text", _("What the delegation answered.")),
        ),
        _comments,
    ),
)  # fmt: skip


def as_csv(header: Iterable[str], rows: Iterable[Iterable[Any]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    for row in rows:
        writer.writerow([safe_cell(cell) for cell in row])
    return text.getvalue().encode()


def as_json(names: list[str], rows: Iterable[Iterable[Any]]) -> bytes:
    records = [dict(zip(names, row, strict=True)) for row in rows]
    return json.dumps(records, cls=DjangoJSONEncoder, ensure_ascii=False).encode()


def _places() -> tuple[bytes, int]:
    """The works' sites as GeoJSON in EPSG:4326, written by the database: one feature an action."""
    sites = Action.objects.visible_to(NOBODY).filter(geometry__isnull=False)
    sql, params = sites.order_by().values("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT json_build_object('type', 'Feature', 'geometry', ST_AsGeoJSON(action.geometry, 6)::json,"
            " 'properties', json_build_object('folio', project.folio, 'name', project.name, 'action', action.id,"
            " 'action_type', action.action_type_id, 'status', project.status))::text"
            " FROM projects_action AS action JOIN projects_project AS project ON project.id = action.project_id"
            f" WHERE action.id IN ({sql}) ORDER BY action.id",
            params,
        )
        features = [row[0] for row in cursor.fetchall()]
    return ('{"type":"FeatureCollection","features":[' + ",".join(features) + "]}").encode(), len(features)


def dictionary() -> bytes:
    rows = [
        (f"{table.name}.csv", column.name, column.type, column.definition)
        for table in TABLES
        for column in table.columns
    ]
    return as_csv(("file", "column", "type", "definition"), rows)


def files_of(at: datetime) -> Iterator[tuple[str, bytes, int]]:
    """Name, content and number of records."""
    for table in TABLES:
        rows = list(table.rows())
        names = [column.name for column in table.columns]
        yield f"{table.name}.csv", as_csv(names, rows), len(rows)
        yield f"{table.name}.json", as_json(names, rows), len(rows)
    places, count = _places()
    yield "works.geojson", places, count
    projects = package(at)
    yield (
        "oc4ids.json",
        json.dumps(projects, cls=DjangoJSONEncoder, ensure_ascii=False).encode(),
        len(projects["projects"]),
    )
    yield "dictionary.csv", dictionary(), sum(len(table.columns) for table in TABLES)


def publish(at: datetime) -> OpenRelease | None:
    """A release of the data as they are now; None where nothing has changed since the last one."""
    files = list(files_of(at))
    # The package says when it was made, so it is no sign of change.
    marks = "".join(hashlib.sha256(content).hexdigest() for name, content, _rows in files if name != "oc4ids.json")
    sha256 = hashlib.sha256(marks.encode()).hexdigest()
    with transaction.atomic(), connection.cursor() as cursor:
        # Two clocks make one release.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('open data'))")
        latest = OpenRelease.objects.first()
        if latest and latest.sha256 == sha256:
            return None
        release = OpenRelease.objects.create(made_at=at, sha256=sha256)
        for name, content, rows in files:
            OpenFile.objects.create(
                release=release, name=name, rows=rows, file=ContentFile(content, name=name), original_name=name,
                content_type=TYPES[name.rpartition(".")[2]], size=len(content),
                sha256=hashlib.sha256(content).hexdigest(),
            )  # fmt: skip
        _forget_old()
    return release


def _forget_old() -> None:
    for old in OpenRelease.objects.all()[MOST_RELEASES:]:
        for file in old.files.all():
            transaction.on_commit(lambda stored=file.file: stored.storage.delete(stored.name))
        old.delete()
