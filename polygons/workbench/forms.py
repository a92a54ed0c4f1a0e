from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy as _

from polygons.methods import DELINEATING, GRADE, Kind, Method
from polygons.variables import VARIABLE_BY_NAME

PERCENT = 100


class ChoiceForm(forms.Form):
    """What to draw by, as it stands in the address; `method` once it is valid. Shares are written in per cent."""

    vintage = forms.TypedChoiceField(label=_("Census"), coerce=int)
    variable = forms.ChoiceField(label=_("Deprived by"))
    kind = forms.ChoiceField(
        label=_("What is measured"),
        choices=[(Kind.VALUE, _("by its own figure")), (Kind.DECILE, _("by the worst tenths of the place"))],
        help_text=_("A grade is always measured by itself."),
    )
    threshold = forms.DecimalField(
        label=_("Threshold"),
        max_digits=9,
        decimal_places=3,
        help_text=_("Per cent of dwellings or households; number of tenths; grade 1 to 5; index at most."),
    )
    gap = forms.IntegerField(label=_("Gap in metres"), help_text=_("Blocks this near are joined."))
    min_dwellings = forms.IntegerField(label=_("Fewest dwellings"), help_text=_("Smaller clusters are dropped."))

    def __init__(self, *args, vintages: list[int], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["vintage"].choices = [(year, str(year)) for year in vintages]
        self.fields["variable"].choices = [(name, VARIABLE_BY_NAME[name].label) for name in DELINEATING]

    def clean(self) -> dict:
        choice = super().clean() or {}
        if self.errors:
            return choice
        variable = VARIABLE_BY_NAME[choice["variable"]]
        kind = Kind.GRADE if variable.name == GRADE else Kind(choice["kind"])
        threshold: Decimal = choice["threshold"]
        if kind == Kind.VALUE and variable.is_share:
            threshold /= PERCENT
        try:
            choice["method"] = Method(
                choice["vintage"], variable.name, threshold, kind, choice["gap"], choice["min_dwellings"]
            )
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error
        return choice


# What the form starts from.
USUAL = {"variable": "any", "kind": Kind.VALUE.value, "threshold": "20", "gap": "60", "min_dwellings": "100"}


class PublishForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=1_000,
        strip=True,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Kept with the version and shown on the polygon's page."),
    )
