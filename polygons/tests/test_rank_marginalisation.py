"""Indices made from files and from the census, published ones imported, and which one is used."""

import csv
import gzip
import io
from pathlib import Path

import numpy as np
import pytest
import xlsxwriter
from django.core.management import CommandError, call_command

from polygons.models import CensusTotal, MarginalisationIndex, MarginalisationScore
from polygons.services import use_index

HEADER = ("CVE_MUN", "NOM_MUN", "AGUA", "DREN", "PISO")


def made(units: int = 30, seed: int = 1) -> list[list[object]]:
    figures = np.random.default_rng(seed).random((units, 3)).round(4) * 100
    return [[f"{4000 + number:05d}", f"Lugar {number}", *row] for number, row in enumerate(figures.tolist(), 1)]


@pytest.fixture
def write(tmp_path):
    def write(rows, name="marginacion.csv", header=HEADER) -> Path:
        path = tmp_path / name
        if name.endswith(".xlsx"):
            book = xlsxwriter.Workbook(path)
            page = book.add_worksheet()
            for number, row in enumerate([header, *rows]):
                page.write_row(number, 0, row)
            book.close()
            return path
        text = io.StringIO(newline="")
        csv.writer(text).writerows([header, *rows])
        raw = text.getvalue().encode("utf-8-sig")
        path.write_bytes(gzip.compress(raw) if name.endswith(".gz") else raw)
        return path

    return write


def ranked(*arguments, **options) -> str:
    options = {"level": "municipality", "year": 2020, "code": "CVE_MUN", "source": "Prueba"} | options
    options.setdefault("indicators", "AGUA,DREN,PISO")
    out = io.StringIO()
    call_command("rank_marginalisation", *map(str, arguments), stdout=out, **options)
    return out.getvalue()


def test_an_index_keeps_what_it_was_made_with(db, write):
    assert "Kept as index" in ranked(write(made()))
    index = MarginalisationIndex.objects.get()
    assert (index.units, index.origin, index.is_reference) == (30, "computed", False)
    assert len(index.weights) == len(index.reference) == len(index.deviations) == 3
    assert sorted(index.entered) == ["AGUA", "DREN", "PISO"] and sum(index.frequencies) == 30 and index.classes == 21
    assert index.inputs["files"][0]["file"] == "marginacion.csv" and len(index.inputs["files"][0]["sha256"]) == 64
    assert index.inputs["reference"] == "data"
    scores = list(index.scores.order_by("value"))
    assert scores[0].rank == 1 and scores[0].grade == 5 and scores[-1].rank == 30 and scores[-1].grade == 1
    for cut, grade in zip(index.cuts, (5, 4, 3, 2), strict=True):
        assert max(score.value for score in scores if score.grade == grade) <= cut


@pytest.mark.parametrize("name", ["marginacion.csv.gz", "marginacion.xlsx"])
def test_packed_files_and_spreadsheets_say_the_same(db, write, name):
    ranked(write(made()))
    ranked(write(made(), name))
    first, second = MarginalisationIndex.objects.order_by("pk")
    assert first.weights == pytest.approx(second.weights, abs=1e-12)
    assert list(first.scores.values_list("code", "grade")) == list(second.scores.values_list("code", "grade"))


def test_the_very_same_index_is_not_made_twice(db, write):
    path = write(made())
    ranked(path)
    assert "the very same" in ranked(path)
    ranked(path, classes=25)
    assert MarginalisationIndex.objects.count() == 2


def test_a_dry_run_writes_nothing(db, write):
    assert "dry run" in ranked(write(made()), dry_run=True)
    assert not MarginalisationIndex.objects.exists() and not MarginalisationScore.objects.exists()


def test_the_worst_values_may_come_from_other_years_or_be_given(db, write):
    path, other = write(made()), write([["04001", "Uno", 250, 1, 1]], "antes.csv")
    ranked(path, pool=[other])
    index = MarginalisationIndex.objects.get()
    assert index.reference[0] == 250 and index.inputs["reference"] == "pooled"
    assert index.inputs["pooled"][0]["file"] == "antes.csv"
    ranked(path, reference="250,300,300")
    assert MarginalisationIndex.objects.filter(inputs__reference="given", reference=[250, 300, 300]).exists()


