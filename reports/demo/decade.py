"""The same neighbourhoods at the census of 2010, invented from that of 2020: smaller, poorer, and with other keys.

Of INEGI's columns only those the portal reads. Blocks were numbered the other way round, so that the same key is
another block; the table of equivalences knows those of each place's first AGEB, an AGEB that had another key, and one
that was a part of another. What it does not know is refused where censuses are compared.
"""

import csv
from collections import Counter
from pathlib import Path

from polygons.concepts import VINTAGE_BY_YEAR
from reports.demo import census
from reports.demo.census import DEEPEST, SERVED, Block, Files, ageb_key
from reports.demo.places import Place

VINTAGE = 2010
COLUMNS = tuple(names[0] for names in VINTAGE_BY_YEAR[VINTAGE].columns.values())
# The southernmost blocks of every place were built since.
NEWER_ROWS = 1
FEWER, MORE_LACKING = 0.8, 1.4
# By the numbers of AGEBs: what one was known as, of which other one was a part, whose blocks INEGI told.
RENAMED, SPLIT_OFF, TOLD = {103: 143}, {122: 121}, 101
CHANGED_ON = "2019-12-31"
SOURCE = "Portal Hábitat, equivalencias generadas para la demostración"


def write_census(place: Place, folder: Path) -> Files:
    """The place's RESAGEBURB of 2010 and its blocks as GeoJSON."""
    keys = keys_of(place)
    blocks = [
        Block(keys[block.code], _counts(block.counts), block.ring, block.hidden)
        for block in census.blocks_of(place)
        if block.code in keys
    ]
    path = census.write_table(folder / f"RESAGEBURB_{place.state}CSV10.csv", place, blocks, COLUMNS)
    return Files(path, census.write_shapes(folder / f"manzanas_{place.municipality}_2010.geojson", blocks))


def write_key_changes(places: tuple[Place, ...], path: Path) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("level", "old_code", "new_code", "kind", "valid_from", "source"))
        for place in places:
            for now, was in RENAMED.items():
                writer.writerow(("ageb", _ageb(place, was), _ageb(place, now), "renamed", CHANGED_ON, SOURCE))
            for part, whole in SPLIT_OFF.items():
                writer.writerow(("ageb", _ageb(place, whole), _ageb(place, part), "split", CHANGED_ON, SOURCE))
            for code, old in keys_of(place).items():
                if code.startswith(_ageb(place, TOLD)):
                    writer.writerow(("block", old, code, "renamed", CHANGED_ON, SOURCE))
    return path


def keys_of(place: Place) -> dict[str, str]:
    """Of each block that stood then: its key of 2020 → that of 2010."""
    stood = list(census.blocks_of(place))[NEWER_ROWS * place.columns :]
    formerly = RENAMED | SPLIT_OFF
    numbers: Counter[str] = Counter()
    keys = {}
    for block in reversed(stood):
        number = int(block.code[9:12])
        ageb = _ageb(place, formerly.get(number, number))
        numbers[ageb] += 1
        keys[block.code] = f"{ageb}{numbers[ageb]:03}"
    return keys


def _ageb(place: Place, number: int) -> str:
    return f"{place.municipality}{census.LOCALITY}{ageb_key(place.municipality, number)}"


def _counts(now: Counter[str]) -> Counter[str]:
    was = Counter({name: round(now[name] * FEWER) for name in COLUMNS})
    was["POBMAS"] = was["POBTOT"] - was["POBFEM"]
    was["VIVPAR_HAB"] = known = round(now["VIVPARH_CV"] * FEWER)
    for lacking in DEEPEST:
        was[lacking] = min(round(now[lacking] * FEWER * MORE_LACKING), known)
        was[SERVED[lacking]] = known - was[lacking]
    was["VPH_C_SERV"] = known - max(was[name] for name in ("VPH_AGUAFV", "VPH_NODREN", "VPH_S_ELEC"))
    return was
