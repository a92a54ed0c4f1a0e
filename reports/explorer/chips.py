"""The filters in use, in words."""

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from reports.explorer.asked import Asked
from reports.explorer.measures import MEASURES, Unit


def _threshold(asked: Asked, measure: str, least: str, most: str) -> list[tuple[str, str]]:
    unit = {Unit.SHARE: "\N{NO-BREAK SPACE}%", Unit.PESOS: "", Unit.PESOS_EACH: ""}.get(MEASURES[measure].unit, "")
    title = str(asked.measures[measure].title)
    words = []
    for name, sign in ((least, "≥"), (most, "≤")):
        if name in asked.used:
            value = asked.used[name]
            text = number_format(value, 0 if value == int(value) else 2, force_grouping=True)
            words.append((name, f"{title} {sign} {text}{unit}"))
    return words


def in_words(asked: Asked) -> list[tuple[str, str]]:
    """Name in the address, and what to call it."""
    used = asked.used
    words = [(name, str(used[name])) for name in ("q", "state", "municipality", "city") if name in used]
    words += _threshold(asked, asked.need, "at_least", "at_most")
    words += _threshold(asked, asked.spending, "spent_least", "spent_most")
    if "year" in used:
        words.append(("year", str(used["year"])))
    for name in ("attention", "eligible", "grade"):
        if name in used:
            field = asked.form.fields[name]
            label = dict(field.choices)[used[name]]  # type: ignore[attr-defined]
            words.append((name, f"{field.label}: {label}" if name == "grade" else str(label)))
    if asked.is_inside:
        words.append(("inside", _("Only what the map shows")))
    return words
