"""Reads one file from outside, as a program of its own with hard limits: `python -I reader.py FOLDER EXTENSION`.

The folder holds the file as `upload`, and is the only place it writes to. Knows no Django, no database, no network.
Answers on standard output, as JSON: {"found": {…}, "features": [[number from 1, index into found.crs, WKB in hex]]}
or {"faults": [{"reason", "feature", "detail"}]}. What the file is, its content says; the name must agree with it.
"""

import json
import os
import re
import resource
import stat
import sys
import zipfile
from pathlib import Path, PurePosixPath
from typing import Any
from xml.parsers import expat

MEGABYTE = 1024 * 1024
MEMORY_BYTES = 2_048 * MEGABYTE
CPU_S = 30
FILE_BYTES = 200 * MEGABYTE
OPEN_FILES = 64

MAX_FEATURES = 2_000
MAX_VERTICES = 200_000
# A coordinate pair takes 16 bytes; the rest of a feature's WKB is small.
MAX_WKB_BYTES = MAX_VERTICES * 24
MAX_PARTS = 60
MAX_UNPACKED_BYTES = 150 * MEGABYTE
# Shapefiles shrink 2 to 10 times; zeros shrink a thousand times.
MAX_RATIO = 100
MAX_DEPTH = 64
PACKED = (".zip", ".kmz", ".gz", ".7z", ".rar", ".tar", ".bz2", ".xz")

FORMATS = {
    "GeoJSON": (".geojson", ".json"),
    "KML": (".kml",),
    "GPX": (".gpx",),
    "GPKG": (".gpkg",),
    "ESRI Shapefile": (".zip",),
}
# The layers of a GPX file that are geometry of their own; the others are points of these.
GPX_LAYERS = ("waypoints", "routes", "tracks")
KNOWN_CRS = re.compile(r"(urn:ogc:def:crs:(EPSG|OGC):[\w.]*:\w+|EPSG:\d{4,6})", re.IGNORECASE)


class Fault(Exception):  # noqa: N818 - the file's, not ours
    def __init__(self, reason: str, detail: str = "", feature: int | None = None) -> None:
        super().__init__(reason)
        self.row = {"reason": reason, "feature": feature, "detail": detail[:300]}


def limit() -> None:
    for kind, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_S),
        (resource.RLIMIT_FSIZE, FILE_BYTES),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))


def kind_of(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(4_096)
    if not head:
        raise Fault("empty_file")
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "ESRI Shapefile"
    if head.startswith(b"SQLite format 3\x00"):
        return "GPKG"
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"{"):
        return "GeoJSON"
    if text.startswith(b"<") or head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _kind_of_xml(path)
    raise Fault("unknown_content")


def _kind_of_xml(path: Path) -> str:
    """Walks the whole file: what a document type, an entity or a link to elsewhere could do, it never does."""
    parser = expat.ParserCreate()
    names: list[str] = []
    depth = 0

    def start(name: str, _attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise Fault("too_deep")
        plain = name.rpartition(":")[2]
        if not names:
            names.append(plain)
        if plain == "NetworkLink":
            raise Fault("refers_outside", plain)

    def end(_name: str) -> None:
        nonlocal depth
        depth -= 1

    def refuse(*_arguments: Any) -> None:
        raise Fault("entities")

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse
    try:
        with path.open("rb") as file:
            parser.ParseFile(file)
    except expat.ExpatError as error:
        raise Fault("damaged", str(error)) from error
    kind = {"kml": "KML", "gpx": "GPX"}.get(names[0])
    if kind is None:
        raise Fault("unknown_content", f"<{names[0]}>")
    return kind


def check_geojson(path: Path) -> None:
    try:
        read = json.loads(path.read_bytes())
    except RecursionError as error:
        raise Fault("too_deep") from error
    except ValueError as error:
        raise Fault("damaged", str(error)) from error
    kinds = ("FeatureCollection", "Feature", "GeometryCollection", "Point", "MultiPoint", "LineString")
    if not isinstance(read, dict) or read.get("type") not in (*kinds, "MultiLineString", "Polygon", "MultiPolygon"):
        raise Fault("unknown_content", "JSON")
    crs = read.get("crs")
    if crs is None:
        return
    # The older format may name a system, and may point to one elsewhere.
    named = crs.get("properties", {}).get("name", "") if isinstance(crs, dict) and crs.get("type") == "name" else ""
    if not isinstance(named, str) or not KNOWN_CRS.fullmatch(named):
        raise Fault("unknown_crs", str(named or crs))


def check_geopackage(path: Path) -> None:
    """Only plain tables are read: a view or a virtual table runs what its author wrote."""
    import sqlite3

    try:
        with sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True) as database:
            database.execute("PRAGMA trusted_schema = OFF")
            listed = {name.lower() for (name,) in database.execute("SELECT table_name FROM gpkg_contents")}
            rows = database.execute("SELECT lower(name), type, coalesce(sql, '') FROM sqlite_master").fetchall()
    except sqlite3.DatabaseError as error:
        raise Fault("unknown_content" if "no such table" in str(error) else "damaged", str(error)) from error
    for name, kind, sql in rows:
        if name in listed and (kind != "table" or not re.match(r"\s*CREATE\s+TABLE", sql, re.IGNORECASE)):
            raise Fault("not_a_table", name)


