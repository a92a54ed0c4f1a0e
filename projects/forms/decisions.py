"""One step for many projects."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from habitat.accounts.models import User
from projects import services
from projects.forms.steps import remark_box
from projects.models import Observation


class DecisionForm(forms.Form):
    """`cleaned_data` is what `services.ask_decision` takes; the projects travel in one field, as ids with commas."""

    projects = forms.CharField(widget=forms.HiddenInput)
    step = forms.ChoiceField(label=gettext_lazy("What you decide"), widget=forms.RadioSelect)
    reason = remark_box(gettext_lazy("Reason, the same for all"), required=False)
    sections = forms.MultipleChoiceField(
        label=gettext_lazy("Sections to correct"),
        choices=Observation.Section,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=gettext_lazy("Only for a return with observations: these open again."),
    )

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.steps = {step.name: step for step in services.bulk_steps(by)}
        self.fields["step"].choices = [(step.name, step.label) for step in self.steps.values()]
        if "observe" not in self.steps:
            del self.fields["sections"]

    def clean_projects(self) -> list[int]:
        named = self.cleaned_data["projects"].split(",")
        if not all(name.isascii() and name.isdigit() and len(name) < 19 for name in named):
            raise ValidationError(_("Choose the projects on a desk."), code="no_projects")
        return [int(name) for name in named]

    def clean(self) -> dict[str, Any]:
        answers = super().clean() or {}
        step = self.steps.get(answers.get("step", ""))
        if step and step.needs_reason and not answers.get("reason"):
            self.add_error("reason", _("Give the reason."))
        if step and step.name == "observe" and not answers.get("sections"):
            self.add_error("sections", _("Choose at least one section to correct."))
        return answers
