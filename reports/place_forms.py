from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from polygons.comparison import LEVELS
from polygons.concepts import INDICATORS
from polygons.models import KeyChange, Level, Municipality, Polygon, State
from polygons.orphans import ORPHANS
from polygons.places import LENGTHS

# Keys that a refusal lists.
MOST_NAMESAKES = 10


class OrphanForm(forms.Form):
    """Which orphans: what they lack, and of which state."""

    kind = forms.ChoiceField(
        choices=[("", _("The first that is missing")), *((gap.name, gap.label) for gap in ORPHANS)],
        required=False,
        label=_("What is missing"),
    )
    state = forms.ModelChoiceField(State.objects.none(), required=False, label=_("State"))

    def __init__(self, *args: Any, states: QuerySet[State], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["state"].queryset = states  # type: ignore[attr-defined]


class EquivalenceForm(forms.Form):
    level = forms.ChoiceField(choices=[("", _("All")), *KeyChange.Level.choices], required=False, label=_("Level"))
    key = forms.CharField(max_length=16, required=False, label=_("Key, or how it begins"))

    def clean_key(self) -> str:
        return self.cleaned_data["key"].strip().upper()


class ComparisonForm(forms.Form):
    level = forms.ChoiceField(choices=[(level, Level(level).label) for level in LEVELS], label=_("Level"))
    code = forms.CharField(
        max_length=120,
        label=_("Key or name"),
        help_text=_(
            "Name or key of a municipality or a polygon; 13 characters of an AGEB, 16 of a block. On the page of a"
            " place a link leads here."
        ),
    )
    indicator = forms.ChoiceField(
        choices=[(indicator.name, indicator.label) for indicator in INDICATORS], label=_("Indicator")
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._named = {
            Level.MUNICIPALITY: Municipality.objects.visible_to(user),
            Level.POLYGON: Polygon.objects.visible_to(user),
        }

    def clean(self) -> dict[str, Any]:
        """`code` is the key, also where a name was written."""
        data: dict[str, Any] = super().clean() or {}
        if (text := data.get("code")) and (level := data.get("level")):
            data["code"] = self._key(level, text.strip())
        return data

    def _key(self, level: str, text: str) -> str:
        length = LENGTHS.get(level)
        key = text.upper().zfill(length or 0)
        if level in self._named and not (length and text.isdecimal()):
            return self._key_of(self._named[Level(level)], text) or key
        if length and (len(key) != length or not key.isalnum()):
            self.add_error("code", _("The key of this level has %(length)s characters.") % {"length": length})
        return key

    def _key_of(self, places: QuerySet, text: str) -> str:
        """The one that is called so; empty where it is none's name."""
        found = list(places.filter(name__plain=text).order_by("code").values_list("code", flat=True)[:MOST_NAMESAKES])
        if len(found) > 1:
            self.add_error("code", _("Several are called so. Write the key: %(keys)s.") % {"keys": ", ".join(found)})
        return found[0] if found else ""
