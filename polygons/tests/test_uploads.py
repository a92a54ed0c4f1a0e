import datetime as dt
import re

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.utils import timezone

from habitat.lib.refusals import Refused
from polygons.models import GeometryUpload
from polygons.tests import geometry_files as files
from polygons.tests.geometry_files import SIDE, SOUTH, WEST, area, geojson, gpx, kml, line, packed, ring, shapefile, shp
from polygons.uploads import reader, services, worker
from polygons.uploads.forms import UploadForm
from polygons.uploads.words import FAULTS

LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
BOWTIE = [[WEST, SOUTH], [WEST + SIDE, SOUTH + SIDE], [WEST + SIDE, SOUTH], [WEST, SOUTH + SIDE], [WEST, SOUTH]]
FAR = ring(-99.1, 19.4)


@pytest.fixture
def blocks(make_block):
    return [make_block(number) for number in (1, 2, 3)]


@pytest.fixture
def send(technician, campeche, blocks):
    def send(content: bytes, name: str, by=None) -> GeometryUpload:
        upload = services.send(SimpleUploadedFile(name, content), municipality=campeche, by=by or technician)
        worker.run(upload.pk)
        upload.refresh_from_db()
        return upload

    return send


def in_metres(points):
    from django.contrib.gis.geos import LineString

    moved = LineString([tuple(point) for point in points], srid=4326)
    moved.transform(6372)
    return [list(point) for point in moved.coords]


GOOD = {
    "area.geojson": (lambda: geojson(area()), "Polygon"),
    "line.json": (lambda: geojson(line()), "LineString"),
    "points.geojson": (
        lambda: geojson(*({"type": "Point", "coordinates": point} for point in ring()[:3])),
        "MultiPoint",
    ),
    "bare.geojson": (lambda: __import__("json").dumps(area()).encode(), "Polygon"),
    "two.geojson": (lambda: geojson(area(), area(ring(WEST + 0.01))), "MultiPolygon"),
    "old.geojson": (
        lambda: geojson(
            area(in_metres(ring())), crs={"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::6372"}}
        ),
        "Polygon",
    ),
    "zona.kml": (kml, "Polygon"),
    "paseo.gpx": (gpx, "LineString"),
    "zona.gpkg": (files.geopackage, "Polygon"),
    "zona.zip": (shapefile, "Polygon"),
    "inegi.zip": (lambda: shapefile(prj=files.LCC, points=in_metres(ring())), "Polygon"),
    "nested.zip": (lambda: shapefile("datos/zona"), "Polygon"),
}


@pytest.mark.parametrize("name", GOOD)
def test_a_good_file_becomes_a_geometry_in_degrees(send, name):
    make, kind = GOOD[name]
    upload = send(make(), name)
    assert (upload.status, upload.faults) == ("good", [])
    assert upload.geometry.geom_type == kind
    assert upload.geometry.extent[:2] == pytest.approx((WEST, SOUTH), abs=1e-6)


