"""The month's reports of the whole nation, and each of their files against the usual way to make one."""

import datetime as dt
import io
import os
import subprocess
import tempfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from statistics import mean

from django.db import connection, transaction
from django.template import Context, Template
from django.utils import timezone

from habitat.bench import nation
from habitat.bench.frame import Bench, Row, Taken, in_child, processor, race, timed
from habitat.lib.pdf import html_to_pdf
from habitat.lib.progress import SILENT
from habitat.lib.typeset import typeset
from habitat.lib.workbook import Workbook
from polygons.models import State
from projects.models import Project
from reports import services, worker
from reports.catalog import CATALOGUE
from reports.catalog.base import Question
from reports.computed import Computed, computed
from reports.files import write_csv
from reports.models import Report
from reports.periods import Month
from reports.scopes import Scope
from reports.universe.building import has_progress
from reports.universe.works import write_works

MONTH_S, STATES, WORKERS = 600, 32, 2
# So many states stand for all; of a small nation one does.
SAMPLE, SMALL = 3, 0.1
ROWS, COLUMNS = 50_000, 60
LINES, PER_LINE = 1_150, 8


def rows(bench: Bench) -> Iterator[Row]:
    nation.stand_up(bench)
    if not has_progress():
        write_works(max(bench.scale, nation.SMALLEST), with_progress=True, progress=SILENT)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    yield month(bench)
    yield from workbook(bench)
    yield table(bench)
    yield in_print(bench)


