"""Polygons out to geographic programs and in again: nothing changes on the way."""

import csv
import io
import json
import zipfile

import pyogrio
import pytest
from django.core.management import CommandError, call_command

from polygons.models import Block, Polygon, PolygonVersion
from polygons.services import new_draft, publish
from polygons.services.polygon_files import REASONS, import_polygons
from reports.explorer.gis_files import short_names

SUFFIX = {"gpkg": ".gpkg", "shp": ".zip", "geojson": ".geojson", "kml": ".kml"}


@pytest.fixture
def polygon(campeche, make_block):
    """A polygon with a code of its own, drawn round three blocks and published."""
    for number in (1, 2, 3):
        make_block(number, without_water=20, with_water=16)
    codes = [f"0400200010017{number:03d}" for number in (1, 2, 3)]
    draft = new_draft(blocks=codes, vintage=2020, municipality=campeche, name="Peñón, ñandú")
    publish([draft.pk], reason="prueba")
    return draft.polygon


def export(client, tmp_path, asked: str):
    response = client.get(f"/polygons/?format={asked}")
    assert response.status_code == 200
    path = tmp_path / f"poligonos{SUFFIX[asked]}"
    path.write_bytes(response.getvalue())
    return path


@pytest.mark.parametrize("asked", ["gpkg", "shp", "geojson", "kml"])
def test_each_file_opens_with_code_name_and_shape(client, polygon, tmp_path, asked):
    path = export(client, tmp_path, asked)
    source = f"/vsizip/{path}" if asked == "shp" else path
    info = pyogrio.read_info(source)
    assert (info["features"], info["crs"]) == (1, "EPSG:4326")
    if asked != "kml":
        meta, _ids, _geometry, fields = pyogrio.raw.read(source)
        row = dict(zip(meta["fields"], (values[0] for values in fields), strict=True))
        assert (row["code"], row["name"], int(row["dwellings"])) == (polygon.code, "Peñón, ñandú", 120)


@pytest.mark.parametrize("asked", ["gpkg", "shp", "geojson"])
def test_what_goes_out_comes_in_unchanged(client, polygon, make_block, tmp_path, asked):
    # Inside the outline, but no member.
    make_block(9, lon=-90.53 - 7 * 0.0012)
    found = import_polygons(export(client, tmp_path, asked), vintage=2020)
    assert (found.features, found.unchanged, found.new, found.redrawn, found.rejects) == (1, 1, 0, 0, [])
    assert PolygonVersion.objects.count() == 1


def test_files_keep_to_filters_and_territory(client, polygon, stranger, tmp_path):
    empty = client.get("/polygons/?format=gpkg&q=nada").getvalue()
    path = tmp_path / "a.gpkg"
    path.write_bytes(empty)
    assert pyogrio.read_info(path)["features"] == 0
    client.force_login(stranger)
    path.write_bytes(client.get("/polygons/?format=gpkg").getvalue())
    assert pyogrio.read_info(path)["features"] == 0


def test_a_shapefile_says_what_its_short_names_mean(client, polygon, tmp_path):
    with zipfile.ZipFile(export(client, tmp_path, "shp")) as archive:
        rows = list(csv.DictReader(io.StringIO(archive.read("campos.csv").decode("utf-8-sig"))))
    assert {"code", "municipality_name"} <= {row["clave"] for row in rows}
    assert all(len(row["campo"]) <= 10 for row in rows)
    assert len({row["campo"] for row in rows}) == len(rows)


def test_short_names_are_short_and_differ():
    keys = ["code", "without_water_low", "without_water_high", "municipality", "municipality_name", "municipalidades"]
    names = short_names(keys)
    assert all(len(name) <= 10 for name in names) and len(set(names)) == len(keys)
    assert names == short_names(keys)


def write(path, *features):
    """Features are (code, west, south, east, north in degrees) or (code, geometry)."""
    body = []
    for code, *shape in features:
        if len(shape) == 4:
            west, south, east, north = shape
            ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
            shape = [{"type": "Polygon", "coordinates": [ring]}]
        body.append({"type": "Feature", "geometry": shape[0], "properties": {"CLAVE": code, "NOMBRE": "De fuera"}})
    path.write_text(json.dumps({"type": "FeatureCollection", "features": body}))
    return path


