"""Who a person is, as typed in a form or a cell, made whole: a CURP that agrees with birth and sex, or a reason."""

import datetime as dt
import re
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from habitat.lib.curp import clean_curp, facts_of
from projects.models import Person

OLDEST_YEARS = 120
NAMES = ("given_names", "first_surname", "second_surname")
# Letters of any alphabet, and what stands between them in names.
NAME = re.compile(r"[^\W\d_]+(?:[ '’.\-]{1,2}[^\W\d_]+)*\.?")


def settled(said: dict[str, Any], today: dt.date | None = None) -> dict[str, Any]:
    """Columns of `Person` from what was said: birth and sex are taken from the CURP where they are left empty.

    Raises ValidationError by field; none of its sentences repeats what was typed.
    """
    errors: dict[str, str] = {}
    found = {name: " ".join(str(said.get(name) or "").split()) for name in NAMES}
    for name, value in found.items():
        if value and not NAME.fullmatch(value):
            errors[name] = _("Write the name with letters only.")
    for name in NAMES[:2]:
        if not found[name]:
            errors[name] = _("This is missing.")
    found |= _keyed(said, errors)
    found |= _born(said, found.get("curp", ""), errors, today or timezone.localdate())
    if errors:
        raise ValidationError(errors)
    return found


def _keyed(said: dict[str, Any], errors: dict[str, str]) -> dict[str, str]:
    typed, reason = str(said.get("curp") or "").strip(), said.get("no_curp") or ""
    note = str(said.get("no_curp_note") or "").strip()
    if not typed:
        if not reason:
            errors["curp"] = _("Write the CURP, or say why there is none.")
        elif reason == Person.NoCurp.OTHER and not note:
            errors["no_curp_note"] = _("State the reason.")
        return {"curp": "", "no_curp": reason, "no_curp_note": note}
    if reason:
        errors["no_curp"] = _("There is a CURP: leave this empty.")
    try:
        return {"curp": clean_curp(typed), "no_curp": "", "no_curp_note": ""}
    except ValidationError as error:
        errors["curp"] = " ".join(error.messages)
        return {"curp": ""}


def _born(said: dict[str, Any], curp: str, errors: dict[str, str], today: dt.date) -> dict[str, Any]:
    born_on, sex = said.get("born_on"), said.get("sex") or ""
    if curp:
        told = facts_of(curp)
        if born_on and born_on != told.born_on:
            errors["born_on"] = _("The CURP says another date of birth.")
        if sex and sex != told.sex:
            errors["sex"] = _("The CURP says another sex.")
        born_on, sex = told.born_on, told.sex
    elif not errors.get("curp"):
        if not born_on:
            errors["born_on"] = _("Without a CURP the date of birth is needed.")
        if not sex:
            errors["sex"] = _("Without a CURP the sex is needed.")
    if born_on and not today.replace(year=today.year - OLDEST_YEARS, day=1) <= born_on <= today:
        errors["curp" if curp else "born_on"] = _("Nobody alive was born on that day.")
    return {"born_on": born_on, "sex": sex}
