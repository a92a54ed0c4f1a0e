from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects.forms.steps import remark_box
from projects.models import Observation


class CommentsForm(forms.Form):
    """What to mend in each section; `remarks` is what `services.return_to_preparer` takes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for section in Observation.Section:
            self.fields[section.value] = remark_box(section.label, required=False)

    def clean(self) -> dict:
        answers = super().clean()
        if not any(answers.get(section) for section in Observation.Section.values):
            raise ValidationError(_("Say what to mend in at least one section."), code="no_remark")
        return answers

    @property
    def remarks(self) -> list[tuple[str, str]]:
        return [(section, self.cleaned_data[section]) for section in Observation.Section.values]


class ScanForm(forms.Form):
    signer = forms.CharField(
        label=gettext_lazy("Who signed it"),
        help_text=gettext_lazy("Name and office, as written below the signature."),
        max_length=200,
    )
    typed = forms.CharField(
        label=gettext_lazy("Fingerprint printed on the paper"),
        help_text=gettext_lazy("Ten letters and digits at the end of the PH-01, such as 1A2B3-C4D5E."),
        max_length=20,
        widget=forms.TextInput({"class": "short", "autocomplete": "off", "spellcheck": "false"}),
    )
    file = forms.FileField(label=gettext_lazy("Scan of the signed PH-01"), allow_empty_file=True)
