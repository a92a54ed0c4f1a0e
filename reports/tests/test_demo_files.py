"""The demo's census files are made like INEGI's."""

import csv
import json

import pytest

from polygons.concepts import VINTAGE_BY_YEAR, vintage_of
from reports.demo import census, decade
from reports.demo.columns import HEADER
from reports.demo.places import PLACES


@pytest.fixture(params=PLACES, ids=lambda place: place.slug)
def files(request, tmp_path):
    return census.write_blocks(request.param, tmp_path)


def rows_of(files) -> list[dict[str, str]]:
    with files.census.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def block_keys(rows: list[dict[str, str]]) -> set[str]:
    names = ("ENTIDAD", "MUN", "LOC", "AGEB", "MZA")
    return {"".join(row[name] for name in names) for row in rows if level(row) == "block"}


def level(row: dict[str, str]) -> str:
    for column, zeros, name in (("MUN", "000", "state"), ("LOC", "0000", "mun"), ("AGEB", "0000", "loc")):
        if row[column] == zeros:
            return name
    return "ageb" if row["MZA"] == "000" else "block"


def test_the_file_begins_with_a_mark_and_ends_its_lines_as_inegi_does(files):
    content = files.census.read_bytes()
    assert content.startswith(b"\xef\xbb\xbfENTIDAD,NOM_ENT,MUN")
    assert content.count(b"\r\n") == content.count(b"\n") > 100


def test_it_has_230_columns_and_five_levels(files):
    rows = rows_of(files)
    assert len(HEADER) == len(set(HEADER)) == 230
    assert {level(row) for row in rows} == {"state", "mun", "loc", "ageb", "block"}
    assert all(len(row) == 230 for row in rows)


def test_small_counts_are_confidential_but_never_people_and_dwellings(files):
    for row in rows_of(files):
        always = {row[name] for name in ("POBTOT", "VIVTOT", "TVIVHAB")}
        assert not always & {"*", "N/D"}
        assert not {row[name] for name in HEADER[8:] if name not in ("POBTOT", "VIVTOT", "TVIVHAB")} & {"1", "2"}
        if level(row) == "block" and row["TVIVHAB"] in ("1", "2"):
            assert row["VPH_AGUAFV"] == row["POBFEM"] == "*"


def test_the_blocks_of_an_ageb_add_up_to_its_row(files):
    rows = rows_of(files)
    for total in (row for row in rows if level(row) == "ageb"):
        blocks = [row for row in rows if level(row) == "block" and row["AGEB"] == total["AGEB"]]
        assert sum(int(row["VIVTOT"]) for row in blocks) == int(total["VIVTOT"])
        assert sum(int(row["POBTOT"]) for row in blocks) == int(total["POBTOT"])


def test_some_blocks_stand_in_only_one_of_the_two_files(files):
    keys = block_keys(rows_of(files))
    drawn = {feature["properties"]["CVEGEO"] for feature in json.loads(files.geometry.read_text())["features"]}
    assert keys - drawn
    assert drawn - keys
    assert len(keys & drawn) > 100


def test_the_same_files_are_made_every_time(tmp_path):
    first = census.write_blocks(PLACES[0], tmp_path).census.read_bytes()
    assert census.write_blocks(PLACES[0], tmp_path).census.read_bytes() == first


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.slug)
def test_the_census_before_has_its_own_columns_and_keys(place, tmp_path):
    rows = rows_of(decade.write_census(place, tmp_path))
    now = {block.code: block for block in census.blocks_of(place)}
    keys = decade.keys_of(place)
    then = block_keys(rows)
    assert vintage_of(rows[0]) is VINTAGE_BY_YEAR[2010]
    assert then == set(keys.values()) and len(then) == len(keys) == len(now) - place.columns
    same = [code for code, old in keys.items() if old in now]
    assert any(keys[code] != code for code in same), "the same key is another block"
    population = sum(int(row["POBTOT"]) for row in rows if level(row) == "block")
    assert 0 < population < sum(block.counts["POBTOT"] for block in now.values())


@pytest.mark.parametrize(("number", "key"), [(1, "0017"), (6, "006A"), (10, "0106")])
def test_the_check_digit_is_inegis(number, key):
    assert census.ageb_key("01001", number) == key


@pytest.mark.real_data
def test_the_columns_are_those_of_the_published_file(data_dir):
    with (data_dir / "hecelchakan/RESAGEBURB_04CSV20_mun005.csv").open(encoding="utf-8-sig") as stream:
        assert tuple(next(csv.reader(stream))) == HEADER
