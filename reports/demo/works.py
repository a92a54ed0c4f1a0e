"""What is proposed and how far each proposal gets: the plan of the demo, before any of it is written."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import cycle
from typing import NamedTuple

from projects.models import Status
from reports.demo.places import PLACES, Place, Spot


class Kind(NamedTuple):
    """An action type, a title, an invented price per unit in pesos, households served per unit, and its strand."""

    code: str
    title: str
    price: int
    households: float
    strand: str = "G"


WORKS = (
    Kind("ME01", "Introducción de red de agua potable", 1180, 0.3),
    Kind("ME05", "Red de drenaje sanitario", 1390, 0.25),
    Kind("ME12", "Pavimentación con concreto hidráulico", 640, 0.05),
    Kind("DS01", "Cursos de oficios", 46_000, 6),
    Kind("ME11", "Alumbrado público con luminarias LED", 9_400, 3),
    Kind("ME14", "Banquetas con rampas", 470, 0.06),
    Kind("ME02", "Rehabilitación de red de agua potable", 960, 0.3),
    Kind("DS04", "Prestadores de servicio social", 1_100, 0.2),
    Kind("ME10", "Ampliación de red de electrificación", 890, 0.2),
    Kind("ME22", "Cancha deportiva comunitaria", 410_000, 140),
    Kind("PD11", "Proyecto ejecutivo de drenaje pluvial", 380_000, 0),
    Kind("ME13", "Guarniciones de concreto", 330, 0.1),
    Kind("DS03", "Jornadas culturales y deportivas", 34_000, 25),
    Kind("ME20", "Equipamiento del Centro de Desarrollo Comunitario", 260_000, 160),
    Kind("ME03", "Tomas domiciliarias", 2_750, 1),
    Kind("PD01", "Actualización del programa municipal de desarrollo urbano", 520_000, 0),
)
# A strand has its own works, in one of the places only.
OF_STRAND = {
    "campeche": Kind("ME27", "Imagen urbana del centro histórico", 1_150, 0.2, "CH"),
    "juarez": Kind("DS11", "Laboratorio de Producción Creativa con jóvenes", 92_000, 20, "IP"),
}

OLD_STREETS = (8, 10, 12, 14, 51, 53, 55, 57, 59, 61)
# A place with a strand of its own uses it for one work of so many.
STRAND_EVERY = 6

ROAD = (
    "propose", "ready", "submit", "authorise", "review", "number", "approve", "start", "work", "finish", "hand_over",
    "prove", "close",
)  # fmt: skip
LAST_EVENT = {
    Status.SUBMITTED: "submit",
    Status.AUTHORISED: "authorise",
    Status.IN_REVIEW: "review",
    Status.NUMBERED: "number",
    Status.APPROVED: "approve",
    Status.IN_EXECUTION: "work",
    Status.FINISHED: "finish",
    Status.HANDED_OVER: "hand_over",
    Status.PROVEN: "prove",
    Status.CLOSED: "close",
}
# Roads that leave the usual one, by the name the plan gives them.
SIDE_ROADS = {
    "draft": ("propose",),
    "ready": ("propose", "ready"),
    "observed": ("propose", "ready", "submit", "observe"),
    "observed in review": ("propose", "ready", "submit", "authorise", "review", "observe"),
    "rejected": ("propose", "ready", "submit", "reject"),
    "withdrawn": ("propose", "ready", "submit", "withdraw"),
    "cancelled": (*ROAD[:7], "propose_cancellation", "cancel"),
    "answered": (
        "propose",
        "ready",
        "submit",
        "authorise",
        "review",
        "observe",
        "answer",
        "opinion",
        "number",
        "approve",
    ),
}
# How many projects of each fate: (last year, this year).
FATES = {
    "draft": (0, 3),
    "ready": (0, 2),
    Status.SUBMITTED: (0, 4),
    "observed": (0, 2),
    "observed in review": (0, 2),
    Status.AUTHORISED: (0, 3),
    Status.IN_REVIEW: (0, 5),
    Status.NUMBERED: (0, 3),
    Status.APPROVED: (0, 3),
    "answered": (0, 1),
    Status.IN_EXECUTION: (0, 8),
    Status.FINISHED: (0, 2),
    Status.HANDED_OVER: (2, 1),
    Status.PROVEN: (2, 0),
    Status.CLOSED: (12, 1),
    "rejected": (1, 1),
    "withdrawn": (1, 1),
    "cancelled": (1, 1),
}


@dataclass(frozen=True)
class Work:
    """One project to be. `events` name its road; `complete` says whether its papers are; amounts are in pesos."""

    place: Place
    spot: Spot
    kind: Kind
    name: str
    quantity: Decimal
    federal_share: Decimal
    is_last_year: bool
    events: tuple[str, ...]
    is_complete: bool
    dice: random.Random

    @property
    def cost(self) -> Decimal:
        return self.quantity * self.kind.price


def plan() -> Iterator[Work]:
    """The same works every time, the places and kinds taking turns."""
    kinds = {place.slug: cycle(WORKS[number * 5 :] + WORKS[: number * 5]) for number, place in enumerate(PLACES)}
    number = 0
    for is_last_year, column in ((True, 0), (False, 1)):
        for fate, counts in FATES.items():
            for _turn in range(counts[column]):
                place = PLACES[number % len(PLACES)]
                yield _work(number, place, kinds[place.slug], fate, is_last_year)
                number += 1


def _work(number: int, place: Place, kinds: Iterator[Kind], fate: str, is_last_year: bool) -> Work:
    dice = random.Random(number)  # noqa: S311 - invented figures, not secrets
    turn = number // len(PLACES)
    kind = OF_STRAND[place.slug] if place.slug in OF_STRAND and turn % STRAND_EVERY == 2 else next(kinds)
    # The program's mean was 221,600 federal pesos a project (domain report, 3.1).
    cost = min(max(dice.lognormvariate(12.9, 0.45), 180_000), 1_100_000)
    quantity = Decimal(max(round(cost / kind.price), 1))
    spot = dice.choice(place.spots)
    return Work(
        place=place,
        spot=spot,
        kind=kind,
        name=_name(kind, spot, dice),
        quantity=quantity,
        federal_share=Decimal("0.5") if dice.random() < 0.6 else Decimal(dice.randint(42, 49)) / 100,
        is_last_year=is_last_year,
        events=SIDE_ROADS.get(fate) or _road_to(Status(fate), dice),
        is_complete=number % 5 != 3,
        dice=dice,
    )


def _road_to(status: Status, dice: random.Random) -> tuple[str, ...]:
    road = list(ROAD[: ROAD.index(LAST_EVENT[status]) + 1])
    if "number" in road and dice.random() < 0.4:
        road.insert(road.index("number"), "opinion")
    return tuple(road)


def _name(kind: Kind, spot: Spot, dice: random.Random) -> str:
    if kind.code.startswith("PD"):
        return kind.title
    if kind.strand == "CH":
        return f"{kind.title}, calle {dice.choice(OLD_STREETS)}"
    if kind.code.startswith("DS") or kind.code in {"ME20", "ME22"}:
        return f"{kind.title}, {spot.name}"
    first = dice.randint(2, 38)
    return f"{kind.title}, calles {first} y {first + 2}, {spot.name}"
