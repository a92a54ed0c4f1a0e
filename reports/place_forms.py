from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from polygons.comparison import LEVELS
from polygons.concepts import INDICATORS
from polygons.models import KeyChange, Level, State
from polygons.orphans import ORPHANS
from polygons.places import LENGTHS


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
        max_length=20, label=_("Key"), help_text=_("5 digits of a municipality, 13 of an AGEB, 16 of a block")
    )
    indicator = forms.ChoiceField(
        choices=[(indicator.name, indicator.label) for indicator in INDICATORS], label=_("Indicator")
    )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if (code := data.get("code")) and (level := data.get("level")):
            length = LENGTHS.get(level)
            data["code"] = code.strip().upper().zfill(length or 0)
            if length and (len(data["code"]) != length or not data["code"].isalnum()):
                self.add_error(
                    "code",
                    _("The key of this level has %(length)s characters.") % {"length": length},
                )
        return data
