from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from habitat.lib.forms import DateInput
from modalities.models import CalendarException
from polygons.models import State


class CalendarExceptionForm(forms.ModelForm):
    """A day, where it holds, and which way."""

    state_code = forms.ChoiceField(label=gettext_lazy("Where"), required=False)
    is_business_day = forms.TypedChoiceField(
        label=gettext_lazy("That day"),
        choices=[("no", gettext_lazy("Does not count: a day of rest")), ("yes", gettext_lazy("Counts: a working day"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        initial="no",
    )

    class Meta:
        model = CalendarException
        fields = ("day", "state_code", "is_business_day", "reason", "source")
        widgets = {"day": DateInput}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        states = State.objects.order_by("name").values_list("pk", "name")
        self.fields["state_code"].choices = [("", gettext_lazy("Whole country")), *states]

    def _post_clean(self) -> None:
        """The row is written and checked by the service."""

    @property
    def row(self) -> CalendarException:
        return CalendarException(**self.cleaned_data)
