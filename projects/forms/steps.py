"""What a step, an answer or an opinion asks."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from habitat.lib.forms import DateInput
from modalities.models import Modality
from projects.models import Observation


def remark_box(label: str | Promise, *, required: bool) -> forms.CharField:
    return forms.CharField(label=label, required=required, max_length=5_000, widget=forms.Textarea({"rows": 4}))


class StepForm(forms.Form):
    """A step that asks nothing but the pressing. `said` is what `services.take_step` takes."""

    @property
    def said(self) -> dict[str, object]:
        return {}


class ReasonForm(StepForm):
    reason = remark_box(gettext_lazy("Reason"), required=True)

    @property
    def said(self) -> dict[str, object]:
        return {"reason": self.cleaned_data["reason"]}


class RemarksForm(ReasonForm):
    """What to correct, section by section; only the sections written about open again."""

    field_order = [*Observation.Section.values, "reason"]

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for section in Observation.Section:
            self.fields[section.value] = remark_box(section.label, required=False)
        self.order_fields(self.field_order)
        self.fields["reason"].label = _("Reason in one sentence")

    def clean(self) -> dict:
        answers = super().clean()
        if not any(answers.get(section) for section in Observation.Section.values):
            raise ValidationError(_("Say what to correct in at least one section."), code="no_remark")
        return answers

    @property
    def said(self) -> dict[str, object]:
        remarks = [(section, self.cleaned_data[section]) for section in Observation.Section.values]
        return {"reason": self.cleaned_data["reason"], "remarks": remarks}


class TextForm(forms.Form):
    text = remark_box("", required=True)


class OverlapForm(TextForm):
    """`seen`: how large the overlap was on the page."""

    text = remark_box(gettext_lazy("Why the proposal is still wanted"), required=True)
    seen = forms.DecimalField(widget=forms.HiddenInput, required=False)


class AskOpinionForm(forms.Form):
    """Of which modality, until when, about what; `cleaned_data` is what `services.ask_opinion` takes."""

    modality = forms.ModelChoiceField(label=gettext_lazy("Modality"), queryset=Modality.objects.all(), empty_label=None)
    due_on = forms.DateField(label=gettext_lazy("Due"), widget=DateInput)
    question = remark_box(gettext_lazy("What you ask"), required=False)


class OpinionForm(forms.Form):
    is_favourable = forms.TypedChoiceField(
        label=gettext_lazy("Your opinion"),
        choices=[("yes", gettext_lazy("Favourable")), ("no", gettext_lazy("Unfavourable"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    text = remark_box(gettext_lazy("Reasons"), required=True)