BAD = {
    # name, reason: content
    ("nothing.geojson", "no_features"): lambda: geojson(),
    ("half.geojson", "damaged"): lambda: geojson(area())[:-9],
    ("deep.geojson", "too_deep"): lambda: b'{"type":' + b"[" * 100_000,
    ("list.geojson", "unknown_content"): lambda: b'{"type": "Topology"}',
    ("noise.geojson", "unknown_content"): lambda: b"\x00\x01noise",
    ("paper.kml", "unknown_content"): lambda: b"%PDF-1.4",
    ("page.kml", "unknown_content"): lambda: b"<html></html>",
    ("vrt.gpx", "unknown_content"): lambda: b'<OGRVRTDataSource><OGRVRTLayer name="passwd"/></OGRVRTDataSource>',
    ("liar.kml", "other_content"): gpx,
    ("liar.zip", "other_content"): lambda: geojson(area()),
    ("liar.gpkg", "other_content"): shapefile,
    ("half.kml", "damaged"): lambda: kml()[:-8],
    ("laughs.kml", "entities"): lambda: kml(head=LAUGHS),
    ("laughs.gpx", "entities"): lambda: gpx(head=LAUGHS),
    ("outside.kml", "entities"): lambda: kml(head='<!DOCTYPE kml SYSTEM "file:///etc/passwd">'),
    ("utf16.kml", "entities"): lambda: kml(head=LAUGHS).decode().replace("UTF-8", "UTF-16").encode("utf-16"),
    ("link.kml", "refers_outside"): lambda: kml("<NetworkLink><Link><href>http://x/</href></Link></NetworkLink>"),
    ("deep.kml", "too_deep"): lambda: kml("<Folder>" * 100 + "</Folder>" * 100),
    ("web.geojson", "unknown_crs"): lambda: geojson(
        area(), crs={"type": "link", "properties": {"href": "http://127.0.0.1/crs"}}
    ),
    ("url.geojson", "unknown_crs"): lambda: geojson(
        area(), crs={"type": "name", "properties": {"name": "http://127.0.0.1/crs"}}
    ),
    ("mixed.geojson", "mixed_types"): lambda: geojson(area(), line()),
    ("collection.geojson", "mixed_types"): lambda: geojson(
        {"type": "GeometryCollection", "geometries": [area(), line()]}
    ),
    ("mixed.gpx", "mixed_types"): lambda: gpx(waypoint=True),
    ("empty.geojson", "empty_shape"): lambda: geojson({"type": "Polygon", "coordinates": []}),
    ("null.geojson", "damaged_shape"): lambda: geojson(None),
    ("bowtie.geojson", "invalid_shape"): lambda: geojson(area(BOWTIE)),
    ("swapped.geojson", "swapped"): lambda: geojson(area([[y, x] for x, y in ring()])),
    ("east.geojson", "hemisphere"): lambda: geojson(area([[-x, y] for x, y in ring()])),
    ("south.geojson", "hemisphere"): lambda: geojson(area([[x, -y] for x, y in ring()])),
    ("utm.geojson", "not_degrees"): lambda: geojson(area([[x * 1e4, y * 1e5] for x, y in ring()])),
    ("spain.geojson", "outside_country"): lambda: geojson(area(ring(-3.7, 40.4))),
    ("mexico.geojson", "outside_municipality"): lambda: geojson(area(FAR)),
    ("huge.geojson", "too_large"): lambda: geojson(area(ring(side=0.2))),
    ("many.geojson", "too_many_features"): lambda: geojson(
        *[{"type": "Point", "coordinates": [WEST, SOUTH]}] * (reader.MAX_FEATURES + 1)
    ),
    ("fine.geojson", "too_many_vertices"): lambda: geojson(
        line(*([WEST, SOUTH + number * 1e-9] for number in range(reader.MAX_VERTICES + 1)))
    ),
    ("noprj.zip", "no_prj"): lambda: shapefile(prj=None),
    ("strange.zip", "unknown_crs"): lambda: shapefile(prj='LOCAL_CS["my own",UNIT["Meter",1.0]]'),
    ("empty.zip", "no_shapefile"): lambda: packed({"readme.txt": b"x"}),
    ("none.zip", "no_shapefile"): lambda: packed({}),
    ("two.zip", "several_shapefiles"): lambda: shapefile(**{"b.shp": shp()[".shp"]}),
    ("half.zip", "damaged"): lambda: shapefile()[:300],
    ("rotten.zip", "damaged"): lambda: packed({"z.shp": b"x" * 500, "z.prj": files.WGS84.encode()}),
    ("zeros.zip", "zip_bomb"): lambda: shapefile(**{"zona.dbf": bytes(20_000_000)}),
    ("crowd.zip", "zip_bomb"): lambda: shapefile(**{f"{n}.txt": b"" for n in range(100)}),
    ("nest.zip", "nested_archive"): lambda: shapefile(**{"more.zip": shapefile()}),
    ("up.zip", "path_trick"): lambda: shapefile("../../zona"),
    ("root.zip", "path_trick"): lambda: shapefile(**{"/etc/cron.d/x": b""}),
    ("windows.zip", "path_trick"): lambda: shapefile(**{"C:\\x.txt": b""}),
    ("back.zip", "path_trick"): lambda: shapefile(**{"..\\x.txt": b""}),
    ("vsi.zip", "path_trick"): lambda: shapefile(**{"vsicurl/http:/x.txt": b""}),
    ("link.zip", "path_trick"): files.linked,
    ("secret.zip", "encrypted"): files.encrypted,
    ("plain.gpkg", "unknown_content"): lambda: sqlite_without_tables(),
    ("broken.gpkg", "damaged"): lambda: files.geopackage()[:5_000],
    ("view.gpkg", "not_a_table"): lambda: files.geopackage(view=True),
}


