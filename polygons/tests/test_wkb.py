"""Outlines as bytes: which go the short way into the database, and which PostGIS must look at first."""

import struct

import pyarrow as pa
import pytest
from django.contrib.gis.geos import GEOSGeometry
from hypothesis import given
from hypothesis import strategies as st

from polygons.services.wkb import as_multipolygons, plainly_valid, sound

SQUARE = [(0, 0), (1, 0), (1, 1), (0, 0)]
HOLE = [(0.5, 0.2), (0.6, 0.2), (0.6, 0.3), (0.5, 0.2)]


def polygon(*rings, order="<", kind=3) -> bytes:
    text = struct.pack(f"{order}BII", order == "<", kind, len(rings))
    for ring in rings:
        text += struct.pack(f"{order}I", len(ring)) + b"".join(struct.pack(f"{order}dd", *point) for point in ring)
    return text


def several(*polygons: bytes) -> bytes:
    return struct.pack("<BII", 1, 6, len(polygons)) + b"".join(polygons)


def is_sound(wkb: bytes | None) -> bool:
    return bool(sound(pa.array([wkb], pa.binary()))[0])


@pytest.mark.parametrize(
    "wkb", [polygon(SQUARE), polygon(SQUARE, HOLE), several(polygon(SQUARE), polygon(SQUARE, HOLE))]
)
def test_whole_outlines_are_taken_and_become_multipolygons(wkb):
    assert is_sound(wkb)
    (taken,) = as_multipolygons(pa.array([wkb]), 4326).to_pylist()
    shape = GEOSGeometry(memoryview(taken))
    assert (shape.geom_type, shape.srid, shape.num_points) == (
        "MultiPolygon",
        4326,
        GEOSGeometry(memoryview(wkb)).num_points,
    )


@pytest.mark.parametrize(
    "wkb",
    [
        None,
        b"",
        polygon(SQUARE[:-1]),
        polygon([*SQUARE[:-1], (0, 0.5)]),
        polygon(SQUARE, [*HOLE[:-1], (9, 9)]),
        polygon(),
        polygon(SQUARE, order=">"),
        polygon(SQUARE, kind=3 | 0x80000000),
        polygon(SQUARE) + b"x",
        several(polygon(SQUARE), struct.pack("<BIdd", 1, 1, 0, 0)),
        struct.pack("<BIdd", 1, 1, 0, 0),
        struct.pack("<BIII", 1, 3, 1, 0xFFFFFFFF),
    ],
)
def test_others_are_left_to_the_database(wkb):
    assert not is_sound(wkb)


@given(st.integers(0, 200), st.binary(max_size=8), st.lists(st.integers(0, 3), min_size=1, max_size=4))
def test_damaged_bytes_never_stop_the_batch(length, junk, choice):
    whole = [polygon(SQUARE), polygon(SQUARE, HOLE), several(polygon(SQUARE)), None]
    damaged = several(polygon(SQUARE, HOLE))[:length] + junk
    good = [whole[number] for number in choice]
    told = sound(pa.array([*good, damaged, *good], pa.binary()))
    assert list(told[: len(good)]) == [wkb is not None for wkb in good] == list(told[len(good) + 1 :])


def test_a_slice_of_a_batch_is_read_at_its_own_place():
    wkb = pa.array([polygon(SQUARE[:-1]), None, polygon(SQUARE), polygon(SQUARE, HOLE)]).slice(1)
    assert list(sound(wkb)) == [False, True, True]


PLACES = st.tuples(st.integers(-6, 6), st.integers(-6, 6))


@given(st.lists(st.lists(PLACES, min_size=3, max_size=7), min_size=1, max_size=8))
def test_what_is_plainly_valid_is_valid(rings):
    wkb = [polygon([*ring, ring[0]]) for ring in rings]
    wkb += [several(one) for one in wkb]
    for outline, is_plain in zip(wkb, plainly_valid(pa.array(wkb)), strict=True):
        assert not is_plain or GEOSGeometry(memoryview(outline)).valid


def test_ordinary_blocks_are_plainly_valid_and_odd_ones_left_to_the_database():
    bow = [(0, 0), (1, 1), (1, 0), (0, 1), (0, 0)]
    twice = [(1, 0), (0, 1), (-1, 0), (0, -1), (1, 0), (0, 1), (-1, 0), (0, -1), (1, 0)]
    flat = [(0, 0), (1, 1), (2, 2), (0, 0)]
    outlines = [polygon(SQUARE), several(polygon(SQUARE)), None, polygon(SQUARE[::-1])]
    others = [polygon(ring) for ring in (bow, twice, flat)] + [polygon(SQUARE, HOLE), polygon([*SQUARE[:1], *SQUARE])]
    others += [several(polygon(SQUARE), polygon(SQUARE)), polygon([(0, 0), (float("nan"), 0), (1, 1), (0, 0)])]
    assert list(plainly_valid(pa.array(outlines))) == [True, True, False, True]
    assert not plainly_valid(pa.array(others)).any()
    assert list(plainly_valid(pa.array([*outlines, *others]).slice(1, 4))) == [True, False, True, False]
