"""What the census says of the invented blocks: whole in 2005, and in 2020 a copy with INEGI's masks."""

from dataclasses import dataclass

import numpy as np

from reports.demo.census import RURAL_SHARE
from reports.universe.blocks import Layout, lay_out
from reports.universe.country import City, make_cities
from reports.universe.totals import Totals, Whole, hand_out, totals

# The count of 2005 asked for water inside the house, the census of 2020 for water in the house or on its plot.
WHOLE, MASKED = 2005, 2020
VINTAGES = (WHOLE, MASKED)
# In a column of counts: INEGI keeps it confidential; the census of that year did not ask.
CONFIDENTIAL, NOT_ASKED = -1, -2
# Column of the model -> INEGI's of 2020. Those of 2005 alone have none.
COLUMNS = {
    "population": "POBTOT", "women": "POBFEM", "men": "POBMAS", "households": "TOTHOG", "dwellings": "VIVTOT",
    "inhabited_dwellings": "TVIVHAB", "known_dwellings": "VIVPARH_CV", "earth_floor": "VPH_PISOTI",
    "firm_floor": "VPH_PISODT", "with_electricity": "VPH_C_ELEC", "without_electricity": "VPH_S_ELEC",
    "with_water": "VPH_AGUADV", "without_water": "VPH_AGUAFV", "with_water_house": "", "without_water_house": "",
    "with_drainage": "VPH_DRENAJ", "without_drainage": "VPH_NODREN", "all_services": "VPH_C_SERV",
}  # fmt: skip
# Figures kept confidential besides ones and twos.
HIDDEN_SHARE = 0.03
# INEGI prints these also for units of one or two dwellings.
ALWAYS_PRINTED = ("population", "dwellings", "inhabited_dwellings")
LACKS = {"electricity": "without_electricity", "drainage": "without_drainage", "water": "without_water"}
# A level of total rows -> how many characters of the key name it.
LEVELS = {"state": 2, "municipality": 5, "locality": 9, "ageb": 13}

Counts = dict[str, Whole]


@dataclass
class Nation:
    """Blocks from north-western keys to the last, all columns alike: `city` and `part` are places in `cities`."""

    held: Totals
    cities: list[City]
    keys: list[str]
    city: Whole
    part: Whole
    rings: list[np.ndarray]
    counts: Counts
    poor: Whole
    hidden: dict[str, np.ndarray]


def invent(scale: float, seed: int) -> Nation:
    """The same nation for the same scale and seed."""
    held = totals(scale)
    cities = make_cities(held, seed)
    layouts = [lay_out(city, seed) for city in cities]
    dice = np.random.default_rng([seed, 0])
    need = np.concatenate([layout.need for layout in layouts])
    homes = hand_out(np.concatenate([layout.crowd for layout in layouts]), held.homes)
    counts = _people(homes, dice) | _services(held, homes, need, dice)
    poor = hand_out(homes * (0.25 + need), held.poor, homes)
    names = ("without_water", "without_drainage", "without_electricity", "earth_floor")
    hidden = {name: dice.random(len(homes)) < HIDDEN_SHARE for name in names}
    return Nation(held, cities, *_columns(layouts), counts, poor, hidden)


def _columns(layouts: list[Layout]) -> tuple[list[str], Whole, Whole, list[np.ndarray]]:
    keys = [key for layout in layouts for key in layout.keys]
    city = np.repeat(np.arange(len(layouts)), [len(layout.keys) for layout in layouts])
    return keys, city, np.concatenate([layout.part for layout in layouts]), [r for lay in layouts for r in lay.rings]


def _people(homes: Whole, dice: np.random.Generator) -> Counts:
    people = np.rint(homes * dice.uniform(3.4, 4.3, len(homes))).astype(np.int64)
    women = np.rint(people * dice.uniform(0.49, 0.53, len(homes))).astype(np.int64)
    empty = np.rint(homes * dice.uniform(0.04, 0.2, len(homes))).astype(np.int64)
    return {
        "population": people, "women": women, "men": people - women, "households": homes,
        "dwellings": homes + empty, "inhabited_dwellings": homes, "known_dwellings": homes,
    }  # fmt: skip


def _services(held: Totals, homes: Whole, need: np.ndarray, dice: np.random.Generator) -> Counts:
    """Who lacks water on the plot lacks it in the house; the rarer a lack, the more it sticks to the poorest blocks."""

    def lack(total: int, power: float, at_most: Whole) -> Whole:
        weights = homes * need**power * dice.gamma(4.0, 0.25, len(homes))
        return hand_out(weights, total, at_most)

    most = np.floor(homes * 0.97).astype(np.int64)
    in_house = lack(held.water_house, 1.8, most)
    without = {
        "water_house": in_house,
        "water": lack(held.water, 2.4, in_house),
        "drainage": lack(held.drainage, 3.0, most),
        "electricity": lack(held.electricity, 3.5, most),
    }
    floor = lack(held.floor, 3.0, most)
    counts = {f"without_{name}": number for name, number in without.items()}
    counts |= {f"with_{name}": homes - number for name, number in without.items()}
    return counts | {"earth_floor": floor, "firm_floor": homes - floor}


def printed(nation: Nation, vintage: int) -> Counts:
    """The blocks' counts as that year's census prints them."""
    counts = as_asked(nation.counts, vintage)
    return counts if vintage == WHOLE else mask(counts, nation.hidden)


def as_asked(counts: Counts, vintage: int) -> Counts:
    """All columns of the model; what that year did not ask is marked."""
    water, other = ("water_house", "water") if vintage == WHOLE else ("water", "water_house")
    lacks = [counts[f"without_{name}"] for name in (water, "drainage", "electricity")]
    asked = counts | {"all_services": counts["known_dwellings"] - np.maximum.reduce(lacks)}
    nothing = np.full_like(counts["population"], NOT_ASKED)
    return {name: asked[name] for name in COLUMNS} | {f"with_{other}": nothing, f"without_{other}": nothing}


def mask(counts: Counts, hidden: dict[str, np.ndarray] | None = None) -> Counts:
    """INEGI's rule: nothing but three counts of units of one or two dwellings, and no ones and twos elsewhere."""
    tiny = (counts["inhabited_dwellings"] > 0) & (counts["inhabited_dwellings"] < 3)
    masked = {}
    for name, values in counts.items():
        secret = np.zeros(len(values), dtype=bool) if name in ALWAYS_PRINTED else tiny | (values == 1) | (values == 2)
        if hidden and name in hidden:
            secret |= hidden[name]
        masked[name] = np.where(secret & (values != NOT_ASKED), CONFIDENTIAL, values)
    return masked


def total_rows(nation: Nation, vintage: int, level: str) -> tuple[list[str], Counts]:
    """Keys and counts of the census's own total rows, masked like the blocks; a state's row has its rural people too.

    The masks of blocks do not enter: a total is of what the census knows.
    """
    units, place = np.unique([key[: LEVELS[level]] for key in nation.keys], return_inverse=True)
    rural = 1 + RURAL_SHARE if level == "state" else 1.0

    def added_up(values: Whole) -> Whole:
        if values[0] == NOT_ASKED:
            return np.full(len(units), NOT_ASKED)
        return np.rint(np.bincount(place, weights=values) * rural).astype(np.int64)

    sums = {name: added_up(values) for name, values in as_asked(nation.counts, vintage).items()}
    return [str(unit) for unit in units], sums if vintage == WHOLE else mask(sums)
