"""Where the invented cities lie: inside the real states' outlines, roughly, and never one upon the other."""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from reports.universe.totals import STATES, Totals, hand_out

DEGREE_M = 111_320.0
# A block with its share of street, and how much of the ground is neither (parks, rivers, empty land).
PITCH_M = (105.0, 77.0)
HOLES = 0.12
# So that the largest of 384 cities has some 29,000 of the 296,043 blocks.
ZIPF = 0.85
CLEARANCE_M = 2_500.0
LARGEST_MUNICIPALITY = 4_000
# No state has so many real municipalities, nor the urban system so many cities: invented keys show themselves.
FIRST_MUNICIPALITY, FIRST_CITY = "801", 501

# A line along each state's cities (longitude, latitude) and how far they stand from it, in degrees; by CVE_ENT.
SPINES: dict[int, tuple[float, list[tuple[float, float]]]] = {
    1: (0.2, [(-102.3, 21.75), (-102.3, 22.1)]),
    2: (0.12, [(-116.7, 32.35), (-115.4, 32.4), (-115.9, 31.3), (-115.2, 30.3)]),
    3: (0.1, [(-112.9, 27.3), (-112.1, 26.2), (-111.6, 25.2), (-110.4, 24.0)]),
    4: (0.2, [(-90.3, 19.7), (-90.2, 18.5)]),
    5: (0.3, [(-103.2, 25.7), (-101.1, 25.5), (-101.5, 27.4), (-101.0, 28.6)]),
    6: (0.12, [(-103.8, 19.2), (-103.7, 19.3)]),
    7: (0.25, [(-93.3, 16.8), (-92.2, 16.4), (-92.1, 15.4)]),
    8: (0.35, [(-106.4, 31.0), (-106.1, 28.6), (-105.5, 27.0), (-107.4, 28.4)]),
    9: (0.05, [(-99.13, 19.40), (-99.10, 19.25)]),
    10: (0.3, [(-104.6, 24.0), (-103.9, 25.2), (-105.4, 25.4)]),
    11: (0.2, [(-101.6, 21.0), (-100.8, 20.4)]),
    12: (0.2, [(-99.5, 18.2), (-99.5, 17.5), (-98.7, 17.0)]),
    13: (0.2, [(-98.9, 20.2), (-98.7, 20.9)]),
    14: (0.3, [(-103.3, 20.6), (-102.5, 21.1), (-104.2, 20.2)]),
    15: (0.12, [(-99.65, 19.3), (-99.9, 19.8), (-100.2, 19.1)]),
    16: (0.25, [(-101.1, 19.7), (-102.2, 19.8), (-102.1, 19.0)]),
    17: (0.12, [(-99.15, 18.85), (-98.9, 18.75)]),
    18: (0.15, [(-104.8, 21.5), (-105.1, 22.2)]),
    19: (0.2, [(-100.2, 25.6), (-99.7, 24.8), (-99.9, 26.3)]),
    20: (0.25, [(-96.7, 17.1), (-97.6, 17.8), (-95.3, 16.8)]),
    21: (0.15, [(-98.2, 19.0), (-97.6, 18.5), (-97.9, 20.0)]),
    22: (0.15, [(-100.4, 20.6), (-99.8, 20.9)]),
    23: (0.12, [(-87.3, 20.8), (-88.1, 19.6), (-88.5, 18.7)]),
    24: (0.25, [(-100.9, 22.2), (-99.2, 21.9), (-100.9, 23.3)]),
    25: (0.15, [(-107.3, 24.9), (-108.5, 25.8), (-106.2, 23.5)]),
    26: (0.3, [(-110.8, 29.1), (-109.6, 27.5), (-110.6, 30.8)]),
    27: (0.12, [(-92.9, 17.95), (-91.7, 17.7)]),
    28: (0.2, [(-98.5, 25.8), (-98.9, 23.7), (-98.3, 22.7)]),
    29: (0.1, [(-98.25, 19.4), (-97.95, 19.4)]),
    30: (0.15, [(-97.6, 20.8), (-97.0, 19.6), (-96.5, 18.8), (-95.0, 17.8)]),
    31: (0.2, [(-89.6, 20.8), (-88.3, 20.7)]),
    32: (0.3, [(-102.6, 22.8), (-103.1, 22.0), (-102.9, 23.6)]),
}
# The states of the largest cities, the largest first; every state has one of these.
LARGEST_IN = (
    9, 14, 19, 21, 15, 2, 11, 8, 5, 22, 24, 31, 1, 25, 28, 26, 30, 12, 16, 20, 27, 7, 23, 13, 17, 10, 18, 32, 29, 6, 3,
    4,
)  # fmt: skip
# Where more is lacking than elsewhere.
POOR_STATES = frozenset((7, 12, 20, 21, 27, 30, 31, 4))
SAINTS = (
    "San Juan", "Santa Rosa", "San Isidro", "Santa Cruz", "San Miguel", "Santa Ana", "San Antonio", "Santa Lucía",
    "San Pedro", "Santa Elena", "San Lucas", "Santa Inés", "San Marcos", "Santa Clara", "San Andrés", "Santa Mónica",
)  # fmt: skip
LANDS = (
    "de los Pinos", "del Llano", "de las Lomas", "del Monte", "de la Vega", "del Cerro", "de las Palmas", "del Valle",
    "de la Sierra", "del Arenal", "de los Encinos", "del Pedregal", "de la Laguna", "del Mirador", "de los Sauces",
    "de la Ribera", "del Mezquite", "de la Cañada", "de los Fresnos", "del Manantial", "de la Loma", "del Palmar",
    "de las Flores", "de la Mesa",
)  # fmt: skip


