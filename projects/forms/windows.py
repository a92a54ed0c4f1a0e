from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from habitat.lib.forms import DateInput
from modalities.models import Milestone


class TimeInput(forms.TimeInput):
    """The browser's own clock, to the second."""

    input_type = "time"

    def __init__(self) -> None:
        super().__init__({"class": "short", "step": "1"}, format="%H:%M:%S")


class WindowForm(forms.Form):
    """When proposals may be sent: from one second to another, both included, on each municipality's own clock."""

    opens_on = forms.DateField(label=gettext_lazy("First day"), widget=DateInput)
    opens_time = forms.TimeField(label=gettext_lazy("From"), widget=TimeInput)
    closes_on = forms.DateField(label=gettext_lazy("Last day"), widget=DateInput)
    closes_time = forms.TimeField(
        label=gettext_lazy("Last second"),
        widget=TimeInput,
        help_text=gettext_lazy("What arrives one second later is refused. 23:59:59 is the end of the day."),
    )
    source = forms.CharField(label=gettext_lazy("Where it is ordered"), max_length=300)
    is_verified = forms.BooleanField(label=gettext_lazy("Verified against what was published"), required=False)

    def clean(self) -> dict:
        answers = super().clean()
        opens = answers.get("opens_on"), answers.get("opens_time")
        closes = answers.get("closes_on"), answers.get("closes_time")
        if None not in (*opens, *closes) and closes <= opens:
            self.add_error("closes_on", _("It closes before it opens."))
        return answers

    @staticmethod
    def values_of(row: Milestone) -> dict[str, object]:
        return {name: getattr(row, name) for name in WindowForm.base_fields}
