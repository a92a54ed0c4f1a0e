import csv
from pathlib import Path

import numpy as np
import pyogrio
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Count, Sum

from polygons.models import (
    AreaTotal,
    Block,
    CensusTotal,
    City,
    ImportRun,
    Locality,
    Municipality,
    State,
    UnmatchedShape,
)
from polygons.services import ImportRefused, blocks, import_blocks, import_cities, import_municipalities, import_states
from polygons.tests.inegi_files import (
    census_text,
    feature,
    key,
    neighbourhood,
    ring,
    row,
    totals,
    write_census,
    write_shapes,
)


def rows_written(run) -> int:
    return sum(count for name, count in run.counts.items() if name.endswith(("_inserted", "_updated")))


def reasons(run) -> dict[str, str]:
    return {reject["key"]: reject["reason"] for reject in run.rejects}


def test_census_and_polygons_become_blocks_with_ranges(campeche, tmp_path):
    census, geometry = neighbourhood(tmp_path)
    run = import_blocks(census=census, geometry=geometry, vintage=2020, geometry_vintage=2010)
    assert run.counts["blocks_inserted"] == 3 and run.counts["rejected"] == 0
    block = Block.objects.get(code=key(1))
    assert (block.vintage, block.geometry_vintage, block.ageb_code) == (2020, 2010, "0400200010022")
    assert (block.water_low, block.water_high, block.base) == (20, 20, 36)
    assert (block.without_drainage, block.missing) == (None, {"without_drainage": "*"})
    assert (block.drainage_low, block.drainage_high) == (0, 6)
    assert block.geometry.srid == 4326 and block.mercator.srid == 3857
    assert block.locality.name == "San Francisco de Campeche"


def test_total_rows_are_kept_apart_from_blocks(campeche, tmp_path):
    import_blocks(census=neighbourhood(tmp_path)[0], vintage=2020)
    levels = dict(CensusTotal.objects.values_list("level", "code"))
    assert levels == {"state": "04", "municipality": "04002", "locality": "040020001", "ageb": "0400200010022"}
    assert CensusTotal.objects.of("state", "04").get().population == 928_363
    assert Block.objects.aggregate(people=Sum("population"))["people"] == 420


def test_running_it_again_writes_nothing(campeche, tmp_path):
    census, geometry = neighbourhood(tmp_path)
    import_blocks(census=census, geometry=geometry, vintage=2020)
    before = list(Block.objects.values_list("code", "updated_at"))
    run = import_blocks(census=census, geometry=geometry, vintage=2020)
    assert rows_written(run) == 0
    assert list(Block.objects.values_list("code", "updated_at")) == before


def test_only_the_block_that_changed_is_written(campeche, tmp_path):
    census, geometry = neighbourhood(tmp_path)
    import_blocks(census=census, geometry=geometry, vintage=2020)
    changed = [row(mza=f"{number:03d}") for number in (1, 2)] + [row(mza="003", VPH_NODREN=5)]
    run = import_blocks(census=write_census(tmp_path / "nuevo.csv", totals(3) + changed), vintage=2020)
    assert (run.counts["blocks_updated"], rows_written(run)) == (1, 1)
    block = Block.objects.get(code=key(3))
    assert (block.drainage_low, block.drainage_high, block.missing) == (5, 5, {})
    assert block.geometry is not None


@pytest.mark.parametrize("first", ["census", "geometry"])
def test_census_and_polygons_may_come_in_either_order(campeche, tmp_path, first):
    census, geometry = neighbourhood(tmp_path)
    steps = [{"census": census}, {"geometry": geometry, "geometry_vintage": 2010}]
    for step in steps if first == "census" else reversed(steps):
        import_blocks(vintage=2020, **step)
    assert Block.objects.filter(geometry__isnull=False, mercator__isnull=False, geometry_vintage=2010).count() == 3
    assert not UnmatchedShape.objects.exists()


