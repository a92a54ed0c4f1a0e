"""Invented comments of neighbours on the demo's works: one waits, others are published and answered."""

import datetime as dt
from typing import Any

from projects import services
from projects.models import Project
from projects.workflow import Status
from reports.demo.places import PLACES

# Text, days ago it was decided on, and the answer with its days ago, where there is one.
SAID = (
    ("La zanja de la esquina sigue abierta y sin señalar.", 9, "Se señaló el mismo día; se cierra esta semana.", 6),
    (
        "Ya llegó el agua a mi calle, pero con poca presión por las tardes.",
        20,
        "Se revisó la válvula de la colonia.",
        12,
    ),
    ("¿Cuándo termina la obra? El letrero dice otra fecha.", 4, "", 0),
    ("Trabajan hasta muy noche.", 0, "", 0),
)


def comment(teams: dict[str, Any], now: dt.datetime) -> None:
    """The same few on works under way or done of each place, decided by its own delegation."""
    shown = (Status.IN_EXECUTION, Status.FINISHED, Status.HANDED_OVER, Status.CLOSED)
    for place in PLACES:
        reviewer = teams[place.slug].reviewer
        works = Project.objects.filter(municipality=place.municipality, status__in=shown).order_by("folio")
        for work, said in zip(works, SAID, strict=False):
            _tell(work, said, reviewer, now)


def _tell(work: Project, said: tuple[str, int, str, int], reviewer: Any, now: dt.datetime) -> None:
    text, read, answer, answered = said
    made = services.send_comment(work, text, at=now - dt.timedelta(days=read + 1))
    if read:
        services.publish_comment(made, with_photo=False, by=reviewer, at=now - dt.timedelta(days=read))
    if answer:
        services.answer_comment(made, text=answer, by=reviewer, at=now - dt.timedelta(days=answered))
