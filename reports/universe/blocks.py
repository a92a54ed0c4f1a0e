"""The blocks of one invented city: keys, homes with what they lack by weight, and outlines, as numpy columns."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from reports.demo.census import ageb_key
from reports.universe.country import DEGREE_M, HOLES, PITCH_M, City, radius_m

BLOCK_M = (92.0, 64.0)
# An urban AGEB takes this many blocks each way.
AGEB_SIDE = 6
# Corners cut off a block -> how many of a hundred blocks: outlines have 4 to 8 corners.
CUT = {0: 62, 1: 18, 2: 12, 4: 8}
CUT_M = 9.0
EARTH_M = 6_378_137.0


@dataclass
class Layout:
    """`keys` are 16 characters; `part` says which of the city's parts; `rings` metres to degrees, by corners cut.

    `crowd` weighs a block's homes, `need` (0 to 1 and beyond) what they lack. Rings are closed, counter-clockwise.
    """

    keys: list[str]
    part: np.ndarray
    crowd: np.ndarray
    need: np.ndarray
    rings: list[np.ndarray]


def lay_out(city: City, seed: int) -> Layout:
    """The same blocks for the same city and seed, ordered by key."""
    dice = np.random.default_rng([seed, int(city.code)])
    column, row, out = _cells(city, dice)
    part = _split(column, row, len(city.parts))
    order, keys = _keys(city, part, column, row)
    column, row, out, part = column[order], row[order], out[order], part[order]
    return Layout(keys, part, _crowd(out, dice), _need(city, column, row, out, dice), _rings(city, column, row, dice))


def _cells(city: City, dice: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Columns and rows of the grid's cells that are blocks, and how far out each lies: 0 the middle, 1 the edge."""
    reach = radius_m(city.blocks) * 1.45
    columns, rows = (int(reach / pitch) + 2 for pitch in PITCH_M)
    column, row = (grid.ravel() for grid in np.meshgrid(np.arange(-columns, columns + 1), np.arange(-rows, rows + 1)))
    east, north = column * PITCH_M[0], row * PITCH_M[1]
    angle = np.arctan2(north, east)
    edge = 1 + sum(dice.uniform(0.04, 0.14) * np.sin(n * angle + dice.uniform(0, 6.3)) for n in (2, 3, 5))
    out = np.hypot(east, north) / (radius_m(city.blocks) * edge)
    kept = dice.random(len(out)) >= HOLES
    column, row, out = column[kept], row[kept], out[kept]
    nearest = np.argsort(out, kind="stable")[: city.blocks]
    return column[nearest], row[nearest], out[nearest]


def _split(column: np.ndarray, row: np.ndarray, parts: int) -> np.ndarray:
    """Halves of halves, along the longer side each time: `parts` is a power of two."""
    part = np.zeros(len(column), dtype=np.int64)
    count, axis = 1, 0
    while count < parts:
        for number in range(count):
            members = np.flatnonzero(part == number)
            along = (column, row)[axis][members]
            part[members[along > np.median(along)]] += count
        count, axis = count * 2, 1 - axis
    return part


def _keys(city: City, part: np.ndarray, column: np.ndarray, row: np.ndarray) -> tuple[np.ndarray, list[str]]:
    """The order of the keys, and the keys in that order: AGEBs are squares of blocks, numbered within a part."""
    corner_x, corner_y = column // AGEB_SIDE, row // AGEB_SIDE
    order = np.lexsort((column, row, corner_x, corner_y, part))
    squares = np.stack([part, corner_y, corner_x], axis=1)[order]
    new = np.concatenate([[True], (np.diff(squares, axis=0) != 0).any(axis=1)])
    starts = np.flatnonzero(new)
    square = np.cumsum(new) - 1
    number = np.arange(len(order)) - starts[square] + 1
    first_of_part = {int(p): int(np.argmax(squares[starts, 0] == p)) for p in np.unique(part)}
    prefixes = []
    for place, start in enumerate(starts):
        own = int(squares[start, 0])
        town = city.parts[own]
        prefixes.append(town.locality + ageb_key(town.municipality, place - first_of_part[own] + 1))
    return order, [f"{prefixes[s]}{n:03}" for s, n in zip(square.tolist(), number.tolist(), strict=True)]


