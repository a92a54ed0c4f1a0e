"""Rows `dashboards`: each figure in the database, and whole pages, on the universe with its works and progress."""

from collections.abc import Callable, Iterator
from statistics import median
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext

from habitat.bench import nation
from habitat.bench.frame import Bench, Row
from habitat.bench.pages import page
from habitat.lib.progress import SILENT
from projects.models import LedgerEntry, PlaceTotal
from reports import kept
from reports.indicators import Figures
from reports.scopes import Scope, scope_of
from reports.universe.building import has_works
from reports.universe.works import write_works

FIGURE_MS, PAGE_MS = 5.0, 150.0
# Each figure and each page is asked for so often a run; the middle and the slowest twentieth count.
TIMES = 4


def rows(bench: Bench) -> Iterator[Row]:
    nation.stand_up(bench)
    if not has_works():
        write_works(bench.scale, with_progress=True, progress=SILENT)
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
    year = int(LedgerEntry.objects.order_by("fiscal_year").values_list("fiscal_year", flat=True)[0])
    for scope in _scopes(year):
        for name, ask in _figures(scope, year).items():
            yield _figure(scope, name, ask, bench.runs * TIMES)
        address = f"/reports/dashboard/{scope.code + '/' if scope.code else ''}?year={year}"
        yield page(f"page/{scope.level}", "dashboard", address, bench.runs * TIMES, PAGE_MS)


def _scopes(year: int) -> list[Scope]:
    """The nation and the places of it with the most works."""
    largest = PlaceTotal.objects.filter(fiscal_year=year, level="polygon").order_by("-projects")
    codes = largest.values_list("state", "municipality", "polygon__code")[0]
    return [scope_of(str(code or "")) for code in ("", *codes)]


def _figures(scope: Scope, year: int) -> dict[str, Callable[[], Any]]:
    def fresh() -> Figures:
        figures = Figures(scope, year, AnonymousUser())
        figures.vintage  # noqa: B018 - asked once a page, and a figure of its own below
        return figures

    asked = {
        "works, cost, spending and progress": lambda: fresh().cells,
        "need": lambda: fresh().need,
        "polygons attended": lambda: fresh().attended_count,
        "universe": lambda: fresh().universe_count,
        "money by moment and source": lambda: _ledger(scope, year),
    }
    return asked if not scope.polygon else {name: ask for name, ask in asked.items() if "money" not in name}


def _ledger(scope: Scope, year: int) -> Any:
    """As who sees the nation: the public has no ledger."""

    class Reader:
        is_authenticated = sees_the_nation = True

    return kept.ledger(scope, year, Reader())


def _figure(scope: Scope, name: str, ask: Callable[[], Any], times: int) -> Row:
    """Time in the database alone, by its own clock: what EXPLAIN ANALYZE says of the figure's last query."""
    with CaptureQueriesContext(connection) as captured:
        ask()
    query = captured.captured_queries[-1]["sql"]
    taken = []
    with connection.cursor() as cursor:
        for _time in range(times):
            cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {query}")
            plan = cursor.fetchone()[0][0]
            taken.append(plan["Planning Time"] + plan["Execution Time"])
    value = median(taken)
    return Row(
        f"figure/{scope.level}/{name.split()[0].strip(',')}", f"{name}, in the database", f"{FIGURE_MS:g} ms",
        value / FIGURE_MS, at_most=1, value=f"{value:.2f} ms", runs=times,
    )  # fmt: skip
