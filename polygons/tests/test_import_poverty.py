from pathlib import Path

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from habitat.tests.fixtures import PDF
from modalities.models import EligibilityCriterion
from polygons.models import Assessment, HouseholdPoverty, ImportRun, KeyChange, PolygonVersion
from polygons.services import ImportRefused, assess, import_poverty, judge, newer_figures, sums_of
from polygons.services.assessment import INDICATORS, verdict_of
from polygons.tests.inegi_files import key
from polygons.tests.test_assessment import year_with_criteria

__all__ = ["year_with_criteria"]
ABOUT = {"vintage": 2020, "method": "Modelo de puntos 2019", "source": "SEDESOL"}


def write(path: Path, rows: list[tuple], header: str = "CVEGEO,HOGARES,HOGARES_POBRES") -> Path:
    path.write_text("\n".join([header, *(",".join(str(cell) for cell in row) for row in rows)]) + "\n")
    return path


@pytest.fixture
def estimates(tmp_path, polygon_version):
    codes = polygon_version.blocks.order_by("code").values_list("code", flat=True)
    return write(tmp_path / "pobreza.csv", [(code, 36, poor) for code, poor in zip(codes, (30, 20, 10), strict=True)])


@pytest.fixture
def draft(polygon_version):
    """A second drawing of the same blocks, not published."""
    members = list(polygon_version.blocks.all())
    polygon_version.pk, polygon_version._state.adding = None, True
    polygon_version.public_id = "11111111-1111-4111-8111-111111111111"
    polygon_version.number, polygon_version.status = 2, PolygonVersion.Status.DRAFT
    polygon_version.save(force_insert=True)
    polygon_version.blocks.set(members)
    return polygon_version


def test_estimates_are_written_once_with_their_method_and_source(estimates):
    run = import_poverty(estimates, **ABOUT)
    assert (run.counts["rows"], run.counts["blocks_inserted"], run.counts["rejected"]) == (3, 3, 0)
    row = HouseholdPoverty.objects.earliest("code")
    assert (row.households, row.poor_households, row.method, row.source) == (36, 30, ABOUT["method"], "SEDESOL")
    assert row.municipality_id == "04002"
    before = list(HouseholdPoverty.objects.values_list("code", "updated_at"))
    again = import_poverty(estimates, **ABOUT)
    assert (again.counts["blocks_inserted"], again.counts["blocks_updated"]) == (0, 0)
    assert list(HouseholdPoverty.objects.values_list("code", "updated_at")) == before


def test_a_spreadsheet_says_the_same_as_a_csv_file(campeche, tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["Clave", "Hogares", "Pobres"])
    book.active.append([key(1), 36, 30])
    book.active.append([int(key(2)), 36, 12])  # a number has lost its zero
    book.save(tmp_path / "pobreza.xlsx")
    import_poverty(tmp_path / "pobreza.xlsx", **ABOUT)
    assert list(HouseholdPoverty.objects.values_list("code", "poor_households")) == [(key(1), 30), (key(2), 12)]


def test_bad_rows_are_refused_with_line_and_reason(campeche, tmp_path):
    rows = [
        (key(1), 36, 37), (key(2), 36, ""), (key(3), 36, "12.5"), (key(4), 1, 1), (key(4), 1, 1),
        ("99" + key(5)[2:], 1, 1), ("04099" + key(6)[5:], 1, 1), (key(7), 36, 1),
    ]  # fmt: skip
    errors = tmp_path / "errores.csv"
    run = import_poverty(write(tmp_path / "p.csv", rows), errors=errors, **ABOUT)
    assert [(row["line"], row["reason"]) for row in run.rejects] == [
        (2, "more_poor"), (3, "blank"), (4, "bad_count"), (5, "duplicate"), (6, "duplicate"), (7, "bad_key"),
        (8, "unknown_municipality"), (9, "without_block"),
    ]  # fmt: skip
    assert list(HouseholdPoverty.objects.values_list("code", flat=True)) == [key(7)]
    assert len(errors.read_text().splitlines()) == 9