def sqlite_without_tables() -> bytes:
    import sqlite3
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder:
        with sqlite3.connect(Path(folder) / "x") as database:
            database.execute("CREATE TABLE t (x)")
        return (Path(folder) / "x").read_bytes()


@pytest.mark.parametrize(("name", "reason"), BAD)
def test_a_bad_file_is_refused_with_its_fault_named(send, name, reason):
    upload = send(BAD[name, reason](), name)
    assert [fault["reason"] for fault in upload.faults] == [reason]
    assert upload.status == "refused"
    assert upload.geometry is None
    assert str(FAULTS[reason])


def test_every_fault_of_the_reader_has_its_words_and_its_test():
    elsewhere = {"empty_file", "too_heavy", "lost", "no_crs"}
    assert set(FAULTS) == {reason for _name, reason in BAD} | elsewhere


@pytest.mark.parametrize(
    ("name", "content", "place", "feature"),
    [
        ("bowtie.geojson", geojson(area(BOWTIE)), [WEST + SIDE / 2, SOUTH + SIDE / 2], 1),
        ("mexico.geojson", geojson(area(FAR)), [-99.1 + SIDE / 2, 19.4 + SIDE / 2], 1),
        # As it stands its latitude is -90.5: no map has such a place.
        ("swapped.geojson", geojson(area([[y, x] for x, y in ring()])), [WEST + SIDE / 2, SOUTH + SIDE / 2], 1),
        ("large.geojson", geojson(area(ring(side=0.3))), [WEST + 0.15, SOUTH + 0.15], None),
    ],
)
def test_a_fault_that_has_a_place_says_where(send, name, content, place, feature):
    [fault] = send(content, name).faults
    assert fault["place"] == pytest.approx(place, abs=1e-5)
    assert fault["feature"] == feature


def test_a_shape_beyond_the_poles_has_no_place(send):
    [fault] = send(geojson(area(ring(west=100, south=120))), "x.geojson").faults
    assert (fault["reason"], fault["place"]) == ("outside_country", None)


def test_what_geos_says_is_told_in_the_readers_language(send, client, technician):
    upload = send(geojson(area(BOWTIE)), "bowtie.geojson")
    client.force_login(technician)
    page = client.get(f"/polygons/uploads/{upload.public_id}/").content.decode()
    assert "se cruza a sí misma aquí" in page and "Self-intersection" not in page
    listed = client.get("/polygons/uploads/").content.decode()
    assert "Rechazado<" in listed.replace("\n", "") and "La figura no es válida" in listed


def test_each_faulty_shape_is_told_by_its_number(send):
    upload = send(geojson(area(), area(BOWTIE), area(), area(BOWTIE)), "x.geojson")
    assert [fault["feature"] for fault in upload.faults] == [2, 4]


def test_a_fault_in_metres_is_placed_in_degrees(send):
    upload = send(shapefile(prj=files.LCC, points=in_metres(BOWTIE)), "x.zip")
    [fault] = upload.faults
    assert fault["place"] == pytest.approx([WEST + SIDE / 2, SOUTH + SIDE / 2], abs=1e-4)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [("x.geojson", b"", "vac"), ("x.pdf", b"%PDF", ".geojson"), ("x", b"{}", ".geojson")],
)
def test_what_size_and_name_tell_is_refused_at_once(technician, campeche, name, content, words):
    with pytest.raises(Refused, match=words):
        services.send(SimpleUploadedFile(name, content), municipality=campeche, by=technician)
    assert not GeometryUpload.objects.exists()


