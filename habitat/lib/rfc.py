"""The RFC, Mexico's tax key: 12 characters of a company, 13 of a person."""

import datetime as dt
import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

RFC = re.compile(r"[A-ZÑ&]{3,4}(?P<date>\d{6})[A-Z\d]{2}[A\d]")
# Values of the characters for the check digit, as the tax authority's rules of 1993 print them.
VALUES = "0123456789ABCDEFGHIJKLMN&OPQRSTUVWXYZ Ñ"


def clean_rfc(text: str) -> str:
    """The RFC in capitals. Raises ValidationError on a wrong shape, date or check digit."""
    rfc = re.sub(r"[\s-]", "", text).upper()
    found = RFC.fullmatch(rfc)
    if not found or not _is_date(found["date"]):
        raise ValidationError(_("This is no RFC: three or four letters, the date as YYMMDD, three characters."))
    if check_digit(rfc[:-1]) != rfc[-1]:
        raise ValidationError(_("The last character of the RFC does not fit the others: look at it again."))
    return rfc


def _is_date(digits: str) -> bool:
    try:
        dt.datetime.strptime(digits, "%y%m%d")
    except ValueError:
        return False
    return True


def check_digit(start: str) -> str:
    """Of the characters before it: weights 13 down to 2, modulo 11."""
    total = sum(VALUES.index(char) * weight for char, weight in zip(start.rjust(12), range(13, 1, -1), strict=True))
    rest = 11 - total % 11
    return {11: "0", 10: "A"}.get(rest, str(rest))
