"""Every list of the portal, found from the routes: its files hold the rows and the columns of its page, for every role.

The walk borrows the addresses and the small country of `access.py`. For each list and each person it asks for the page
and for the CSV. Whoever is refused one is refused the other; else the file has all of the table's columns, as many rows
as the table, and row by row, in the page's order, a first column in words that the page's markup shows. Once for each
list the XLSX and the GeoPackage are read back, no cell may begin a formula, and two choices of columns are compared.
The country is small: that lists of many rows are cut into pages and made in the background is tried apart.
"""

import csv
import html
import io
import re
import tempfile
from pathlib import Path
from urllib.parse import urlencode

import openpyxl
import pyogrio
import pytest
from django.urls import URLPattern, get_resolver, reverse
from django.utils import timezone, translation

from habitat.lib.lists import files
from habitat.lib.lists.cells import KINDS, columns_of, kind_of
from habitat.lib.spreadsheets import FORMULA_STARTS
from habitat.tests import access
from habitat.tests.access import ROWS
from polygons.services import refresh_totals

ROOT = Path(__file__).parents[2]
APPS = ("habitat/accounts", "modalities", "polygons", "projects", "reports")
# Views whose table has a door of its own: a person is asked for a reason, or the file is another document.
OWN_DOORS = {
    # Also as Shapefile, KML and GeoJSON: the set that its map shows.
    "reports/views/explorer.py",
    # A published list is one document, the same bytes for everybody and for ever.
    "reports/views/eligible.py",
    # Personal data: a list has no file; the register's structures go out for a purpose, and each reading is noted.
    "projects/views/people.py",
}
PEOPLE = (
    "manager", "public", "preparer", "reviewer", "technician", "auditor", "other_preparer", "other_reviewer", "nowhere",
)  # fmt: skip
EVIL = "=cmd|' /C calc'!A0"
# What is there before each list is opened, where its own row of the table makes nothing.
THINGS = (
    "project", "comment", "exception", "entry", "alert", "progress", "ceiling", "calendar_exception", "contract",
    "withdrawal", "invitation",
)  # fmt: skip


def lists() -> list[str]:
    """Names of the routes that lead to a list."""
    found = set()

    def walk(resolver, namespace: str) -> None:
        for pattern in resolver.url_patterns:
            if not isinstance(pattern, URLPattern):
                walk(pattern, f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace)
            elif hasattr(pattern.callback, "listing"):
                found.add(f"{namespace}{pattern.name}")

    walk(get_resolver(), "")
    return sorted(found)


def test_no_view_draws_a_table_past_the_lists():
    views = [path for app in APPS for path in (ROOT / app).rglob("*.py") if "views" in path.as_posix()]
    by_hand = {path.relative_to(ROOT).as_posix() for path in views if "configure(table)" in path.read_text()}
    assert by_hand == OWN_DOORS


@pytest.fixture
def world(request):
    return access.World(request)


def arguments(world, name: str) -> dict:
    if name == "projects:decision":
        return {"pk": decision(world).pk}
    if name == "polygons:place":
        # A block, which the access walk opens, has nothing below.
        refresh_totals()
        return {"level": "ageb", "code": world.block.ageb_code}
    return next(row for row in ROWS if row.name == name).arguments(world)


def decision(world):
    from projects.models import BulkDecision, BulkRow

    asked = BulkDecision.objects.create(step="approve", asked_by=world.manager, asked_at=timezone.now())
    BulkRow.objects.create(decision=asked, project=world.project)
    return asked


def furnish(world) -> None:
    for thing in THINGS:
        getattr(world, thing)
    world.project.name = EVIL
    world.project.save(update_fields=["name"])


