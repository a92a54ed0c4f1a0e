from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from habitat.lib.forms import DateInput
from projects.rules import Judgement


class ExceptionForm(forms.Form):
    """`rules`: what may be left, as `services.exceptable` gives it."""

    rule = forms.ChoiceField(label=gettext_lazy("Rule"), widget=forms.RadioSelect)
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=5_000, widget=forms.Textarea({"rows": 4}))
    file = forms.FileField(
        label=gettext_lazy("Document it rests on"),
        help_text=gettext_lazy("The letter or opinion that asks for it: PDF, JPEG, PNG, Word, Excel or OpenDocument."),
        allow_empty_file=True,
    )
    expires_on = forms.DateField(
        label=gettext_lazy("Holds until"),
        help_text=gettext_lazy("From the next day on the rule is judged as always."),
        widget=DateInput,
    )

    def __init__(self, *args: Any, rules: list[Judgement], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rule"].choices = [(f"{row.kind}:{row.code}", row.sentence) for row in rules]

    @property
    def answers(self) -> dict[str, Any]:
        """What `services.ask_exception` takes besides the project and the person."""
        kind, code = self.cleaned_data["rule"].split(":", 1)
        said = self.cleaned_data
        return {
            "rule": (kind, code),
            "reason": said["reason"],
            "upload": said["file"],
            "expires_on": said["expires_on"],
        }


class DecideExceptionForm(forms.Form):
    is_granted = forms.TypedChoiceField(
        label=gettext_lazy("Your decision"),
        choices=[("yes", gettext_lazy("Grant it")), ("no", gettext_lazy("Refuse it"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    note = forms.CharField(label=gettext_lazy("Reasons"), max_length=5_000, widget=forms.Textarea({"rows": 4}))
