"""Many proposals in one workbook: out with drop-downs, in by a trial, all or none, and undone while untouched."""

import io
import time
from decimal import Decimal

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import translation

from projects import services
from projects.models import Action, Batch, Project, Status, StatusChange
from projects.refusals import Refused

PROJECT = ["1", "Red de agua, calle 14", "G General", "04-0017 Bellavista", "Bellavista", "By contract",
           "15/06/2026", "30/09/2026", None]  # fmt: skip
ACTION = ["1", "ME01", None, 230, 2000, 361, 347, 186, 230_000, 100_000, 120_000, 10_000,
          "19.8301, -90.5300; 19.8301, -90.5278", None]  # fmt: skip


@pytest.fixture(autouse=True)
def in_english(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    with translation.override("en"):
        yield


@pytest.fixture
def workbook(rules, polygon_version, campeche, preparer):
    """Fills the portal's own workbook: rows of the two sheets."""

    def fill(projects=(PROJECT,), actions=(ACTION,)) -> SimpleUploadedFile:
        name, content = services.empty_workbook(campeche, by=preparer)
        book = openpyxl.load_workbook(io.BytesIO(content))
        for sheet, rows in ((book.worksheets[1], projects), (book.worksheets[2], actions)):
            for number, row in enumerate(rows, 2):
                for column, value in enumerate(row, 1):
                    sheet.cell(number, column, value)
        filled = io.BytesIO()
        book.save(filled)
        return SimpleUploadedFile(name, filled.getvalue())

    return fill


@pytest.fixture
def send(workbook, campeche, preparer):
    return lambda *rows: services.try_workbook(workbook(*rows), municipality=campeche, by=preparer)


def test_the_workbook_offers_the_year_and_the_place(rules, polygon_version, campeche, preparer):
    name, content = services.empty_workbook(campeche, by=preparer)
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert name == "propuestas-2026-04002.xlsx"
    assert book.sheetnames == ["Instructions", "Projects", "Actions", "Lists"]
    lists = book.worksheets[3]
    assert lists.sheet_state == "hidden"
    said = {cell.value for row in lists.iter_rows(min_row=2) for cell in row}
    assert {"ME01 Type ME01 (linear metre)", "04-0017 Bellavista", "G General", "By contract"} <= said
    ranges = [rule.formula1 for rule in book.worksheets[1].data_validations.dataValidation]
    assert "'Lists'!$B$2:$B$2" in ranges


def test_a_trial_keeps_nothing_and_the_drafts_come_whole(send, preparer, campeche):
    course = ["2", "Curso", "General", None, None, "own administration", None, None, "Para jóvenes"]
    course[2], course[5] = "G", "By own administration"
    taught = ["2", "DS01 Type DS01 (course)", "Cómputo", 2, None, 10, 5, 0, 1, 0, 0.5, 0, None, None]
    batch = send([PROJECT, course], [ACTION, taught])
    assert (batch.errors, batch.status, batch.projects_count, batch.actions_count) == ([], Batch.Status.TRIED, 2, 2)
    assert not Project.objects.exists()
    services.create_drafts(batch, by=preparer)
    pipe, class_ = Project.objects.order_by("batch_row__row")
    assert [pipe.folio, class_.folio, pipe.batch_row.row] == ["04-ME-0001", "04-DS-0001", 2]
    action = pipe.actions.get()
    assert (action.quantity, action.unit_price, action.touched.count()) == (230, 2000, 2)
    assert services.cost_of(action) == 460_000
    assert (pipe.history.get().by, pipe.ends_on.isoformat()) == (preparer, "2026-09-30")
    assert services.cost_of(class_.actions.get()) == Decimal("1.50")
    with pytest.raises(Refused):
        services.create_drafts(batch, by=preparer)


WRONG = [
    (0, "name", 1, None, "B2", "missing"),
    (0, "strand", 2, "Norte", "C2", "“Norte” is not in the list"),
    (0, "polygon", 3, "29-0001", "D2", "not in the list"),
    (0, "start", 6, "mañana", "G2", "not a date"),
    (0, "end", 7, "01/06/2026", "H2", "before the start"),
    (1, "project", 0, "7", "A2", "No project has the number 7"),
    (1, "type", 1, "ME99", "B2", "not in the list"),
    (1, "quantity", 3, "mil", "D2", "“mil” is not a number"),
    (1, "quantity", 3, -4, "D2", "not a possible number"),
    (1, "price", 4, 2001, "E2", "460,230.00"),
    (1, "women", 5, 1.5, "F2", "too many decimals"),
    (1, "federal", 8, None, "I2", "missing"),
    (1, "site", 12, "calle 14", "M2", "not a pair"),
    (1, "site", 12, "19.8301, -90.53", "M2", "drawn as"),
]


@pytest.mark.parametrize(("sheet", "name", "column", "value", "cell", "words"), WRONG)
def test_every_error_is_told_by_its_cell(send, sheet, name, column, value, cell, words):
    rows = [list(PROJECT), list(ACTION)]
    rows[sheet][column] = value
    batch = send([rows[0]], [rows[1]])
    found = {(error["sheet"], error["cell"]): error["text"] for error in batch.errors}
    assert words in found[(("Projects", "Actions")[sheet], cell)]
    assert batch.status == Batch.Status.REFUSED
    assert not Project.objects.exists()


def test_a_workbook_of_another_place_or_no_workbook_is_refused(workbook, preparer, campeche, tlaxcala, make_user):
    other = make_user("preparer", municipality=tlaxcala)
    with pytest.raises(PermissionDenied):
        services.try_workbook(workbook(), municipality=campeche, by=other)
    with pytest.raises(ValidationError, match="municipality 04002"):
        services.try_workbook(workbook(), municipality=tlaxcala, by=other)
    strange = io.BytesIO()
    openpyxl.Workbook().save(strange)
    with pytest.raises(ValidationError, match="not the workbook"):
        services.try_workbook(SimpleUploadedFile("x.xlsx", strange.getvalue()), municipality=campeche, by=preparer)


def test_a_batch_is_undone_while_nobody_touched_its_drafts(send, preparer):
    batch = services.create_drafts(send(), by=preparer)
    draft = Project.objects.get()
    services.undo_batch(batch, by=preparer)
    draft.refresh_from_db()
    assert (draft.status, draft.history.last().step) == (Status.WITHDRAWN, "withdraw")
    again = services.create_drafts(send(), by=preparer)
    draft = Project.objects.exclude(pk=draft.pk).get()
    services.change_action(draft.actions.get(), by=preparer, women=1)
    with pytest.raises(Refused, match=draft.folio):
        services.undo_batch(again, by=preparer)
    draft.refresh_from_db()
    assert draft.status == Status.DRAFT


def test_five_hundred_rows_take_a_bounded_number_of_queries(send, preparer, django_assert_max_num_queries):
    rows = [[str(n), f"Obra {n}", *PROJECT[2:]] for n in range(1, 501)]
    actions = [[str(n), *ACTION[1:12], None, None] for n in range(1, 501)]
    start = time.monotonic()
    batch = send(rows, actions)
    with django_assert_max_num_queries(60):
        services.create_drafts(batch, by=preparer)
    assert Project.objects.filter(status="draft").count() == StatusChange.objects.count() == 500
    assert Action.objects.filter(contributions__isnull=False).distinct().count() == 500
    assert time.monotonic() - start < 60


def test_the_pages_lead_from_the_file_to_the_drafts(client, workbook, preparer, campeche):
    client.force_login(preparer)
    client.cookies["django_language"] = "en"
    assert client.get(reverse("projects:workbook"), {"municipality": campeche.pk}).status_code == 200
    broken = workbook([PROJECT], [[*ACTION[:3], "mil", *ACTION[4:]]])
    answer = client.post(reverse("projects:batches"), {"municipality": campeche.pk, "file": broken}, follow=True)
    assert "Sheet Actions, cell D2" in answer.text
    answer = client.post(reverse("projects:batches"), {"municipality": campeche.pk, "file": workbook()})
    assert "Nothing is kept yet" in client.get(answer.url).text
    pk = Batch.objects.get(status="tried").pk
    made = client.post(reverse("projects:create-batch", args=[pk]), follow=True).text
    assert "1 draft was created." in made
    assert "04-ME-0001" in made
    assert "withdrawn" in client.post(reverse("projects:undo-batch", args=[pk]), follow=True).text
    assert Batch.objects.get(pk=pk).undone_by == preparer
    assert "x.xlsx" not in client.get(reverse("projects:batches")).text
