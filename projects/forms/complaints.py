from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from polygons.models import State
from projects.forms.handovers import words_box
from projects.models import Project, Route


class ComplaintForm(forms.Form):
    """For everybody, without an account; only the words are asked for. `folio` is of a public work."""

    text = words_box(_("What happened"), rows=6)
    folio = forms.CharField(
        label=_("Folio of the work"), max_length=20, required=False, help_text=_("If it is about a work; see its page.")
    )
    state = forms.ModelChoiceField(label=_("State"), queryset=State.objects.all(), required=False)
    place = forms.CharField(label=_("Place"), max_length=200, required=False)
    contact = forms.CharField(
        label=_("How to reach you"),
        max_length=200,
        required=False,
        help_text=_("Only if you want. The municipality never sees it; who opens it leaves a trace."),
    )

    def clean_folio(self) -> Project | None:
        folio = self.cleaned_data["folio"].strip()
        if not folio:
            return None
        found = Project.objects.approved().filter(folio__iexact=folio).select_related("municipality__state").first()
        if found is None:
            raise forms.ValidationError(_("No public work has this folio. Leave it blank if you are not sure."))
        return found

    @property
    def said(self) -> dict[str, Any]:
        said = dict(self.cleaned_data)
        return said | {"project": said.pop("folio")}


class LookForm(forms.Form):
    folio = forms.CharField(label=_("Folio"), max_length=20)
    secret = forms.CharField(
        label=_("Key"), max_length=40, widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"})
    )


class RouteForm(forms.Form):
    route = forms.ChoiceField(label=_("Who resolves it"), choices=Route, widget=forms.RadioSelect)
    note = words_box(_("Note"), required=False, rows=2)


class AnswerForm(forms.Form):
    answer = words_box(_("Answer to the sender"), rows=6)


class NoteForm(forms.Form):
    note = words_box(_("Note"))
