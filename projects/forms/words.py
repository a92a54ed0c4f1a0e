"""What a control holds, as its reader would say it: for setting two values side by side."""

import datetime as dt
from decimal import Decimal

from django import forms
from django.contrib.gis.geos import GEOSGeometry
from django.utils.formats import date_format, number_format

from habitat.lib.coordinates import as_text
from habitat.lib.forms import MoneyField
from habitat.lib.templatetags.portal import money

NOTHING = "—"


def in_words(form: forms.Form, name: str, value: object) -> str:
    """`value` as read, as stored, or as typed where it could not be read."""
    field = form.fields[name]
    if value is None or value == "" or value == []:
        return NOTHING
    if isinstance(field, forms.ModelChoiceField):
        return _labels(form, name, value)
    if isinstance(field, forms.ChoiceField):
        return str(dict(field.choices).get(str(value), value))
    if isinstance(value, Decimal | int) and not isinstance(value, bool):
        return money(value) if isinstance(field, MoneyField) else number_format(value, force_grouping=True)
    if isinstance(value, dt.date):
        return date_format(value)
    if isinstance(value, GEOSGeometry):
        return as_text(value)
    return str(value)


def _labels(form: forms.Form, name: str, value: object) -> str:
    keys = value if isinstance(value, list) else [value]
    wanted = {str(getattr(key, "pk", key)) for key in keys}
    labels = {str(getattr(key, "value", key)): label for key, label in _flat(form[name].field.choices)}
    return ", ".join(str(labels.get(key, key)) for key in sorted(wanted))


def _flat(choices):
    """Choices without their groups."""
    for key, label in choices:
        if isinstance(label, list | tuple):
            yield from label
        else:
            yield key, label