def test_what_does_not_match_is_counted_and_listed(campeche, tmp_path):
    census = write_census(tmp_path / "censo.csv", [row(mza="001"), row(mza="002")])
    geometry = write_shapes(tmp_path / "m.geojson", [feature(key(1), ring(1)), feature(key(9), ring(9))])
    errors = tmp_path / "errores.csv"
    run = import_blocks(census=census, geometry=geometry, vintage=2020, errors=errors)
    assert (run.counts["without_polygon"], run.counts["without_census"], run.counts["rejected"]) == (1, 1, 0)
    assert reasons(run) == {key(2): "without_polygon", key(9): "without_census"}
    listed = list(csv.DictReader(errors.open(encoding="utf-8-sig")))
    assert [(entry["file"], entry["line"], entry["key"]) for entry in listed] == [
        ("censo.csv", "3", key(2)),
        ("m.geojson", "2", key(9)),
    ]
    assert UnmatchedShape.objects.get().code == key(9)


def test_bad_census_rows_are_refused_by_line_key_and_reason(campeche, tmp_path):
    rows = [
        row(mza="001"),
        row(mza="002", VPH_AGUADV="doce"),
        row(mza="003", TVIVHAB=""),
        row(mza="004"),
        row(mza="004"),
        row(mun="099", mza="005"),
        row(ageb="00Z2", mza="006"),
        row(mza="0071"),
    ]
    run = import_blocks(census=write_census(tmp_path / "censo.csv", rows), vintage=2020)
    found = {(reject["line"], reject["reason"], reject["detail"]) for reject in run.rejects if reject["line"] != 2}
    assert found == {
        (3, "bad_number", "VPH_AGUADV = DOCE"),
        (4, "blank", "TVIVHAB"),
        (5, "duplicate", ""),
        (6, "duplicate", ""),
        (7, "unknown_municipality", "04099"),
        (8, "bad_key", ""),
        (9, "bad_key", ""),
    }
    assert list(Block.objects.values_list("code", flat=True)) == [key(1)]
    assert ImportRun.objects.get().counts["rejected"] == 7


def test_ragged_and_empty_lines_do_not_shift_the_others(campeche, tmp_path):
    path = write_census(tmp_path / "censo.csv", [row(mza=f"{number:03d}") for number in range(1, 5)])
    lines = path.read_bytes().splitlines(keepends=True)
    short = lines[2].rsplit(b",", 3)[0] + b"\r\n"
    wrong = lines[4].replace(b",140,", b",ciento,")
    path.write_bytes(b"".join([lines[0], lines[1], short, b"\r\n", lines[3], wrong]))
    run = import_blocks(census=path, vintage=2020)
    found = {(reject["line"], reject["key"], reject["reason"]) for reject in run.rejects if reject["reason"] in CELLS}
    assert found == {(3, key(2), "blank"), (6, key(4), "bad_number")}
    assert set(Block.objects.values_list("code", flat=True)) == {key(1), key(3)}


CELLS = ("blank", "bad_number")


@pytest.mark.filterwarnings("ignore:Non closed ring")
def test_bad_polygons_are_refused_and_the_others_come_in(campeche, tmp_path):
    census = write_census(tmp_path / "censo.csv", [row(mza=f"{number:03d}") for number in range(1, 8)])
    west, south = ring(2)[0]
    bow = [[west, south], [west + 0.001, south + 0.001], [west + 0.001, south], [west, south + 0.001], [west, south]]
    far = [[10, 50], [10.001, 50], [10.001, 50.001], [10, 50]]
    shapes = [
        feature(key(1), ring(1)),
        feature(key(2), bow),
        feature(key(3), far),
        feature(key(4), ring(4)),
        feature(key(4), ring(4)),
        feature("manzana 5", ring(5)),
        feature(key(6), ring(6)[:-1]),
        {"type": "Feature", "properties": {"CVEGEO": key(7)}, "geometry": {"type": "Point", "coordinates": ring(7)[0]}},
    ]
    run = import_blocks(census=census, geometry=write_shapes(tmp_path / "m.geojson", shapes), vintage=2020)
    found = {reject["line"]: reject["reason"] for reject in run.rejects if reject["file"] == "m.geojson"}
    assert found == {
        2: "invalid_shape",
        3: "outside",
        4: "duplicate",
        5: "duplicate",
        6: "bad_key",
        7: "invalid_shape",
        8: "no_shape",
    }
    assert list(Block.objects.filter(geometry__isnull=False).values_list("code", flat=True)) == [key(1)]