def month(bench: Bench) -> Row:
    """Processor seconds of making, our process's and the database's: both workers share two cores with it."""
    states = sorted(State.objects.filter(pk__in=Project.objects.values("municipality__state")), key=lambda s: s.pk)
    chosen = states[:: max(len(states) // SAMPLE, 1)] if bench.scale >= SMALL else states[:1]
    spent = {state.pk: sum(_made(kind, state) for kind in CATALOGUE) for state in chosen}
    whole = mean(spent.values()) * STATES / WORKERS
    what = (
        f"{STATES} states × {len(CATALOGUE)} reports on {Project.objects.count():,} projects, from {len(spent)} states"
    )
    return Row(
        "month", what, f"{MONTH_S} s on {WORKERS} workers", whole / MONTH_S, at_most=1, value=f"{whole:.0f} s of CPU",
        baseline_value=f"{MONTH_S} s",
    )  # fmt: skip


def _made(kind: str, state: State) -> float:
    """Processor seconds of one report, from its row to its files."""
    period = str(CATALOGUE[kind].period.of(timezone.localdate()).previous)
    with transaction.atomic():
        report, _is_new = services.wish(kind, period, state=state, by=None, at=timezone.now())
    begun = processor()
    worker.run(report.pk)
    report.refresh_from_db()
    if report.status != Report.Status.DONE:
        raise RuntimeError(f"{kind} of {state}: {report.error}")
    return processor() - begun


def _cells(count: int) -> Iterator[tuple]:
    for number in range(count):
        yield tuple((Decimal("12345.67") + number, f"Renglón {number}", number)[index % 3] for index in range(COLUMNS))


def write_ours(path: str, count: int) -> None:
    kinds = [("money", "text", "count")[index % 3] for index in range(COLUMNS)]
    with Workbook(Path(path), title="bench", author="bench") as book:
        sheet = book.sheet("Data", kinds)
        sheet.head([f"Column {index}" for index in range(COLUMNS)])
        sheet.add(_cells(count))


def write_openpyxl(path: str, count: int) -> None:
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Data")
    for row in _cells(count):
        sheet.append(row)
    book.save(path)


def workbook(bench: Bench) -> Iterator[Row]:
    count = max(int(ROWS * min(bench.scale, 1)), 500)
    path = str(bench.folder / "bench.xlsx")
    ways = {
        "ours": lambda: in_child("habitat.bench.reports:write_ours", path=path, count=count),
        "openpyxl": lambda: in_child("habitat.bench.reports:write_openpyxl", path=path, count=count),
    }
    taken = race(ways, bench.runs)
    ours, other = taken["ours"], taken["openpyxl"]
    what = f"{count:,} rows × {COLUMNS} columns"
    yield Row(
        "xlsx", what, "rate of openpyxl's write-only mode", other.seconds / ours.seconds, at_least=3, value=ours.text,
        baseline_value=other.text, runs=bench.runs, memory=ours.memory,
    )  # fmt: skip
    yield Row("xlsx: memory", f"peak of {what} over Django, MB", "", ours.memory, at_most=150)


def table(bench: Bench) -> Row:
    """The month's progress of the nation, once computed: our file against psql's of the same table."""
    question = Question(Scope(), Month.of(timezone.localdate()).previous, timezone.now())
    with computed(CATALOGUE["monthly-progress"], question) as made:
        with connection.cursor() as cursor:
            # psql has a session of its own, and sees no other's temporary table.
            cursor.execute(f"CREATE TABLE bench_rows AS SELECT * FROM {made.table}")
        ways = {
            "ours": lambda: timed(lambda: write_csv(bench.folder / "ours.csv", made)),
            "psql": lambda: _psql(bench, made),
        }
        taken = race(ways, bench.runs)
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE bench_rows")
    ours, psql = taken["ours"], taken["psql"]
    what = f"{made.rows:,} rows × {len(made.sheet.columns)} columns"
    return Row(
        "csv", what, "psql \\copy", ours.seconds / psql.seconds, at_most=1.2, value=ours.text,
        baseline_value=psql.text, runs=bench.runs,
    )  # fmt: skip


def _psql(bench: Bench, made: Computed) -> Taken:
    at = connection.settings_dict
    host = at["HOST"] or at["OPTIONS"].get("host", "")
    names = ", ".join(column.name for column in made.sheet.columns)
    with tempfile.NamedTemporaryFile(dir=bench.folder) as file:
        copy = f"\\copy (SELECT {names} FROM bench_rows ORDER BY n) TO '{file.name}' CSV HEADER"
        where = ["-h", host, "-p", str(at["PORT"] or 5432), "-U", at["USER"], "-d", at["NAME"]]
        environment = os.environ | {"PGPASSWORD": at["PASSWORD"]}
        return timed(
            lambda: subprocess.run(["psql", "-qX", *where, "-c", copy], check=True, env=environment)  # noqa: S603, S607
        )


EMPTY = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'
HTML = """<html lang="es-MX"><head><title>Banco</title>
<style>@page { size: letter landscape } table { width: 100% }</style></head><body><h1>Banco</h1>
<table><thead><tr>{% for cell in head %}<th scope="col">{{ cell }}</th>{% endfor %}</tr></thead>
<tbody>{% for row in rows %}<tr>{% for cell in row %}{% if forloop.first %}<th scope="row">{{ cell }}</th>{% else %}
<td>{{ cell }}</td>{% endif %}{% endfor %}</tr>{% endfor %}</tbody></table></body></html>"""


def in_print(bench: Bench) -> Row:
    """A long table with headings of columns and rows, tagged by both."""
    head = [f"Columna {index}" for index in range(PER_LINE)]
    count = max(int(LINES * min(bench.scale * 10, 1)), 100)
    lines = [[f"Celda {number} de {index}" for index in range(PER_LINE)] for number in range(count)]
    data = {
        "title": "Banco", "place": "", "period": "", "purpose": "", "basis": "", "author": "Banco", "legend": "",
        "lang": "es", "region": "mx", "facts": [], "qr": EMPTY,
        "qr_words": "Banco", "code": "", "nothing": "", "notes": [],
        "sections": [{"title": "Banco", "note": "", "columns": [{"heading": h, "figure": False} for h in head],
                      "rows": lines, "total": []}],
    }  # fmt: skip
    page = Template(HTML).render(Context({"head": head, "rows": lines}))
    at = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    ways = {
        "typst": lambda: timed(lambda: io.BytesIO(typeset("documents/report.typ", data, at=at))),
        "weasyprint": lambda: timed(lambda: html_to_pdf(page)),
    }
    taken = race(ways, bench.runs)
    ours, other = taken["typst"], taken["weasyprint"]
    return Row(
        "print", f"a tagged table of {count:,} rows × {PER_LINE}", "rate of WeasyPrint", other.seconds / ours.seconds,
        at_least=2, value=ours.text, baseline_value=other.text, runs=bench.runs,
    )  # fmt: skip
