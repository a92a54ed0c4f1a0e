"""An import in the way of others: killed, run twice at once, read while it runs."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, transaction

from habitat.bench.frame import database_url
from polygons.models import Block, CensusTotal, ImportRun
from polygons.services import ImportRefused, import_blocks
from polygons.tests.inegi_files import feature, key, ring, row, totals, write_census, write_shapes

pytestmark = pytest.mark.django_db(transaction=True)

# Everything is written, nothing committed: the worst moment to die.
UNDER_WAY = """
import sys, time, django
django.setup()
from pathlib import Path
from polygons.services import blocks
def wait(*args):
    print("written", flush=True)
    time.sleep(120)
blocks._report_unmatched = wait
blocks.import_blocks(census=Path(sys.argv[1]), geometry=Path(sys.argv[2]), vintage=2020)
"""


@contextmanager
def import_under_way(census: Path, geometry: Path):
    environment = os.environ | {"DATABASE_URL": database_url(), "DJANGO_SETTINGS_MODULE": "habitat.settings"}
    process = subprocess.Popen(
        [sys.executable, "-c", UNDER_WAY, census, geometry],
        env=environment,
        cwd=settings.BASE_DIR,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout.readline().strip() == "written"
        yield process
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()


def block_files(folder: Path, blocks: int, **counts):
    rows = totals(blocks, **counts) + [row(mza=f"{number:03d}", **counts) for number in range(1, blocks + 1)]
    shapes = [feature(key(number), ring(number)) for number in range(1, blocks + 1)]
    folder.mkdir()
    return write_census(folder / "censo.csv", rows), write_shapes(folder / "m.geojson", shapes)


def import_when_free(**options):
    """The database notices within moments that the killed one is gone."""
    deadline = time.monotonic() + 20
    while True:
        try:
            return import_blocks(**options)
        except ImportRefused:
            assert time.monotonic() < deadline
            time.sleep(0.1)


def what_is_known():
    return list(Block.objects.order_by("code").values_list("code", "population", "geometry", "updated_at"))


@pytest.mark.parametrize("before", [0, 3])
def test_a_killed_import_leaves_the_old_data_whole_and_the_next_one_works(campeche, tmp_path, before):
    if before:
        census, geometry = block_files(tmp_path / "old", before)
        import_blocks(census=census, geometry=geometry, vintage=2020)
    known, indexes = what_is_known(), index_names()
    census, geometry = block_files(tmp_path / "new", 5, POBTOT=7)
    with import_under_way(census, geometry):
        pass
    assert what_is_known() == known and index_names() == indexes
    assert ImportRun.objects.count() == (1 if before else 0)
    import_when_free(census=census, geometry=geometry, vintage=2020)
    assert list(Block.objects.values_list("population", flat=True)) == [7] * 5
    assert CensusTotal.objects.of("ageb", key(1)[:13]).get().population == 7
    assert index_names() == indexes


def index_names() -> list[tuple]:
    """Indexes and constraints of the blocks, which a first load takes away and puts back."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexdef FROM pg_indexes WHERE tablename = 'polygons_block'"
            " UNION ALL SELECT conname || pg_get_constraintdef(oid) || convalidated FROM pg_constraint"
            " WHERE conrelid = 'polygons_block'::regclass ORDER BY 1"
        )
        return cursor.fetchall()


def test_while_an_import_runs_others_read_the_old_data_and_a_second_is_refused(campeche, tmp_path):
    census, geometry = block_files(tmp_path / "old", 3)
    import_blocks(census=census, geometry=geometry, vintage=2020)
    known = what_is_known()
    new_census, new_geometry = block_files(tmp_path / "new", 5, POBTOT=7)
    with import_under_way(new_census, new_geometry):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '1s'")
            assert what_is_known() == known
        with pytest.raises(ImportRefused, match="import"):
            import_blocks(census=census, vintage=2020)
