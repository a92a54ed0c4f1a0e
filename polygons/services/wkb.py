"""WKB as it comes from a file, checked and wrapped as bytes: thousands of outlines at a time, no object for any."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

POLYGON, MULTIPOLYGON = 3, 6
# Byte order, type, count.
HEADER = 9
POINT = 16
SMALLEST_RING = 4
HAS_SRID = 0x2000_0000
CLEAR = 1e-6
# Arrow 26 fails on "to the end" where a value is shorter than the start.
LONGEST = 1 << 30


def sound(wkb: pa.Array) -> np.ndarray:
    """Which outlines PostGIS can take as bytes: little-endian, 2D (multi)polygons of closed rings, and whole.

    One other would stop a whole COPY, so the rest goes another way.
    """
    wkb = wkb.cast(pa.large_binary())
    rows = len(wkb)
    offsets = np.frombuffer(wkb.buffers()[1], np.int64)[wkb.offset : wkb.offset + rows + 1]
    data = np.frombuffer(wkb.buffers()[2] or b"", np.uint8)
    walk = _Walk(data, offsets[:-1], offsets[1:])
    walk.run()
    return walk.good & np.asarray(wkb.is_valid())


class _Walk:
    """Steps through the parts and rings of every outline at once."""

    def __init__(self, data: np.ndarray, start: np.ndarray, end: np.ndarray) -> None:
        self.data, self.end = data, end
        self.good = end - start >= HEADER
        kind = self._kind(start)
        single, several = kind == POLYGON, kind == MULTIPOLYGON
        self.good &= single | several
        self.parts = np.where(several, self._number(start + 5), 1)
        self.rings = np.zeros(len(start), np.int64)
        self.at = np.where(several, start + HEADER, start)

    def run(self) -> None:
        rows = np.flatnonzero(self.good)
        while len(rows):
            self._open_part(rows[self.rings[rows] == 0])
            rows = rows[self.good[rows]]
            self._pass_ring(rows[self.rings[rows] > 0])
            unfinished = (self.parts[rows] > 0) | (self.rings[rows] > 0)
            done = rows[~unfinished]
            self.good[done] &= self.at[done] == self.end[done]
            rows = rows[unfinished & self.good[rows]]

    def _open_part(self, rows: np.ndarray) -> None:
        at = self.at[rows]
        rings = self._number(at + 5)
        self.good[rows] &= (at + HEADER <= self.end[rows]) & (self._kind(at) == POLYGON) & (rings > 0)
        self.parts[rows] -= 1
        self.rings[rows] = rings
        self.at[rows] = at + HEADER

    def _pass_ring(self, rows: np.ndarray) -> None:
        first = self.at[rows] + 4
        points = self._number(self.at[rows])
        beyond = first + points * POINT
        self.good[rows] &= (points >= SMALLEST_RING) & (beyond <= self.end[rows])
        last = np.where(self.good[rows], beyond - POINT, first)
        places = np.arange(POINT)
        closed = (self._bytes(first, places) == self._bytes(last, places)).all(axis=1)
        self.good[rows] &= closed
        self.rings[rows] -= 1
        self.at[rows] = beyond

    def _kind(self, at: np.ndarray) -> np.ndarray:
        """-1 where the bytes are not little-endian."""
        return np.where(self._bytes(at, np.zeros(1, np.int64))[:, 0] == 1, self._number(at + 1), -1)

    def _number(self, at: np.ndarray) -> np.ndarray:
        return self._bytes(at, np.arange(4)).astype(np.int64) @ np.array([1, 1 << 8, 1 << 16, 1 << 24])

    def _bytes(self, at: np.ndarray, places: np.ndarray) -> np.ndarray:
        """A damaged outline may point beyond the data: what is read there does not matter, it is refused by length."""
        if not len(self.data):
            return np.zeros((len(at), len(places)), np.uint8)
        return self.data[np.minimum(at[:, None] + places, len(self.data) - 1)]


def plainly_valid(wkb: pa.Array) -> np.ndarray:
    """Which of the sound outlines are valid without asking GEOS: one ring that runs once around its middle.

    All its corners are seen from the mean of them in one turn, so that no two sides meet: most blocks, in a tenth of
    the time of ST_IsValid. The others may be valid too.
    """
    wkb = wkb.cast(pa.large_binary())
    rows = len(wkb)
    start = np.frombuffer(wkb.buffers()[1], np.int64)[wkb.offset : wkb.offset + rows]
    data = np.frombuffer(wkb.buffers()[2] or b"", np.uint8)
    plain = np.asarray(wkb.is_valid()).copy()
    known = np.flatnonzero(plain)
    several = data[start[known] + 1] == MULTIPOLYGON
    part = start[known] + np.where(several, HEADER, 0)
    single = (_counts(data, part + 5) == 1) & (~several | (_counts(data, start[known] + 5) == 1))
    plain[known[~single]] = False
    rings, part = known[single], part[single]
    if len(rings):
        sizes = _counts(data, part + HEADER)
        plain[rings] = _runs_once(_points(data, part + HEADER + 4, sizes), sizes)
    return plain


def _counts(data: np.ndarray, at: np.ndarray) -> np.ndarray:
    return data[at[:, None] + np.arange(4)].copy().view("<u4")[:, 0].astype(np.int64)


def _points(data: np.ndarray, start: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """The corners of all rings, one after the other, as (n, 2)."""
    before = np.cumsum(sizes) - sizes
    at = np.repeat(start, sizes) + (np.arange(sizes.sum()) - np.repeat(before, sizes)) * POINT
    return data[at[:, None] + np.arange(POINT)].copy().view("<f8")


def _runs_once(points: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Of closed rings, each of `sizes` points: does every side turn the same way about the middle, one turn in all?"""
    first = np.cumsum(sizes) - sizes
    last = np.zeros(len(points), bool)
    last[first + sizes - 1] = True
    sums = np.add.reduceat(np.where(last[:, None], 0, points), first)
    seen = points - np.repeat(sums / (sizes - 1)[:, None], sizes, axis=0)
    after = np.roll(seen, -1, axis=0)
    cross = np.where(last, np.nan, seen[:, 0] * after[:, 1] - seen[:, 1] * after[:, 0])
    turn = np.where(last, 0, np.arctan2(cross, (seen * after).sum(axis=1)))
    least, most = np.fmin.reduceat(cross, first), np.fmax.reduceat(cross, first)
    # Far from where rounding could change a sign.
    same_way = (least > CLEAR * most) & (most > 0) | (most < CLEAR * least) & (least < 0)
    return same_way & (np.abs(np.add.reduceat(turn, first)) < 3 * np.pi)


def as_multipolygons(wkb: pa.Array, srid: int) -> pa.Array:
    """EWKB multipolygons of sound WKB; NULL stays NULL."""
    wkb = wkb.cast(pa.large_binary())
    head = b"\x01" + (MULTIPOLYGON | HAS_SRID).to_bytes(4, "little") + srid.to_bytes(4, "little")
    kinds = pc.binary_slice(wkb, 1, 2)
    is_single = pc.equal(kinds, pa.scalar(bytes([POLYGON]), pa.large_binary()))
    lead = pc.if_else(
        is_single,
        pa.scalar(head + (1).to_bytes(4, "little"), pa.large_binary()),
        pa.scalar(head, pa.large_binary()),
    )
    body = pc.if_else(is_single, wkb, pc.binary_slice(wkb, 5, LONGEST))
    return pc.binary_join_element_wise(lead, body, pa.scalar(b"", pa.large_binary()))
