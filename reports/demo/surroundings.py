"""Dated figures of the demo's places that no census gives: generated, marked as such, each for its own readers."""

import csv
import datetime as dt
import random
from collections.abc import Iterable, Iterator
from itertools import product
from pathlib import Path
from typing import NamedTuple

SOURCE = "Portal Hábitat, cifras generadas para la demostración"


class Figure(NamedTuple):
    """`least` to `most` is what the dice draw from."""

    concept: str
    name: str
    unit: str
    audience: str
    least: int
    most: int


LAND = ("land_price", "Valor catastral medio del suelo", "pesos por m²", "staff")
HOMICIDES = ("violence", "Homicidios dolosos", "casos en el año", "federal")
FIGURES = {
    "municipality": (
        Figure(*HOMICIDES, 30, 90),
        Figure("investment", "Fondo de infraestructura social municipal", "pesos", "public", 8_000_000, 30_000_000),
        Figure(*LAND, 1_500, 2_600),
        Figure("outcome", "Viviendas con recolección diaria de basura", "por ciento", "public", 60, 85),
    ),
    "polygon": (Figure(*HOMICIDES, 2, 7), Figure(*LAND, 700, 1_300)),
}


def write_context(path: Path, municipalities: Iterable[str], polygons: Iterable[str], year: int) -> Path:
    """Two years of every figure: the end of the last year and of the one before."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("level", "key", "concept", "name", "unit", "date", "value", "source", "audience"))
        for level, codes in (("municipality", municipalities), ("polygon", polygons)):
            for code, figure in product(codes, FIGURES[level]):
                writer.writerows([level, code, *cells] for cells in _two_years(code, figure, year))
    return path


def _two_years(code: str, figure: Figure, year: int) -> Iterator[tuple[object, ...]]:
    dice = random.Random(code + figure.name)  # noqa: S311 - invented figures, not secrets
    value = dice.randint(figure.least, figure.most)
    for before in (2, 1):
        day = dt.date(year - before, 12, 31)
        yield figure.concept, figure.name, figure.unit, day, value, SOURCE, figure.audience
        value = round(value * dice.uniform(0.9, 1.1))
