"""What a person answers about a polygon."""

from django import forms
from django.utils.translation import gettext_lazy as _

from habitat.lib.forms import DateInput
from polygons.models import Assessment


class JudgementForm(forms.Form):
    verdict = forms.ChoiceField(label=_("Verdict"), choices=Assessment.Verdict.choices, widget=forms.RadioSelect)
    note = forms.CharField(
        label=_("What it rests on"),
        max_length=1_000,
        widget=forms.Textarea({"rows": 4}),
        help_text=_("Read by the program unit, the delegation and auditors, not by the public."),
    )
    file = forms.FileField(
        label=_("Document"),
        required=False,
        help_text=_("PDF, picture or office file. Needed unless the verdict goes back to “not yet known”."),
    )
    title = forms.CharField(label=_("Title of the document"), max_length=200, required=False)
    issued_on = forms.DateField(label=_("Issued on"), required=False, widget=DateInput)
    # The assessment the person had before them.
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)


class EligibleListForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=1_000,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("Stands on the list for ever, for instance the agreement that approves it."),
    )
