"""The CURP, Mexico's key of a person: 18 characters that tell initials, birth, sex and the state of birth.

Source of shape and check digit: Instructivo Normativo para la Asignación de la Clave Única de Registro de Población
(SEGOB, DOF 18/10/2021). The first four and the 14th to 16th characters come from the names. The 17th, which tells
namesakes apart, is a digit for who was born until 1999 and a letter from 2000 on: so the century is known. Sex is H, M,
or X on birth certificates of who is neither.

A CURP is personal data: no message of this module repeats what was typed.
"""

import datetime as dt
import re
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

# Of birth; NE is a birth abroad, DF stays the key of Mexico City.
STATES = (
    "AS", "BC", "BS", "CC", "CL", "CM", "CS", "CH", "DF", "DG", "GT", "GR", "HG", "JC", "MC", "MN", "MS", "NT", "NL",
    "OC", "PL", "QT", "QR", "SP", "SL", "SR", "TC", "TS", "TL", "VZ", "YN", "ZS", "NE",
)  # fmt: skip
SEXES = {"H": "man", "M": "woman", "X": "other"}
CURP = re.compile(
    rf"[A-Z][AEIOUX][A-Z]{{2}}(?P<date>\d{{6}})(?P<sex>[HMX])(?P<state>{'|'.join(STATES)})"
    r"[B-DF-HJ-NP-TV-Z]{3}(?P<namesake>[A-Z\d])\d"
)
# Values of the characters for the check digit: Ñ has one, though no CURP holds it.
VALUES = "0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ"
LENGTH = 18


class Facts(NamedTuple):
    """What a CURP tells; `sex` is woman, man or other, `state` the two letters of the state of birth."""

    born_on: dt.date
    sex: str
    state: str


def clean_curp(text: str) -> str:
    """The CURP in capitals. Raises ValidationError on a wrong length, shape, state, date or check digit."""
    curp = re.sub(r"[\s-]", "", text).upper()
    if len(curp) != LENGTH:
        raise ValidationError(
            _("A CURP has %(length)s characters; these are %(count)s.") % {"length": LENGTH, "count": len(curp)}
        )
    found = CURP.fullmatch(curp)
    if not found:
        raise ValidationError(
            _("This is no CURP: four letters, the date as YYMMDD, H, M or X, the state, three consonants, two more.")
        )
    if _born_on(found) is None:
        raise ValidationError(_("The CURP tells a day of birth that does not exist: look at its six digits."))
    if check_digit(curp[:-1]) != curp[-1]:
        raise ValidationError(_("The last digit of the CURP does not fit the others: look at it again."))
    return curp


def facts_of(curp: str) -> Facts:
    """Of a CURP that `clean_curp` let through."""
    found = CURP.fullmatch(curp)
    born_on = _born_on(found) if found else None
    if found is None or born_on is None:
        raise ValueError("no CURP")
    return Facts(born_on, SEXES[found["sex"]], found["state"])


def _born_on(found: re.Match[str]) -> dt.date | None:
    century = "19" if found["namesake"].isdigit() else "20"
    try:
        return dt.datetime.strptime(century + found["date"], "%Y%m%d").date()
    except ValueError:
        return None


def check_digit(start: str) -> str:
    """Of the 17 characters before it: weights 18 down to 2, modulo 10."""
    total = sum(VALUES.index(char) * weight for char, weight in zip(start, range(LENGTH, 1, -1), strict=True))
    return str(-total % 10)


def mask(curp: str) -> str:
    """For lists: enough to tell two apart beside their names, not enough to use."""
    return f"{curp[:4]}{'•' * (LENGTH - 6)}{curp[-2:]}" if curp else ""
