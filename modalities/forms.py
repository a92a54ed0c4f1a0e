"""Writing a draft of the rules: one form a kind of rule, the head, the year's action types."""

from itertools import groupby
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from habitat.lib.forms import DateInput, MoneyField
from modalities.judged import CONDUCT, INDICATORS
from modalities.models import (
    RULE_KINDS,
    ActionType,
    CapRule,
    ConductRule,
    Deadline,
    DocumentKind,
    EligibilityCriterion,
    MixRule,
    Parameter,
    RequiredDocument,
    Rule,
    RulesVersion,
    ShareRule,
)
from modalities.parameters import CATALOGUE, WHOLE

CITED = ("clause", "source", "required_at", "is_verified", "note")
NEEDS_CONDUCT = gettext_lazy("The engine judges these; another code waits for a person and stops nothing: %(codes)s.")


class RuleForm(forms.ModelForm):
    """Fields of one row. The code is given once: versions are compared and verdicts kept by it."""

    class Meta:
        model: Any = Rule
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        code = self.fields["code"]
        if self.instance.pk:
            del self.fields["code"]
        else:
            code.required = self._meta.model is ConductRule
            code.help_text = code.help_text or _("Leave it empty and the portal gives one; it is never changed later.")
        self.fields["is_verified"].label = _("Verified against the text printed in the DOF")
        if "required_at" in self.fields:
            self.fields["required_at"].help_text = _("Left empty, the rule informs and stops nothing.")
        self.fields["note"].widget.attrs["rows"] = 3
        for name, field in self.fields.items():
            if name.endswith("_pct") or name in {"threshold", "value"}:
                field.localize = field.widget.is_localized = True
                field.widget = forms.TextInput({"class": "short", "inputmode": "decimal", "autocomplete": "off"})
                field.widget.is_localized = True

    def clean(self) -> dict[str, Any]:
        answers = super().clean() or {}
        for name, value in list(answers.items()):
            is_share = name.endswith("_pct") or (name == "threshold" and self._meta.model is ConductRule)
            if is_share and value is not None and not 0 <= value <= 100:
                self.add_error(name, _("A share lies between 0 and 100."))
        return answers

    def _post_clean(self) -> None:
        """The row itself is written and checked by the service, on the locked version."""


class ShareForm(RuleForm):
    class Meta:
        model = ShareRule
        fields = ("code", "strand", "modality", "action_type", "federal_max_pct", "local_min_pct", *CITED)

    def clean(self) -> dict[str, Any]:
        answers = super().clean()
        most, least = answers.get("federal_max_pct"), answers.get("local_min_pct")
        if most is not None and least is not None and most + least > 100:
            self.add_error("local_min_pct", _("The two shares add up to more than 100: no work could meet both."))
        return answers


class CapForm(RuleForm):
    amount = MoneyField(
        label=gettext_lazy("Federal maximum"),
        help_text=gettext_lazy("Left empty, it is not known and stops nothing."),
        required=False,
    )

    class Meta:
        model = CapRule
        fields = ("code", "action_type", "basis", "amount", *CITED)


class MixForm(RuleForm):
    class Meta:
        model = MixRule
        fields = ("code", "modality", "min_pct", "max_pct", *CITED)

    def clean(self) -> dict[str, Any]:
        answers = super().clean()
        least, most = answers.get("min_pct"), answers.get("max_pct")
        if least is not None and most is not None and least > most:
            self.add_error("max_pct", _("The maximum is below the minimum."))
        return answers


class CriterionForm(RuleForm):
    indicator = forms.ChoiceField(label=gettext_lazy("Indicator"), required=False)

    class Meta:
        model = EligibilityCriterion
        fields = ("code", "name_es", "name_en", "indicator", "comparator", "threshold", "exempt_strands", *CITED)
        widgets = {"exempt_strands": forms.CheckboxSelectMultiple}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = dict(INDICATORS)
        if self.instance.indicator and self.instance.indicator not in known:
            known[self.instance.indicator] = self.instance.indicator
        self.fields["indicator"].choices = [("", _("None: a person judges it, with a document")), *known.items()]

    def clean(self) -> dict[str, Any]:
        answers = super().clean()
        if answers.get("indicator") and answers.get("threshold") is None:
            self.add_error("threshold", _("What is measured needs a threshold."))
        if answers.get("indicator") and answers.get("comparator") == EligibilityCriterion.Comparator.IS_TRUE:
            self.add_error("comparator", _("What is measured is at least or at most its threshold."))
        return answers


