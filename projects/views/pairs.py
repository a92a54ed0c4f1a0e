"""Two values of one answer side by side: what another person left, or what is saved, and what was typed."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.contrib.gis.geos import GEOSGeometry
from django.core.exceptions import ValidationError
from django.forms import Form
from django.utils.translation import gettext as _

from habitat.lib.coordinates import as_text
from projects import services
from projects.forms.words import in_words

MINE = "mine:"
# A control of one action among several.
OF_ACTION = re.compile(r"(action-\d+)-(\w+)")


@dataclass(frozen=True)
class Pair:
    """`name` of the control, empty where nothing can be chosen; `mine` is what is sent to keep what one typed."""

    name: str
    label: str
    theirs: str
    yours: str
    mine: str = ""


def disputed(form: Form, name: str, now: object) -> Pair:
    """Somebody else changed this answer too; `now` is what they left."""
    yours = in_words(form, name, form.cleaned_data.get(name))
    mine = f"{MINE}{services.mark(now)}"
    return Pair(form.add_prefix(name), label_of(form, name), in_words(form, name, now), yours, mine)


def removed(forms: Sequence[Form], seen: Mapping[str, str], post: Mapping[str, str]) -> list[Pair]:
    """What was typed for parts that were on the page when it was drawn and that somebody has removed since."""
    prefixes = {form.prefix for form in forms}
    found = []
    for name in seen:
        part = OF_ACTION.fullmatch(name)
        typed = post.get(name, "")
        if part and typed and part[1] not in prefixes:
            field = part[2]
            label = next((str(form.fields[field].label) for form in forms if field in form.fields), field)
            found.append(Pair("", label, _("removed by somebody else"), typed))
    return found


def unsaved(forms: Sequence[Form]) -> list[Pair]:
    """What was typed before and the proposal does not hold."""
    pairs = []
    for form in (form for form in forms if form.is_bound):
        form.full_clean()
        for name, field in form.fields.items():
            saved = form.get_initial_for_field(field, name)
            typed = form.cleaned_data.get(name, form[name].data)
            if isinstance(typed, GEOSGeometry):
                typed = as_text(typed)
            if services.mark(saved) != services.mark(typed):
                words = in_words(form, name, saved), in_words(form, name, typed)
                pairs.append(Pair(form.add_prefix(name), label_of(form, name), *words))
    return pairs


def read_marks(text: str) -> dict[str, str]:
    """What a page brings back of the marks it was given; nothing where it was tampered with."""
    try:
        marks = json.loads(text)
    except ValueError:
        return {}
    return {str(name): str(mark) for name, mark in marks.items()} if isinstance(marks, dict) else {}


def marks_in(post: Mapping[str, str]) -> dict[str, str] | None:
    """None where the sender does not say what was shown."""
    return read_marks(post["seen"]) if "seen" in post else None


def label_of(form: Form, name: str) -> str:
    """With the action it belongs to, where the page holds several."""
    action = getattr(form, "action", None)
    label = str(form.fields[name].label)
    return f"{action.action_type.name}: {label}" if action and form.prefix else label


def by_field(error: ValidationError, field: str | None) -> dict[str | None, list[ValidationError]]:
    return dict(error.error_dict) if hasattr(error, "error_dict") else {field: error.error_list}