def unpack(path: Path, folder: Path) -> Path:
    """The one shapefile of an archive, under names of our own; everything else in it is looked at, never written."""
    try:
        with zipfile.ZipFile(path) as archive:
            return _unpack(archive, folder)
    except (zipfile.BadZipFile, EOFError, RuntimeError, OSError) as error:
        raise Fault("damaged", str(error)) from error


def _unpack(archive: zipfile.ZipFile, folder: Path) -> Path:
    parts = archive.infolist()
    if len(parts) > MAX_PARTS:
        raise Fault("zip_bomb", f"{len(parts)} > {MAX_PARTS}")
    for part in parts:
        _check_part(part)
    if sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
        raise Fault("zip_bomb", f"> {MAX_UNPACKED_BYTES // MEGABYTE} MB")
    shapes = [part for part in parts if part.filename.lower().endswith(".shp") and "__MACOSX" not in part.filename]
    if not shapes:
        raise Fault("no_shapefile")
    if len(shapes) > 1:
        raise Fault("several_shapefiles", ", ".join(part.filename for part in shapes))
    stem = shapes[0].filename[:-4]
    by_name = {part.filename.lower(): part for part in parts}
    if f"{stem}.prj".lower() not in by_name:
        raise Fault("no_prj")
    left = MAX_UNPACKED_BYTES
    for ending in (".shp", ".shx", ".dbf", ".prj", ".cpg"):
        if member := by_name.get(f"{stem}{ending}".lower()):
            left -= _write(archive, member, folder / f"shape{ending}", left)
    return folder / "shape.shp"


def _check_part(part: zipfile.ZipInfo) -> None:
    # As written in the archive: the reader above cuts names at a NUL and turns backslashes round.
    name = part.orig_filename.replace("\\", "/")
    if name.startswith("/") or ".." in PurePosixPath(name).parts or re.match(r"[A-Za-z]:|.*\x00", name):
        raise Fault("path_trick", name)
    if "/vsi" in f"/{name}".lower():
        raise Fault("path_trick", name)
    mode = part.external_attr >> 16
    if mode and not (stat.S_ISREG(mode) or stat.S_ISDIR(mode) or stat.S_IFMT(mode) == 0):
        raise Fault("path_trick", name)
    if part.flag_bits & 0x1:
        raise Fault("encrypted", name)
    if name.lower().endswith(PACKED):
        raise Fault("nested_archive", name)
    if part.file_size > MEGABYTE and part.file_size > MAX_RATIO * max(part.compress_size, 1):
        raise Fault("zip_bomb", name)


def _write(archive: zipfile.ZipFile, part: zipfile.ZipInfo, path: Path, most: int) -> int:
    """Counts what really comes out: the archive's own figures may lie."""
    written = 0
    with archive.open(part) as source, path.open("wb") as target:
        while chunk := source.read(MEGABYTE):
            written += len(chunk)
            if written > most:
                raise Fault("zip_bomb", part.filename)
            target.write(chunk)
    return written


def read(path: Path, kind: str) -> dict[str, Any]:
    import pyogrio

    # Decided before the library was loaded (OGR_SKIP); without that, nothing is opened.
    if spare := set(pyogrio.list_drivers()) - set(FORMATS):
        raise RuntimeError(f"drivers that should not be here: {sorted(spare)}")
    systems: list[str] = []
    features: list[list[Any]] = []
    size = 0
    try:
        layers = [str(name) for name, geometry in pyogrio.list_layers(path) if geometry is not None]
        if kind == "GPX":
            layers = [name for name in layers if name in GPX_LAYERS]
        for layer in layers:
            meta, _ids, shapes, _columns = pyogrio.raw.read(
                path, layer=layer, columns=[], max_features=MAX_FEATURES + 1 - len(features)
            )
            if len(shapes) and not meta["crs"]:
                raise Fault("no_crs", layer)
            for shape in shapes:
                if meta["crs"] not in systems:
                    systems.append(meta["crs"])
                size += len(shape or b"")
                features.append([len(features) + 1, systems.index(meta["crs"]), (shape or b"").hex()])
            if len(features) > MAX_FEATURES:
                raise Fault("too_many_features", str(MAX_FEATURES))
            if size > MAX_WKB_BYTES:
                raise Fault("too_many_vertices", str(MAX_VERTICES))
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, pyogrio.errors.FieldError) as error:
        raise Fault("damaged", str(error).replace(str(path.parent), "")) from error
    if not features:
        raise Fault("no_features")
    return {
        "found": {"format": kind, "layers": layers, "crs": systems, "features": len(features)},
        "features": features,
    }


def answer(folder: Path, ending: str) -> dict[str, Any]:
    upload = folder / "upload"
    kind = kind_of(upload)
    if ending not in FORMATS[kind]:
        raise Fault("other_content", f"{ending or '—'} ≠ {kind}")
    if kind == "ESRI Shapefile":
        return read(unpack(upload, folder), kind)
    path = folder / f"upload{FORMATS[kind][0]}"
    upload.rename(path)
    if kind == "GeoJSON":
        check_geojson(path)
    if kind == "GPKG":
        check_geopackage(path)
    return read(path, kind)


def main() -> None:
    limit()
    folder, ending = Path(sys.argv[1]), sys.argv[2]
    os.chdir(folder)
    try:
        result = answer(folder, ending)
    except Fault as fault:
        result = {"faults": [fault.row]}
    except MemoryError:
        result = {"faults": [{"reason": "too_heavy", "feature": None, "detail": ""}]}
    json.dump(result, sys.stdout)


if __name__ == "__main__":
    main()