class PaperForm(RuleForm):
    class Meta:
        model = RequiredDocument
        fields = ("code", "kind", "photo_stage", "minimum", "strand", "modality", "action_type", *CITED)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["minimum"].required = False

    def clean(self) -> dict:
        answers = super().clean()
        answers["minimum"] = answers.get("minimum") or 1
        if answers.get("photo_stage") and answers.get("kind") != DocumentKind.PHOTO:
            self.add_error("photo_stage", _("Only photographs have a stage."))
        return answers


class DeadlineForm(RuleForm):
    class Meta:
        model = Deadline
        fields = ("code", "state", "business_days", *(name for name in CITED if name != "required_at"))


class ConductForm(RuleForm):
    class Meta:
        model = ConductRule
        fields = ("code", "name_es", "name_en", "threshold", *CITED)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "code" in self.fields:
            self.fields["code"].help_text = NEEDS_CONDUCT % {"codes": ", ".join(CONDUCT)}
        weighs = CONDUCT.get(self.instance.code, "")
        self.fields["threshold"].help_text = weighs or _("Only for rules that weigh a share, in per cent.")

    def clean(self) -> dict[str, Any]:
        answers = super().clean()
        code = answers.get("code") or self.instance.code
        if answers.get("threshold") is not None and code in CONDUCT and not CONDUCT[code]:
            self.add_error("threshold", _("This rule weighs no share: leave it empty."))
        return answers


class ParameterForm(RuleForm):
    class Meta:
        model = Parameter
        fields = ("code", "value", *(name for name in CITED if name != "required_at"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        entry = CATALOGUE.get(self.instance.code)
        if entry:
            self.fields["value"].label = entry.name
            self.fields["value"].help_text = entry.measure.label
        if "code" in self.fields:
            choices = [(code, f"{row.name} ({row.measure.label})") for code, row in CATALOGUE.items()]
            self.fields["code"] = forms.ChoiceField(label=_("Parameter"), choices=choices)

    def clean(self) -> dict[str, Any]:
        answers = super().clean()
        value, entry = answers.get("value"), CATALOGUE.get(answers.get("code") or self.instance.code)
        if value is not None and value < 0:
            self.add_error("value", _("Not below zero."))
        elif value is not None and entry and entry.measure in WHOLE and value % 1:
            self.add_error("value", _("A whole number is needed."))
        return answers


FORMS: dict[str, type[RuleForm]] = {
    form._meta.model._meta.model_name: form
    for form in (ShareForm, CapForm, MixForm, CriterionForm, PaperForm, DeadlineForm, ConductForm, ParameterForm)
}
KINDS: dict[str, type[Rule]] = {kind._meta.model_name or "": kind for kind in RULE_KINDS}


class HeadForm(forms.ModelForm):
    class Meta:
        model = RulesVersion
        fields = ("source", "published_on")
        widgets = {"published_on": DateInput}

    def _post_clean(self) -> None:
        """Written by the service."""


class TypesForm(forms.Form):
    """`before`: what was ticked when the page was drawn, so that only what this person changed is written."""

    types = forms.MultipleChoiceField(
        label=gettext_lazy("Types the year funds"), widget=forms.CheckboxSelectMultiple, required=False
    )
    before = forms.MultipleChoiceField(widget=forms.MultipleHiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = ActionType.objects.select_related("line").order_by("modality__position", "line__position", "position")
        grouped = groupby(rows, key=lambda row: row.line.name)
        choices = [(line, [(row.pk, f"{row.pk} {row.name}") for row in types]) for line, types in grouped]
        self.fields["types"].choices = self.fields["before"].choices = choices

    @property
    def changes(self) -> dict[str, set[str]]:
        chosen, before = set(self.cleaned_data["types"]), set(self.cleaned_data["before"])
        return {"add": chosen - before, "remove": before - chosen}


class StartForm(forms.Form):
    source = forms.ModelChoiceField(
        RulesVersion.objects.none(), label=gettext_lazy("Copy the rules of"), empty_label=None
    )
    year = forms.IntegerField(
        label=gettext_lazy("For the fiscal year"),
        min_value=2001,
        max_value=2100,
        widget=forms.NumberInput({"class": "short"}),
    )

    def __init__(self, *args: Any, versions: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["source"].queryset = versions
        self.fields["source"].label_from_instance = _name_of


class ReasonForm(forms.Form):
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=2_000, widget=forms.Textarea({"rows": 3}))

    def clean_reason(self) -> str:
        reason = self.cleaned_data["reason"].strip()
        if not reason:
            raise ValidationError(_("Give the reason."))
        return reason


def _name_of(version: RulesVersion) -> str:
    known = {"year": version.fiscal_year_id, "number": version.version, "status": version.get_status_display().lower()}
    return _("%(year)s, version %(number)s, %(status)s") % known
