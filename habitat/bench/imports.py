"""Rows `import`: the national load, against ogr2ogr with COPY and against raw COPY, and running it again."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db import connection

from habitat.bench import country
from habitat.bench.frame import Bench, Row, Taken, in_child, race, timed, with_server
from polygons.services import import_blocks, import_cities, import_municipalities, import_states

VINTAGE = 2020
EMPTY = "TRUNCATE polygons_block, polygons_locality, polygons_censustotal, polygons_unmatchedshape CASCADE"


def rows(bench: Bench) -> Iterator[Row]:
    """Sequence of a turn: ogr2ogr, raw COPY, first load, the same again, again with 1 % changed, twice as many."""
    if not shutil.which("ogr2ogr"):
        sys.exit("ogr2ogr is missing: apt-get install gdal-bin")
    states, towns, cities = country.write_catalogues(bench.folder)
    import_states(states)
    import_municipalities(towns)
    import_cities(cities)
    files = write_files(bench.folder, "now", country.make(bench.scale))
    changed = write_files(bench.folder, "changed", country.make(bench.scale, changed=0.01))
    double = write_files(bench.folder, "double", country.make(bench.scale * 2))
    raw = _raw_copy_file(bench.folder, files)
    took = race(
        {
            "ogr2ogr": lambda: _afresh(lambda: timed(lambda: ogr2ogr(files["geometry"]))),
            "raw": lambda: _afresh(lambda: timed(lambda: raw_copy(raw))),
            "first": lambda: _afresh(lambda: load(files)),
            "again": lambda: with_server(lambda: load(files)),
            "changed": lambda: with_server(lambda: load(changed)),
            "double": lambda: _afresh(lambda: load(double)),
        },
        bench.runs,
    )
    first, again = took["first"], took["again"]
    twice = took["double"]
    whole = f"{bench.scale * country.BLOCKS:,.0f} blocks: census file, polygons, checks, both geometries, indexes"

    def row(name: str, what: str, way: str, baseline: str, against: str, per: int = 1, **goal: Any) -> Row:
        ours, theirs = took[way], took[against]
        return Row(
            name, what, baseline, ours.seconds / theirs.seconds / per, value=ours.text, baseline_value=theirs.text,
            runs=bench.runs, memory=ours.memory, **goal,
        )  # fmt: skip

    def processor(name: str, way: str, against: str) -> Row:
        """The same by processor of client and server together: by the clock, the peers' two processes count once."""
        # Linux counts hundredths: a try of few blocks takes less.
        ours, theirs = took[way].processor, max(took[against].processor, 0.01)
        return Row(f"{name}: CPU", "the same, client and server", "", ours / theirs, value=f"{ours:.2f} s",
                   baseline_value=f"{theirs:.2f} s", runs=bench.runs)  # fmt: skip

    yield row("load/ogr2ogr", whole, "first", "ogr2ogr, COPY, the GeoPackage alone, unchecked", "ogr2ogr", at_most=1.0)
    yield processor("load/ogr2ogr", "first", "ogr2ogr")
    yield row("load/raw", whole, "first", "raw COPY of one ready file, key and GiST", "raw", at_most=2.2)
    yield processor("load/raw", "first", "raw")
    yield row("again/first", "the same files again", "again", "first load", "first", at_most=0.6)
    yield processor("again/first", "again", "first")
    yield row("1 %/first", "1 % of the blocks changed", "changed", "first load", "first", at_most=1.0)
    yield row("x2/x1", "first load of twice as many, per row", "double", "first load", "first", 2, at_most=1.3)
    yield _figure("again: WAL", "MB of WAL of the same files again", max(_answers(again, "wal")), 5)
    yield _figure("again: rows", "rows the same files write again", max(_answers(again, "written")), 0)
    yield _figure("rejected", "planted bad features neither refused nor listed", _missed(first), 0)
    yield _figure("memory", "peak of the first load over Django, MB", first.memory or 0, 500)
    yield _figure("memory x2/x1", "the same of twice as many", (twice.memory or 0) / (first.memory or 1), 1.3)


def _missed(first: Any) -> float:
    return max(abs(country.BAD_ROWS - rejected) for rejected in _answers(first, "rejected"))


def _figure(name: str, what: str, value: float, at_most: float) -> Row:
    return Row(name, what, "", value, at_most=at_most)


def _answers(median: Any, name: str) -> list[float]:
    return [turn.answer[name] for turn in median.turns]


def write_files(folder: Path, name: str, made: country.Country) -> dict[str, Path]:
    return {
        "census": country.write_census(made, folder / f"{name}.csv"),
        "geometry": country.write_package(made, folder / f"{name}.gpkg"),
    }


def _afresh(work: Any) -> Taken:
    """On empty tables, and with nothing left to write from before."""
    with connection.cursor() as cursor:
        cursor.execute(EMPTY)
        cursor.execute("CHECKPOINT")
    return with_server(work)


def load(files: dict[str, Path]) -> Taken:
    return in_child("habitat.bench.imports:load_here", **{name: str(path) for name, path in files.items()})


def load_here(census: str, geometry: str) -> dict[str, float]:
    """One import as `import_blocks` does it; rows written and megabytes of WAL."""
    before = _wal()
    taken = timed(lambda: import_blocks(census=Path(census), geometry=Path(geometry), vintage=VINTAGE))
    counts = taken.answer.counts
    written = sum(count for name, count in counts.items() if name.endswith(("_inserted", "_updated")))
    return {"seconds": taken.seconds, "wal": (_wal() - before) / 2**20, "written": written} | counts


def _wal() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn")
        return int(cursor.fetchone()[0])


def ogr2ogr(package: Path) -> None:
    at = connection.settings_dict
    host = at["HOST"] or at["OPTIONS"].get("host", "")
    target = f"PG:dbname={at['NAME']} host={host} user={at['USER']}"
    target += f" password={at['PASSWORD']}" if at["PASSWORD"] else ""
    command = ["ogr2ogr", "-f", "PostgreSQL", target, str(package), "-nln", "bench_ogr", "-overwrite"]
    command += ["--config", "PG_USE_COPY", "YES", "-lco", "SPATIAL_INDEX=GIST", "-lco", "GEOMETRY_NAME=geom"]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)  # noqa: S603 - gdal-bin's own program


def _raw_copy_file(folder: Path, files: dict[str, Path]) -> Path:
    """The same blocks as COPY's own text: key, counts, geometry; nothing to read, check or convert."""
    ogr2ogr(files["geometry"])
    path = folder / "raw.txt"
    counts = ", ".join(
        f"CASE WHEN {name} ~ '^\\d' THEN {name}::integer END" for name in map(str.lower, country.COUNT_COLUMNS)
    )
    query = f"SELECT row_number() OVER (), cvegeo, {counts}, ST_Multi(geom) FROM bench_ogr"
    with connection.cursor() as cursor, path.open("w") as stream:
        cursor.copy_expert(f"COPY ({query}) TO STDOUT", stream)
    return path


def raw_copy(path: Path) -> None:
    columns = ", ".join(f"{name} integer" for name in country.COUNT_COLUMNS)
    with connection.cursor() as cursor, path.open() as stream:
        cursor.execute(
            "DROP TABLE IF EXISTS bench_raw; CREATE TABLE bench_raw"
            f" (id bigint, code text, {columns}, geometry geometry(MultiPolygon, 4326))"
        )
        cursor.copy_expert("COPY bench_raw FROM STDIN", stream, 1 << 20)
        cursor.execute("ALTER TABLE bench_raw ADD PRIMARY KEY (id); CREATE INDEX ON bench_raw USING gist (geometry)")