def test_units_with_gaps_are_refused_or_left_out_as_asked(db, write):
    rows = made()
    rows[4][2] = "*"
    rows[7][3] = "N/D"
    with pytest.raises(CommandError, match="04005"):
        ranked(write(rows))
    assert "2 left out" in ranked(write(rows), missing="leave_out")
    index = MarginalisationIndex.objects.get()
    assert index.units == 28 and index.inputs["left_out_codes"] == ["04005", "04008"]


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda rows: rows[2].__setitem__(3, "mucha"), "marginacion.csv:4.*DREN.*mucha"),
        (lambda rows: rows[2].__setitem__(3, "inf"), "marginacion.csv:4.*DREN"),
        (lambda rows: rows[3].__setitem__(0, "04001"), "04001"),
        (lambda rows: rows[3].__setitem__(0, "99001"), "99001"),
        (lambda rows: [row.__setitem__(4, 12.5) for row in rows], "PISO"),
        (lambda rows: rows.__delitem__(slice(4, None)), "too few|pocas"),
        (lambda rows: rows.clear(), "too few|pocas"),
    ],
)
def test_bad_files_are_refused_with_the_place_of_the_fault(db, write, spoil, told):
    rows = made()
    spoil(rows)
    with pytest.raises(CommandError, match=told):
        ranked(write(rows))
    assert not MarginalisationIndex.objects.exists()


def test_an_unknown_column_no_source_or_too_few_classes_are_refused(db, write):
    path = write(made())
    with pytest.raises(CommandError, match="LUZ"):
        ranked(path, indicators="AGUA,LUZ")
    with pytest.raises(CommandError, match="dónde provienen"):
        ranked(path, source=" ")
    with pytest.raises(CommandError, match="4"):
        ranked(path, classes=4)
    with pytest.raises(CommandError):
        ranked(path, reference="1,1,1")
    with pytest.raises(CommandError):
        ranked(path.with_name("nada.csv"))


def test_zeros_a_spreadsheet_ate_are_put_back(db, write):
    ranked(write([[int(code), *rest] for code, *rest in made()]))
    assert MarginalisationScore.objects.filter(code="04001").exists()


@pytest.fixture
def agebs(campeche):
    chance = np.random.default_rng(2)
    for number in range(1, 25):
        lacking = [int(lack) for lack in chance.integers(0, 60, 4)]
        names = ("water", "drainage", "electricity")
        counts = {f"without_{name}": lack for name, lack in zip(names, lacking, strict=False)}
        counts |= {f"with_{name}": 100 - lack for name, lack in zip(names, lacking, strict=False)}
        CensusTotal.objects.create(
            level="ageb", code=f"040020001{number:03d}7", vintage=2020, name=f"{number:03d}7", population=300 + number,
            inhabited_dwellings=101, known_dwellings=100, earth_floor=lacking[3], firm_floor=100 - lacking[3], **counts,
        )  # fmt: skip


def test_the_census_itself_gives_an_index_by_ageb(agebs):
    out = ranked(from_census=2020, level="ageb", year=None, code=None, source=None, indicators=None)
    assert "24 units, 0 left out, 5 indicators" in out
    index = MarginalisationIndex.objects.get()
    assert index.year == 2020 and index.inputs["census"] == 2020


def test_masked_figures_are_refused_left_out_or_taken_at_most(agebs):
    CensusTotal.objects.filter(code="0400200010017").update(without_water=None, missing={"without_water": "*"})
    CensusTotal.objects.filter(code="0400200010027").update(without_water=None, with_water=None, known_dwellings=None,
                                                            inhabited_dwellings=None)  # fmt: skip
    census = {"from_census": 2020, "level": "ageb", "year": None, "code": None, "source": None, "indicators": None}
    with pytest.raises(CommandError, match="0400200010017"):
        ranked(**census)
    assert "22 units, 2 left out" in ranked(**census, missing="leave_out")
    assert "23 units, 1 left out" in ranked(**census, missing="at_most")
    assert MarginalisationIndex.objects.filter(inputs__masked="at_most").exists()


