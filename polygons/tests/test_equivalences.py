from pathlib import Path

import pytest

from polygons.models import Block, City, KeyChange, Municipality
from polygons.services import import_blocks, import_cities, import_key_changes, import_poverty
from polygons.tests.inegi_files import feature, key, ring, row, write_census, write_shapes

HEADER = "level,old_code,new_code,kind,valid_from,source\n"


def write(path: Path, *lines: str) -> Path:
    path.write_text(HEADER + "\n".join(lines) + "\n")
    return path


@pytest.fixture
def split(campeche):
    """Municipality 04099 was made of a part of 04002, which the catalogue still has whole."""
    return KeyChange.objects.create(
        level="municipality", old_code="04002", new_code="04099", kind="split", valid_from="2021-01-01", source="POE"
    )


def test_equivalences_come_in_once_in_either_language(db, tmp_path):
    path = write(
        tmp_path / "c.csv",
        "municipality,04001,04013,split,2021-01-01,Periódico Oficial",
        "manzana,0400200010022001,0400200010022009,renombrada,15/03/2020,INEGI",
        "locality,40020007,,dropped,2019-01-01,INEGI",
    )
    run = import_key_changes(path)
    assert (run.counts["equivalences_inserted"], run.counts["rejected"]) == (3, 0)
    assert set(KeyChange.objects.values_list("level", "old_code", "new_code", "kind")) == {
        ("municipality", "04001", "04013", "split"),
        ("block", "0400200010022001", "0400200010022009", "renamed"),
        ("locality", "040020007", "", "dropped"),
    }
    again = import_key_changes(path)
    assert (again.counts["equivalences_inserted"], again.counts["equivalences_updated"]) == (0, 0)


def test_bad_equivalences_are_refused_and_a_dry_run_writes_none(db, tmp_path):
    path = write(
        tmp_path / "c.csv",
        "colonia,04001,04013,split,2021-01-01,POE",
        "municipality,04001,04013,vanished,2021-01-01,POE",
        "municipality,04001,04013,split,enero,POE",
        "municipality,04001,,split,2021-01-01,POE",
        "municipality,04001,04001,renamed,2021-01-01,POE",
        "municipality,04001,04013,split,2021-01-01,",
        "municipality,04001,04014,split,2021-01-01,POE",
        "municipality,04001,04014,split,2021-01-01,POE",
        "municipality,04001,04015,split,2021-01-01,POE",
    )
    run = import_key_changes(path, dry_run=True, errors=tmp_path / "e.csv")
    assert [reject["reason"] for reject in run.rejects] == [
        "bad_level", "bad_kind", "bad_date", "blank_new_key", "same_key", "blank_source", "duplicate", "duplicate",
    ]  # fmt: skip
    assert run.counts["equivalences_inserted"] == 1 and not KeyChange.objects.exists()
    assert len((tmp_path / "e.csv").read_text().splitlines()) == 9


def test_an_unknown_key_is_named_with_what_it_is_known_as(split, tmp_path):
    run = import_blocks(census=write_census(tmp_path / "c.csv", [row(mun="099")]), vintage=2020)
    (reject,) = run.rejects
    assert reject["reason"] == "unknown_municipality"
    assert "04099" in reject["detail"] and "04002" in reject["detail"] and "2021-01-01" in reject["detail"]
    assert not Block.objects.exists()


def test_equivalences_are_taken_where_one_says_so(split, tmp_path):
    census = write_census(tmp_path / "c.csv", [row(mun="99")])
    run = import_blocks(census=census, vintage=2020, apply_equivalences=True)
    assert (run.counts["equivalences_applied"], run.counts["rejected"]) == (1, 0)
    assert Block.objects.get().code == key(1)


def test_a_key_that_could_be_two_is_offered_both_and_taken_for_none(split, tmp_path):
    Municipality.objects.create(code="04001", name="Calkiní", state_id="04")
    KeyChange.objects.create(
        level="municipality", old_code="04001", new_code="04099", kind="split", valid_from="2021-01-01", source="POE"
    )
    census = write_census(tmp_path / "c.csv", [row(mun="099")])
    run = import_blocks(census=census, vintage=2020, apply_equivalences=True)
    assert run.counts["equivalences_applied"] == 0
    assert "04001" in run.rejects[0]["detail"] and "04002" in run.rejects[0]["detail"]


def test_a_city_follows_a_municipality_into_its_new_key(split, tmp_path):
    path = tmp_path / "sun.csv"
    header = "CVE_SUN,CVE_ENT,CVE_MUN,NOM_MUN,CVE_LOC,NOM_LOC,NOM_SUN,TIPO_SUN\n"
    path.write_text(header + "063,04,04099,Nuevo,040990001,Cabecera,Nuevo,3\n")
    run = import_cities(path)
    assert "04002" in run.rejects[0]["detail"] and not City.objects.exists()
    import_cities(path, apply_equivalences=True)
    assert City.objects.get().localities.get().code == "040020001"


def test_estimates_of_poverty_name_the_key_too(split, tmp_path):
    path = tmp_path / "p.csv"
    path.write_text("CVEGEO,HOGARES,HOGARES_POBRES\n0409900010022001,10,2\n")
    run = import_poverty(path, vintage=2020, method="m", source="s")
    assert "04002" in run.rejects[0]["detail"]


def outlines(folder: Path, *blocks: int) -> Path:
    return write_shapes(folder / "s.geojson", [feature(key(number), ring(number)) for number in blocks])


@pytest.fixture
def renumbered(campeche):
    """What the census calls block 1, the cartography still calls block 9."""
    return KeyChange.objects.create(
        level="block", old_code=key(9), new_code=key(1), kind="renamed", valid_from="2020-03-15", source="INEGI"
    )


def test_an_outline_under_a_blocks_old_key_is_named_and_taken_where_one_says_so(renumbered, tmp_path):
    census, shapes = write_census(tmp_path / "c.csv", [row()]), outlines(tmp_path, 9)
    run = import_blocks(census=census, geometry=shapes, vintage=2020)
    told = {reject["key"]: reject["detail"] for reject in run.rejects}
    assert key(1) in told[key(9)] and "2020-03-15" in told[key(9)]
    assert Block.objects.get().geometry is None
    run = import_blocks(geometry=shapes, vintage=2020, apply_equivalences=True)
    assert (run.counts["equivalences_applied"], run.counts["without_census"]) == (1, 0)
    assert Block.objects.get().geometry


def test_both_files_at_once_meet_by_the_equivalence(renumbered, tmp_path):
    census, shapes = write_census(tmp_path / "c.csv", [row()]), outlines(tmp_path, 9)
    run = import_blocks(census=census, geometry=shapes, vintage=2020, apply_equivalences=True)
    assert run.rejects == [] and Block.objects.get().geometry


def test_a_block_with_an_outline_of_its_own_takes_none_of_an_old_key(renumbered, tmp_path):
    census, shapes = write_census(tmp_path / "c.csv", [row()]), outlines(tmp_path, 1, 9)
    run = import_blocks(census=census, geometry=shapes, vintage=2020, apply_equivalences=True)
    assert (run.counts["equivalences_applied"], run.counts["without_census"]) == (0, 1)