@pytest.mark.parametrize("name", lists())
def test_a_lists_files_are_its_page(client, world, name):
    """For each person the rows and columns of the page, never another territory's; who is refused is refused."""
    furnish(world)
    address = reverse(name, kwargs=arguments(world, name))
    walked = 0
    for person in PEOPLE:
        client.logout()
        if world.person(person):
            client.force_login(world.person(person))
        page = client.get(address)
        if page.status_code != 200 or "table" not in page.context:
            assert client.get(address, {"format": "csv"}).status_code == page.status_code
            continue
        table = page.context["table"]
        rows = read_csv(client, address)
        assert rows[0] == [str(column.header) for column in columns_of(table)]
        assert len(rows) - 1 == len(table.data)
        check_order(page, table, rows)
        check_beginning(page, table)
        if person.startswith("other"):
            assert world.project.folio not in str(rows)
        if not walked:
            assert [one["label"] for one in page.context["exports"]] == [
                files.LABELS[form] for form in files.formats_of(table)
            ]
            check_files(client, address, table, rows)
        walked += 1
    assert walked


def check_order(page, table, rows: list[list[str]]) -> None:
    """The file's rows stand on the page one after the other: each is found past the last by a column in words."""
    columns = columns_of(table)
    key = next((n for n, one in enumerate(columns) if one.visible and kind_of(table, one) == "text"), None)
    assert len(table.data) <= table.page.paginator.per_page
    if key is None:
        return
    shown = words_of(page.text.partition("<tbody")[2])
    at = 0
    for row in rows[1:]:
        # The mark before what looks like a formula is the file's alone; long texts are cut on the page.
        told = words_of(row[key]).removeprefix("'")[:60]
        at = shown.find(told, at)
        assert at >= 0, f"{told} is not on the page, or in another order"
        at += len(told)


def check_beginning(page, table) -> None:
    """Where no filter is set, an empty list says how it begins instead of blaming one."""
    if table.is_bare and (begins := getattr(table, "begins", "")):
        # Some pages show their table only once there is something to wait for.
        assert str(begins) in page.text or str(table.empty_text) not in page.text
    elif table.is_bare:
        with translation.override("en"):
            assert "filter" not in str(table.empty_text)


def words_of(markup: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", markup)).split())


def check_files(client, address: str, table, rows: list[list[str]]) -> None:
    columns = columns_of(table)
    assert {kind_of(table, column) for column in columns} <= set(KINDS)
    assert not [cell for row in rows for cell in row if cell.startswith(FORMULA_STARTS) and not is_number(cell)]
    book = openpyxl.load_workbook(io.BytesIO(client.get(address, {"format": "xlsx"}).getvalue()))
    sheet, about = book.worksheets
    assert [str(cell.value) for cell in sheet[1]] == rows[0] and sheet.max_row == len(rows)
    assert not [cell for row in sheet for cell in row if cell.data_type == "f"]
    assert "ajeno a cualquier partido" in str(list(about.iter_rows(values_only=True)))
    # Cell by cell both files say something, or neither does.
    for told, typed in zip(rows[1:], sheet.iter_rows(min_row=2, values_only=True), strict=True):
        assert [bool(text) for text in told] == [cell is not None for cell in typed]
    some = [column.name for column in columns][1::2] or [columns[0].name]
    kept = [number for number, column in enumerate(columns) if column.name in some]
    assert read_csv(client, address, columns=some) == [[row[number] for number in kept] for row in rows]
    shown = client.get(address, {"columns": some}).context["table"].columns
    assert [column.name for column in shown if not column.column.exclude_from_export] == some
    if "gpkg" in files.formats_of(table):
        check_places(client, address, rows)


def is_number(text: str) -> bool:
    return text.lstrip("-").replace(".", "").isdigit()


def check_places(client, address: str, rows: list[list[str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list.gpkg"
        path.write_bytes(client.get(address, {"format": "gpkg"}).getvalue())
        info = pyogrio.read_info(path)
    assert (info["features"], info["crs"], info["driver"]) == (len(rows) - 1, "EPSG:4326", "GPKG")
    assert list(info["fields"]) == files.field_names(rows[0])


def read_csv(client, address: str, **query) -> list[list[str]]:
    answer = client.get(f"{address}?{urlencode(query | {'format': 'csv'}, doseq=True)}")
    assert answer.status_code == 200 and "no-store" in answer["Cache-Control"]
    return list(csv.reader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))