def test_zeros_that_a_spreadsheet_ate_come_back(campeche, tmp_path):
    thin = row("1", "22", "1", mun="2") | {"ENTIDAD": "4"}
    geometry = write_shapes(tmp_path / "m.geojson", [feature(key(1).lstrip("0"), ring(1))])
    import_blocks(census=write_census(tmp_path / "c.csv", [thin]), geometry=geometry, vintage=2020)
    assert Block.objects.get(geometry__isnull=False).code == key(1)


def test_a_wrong_check_digit_is_told_but_not_refused(campeche, tmp_path):
    rows = [row(ageb=ageb, mza=mza) for ageb in ("0022", "0023") for mza in ("000", "001")]
    run = import_blocks(census=write_census(tmp_path / "c.csv", rows), vintage=2020)
    assert [(note["key"], note["detail"]) for note in run.rejects if note["reason"] == "check_digit"] == [
        ("0400200010023", "AGEB 0023 / 2")
    ]
    assert Block.objects.count() == 2


@pytest.mark.parametrize(("driver", "name"), [("GPKG", "m.gpkg"), ("ESRI Shapefile", "m.shp")])
def test_polygons_in_metres_come_in_from_other_formats(campeche, tmp_path, driver, name):
    census, geojson = neighbourhood(tmp_path)
    path = tmp_path / name
    reproject(geojson, path, driver)
    import_blocks(census=census, geometry=path, vintage=2020)
    assert Block.objects.filter(geometry__isnull=False).count() == 3
    corner = Block.objects.get(code=key(1)).geometry.extent[0]
    assert corner == pytest.approx(ring(1)[0][0], abs=1e-6)


def reproject(source: Path, target: Path, driver: str) -> None:
    """Write the same polygons in INEGI's projection, metres, with the coordinates computed by PostGIS."""
    meta, table = pyogrio.read_arrow(source)
    geometries = [bytes(value.as_py()) for value in table.column(meta["geometry_name"] or "wkb_geometry")]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ST_AsBinary(ST_Transform(ST_GeomFromWKB(wkb, 4326), 6372))"
            " FROM unnest(%s) WITH ORDINALITY AS source (wkb, place) ORDER BY place",
            [geometries],
        )
        moved = [bytes(wkb) for (wkb,) in cursor.fetchall()]
    pyogrio.raw.write(
        target,
        geometry=np.array(moved, dtype=object),
        field_data=[np.array(table.column("CVEGEO").to_pylist(), dtype=object)],
        fields=["CVEGEO"],
        crs="EPSG:6372",
        geometry_type="Polygon",
        driver=driver,
    )


def test_the_zip_of_the_statistics_office_is_read_as_it_is(campeche, tmp_path):
    census = write_census(tmp_path / "resageburb.zip", [*totals(1), row()])
    assert import_blocks(census=census, vintage=2020).counts["blocks_inserted"] == 1


def test_an_older_file_in_latin_1_keeps_its_accents(campeche, tmp_path):
    path = tmp_path / "censo.csv"
    path.write_bytes(census_text([row(NOM_LOC="Chiná")], 2010).encode("latin-1"))
    import_blocks(census=path, vintage=2010)
    assert Locality.objects.get().name == "Chiná"


def test_a_file_of_another_kind_is_refused_whole(campeche, tmp_path):
    path = tmp_path / "otra.csv"
    path.write_text("clave,nombre\n1,uno\n")
    with pytest.raises(ImportRefused, match="POBTOT"):
        import_blocks(census=path, vintage=2020)
    with pytest.raises(CommandError):
        call_command("import_blocks", geometry=path, vintage=2020)