def _crowd(out: np.ndarray, dice: np.random.Generator) -> np.ndarray:
    """Three of a hundred blocks are parks and stores; some hold a home or two, and INEGI keeps their figures."""
    crowd = dice.gamma(4.0, 0.25, len(out)) * (1.25 - 0.45 * np.minimum(out, 1)) + 0.1
    kind = dice.random(len(out))
    crowd[kind < 0.03] = 0
    crowd[(kind >= 0.03) & (kind < 0.07)] = 0.06
    return crowd


def _need(city: City, column: np.ndarray, row: np.ndarray, out: np.ndarray, dice: np.random.Generator) -> np.ndarray:
    """Little in the middle, more at the edge, most about some poor corners."""
    corners = 1 + len(out) // 350
    spots = dice.integers(len(out), size=corners)
    deepest = np.zeros(len(out))
    for spot in spots:
        reach, depth = dice.uniform(3, 9), dice.uniform(0.5, 1.3)
        apart = ((column - column[spot]) / 1.0) ** 2 + ((row - row[spot]) * PITCH_M[1] / PITCH_M[0]) ** 2
        np.maximum(deepest, depth * np.exp(-apart / (2 * reach**2)), out=deepest)
    need = (0.03 + 0.22 * out**3 + deepest) * dice.uniform(0.7, 1.3, len(out))
    return need * city.lack


def _rings(city: City, column: np.ndarray, row: np.ndarray, dice: np.random.Generator) -> list[np.ndarray]:
    """A closed ring (corners, 2) of longitude and latitude per block: the grid turned, its corners a little off."""
    west, south = column * PITCH_M[0], row * PITCH_M[1]
    sides = np.array([(0, 0), (BLOCK_M[0], 0), BLOCK_M, (0, BLOCK_M[1])])
    corners = np.stack([west, south], axis=1)[:, None, :] + sides + dice.uniform(-2.5, 2.5, (len(column), 4, 2))
    cut = dice.choice(list(CUT), size=len(column), p=np.array(list(CUT.values())) / 100)
    rings: list[Any] = [None] * len(column)
    for count in CUT:
        chosen = np.flatnonzero(cut == count)
        points = _degrees(city, _cut_off(corners[chosen], count))
        closed = np.concatenate([points, points[:, :1]], axis=1)
        for place, ring in zip(chosen.tolist(), closed, strict=True):
            rings[place] = ring
    return rings


def _cut_off(corners: np.ndarray, count: int) -> np.ndarray:
    """The first `count` corners replaced by two points each, along both their sides."""
    points = []
    for place in range(4):
        here, before, after = corners[:, place], corners[:, place - 1], corners[:, (place + 1) % 4]
        if place >= count:
            points.append(here)
            continue
        for other in (before, after):
            way = other - here
            points.append(here + way / np.linalg.norm(way, axis=1, keepdims=True) * CUT_M)
    return np.stack(points, axis=1)


def _degrees(city: City, points: np.ndarray) -> np.ndarray:
    turn = math.radians(city.turn)
    x, y = points[..., 0], points[..., 1]
    east, north = x * math.cos(turn) - y * math.sin(turn), x * math.sin(turn) + y * math.cos(turn)
    lon = city.lon + east / (DEGREE_M * math.cos(math.radians(city.lat)))
    return np.round(np.stack([lon, city.lat + north / DEGREE_M], axis=-1), 7)


def mercator(ring: np.ndarray) -> np.ndarray:
    """EPSG:4326 to EPSG:3857."""
    lon, lat = np.radians(ring[..., 0]), np.radians(ring[..., 1])
    return np.stack([EARTH_M * lon, EARTH_M * np.log(np.tan(math.pi / 4 + lat / 2))], axis=-1)