# Around the blocks 1 and 2, cutting the second in its eastern half.
TWO = (-90.5301, 19.8299, -90.5282, 19.8311)


def test_a_polygon_from_outside_keeps_code_and_line_and_covers_its_blocks(make_block, tmp_path):
    first, second, _third = (make_block(number) for number in (1, 2, 3))
    found = import_polygons(write(tmp_path / "a.geojson", ("GTO/1", *TWO), ("POL-7", *TWO)), vintage=2020)
    assert (found.new, found.rejects) == (1, [(1, "GTO/1", "bad_key")])
    version = PolygonVersion.objects.get()
    assert (version.polygon.code, version.polygon.name, version.polygon.municipality_id) == (
        "POL-7",
        "De fuera",
        "04002",
    )
    assert (version.status, version.source, version.block_count) == ("draft", "imported", 2)
    assert version.geometry.covers(first.geometry) and version.geometry.covers(second.geometry)
    assert version.geometry.extent[0] == pytest.approx(TWO[0]) and version.dwellings == 80


def test_importing_again_changes_nothing_and_another_line_is_the_next_version(make_block, tmp_path):
    for number in (1, 2, 3):
        make_block(number)
    path = write(tmp_path / "a.geojson", ("POL-7", *TWO))
    with pytest.raises(CommandError, match="por qué"):
        call_command("import_polygons", path, vintage=2020, publish=True)
    import_polygons(path, vintage=2020)
    for _run in range(2):
        # The draft of before, once looked at.
        call_command("import_polygons", path, vintage=2020, publish=True, reason="prueba")
    assert PolygonVersion.objects.get().status == "published"
    wider = write(tmp_path / "b.geojson", ("POL-7", TWO[0], TWO[1], -90.5265, TWO[3]))
    assert import_polygons(wider, vintage=2020, dry_run=True).redrawn == 1
    assert PolygonVersion.objects.count() == 1
    assert import_polygons(wider, vintage=2020).redrawn == 1
    assert import_polygons(path, vintage=2020).rejects == [(1, "POL-7", "has_draft")]


def test_what_cannot_be_a_polygon_is_listed(make_block, tlaxcala, tmp_path, capsys):
    make_block(1)
    bow = {
        "type": "Polygon",
        "coordinates": [[[-90.53, 19.83], [-90.52, 19.84], [-90.52, 19.83], [-90.53, 19.84], [-90.53, 19.83]]],
    }
    path = write(
        tmp_path / "a.geojson", ("A", *TWO), ("A", *TWO), ("B", bow), ("C", None), ("D", 2, 40, 3, 41),
        ("E", -99, 19, -98.99, 19.01), ("", *TWO),
    )  # fmt: skip
    call_command("import_polygons", path, vintage=2020, errors=tmp_path / "rechazos.csv")
    assert "0 new" in capsys.readouterr().out and not Polygon.objects.exists()
    with (tmp_path / "rechazos.csv").open(encoding="utf-8-sig") as file:
        rejected = [(row["code"], row["reason"]) for row in csv.DictReader(file)]
    assert sorted(rejected) == sorted((code, str(REASONS[reason])) for code, reason in [
        ("", "bad_key"), ("A", "duplicate"), ("A", "duplicate"), ("B", "invalid_shape"), ("C", "no_shape"),
        ("D", "outside"), ("E", "no_blocks"),
    ])  # fmt: skip


def test_blocks_of_the_smaller_municipality_are_left_out(make_block, tlaxcala, tmp_path):
    make_block(1), make_block(2), make_block(3)
    Block.objects.filter(code__endswith="003").update(municipality=tlaxcala)
    found = import_polygons(write(tmp_path / "a.geojson", ("P", TWO[0], TWO[1], -90.5265, TWO[3])), vintage=2020)
    assert (found.blocks, found.left_out) == (2, 1)


def test_a_file_without_a_code_is_refused(make_block, tmp_path):
    make_block(1)
    path = tmp_path / "a.geojson"
    path.write_text(write(path, ("A", *TWO)).read_text().replace("CLAVE", "COSA"))
    with pytest.raises(CommandError, match="COSA"):
        call_command("import_polygons", path, vintage=2020)
    call_command("import_polygons", path, vintage=2020, code="cosa")
    assert Polygon.objects.get().code == "A"