@dataclass(frozen=True)
class Part:
    """A locality of a city, with the municipality it belongs to."""

    municipality: str
    locality: str
    name: str
    municipality_name: str


@dataclass(frozen=True)
class City:
    """`kind` as in INEGI's catalogue: 1 metropolitan zone, 2 conurbation, 3 urban centre. `lack` multiplies need."""

    code: str
    name: str
    kind: str
    state: int
    lon: float
    lat: float
    turn: float
    blocks: int
    lack: float
    parts: tuple[Part, ...]


def radius_m(blocks: int) -> float:
    """Of the circle that holds so many blocks with their streets and holes; a city reaches out a third farther."""
    return math.sqrt(blocks * PITCH_M[0] * PITCH_M[1] / (1 - HOLES) / math.pi)


def make_cities(held: Totals, seed: int) -> list[City]:
    """All cities from the largest down; their sizes follow Zipf's law and add up to the blocks."""
    dice = np.random.default_rng(seed)
    sizes = hand_out(np.arange(1, held.cities + 1) ** -ZIPF, held.blocks)
    room = np.array([width * (_length(line) + width) for width, line in (SPINES[n] for n in range(1, STATES + 1))])
    others = dice.choice(STATES, size=max(held.cities - STATES, 0), p=room / room.sum()) + 1
    states = [*LARGEST_IN, *(int(state) for state in others)][: held.cities]
    places = _places(states, sizes, dice)
    taken = dict.fromkeys(range(1, STATES + 1), int(FIRST_MUNICIPALITY))
    cities = []
    for rank, (state, size, (lon, lat)) in enumerate(zip(states, sizes, places, strict=True)):
        name = f"{SAINTS[rank % len(SAINTS)]} {LANDS[rank // len(SAINTS) % len(LANDS)]}"
        parts = _parts(state, name, int(size), rank, taken)
        kind = "1" if len({part.municipality for part in parts}) > 1 else "2" if len(parts) > 1 else "3"
        lack = dice.uniform(0.6, 1.2) * (1.5 if state in POOR_STATES else 1.0)
        turn = dice.uniform(-35, 35)
        cities.append(City(str(FIRST_CITY + rank), name, kind, state, lon, lat, turn, int(size), lack, parts))
    return cities


def _length(line: list[tuple[float, float]]) -> float:
    return sum(math.dist(a, b) for a, b in pairwise(line))


def _places(states: list[int], sizes: np.ndarray, dice: np.random.Generator) -> list[tuple[float, float]]:
    """A middle for each city, the larger ones first, clear of those already there."""
    placed = np.empty((len(sizes), 3))
    for rank, (state, size) in enumerate(zip(states, sizes, strict=True)):
        width, line = SPINES[state]
        reach = radius_m(int(size)) * 1.35
        for attempt in range(2_000):
            # The largest stands at the line's first point, where the state's real one does.
            lon, lat = line[0] if rank < STATES and not attempt else _somewhere(line, width, attempt, dice)
            before = placed[:rank]
            east = (before[:, 0] - lon) * DEGREE_M * math.cos(math.radians(lat))
            clear = np.hypot(east, (before[:, 1] - lat) * DEGREE_M) > before[:, 2] + reach + CLEARANCE_M
            if clear.all():
                break
        else:
            raise RuntimeError(f"no room for city {rank} in state {state}")
        placed[rank] = lon, lat, reach
    return [(float(lon), float(lat)) for lon, lat, _reach in placed]


def _somewhere(
    line: list[tuple[float, float]], width: float, attempt: int, dice: np.random.Generator
) -> tuple[float, float]:
    """A point near the line; where it is crowded, a little farther off."""
    leg = int(dice.integers(len(line) - 1))
    along, spread = dice.random(), width * (1 + attempt / 500)
    (west, south), (east, north) = line[leg], line[leg + 1]
    off = dice.uniform(-spread, spread, 2)
    return west + along * (east - west) + off[0], south + along * (north - south) + off[1]


def _parts(state: int, name: str, size: int, rank: int, taken: dict[int, int]) -> tuple[Part, ...]:
    """A large city has several municipalities; of the small ones some have two localities. A power of two of parts."""
    count = 1
    while size > LARGEST_MUNICIPALITY * count:
        count *= 2
    if count == 1 and size > 150 and rank % 5 == 0:
        code = _next_municipality(state, taken)
        return tuple(Part(code, f"{code}{n:04}", f"{name} {('Centro', 'Norte')[n - 1]}", name) for n in (1, 2))
    parts = []
    for number in range(count):
        code = _next_municipality(state, taken)
        own = name if number == 0 else f"{name} {LANDS[(rank + number) % len(LANDS)].split()[-1]}"
        parts.append(Part(code, f"{code}0001", own, own))
    return tuple(parts)


def _next_municipality(state: int, taken: dict[int, int]) -> str:
    number, taken[state] = taken[state], taken[state] + 1
    return f"{state:02}{number:03}"