def test_too_many_bytes_are_refused_at_once(technician, campeche, settings):
    settings.UPLOAD_MAX_BYTES = 10
    with pytest.raises(Refused):
        services.send(SimpleUploadedFile("x.geojson", b"x" * 11), municipality=campeche, by=technician)


def test_a_preparer_sends_for_the_own_municipality_only(preparer, stranger, make_user, campeche, tlaxcala, blocks):
    services.send(SimpleUploadedFile("x.geojson", geojson(area())), municipality=campeche, by=preparer)
    with pytest.raises(PermissionDenied):
        services.send(SimpleUploadedFile("x.geojson", b"{}"), municipality=tlaxcala, by=preparer)
    with pytest.raises(PermissionDenied):
        services.send(SimpleUploadedFile("x.geojson", b"{}"), municipality=tlaxcala, by=stranger)
    neighbour = make_user("preparer", municipality=tlaxcala)
    assert GeometryUpload.objects.visible_to(preparer).count() == 1
    assert not GeometryUpload.objects.visible_to(neighbour).exists()


def test_a_reader_that_takes_too_long_or_dies_is_the_files_fault(send, monkeypatch, tmp_path):
    from polygons.uploads import child

    slow = tmp_path / "slow.py"
    slow.write_text("import time; time.sleep(60)")
    monkeypatch.setattr(reader, "__file__", str(slow))
    monkeypatch.setattr(child, "WALL_S", 0.5)
    assert send(geojson(area()), "x.geojson").faults[0]["reason"] == "too_heavy"
    slow.write_text("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    monkeypatch.setattr(child, "WALL_S", 30)
    assert send(geojson(area()), "x.geojson").faults[0]["reason"] == "too_heavy"


def test_the_reader_has_the_five_drivers_alone_and_nothing_of_ours(tmp_path):
    import subprocess
    import sys

    from polygons.uploads.child import _environment

    probe = (
        "import os, pyogrio, sys; "
        "print(sorted(pyogrio.list_drivers()), 'DATABASE_URL' in os.environ, 'SECRET_KEY' in os.environ)"
    )
    out = subprocess.run(
        [sys.executable, "-I", "-c", probe], env=_environment(tmp_path), capture_output=True, text=True, check=True
    )
    assert out.stdout.strip() == f"{sorted(reader.FORMATS)} False False"


def test_memory_has_a_limit(tmp_path):
    import subprocess
    import sys

    program = "import sys; sys.path.insert(0, sys.argv[1]); import reader; reader.limit(); bytearray(3 << 30)"
    folder = str(__import__("pathlib").Path(reader.__file__).parent)
    out = subprocess.run([sys.executable, "-c", program, folder], capture_output=True, text=True, check=False)
    assert "MemoryError" in out.stderr


def test_an_upload_whose_worker_was_lost_is_taken_up_again_three_times(
    technician, campeche, blocks, monkeypatch, django_capture_on_commit_callbacks
):
    sent: list[int] = []
    monkeypatch.setattr("polygons.tasks.read_upload.delay", sent.append)
    with django_capture_on_commit_callbacks(execute=True):
        upload = services.send(SimpleUploadedFile("x.geojson", geojson(area())), municipality=campeche, by=technician)
    assert sent == [upload.pk]
    later = timezone.now() + dt.timedelta(seconds=1)
    for attempt in (1, 2, 3):
        claimed = worker.claim(upload.pk)
        assert claimed.attempts == attempt
        assert worker.claim(upload.pk) is None
        assert services.sweep(at=timezone.now()) == 0
        later += dt.timedelta(minutes=10)
        assert services.sweep(at=later) == (1 if attempt < 3 else 0)
        later += dt.timedelta(minutes=10)
    upload.refresh_from_db()
    assert (upload.status, upload.faults[0]["reason"]) == ("failed", "lost")


def test_a_worker_that_was_given_up_writes_nothing(technician, campeche, blocks):
    upload = services.send(SimpleUploadedFile("x.geojson", geojson(area())), municipality=campeche, by=technician)
    first = worker.claim(upload.pk)
    GeometryUpload.objects.filter(pk=upload.pk).update(status="waiting")
    worker.claim(upload.pk)
    worker.finish(first, {"status": "refused"})
    upload.refresh_from_db()
    assert upload.status == "running"


def test_the_sweeper_is_a_command(db, capsys):
    call_command("sweep_uploads")
    assert "0 upload(s)" in capsys.readouterr().out


def test_an_area_becomes_a_draft_of_the_blocks_inside(send, technician, blocks):
    upload = send(geojson(area(ring(WEST, SOUTH, 0.0025))), "zona.geojson")
    draft = services.draft_from(upload, vintage=2020, name="Zona", by=technician)
    assert sorted(draft.blocks.values_list("code", flat=True)) == [block.code for block in blocks[:2]]
    assert (draft.status, draft.source, draft.method["file"]) == ("draft", "drawn", "zona.geojson")


def test_a_line_or_an_area_without_blocks_becomes_no_draft(send, technician):
    with pytest.raises(Refused):
        services.draft_from(send(geojson(line()), "x.geojson"), vintage=2020, by=technician)
    with pytest.raises(Refused):
        services.draft_from(send(geojson(area()), "x.geojson"), vintage=2010, by=technician)


def test_a_file_is_sent_read_looked_at_and_becomes_a_draft(client, technician, blocks):
    client.force_login(technician)
    page = client.post(
        "/polygons/uploads/",
        {"municipality": "04002", "file": SimpleUploadedFile("zona.geojson", geojson(area()))},
    )
    upload = GeometryUpload.objects.get()
    address = f"/polygons/uploads/{upload.public_id}/"
    assert page.headers["Location"] == address
    assert "data-reload-when-done" in client.get(address).content.decode()
    worker.run(upload.pk)
    page = client.get(address).content.decode()
    assert "data-reload-when-done" not in page and "data-site" in page
    assert client.post(address, {"vintage": 2020, "polygon": "04-9999"}).status_code == 400
    made = client.post(address, {"vintage": 2020, "name": "Zona"})
    assert made.headers["Location"].startswith("/polygons/workbench/")


def test_the_page_names_and_places_the_fault(client, technician, send):
    client.force_login(technician)
    upload = send(geojson(area(BOWTIE)), "x.geojson")
    page = client.get(f"/polygons/uploads/{upload.public_id}/").content.decode()
    assert str(FAULTS["invalid_shape"]) in page
    assert "MultiPoint" in page and "19.831, -90.529" in page


def test_a_municipality_is_named_by_its_name_unless_others_share_it(technician, preparer, campeche, tlaxcala):
    def chosen(user, text):
        form = UploadForm({"municipality": text}, {"file": SimpleUploadedFile("x.geojson", b"{}")}, user=user)
        return form.cleaned_data["municipality"] if form.is_valid() else form.errors["municipality"][0]

    assert chosen(technician, " campeche ") == chosen(technician, "04002") == campeche
    tlaxcala.name = campeche.name
    tlaxcala.save(update_fields=["name"])
    assert {campeche.pk, tlaxcala.pk} <= set(re.findall(r"\d{5}", chosen(technician, "Campeche")))
    # Who works in one municipality has no namesakes.
    assert chosen(preparer, "Campeche") == campeche


def test_what_cannot_be_sent_is_told_at_the_form(client, technician, campeche):
    client.force_login(technician)
    for data in (
        {},
        {"municipality": "99999", "file": SimpleUploadedFile("x.geojson", b"{}")},
        {"municipality": "04002", "file": SimpleUploadedFile("x.exe", b"MZ")},
        {"municipality": "04002", "file": SimpleUploadedFile("x.geojson", b"")},
    ):
        page = client.post("/polygons/uploads/", data)
        assert page.status_code == 400
        assert "error-summary" in page.content.decode()
    assert not GeometryUpload.objects.exists()
