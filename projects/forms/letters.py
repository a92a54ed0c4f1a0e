"""Letters asked for, made anew and cancelled; their words; signed copies."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from habitat.lib.templatetags.portal import money
from modalities.models import FiscalYear
from polygons.models import State
from projects.forms.steps import remark_box
from projects.models import Letter, LetterKind, Project

POST_WORDS = gettext_lazy("As it stands under the signature.")


class WhereForm(forms.Form):
    """Of which state and year a letter is; a delegation has one state."""

    state = forms.ModelChoiceField(label=gettext_lazy("State"), queryset=State.objects.none(), empty_label=None)
    fiscal_year = forms.ModelChoiceField(
        label=gettext_lazy("Fiscal year"), queryset=FiscalYear.objects.order_by("-year"), empty_label=None
    )

    def __init__(self, *args, states, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["state"].queryset = states


def _name_of(work: Project) -> str:
    return f"{work.folio} {work.name} ({work.municipality.name}, {money(work.standing)})"


class WorkField(forms.ModelChoiceField):
    def label_from_instance(self, obj) -> str:
        return _name_of(obj)

    def clean(self, value):
        return [super().clean(value)]


class WorksField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, obj) -> str:
        return _name_of(obj)


class LetterForm(forms.Form):
    """`works` are those the letter may list, with the money they have; a letter of subsidies lists none."""

    addressee = forms.CharField(
        label=gettext_lazy("To whom"),
        max_length=200,
        help_text=gettext_lazy("Name and post, as the letter begins."),
    )
    post = forms.CharField(label=gettext_lazy("Your post"), max_length=120, help_text=POST_WORDS)

    def __init__(self, *args, kind: str, works, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        works = works.select_related("municipality")
        if kind == LetterKind.AUTHORISATION:
            self.fields["projects"] = WorkField(works, label=_("Project"), widget=forms.RadioSelect, empty_label=None)
        elif kind == LetterKind.APPROVAL:
            self.fields["projects"] = WorksField(works, label=_("Projects"), widget=forms.CheckboxSelectMultiple)


class ReissueForm(forms.Form):
    addressee = forms.CharField(label=gettext_lazy("To whom"), max_length=200)
    post = forms.CharField(label=gettext_lazy("Post of who signs"), max_length=120, help_text=POST_WORDS)
    reason = remark_box(gettext_lazy("Why it is made anew"), required=True)


class CancelForm(forms.Form):
    reason = remark_box(gettext_lazy("Why it is cancelled"), required=True)


class TextForm(forms.Form):
    """`seen` is the revision of the draft the person read."""

    subject = forms.CharField(label=gettext_lazy("Subject"), max_length=200)
    body = forms.CharField(
        label=gettext_lazy("Text"),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 18, "spellcheck": "true"}),
        help_text=gettext_lazy("An empty line begins a new paragraph. Braces enclose the name of a placeholder."),
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class ScanForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("Scan of the signed copy"),
        help_text=gettext_lazy("PDF, JPEG or PNG, with the square code of the letter on one of its pages."),
        widget=forms.FileInput(attrs={"accept": "application/pdf,image/jpeg,image/png"}),
    )


class WhichLetterForm(forms.Form):
    number = forms.CharField(label=gettext_lazy("Number of the letter"), max_length=30)

    def __init__(self, *args, letters, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.letters = letters

    def clean_number(self) -> Letter:
        found = self.letters.filter(number__iexact=self.cleaned_data["number"].strip()).first()
        if found is None:
            raise forms.ValidationError(_("There is no letter of this number that you may open."))
        return found