def test_keys_of_before_are_named_with_what_they_are_known_as_and_taken_when_asked(polygon_version, tmp_path, capsys):
    code = polygon_version.blocks.earliest("code").code
    shared = {"kind": "renamed", "valid_from": "2021-01-01", "source": "INEGI"}
    KeyChange.objects.create(level="municipality", old_code="04099", new_code="04002", **shared)
    KeyChange.objects.create(level="block", old_code="0400200019999001", new_code=code, **shared)
    path = write(tmp_path / "p.csv", [("0409900019999001", 36, 10)])
    refused = import_poverty(path, **ABOUT)
    assert "04099 se conoce como 04002 desde 2021-01-01 (Cambió de nombre)" in refused.rejects[0]["detail"]
    waiting = import_poverty(write(tmp_path / "q.csv", [("0400200019999001", 36, 10)]), dry_run=True, **ABOUT)
    assert f"0400200019999001 se conoce como {code}" in waiting.rejects[0]["detail"]
    options = {"method": ABOUT["method"], "source": ABOUT["source"], "vintage": 2020}
    call_command("import_poverty", path, apply_equivalences=True, **options)
    assert "equivalences_applied" in capsys.readouterr().out
    assert HouseholdPoverty.objects.get().code == code


def test_a_dry_run_writes_nothing(estimates, capsys):
    options = {"method": ABOUT["method"], "source": ABOUT["source"], "vintage": 2020}
    call_command("import_poverty", estimates, dry_run=True, **options)
    assert "blocks_inserted" in capsys.readouterr().out
    assert not HouseholdPoverty.objects.exists() and not ImportRun.objects.exists()


def test_a_file_without_the_columns_is_refused(campeche, tmp_path):
    path = write(tmp_path / "p.csv", [(key(1), 36)], header="CVEGEO,HOGARES")
    with pytest.raises(ImportRefused, match="HOGARES_POBRES"):
        import_poverty(path, **ABOUT)
    with pytest.raises(CommandError):
        call_command("import_poverty", path, vintage=2020, method="  ", source="x")


def test_drafts_follow_and_what_was_published_stays(estimates, draft):
    published = PolygonVersion.objects.published().get()
    run = import_poverty(estimates, **ABOUT)
    draft.refresh_from_db()
    published.refresh_from_db()
    assert (draft.poverty_households, draft.poor_households) == (108, 60)
    assert sums_of(draft)["poor_households"] == 60
    assert (published.poverty_households, published.poor_households) == (None, None)
    assert run.counts["published_versions_behind"] == 1
    newer = {figure.name: (figure.published, figure.now) for figure in newer_figures(published)}
    assert newer["poor_households"] == (None, 60) and newer["poverty_households"] == (None, 108)


@pytest.mark.parametrize(
    ("households", "known", "poor", "verdict"),
    [(108, 108, 54, "pass"), (108, 108, 53, "fail"), (208, 108, 60, "unknown"), (108, None, None, "unknown")],
)
def test_half_of_the_households_decides_and_unknown_ones_leave_it_open(households, known, poor, verdict):
    version = PolygonVersion(households=households, poverty_households=known, poor_households=poor, vintage=2020)
    criterion = EligibilityCriterion(indicator="household_poverty", threshold=50, comparator=">=")
    assert verdict_of(criterion, INDICATORS["household_poverty"](version)) == verdict


def test_a_person_judges_where_nobody_estimated(polygon_version, year_with_criteria, manager):
    assess(year_with_criteria)
    row = Assessment.objects.get(criterion__code="city")
    assert row.verdict == "unknown"
    paper = SimpleUploadedFile("padron.pdf", PDF)
    answer = {"verdict": "pass", "note": "Padrón.", "seen": row.pk, "upload": paper}
    judged = judge(polygon_version, row.criterion, by=manager, **answer)
    assess(year_with_criteria)
    assert Assessment.objects.counting().get(criterion__code="city") == judged
