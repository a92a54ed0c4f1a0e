"""What a letter's placeholders stand for, in the Spanish of the letter."""

from collections.abc import Sequence
from decimal import Decimal

from django.utils import translation
from django.utils.formats import date_format

from habitat.lib.templatetags.portal import money
from projects.letters.words import pesos_in_words
from projects.models import Letter, LetterKind, LetterLine


def values_of(letter: Letter, lines: Sequence[LetterLine]) -> dict[str, str]:
    """Every placeholder of the letter's kind but the list itself."""
    with translation.override("es-mx"):
        places = dict.fromkeys(line.municipality.name for line in lines if line.municipality)
        values = {
            "numero": letter.number,
            "fecha": date_format(letter.on, "j \\d\\e F \\d\\e Y").lower(),
            "ejercicio": str(letter.fiscal_year_id),
            "estado": letter.state.name,
            "destinatario": letter.addressee,
            "monto": money(letter.amount),
            "monto_letra": pesos_in_words(letter.amount),
            "firmante": letter.signed_name,
            "cargo": letter.signed_post,
            "sustituye": letter.replaces.number if letter.replaces else "ninguno",
            "acuerdo": letter.agreement or "acuerdo de coordinación del ejercicio",
            "municipios": and_of(list(places)),
            "total_proyectos": str(len(lines)),
            "monto_total": money(sum((line.total for line in lines), Decimal(0))),
        }
        if letter.kind == LetterKind.AUTHORISATION and lines and lines[0].project:
            values |= {"proyecto": lines[0].label, "folio": lines[0].project.folio}
    return values


def and_of(names: list[str]) -> str:
    """ "Calkiní, Campeche y Hopelchén"; "e" before an i."""
    if len(names) < 2:
        return "".join(names)
    joint = " e " if names[-1].lower().startswith(("i", "hi")) and not names[-1].lower().startswith("hie") else " y "
    return joint.join((", ".join(names[:-1]), names[-1]))