@pytest.mark.parametrize(("vintage", "column", "inside"), [(2005, None, 20), (2010, 20, None), (2020, 20, None)])
def test_each_census_is_read_by_its_own_columns(campeche, tmp_path, vintage, column, inside):
    census = write_census(tmp_path / "c.csv", [row(VP_AGUADV=16, VP_AGUAFV=20)], vintage)
    import_blocks(census=census, vintage=vintage)
    block = Block.objects.get()
    assert (block.population, block.known_dwellings, block.base) == (140, 36, 36)
    assert (block.without_water, block.without_water_house) == (column, inside)
    # No range where the census did not ask: neither 0 nor "all of them possible".
    assert (block.water_low, block.water_high) == (column, column)
    assert (block.water_house_low, block.water_house_high) == (inside, inside)
    total = AreaTotal.objects.get(level="municipality", vintage=vintage)
    assert (total.water_high, total.water_house_high) == (column, inside)


def test_what_a_file_of_2005_lacks_is_not_available_and_what_it_never_asked_is_empty(campeche, tmp_path):
    path = tmp_path / "c.csv"
    path.write_text("ENTIDAD,NOM_ENT,MUN,NOM_MUN,LOC,NOM_LOC,AGEB,MZA,P_TOTAL,VIVPARHAB,VPH_ENEL\n")
    with path.open("a") as stream:
        stream.write("04,Campeche,002,Campeche,0001,Campeche,0022,001,140,36,30\n")
    import_blocks(census=path, vintage=2005)
    block = Block.objects.get()
    assert block.missing["with_drainage"] == "N/D"
    assert "without_electricity" not in block.missing and "with_water" not in block.missing
    assert (block.electricity_low, block.electricity_high) == (0, 6)


@pytest.mark.parametrize(("file", "asked"), [(2005, 2010), (2005, 2020), (2010, 2005), (2010, 2020), (2020, 2010)])
def test_a_file_of_another_census_is_refused_by_a_sentence(campeche, tmp_path, file, asked):
    census = write_census(tmp_path / "c.csv", [row(VP_AGUADV=16, VP_AGUAFV=20)], file)
    with pytest.raises(ImportRefused, match=f"--vintage {file}"):
        import_blocks(census=census, vintage=asked)


def test_the_first_edition_of_2020_is_refused_for_its_denominator(campeche, tmp_path):
    text = census_text([row()], 2010).replace("VPH_C_SERV", "VPH_C_SERV,VPH_AEASP", 1)
    path = tmp_path / "c.csv"
    path.write_text(text)
    with pytest.raises(ImportRefused, match="2021"):
        import_blocks(census=path, vintage=2020)


def test_a_year_without_census_is_refused(campeche, tmp_path):
    with pytest.raises(ImportRefused, match="2005, 2010, 2020"):
        import_blocks(census=neighbourhood(tmp_path)[0], vintage=2015)


def test_a_crash_in_the_middle_leaves_the_old_data_whole(campeche, tmp_path, monkeypatch):
    census, geometry = neighbourhood(tmp_path)
    import_blocks(census=census, vintage=2020)
    monkeypatch.setattr(blocks, "_merge_geometry", lambda *args: 1 / 0)
    more = write_census(tmp_path / "mas.csv", totals(4) + [row(mza=f"{number:03d}") for number in range(1, 5)])
    with pytest.raises(ZeroDivisionError):
        import_blocks(census=more, geometry=geometry, vintage=2020)
    assert Block.objects.count() == 3
    assert CensusTotal.objects.of("ageb", "0400200010022").get().dwellings == 120
    assert ImportRun.objects.count() == 1


def test_a_dry_run_tells_everything_and_writes_nothing(campeche, tmp_path, capsys):
    census, geometry = neighbourhood(tmp_path)
    call_command("import_blocks", census=census, geometry=geometry, vintage=2020, dry_run=True)
    assert "blocks_inserted" in capsys.readouterr().out
    assert not Block.objects.exists() and not ImportRun.objects.exists()


