"""Files as people, instruments and attackers write them; each function answers with the bytes."""

import io
import json
import sqlite3
import struct
import tempfile
import zipfile
from pathlib import Path
from typing import Any

# A square of about 300 m over the blocks of the small country's Campeche (habitat.tests.fixtures).
WEST, SOUTH, SIDE = -90.5305, 19.8295, 0.003
WGS84 = (
    'GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],'
    'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]'
)
LCC = (
    'PROJCS["MEXICO_ITRF_2008_LCC",GEOGCS["MEXICO_ITRF_2008",DATUM["D_International_Terrestrial_Reference_Frame_2008",'
    'SPHEROID["GRS_1980",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],'
    'PROJECTION["Lambert_Conformal_Conic"],PARAMETER["False_Easting",2500000.0],PARAMETER["False_Northing",0.0],'
    'PARAMETER["Central_Meridian",-102.0],PARAMETER["Standard_Parallel_1",17.5],'
    'PARAMETER["Standard_Parallel_2",29.5],PARAMETER["Latitude_Of_Origin",12.0],UNIT["Meter",1.0]]'
)


def ring(west: float = WEST, south: float = SOUTH, side: float = SIDE) -> list[list[float]]:
    east, north = west + side, south + side
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def area(*rings: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings) or [ring()]}


def line(*points: Any) -> dict[str, Any]:
    return {"type": "LineString", "coordinates": list(points) or ring()[:2]}


def geojson(*geometries: Any, **more: Any) -> bytes:
    features = [{"type": "Feature", "properties": {}, "geometry": shape} for shape in geometries]
    return json.dumps({"type": "FeatureCollection", "features": features} | more).encode()


def kml(body: str = "", head: str = "") -> bytes:
    points = " ".join(f"{x},{y},0" for x, y in ring())
    polygon = (
        "<Placemark><Polygon><outerBoundaryIs><LinearRing><coordinates>"
        f"{points}</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>"
    )
    xml = '<?xml version="1.0" encoding="UTF-8"?>'
    return (
        f'{xml}{head}<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{body or polygon}</Document></kml>'.encode()
    )


def gpx(*, waypoint: bool = False, head: str = "") -> bytes:
    points = "".join(f'<trkpt lat="{y}" lon="{x}"></trkpt>' for x, y in ring())
    extra = f'<wpt lat="{SOUTH}" lon="{WEST}"></wpt>' if waypoint else ""
    return (
        f'<?xml version="1.0"?>{head}<gpx version="1.1" creator="t" xmlns="http://www.topografix.com/GPX/1/1">'
        f"{extra}<trk><trkseg>{points}</trkseg></trk></gpx>"
    ).encode()


def shp(points: list[list[float]] | None = None) -> dict[str, bytes]:
    """.shp, .shx and .dbf of one polygon, as the ESRI white paper of 1998 lays them out."""
    points = list(reversed(points or ring()))
    xs, ys = [x for x, _y in points], [y for _x, y in points]
    box = struct.pack("<4d", min(xs), min(ys), max(xs), max(ys))
    body = struct.pack("<i", 5) + box + struct.pack("<iii", 1, len(points), 0)
    body += b"".join(struct.pack("<2d", *point) for point in points)

    def head(words: int) -> bytes:
        return struct.pack(">7i", 9994, 0, 0, 0, 0, 0, words) + struct.pack("<2i", 1000, 5) + box + bytes(32)

    shape = head(50 + 4 + len(body) // 2) + struct.pack(">2i", 1, len(body) // 2) + body
    index = head(50 + 4) + struct.pack(">2i", 50, len(body) // 2)
    field = b"id".ljust(11, b"\0") + b"N" + bytes(4) + bytes([5, 0]) + bytes(14)
    table = struct.pack("<B3BIHH20x", 3, 126, 1, 1, 1, 32 + 32 + 1, 6) + field + b"\r" + b"     1" + b"\x1a"
    return {".shp": shape, ".shx": index, ".dbf": table}


def packed(parts: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


def shapefile(stem: str = "zona", prj: str | None = WGS84, points: Any = None, **more: bytes) -> bytes:
    parts = {f"{stem}{ending}": content for ending, content in shp(points).items()}
    if prj is not None:
        parts[f"{stem}.prj"] = prj.encode()
    return packed(parts | more)


def linked() -> bytes:
    """A zip with a symbolic link out of it."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        link = zipfile.ZipInfo("zona.shp")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("zona.prj", WGS84)
    return stream.getvalue()


def encrypted() -> bytes:
    """Says that its parts are protected; the flag is bit 0 at offset 6 of each header, 8 in the directory."""
    content = bytearray(shapefile())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = content.find(mark)
        while start >= 0:
            content[start + offset] |= 1
            start = content.find(mark, start + 4)
    return bytes(content)


def geopackage(geometry: dict[str, Any] | None = None, *, crs: str = "EPSG:4326", view: bool = False) -> bytes:
    """Written by GDAL; the test process trusts its own files."""
    import numpy as np
    import pyogrio
    from django.contrib.gis.geos import GEOSGeometry

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "zona.gpkg"
        shape = GEOSGeometry(json.dumps(geometry or area()))
        shapes = np.array([bytes(shape.wkb)], dtype=object)
        pyogrio.raw.write(path, shapes, [], [], geometry_type=shape.geom_type, crs=crs, layer="zona", driver="GPKG")
        if view:
            with sqlite3.connect(path) as database:
                database.execute('ALTER TABLE zona RENAME TO "real"')
                database.execute('CREATE VIEW zona AS SELECT * FROM "real"')
        return path.read_bytes()
