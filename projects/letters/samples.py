"""A letter with invented figures, to see what a draft of its words looks like."""

import datetime as dt
from decimal import Decimal

from modalities.models import FiscalYear, Modality, Strand
from polygons.models import Municipality, State
from projects.letters.making import draw
from projects.models import Letter, LetterKind, LetterLine, Project

WORKS = ("Introducción de red de agua potable", "Pavimentación de la calle 12", "Curso de computación")


def sample_pdf(kind: LetterKind, subject: str, body: str, *, on: dt.date) -> bytes:
    """Nothing of it is stored, and no code of it opens anything."""
    state = State(code="04", name="Campeche", abbreviation="Camp.")
    letter = Letter(
        kind=kind,
        number=f"MUESTRA-{on.year}-0000",
        code="MUESTRA23456",
        fiscal_year=FiscalYear(year=on.year),
        state=state,
        on=on,
        amount=Decimal(0),
        subject=subject,
        body=body,
        agreement="Acuerdo de Coordinación de muestra",
        addressee="Nombre y cargo del destinatario",
        signed_name="Nombre de quien firma",
        signed_post="Cargo",
    )
    place = Municipality(code="04002", name="Campeche", state=state)
    lines = [
        _line(kind, position, name, place) for position, name in enumerate(WORKS[: 1 if kind == "authorisation" else 3])
    ]
    letter.amount = sum((line.federal for line in lines), Decimal(0))
    return draw(letter, lines, is_sample=True)


def _line(kind: LetterKind, position: int, name: str, place: Municipality) -> LetterLine:
    amounts = {"federal": Decimal(500_000 + 100 * position), "state": Decimal(250_000), "municipal": Decimal(250_000)}
    of_works = kind != LetterKind.SUBSIDY
    return LetterLine(
        position=position,
        project=Project(folio=f"04-ME-000{position + 1}") if of_works else None,
        municipality=place,
        strand=Strand(code="G", name_es="General", name_en="General"),
        modality=Modality(code="ME") if of_works else None,
        label=name if of_works else f"Municipio de muestra {position + 1}",
        file_number=f"040021ME00{position + 1}" if of_works else "",
        beneficiaries=Decimal(0),
        **(amounts if of_works else amounts | {"state": Decimal(0), "municipal": Decimal(0)}),
    )