def test_blocks_belong_to_the_metropolitan_zone_before_the_locality(campeche, tmp_path):
    import_blocks(census=neighbourhood(tmp_path)[0], vintage=2020)
    cities = tmp_path / "sun.csv"
    header = "CVE_SUN,CVE_ENT,CVE_MUN,NOM_MUN,CVE_LOC,NOM_LOC,NOM_SUN,TIPO_SUN\n"
    cities.write_text(header + "063,04,04002,Campeche,040020001,San Francisco de Campeche,Campeche,2\n")
    run = import_cities(cities)
    assert run.counts["blocks_updated"] == 3
    city = City.objects.get()
    assert (city.kind, city.population, city.point) == ("conurbation", 420, None)
    import_blocks(geometry=neighbourhood(tmp_path)[1], vintage=2020)
    city.refresh_from_db()
    assert city.point.x == pytest.approx(-90.527, abs=0.001)
    cities.write_text(header + "046,04,04002,Campeche,,,Zona,1\n")
    import_cities(cities)
    assert set(Block.objects.values_list("city", flat=True)) == {"046"}


@pytest.fixture
def country(db, data_dir):
    """INEGI's catalogues and the urban system of 2012."""
    import_states(data_dir / "catalogues/estados.json")
    import_municipalities(data_dir / "catalogues/inegi_municipios_completo_2020_2478.json")
    import_cities(data_dir / "urban_system/sun2012.csv")


@pytest.mark.real_data
def test_the_country_comes_in_whole(country, data_dir):
    assert (State.objects.count(), Municipality.objects.count(), City.objects.count()) == (32, 2478, 384)
    assert Municipality.objects.aggregate(people=Sum("population"))["people"] == 126_014_024
    assert dict(City.objects.values_list("kind").annotate(Count("pk")).order_by()) == {
        "metropolitan_zone": 59,
        "conurbation": 78,
        "urban_centre": 247,
    }
    zones = dict(
        Municipality.objects.filter(code__in=("08037", "18020", "23005", "26030", "04002")).values_list(
            "code", "time_zone"
        )
    )
    assert zones == {
        "04002": "America/Merida",
        "08037": "America/Ciudad_Juarez",
        "18020": "America/Bahia_Banderas",
        "23005": "America/Cancun",
        "26030": "America/Hermosillo",
    }
    assert State.objects.get(code="04").abbreviation == "Camp."


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("state", "folder", "people", "in_blocks", "municipality", "joined", "blocks"),
    [
        ("04", "campeche", 928_363, 696_587, "04002", 3_109, 3_993),
        ("29", "tlaxcala", 1_342_977, 1_137_399, "29033", 1_178, 1_349),
    ],
)
def test_known_truths_of_whole_states(
    country, data_dir, state, folder, people, in_blocks, municipality, joined, blocks
):
    census = next((data_dir / folder).glob("RESAGEBURB*.zip"))
    geometry = next((data_dir / folder).glob("manzanas*.geojson.gz"))
    run = import_blocks(census=census, geometry=geometry, vintage=2020, geometry_vintage=2010)
    assert run.counts["rejected"] == 0 and run.counts["check_digit"] == 0
    assert CensusTotal.objects.of("state", state).get().population == people
    assert Block.objects.aggregate(people=Sum("population"))["people"] == in_blocks
    here = Block.objects.filter(municipality=municipality)
    assert (here.filter(geometry__isnull=False).count(), here.count()) == (joined, blocks)
    of_agebs = dict(CensusTotal.objects.filter(level="ageb").values_list("code", "dwellings"))
    of_blocks = dict(Block.objects.values_list("ageb_code").annotate(Sum("dwellings")).order_by())
    assert of_blocks == of_agebs
    again = import_blocks(census=census, geometry=geometry, vintage=2020, geometry_vintage=2010)
    assert rows_written(again) == 0


@pytest.mark.real_data
def test_known_truths_of_hecelchakan(country, data_dir):
    folder = data_dir / "hecelchakan"
    run = import_blocks(
        census=next(folder.glob("RESAGEBURB*.csv")), geometry=folder / "manzanas_04005.geojson", vintage=2020
    )
    assert (run.counts["without_polygon"], run.counts["without_census"]) == (46, 12)
    assert (Block.objects.count(), Block.objects.filter(geometry__isnull=False).count()) == (366, 320)
    # Not in the urban system of 2012.
    assert not Block.objects.filter(city__isnull=False).exists()