# ---- Published ones --------------------------------------------------------------------------------------------------
PUBLISHED = ("CVE_MUN", "NOM_MUN", "IM_2020", "GM_2020", "IMN_2020")


def published(rows, write, name="IMM.csv", header=PUBLISHED) -> MarginalisationIndex:
    call_command("import_marginalisation", str(write(rows, name, header)), source="CONAPO", stdout=io.StringIO())
    return MarginalisationIndex.objects.get(origin="published")


def test_published_grades_are_kept_as_published(db, write):
    index = published([["04002", "Campeche", 57.1, "Muy bajo", 0.9], ["04006", "Hopelchén", 50.2, "Alto", 0.8]], write)
    assert list(index.scores.order_by("rank").values_list("code", "grade", "rank")) == [
        ("04006", 4, 1),
        ("04002", 1, 2),
    ]
    assert index.units == 2 and index.classes is None and index.cuts == [] and sum(index.frequencies) == 2


def test_files_of_one_year_add_up_and_what_is_equal_is_not_written(db, write):
    published([["04002", "Campeche", 57.1, "Muy bajo", 0.9]], write)
    index = published([["29033", "Tlaxcala", 58.0, "Muy bajo", 0.9]], write, "otro.csv")
    assert index.units == 2 and len(index.inputs["files"]) == 2
    before = list(index.scores.values())
    assert list(published([["29033", "Tlaxcala", 58.0, "Muy bajo", 0.9]], write, "otro.csv").scores.values()) == before


@pytest.mark.parametrize(
    ("header", "row", "told"),
    [
        (("CVE_AGEB", "IMU2010", "GMU2010"), ["0400200010017", 1.2, "Alto"], "principal|principales"),
        (("CVE_MUN", "IM_2020", "GM_2020"), ["04002", 57.1, "Regular"], "Regular"),
        (("CVE_MUN", "IM_2020", "GM_2020"), ["04002", "", "Alto"], "IMM.csv:2"),
        (("MUN", "IM_2020", "GM_2020"), ["04002", 57.1, "Alto"], "CVE_MUN"),
        (("CVE_MUN", "IM_2020"), ["04002", 57.1], "GM_2020"),
    ],
)
def test_other_files_are_refused(db, write, header, row, told):
    with pytest.raises(CommandError, match=told):
        published([row], write, header=header)
    assert not MarginalisationIndex.objects.exists()


@pytest.mark.real_data
def test_conapos_own_file_of_agebs_is_read(db, data_dir):
    path = data_dir / "hecelchakan" / "IMU_2020_04005.csv"
    with pytest.raises(CommandError, match="dónde provienen"):
        call_command("import_marginalisation", str(path), source=" ")
    call_command("import_marginalisation", str(path), source="CONAPO", stdout=io.StringIO())
    index = MarginalisationIndex.objects.get()
    with path.open(encoding="utf-8-sig") as stream:
        rows = list(csv.DictReader(stream))
    assert (index.level, index.year, index.units) == ("ageb", 2020, len(rows))
    of = {score.code: score for score in index.scores.all()}
    assert all(of[row["CVE_AGEB"]].value == float(row["IM_2020"]) for row in rows)
    assert all(of[row["CVE_AGEB"]].get_grade_display() for row in rows)


def test_one_index_a_level_is_used_and_the_choice_leaves_a_trace(db, write, manager):
    ranked(write(made()))
    ranked(write(made(seed=2)))
    first, second = MarginalisationIndex.objects.order_by("pk")
    use_index(first, by=manager)
    use_index(second, by=manager)
    assert list(MarginalisationIndex.objects.filter(is_reference=True)) == [second]
    trace = MarginalisationIndex._meta.apps.get_model("polygons", "MarginalisationIndexEvent")
    assert trace.objects.filter(pgh_obj=first, is_reference=True).exists()
