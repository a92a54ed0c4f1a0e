from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from habitat.accounts.models import User
from projects.forms.committees import answer_box
from projects.forms.handovers import day_box, upload_box, words_box
from projects.models import ChecklistItem, Finding, Visit
from projects.services.visits import MARKS, Found

YES_NO = [("yes", _("Yes")), ("no", _("No"))]
FINDINGS = 3


class PlanVisitForm(forms.Form):
    kind = forms.ChoiceField(label=_("Visit"), choices=Visit.Kind, widget=forms.RadioSelect)
    planned_on = day_box(_("Planned for"))
    visitor = forms.ModelChoiceField(label=_("Visitor"), queryset=User.objects.none(), empty_label=None)
    purpose = forms.CharField(label=_("Purpose"), max_length=300, required=False)

    def __init__(self, *args: Any, visitors: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["visitor"].queryset = visitors


class MakeVisitForm(forms.Form):
    """The checklist as it was printed, some findings each with what must be done, and the form scanned.

    `said` is what `services.make_visit` takes besides the visit and the person.
    """

    made_on = day_box(_("Made on"))

    def __init__(self, *args: Any, visit: Visit, questions: list[ChecklistItem], owners: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.visit, self.questions = visit, questions
        for item in questions:
            self.fields[f"item_{item.pk}"] = answer_box(item)
            self.fields[f"note_{item.pk}"] = forms.CharField(label=_("Note"), max_length=300, required=False)
        if visit.kind == Visit.Kind.VERIFICATION:
            for name in MARKS:
                label = str(Visit._meta.get_field(name).verbose_name).capitalize()
                self.fields[name] = forms.ChoiceField(
                    label=_("The work %(what)s") % {"what": label.lower()}, choices=YES_NO, widget=forms.RadioSelect
                )
            self.fields["next_on"] = day_box(_("Next verification"), required=False)
        self.fields["summary"] = words_box(_("What was seen"))
        for number in range(1, FINDINGS + 1):
            self._add_finding(number, owners)
        self.fields["upload"] = upload_box(_("The form filled in, scanned"), required=False)

    def _add_finding(self, number: int, owners: Any) -> None:
        name = _("Finding %(number)s") % {"number": number}
        self.fields[f"finding_{number}"] = words_box(name, required=False, rows=2)
        self.fields[f"weight_{number}"] = forms.ChoiceField(
            label=pgettext_lazy("finding", "Weight"),
            choices=Finding.Weight,
            required=False,
            initial=Finding.Weight.MINOR,
        )
        self.fields[f"todo_{number}"] = forms.CharField(label=_("What must be done"), max_length=500, required=False)
        self.fields[f"owner_{number}"] = forms.ModelChoiceField(owners, label=_("By whom"), required=False)
        self.fields[f"due_{number}"] = day_box(_("Until"), required=False)

    def clean(self) -> None:
        for number in range(1, FINDINGS + 1):
            said = self.cleaned_data
            if said.get(f"todo_{number}") and not said.get(f"finding_{number}"):
                self.add_error(f"finding_{number}", _("Say what was found."))
            if said.get(f"todo_{number}") and not (said.get(f"owner_{number}") and said.get(f"due_{number}")):
                self.add_error(f"owner_{number}", _("What must be done needs an owner and a day."))

    @property
    def said(self) -> dict[str, Any]:
        said = self.cleaned_data
        answers = {item.pk: (said[f"item_{item.pk}"], said[f"note_{item.pk}"]) for item in self.questions}
        marks = {name: said[name] == "yes" for name in MARKS} if self.visit.kind == Visit.Kind.VERIFICATION else None
        return {
            "made_on": said["made_on"],
            "summary": said["summary"],
            "answers": answers,
            "findings": self._findings(),
            "marks": marks,
            "next_on": said.get("next_on"),
            "upload": said["upload"],
        }

    def _findings(self) -> list[Found]:
        said = self.cleaned_data
        return [
            Found(
                weight=said[f"weight_{number}"] or Finding.Weight.MINOR,
                text=said[f"finding_{number}"],
                todo=said[f"todo_{number}"],
                owner=said[f"owner_{number}"],
                due_on=said[f"due_{number}"],
            )
            for number in range(1, FINDINGS + 1)
            if said[f"finding_{number}"]
        ]


class PointForm(forms.Form):
    text = words_box(_("What must be done"))
    owner = forms.ModelChoiceField(label=_("By whom"), queryset=User.objects.none(), empty_label=None)
    due_on = day_box(_("Until"))

    def __init__(self, *args: Any, owners: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = owners


class ClosePointForm(forms.Form):
    done = words_box(_("What was done"))
    upload = upload_box(_("Document"), required=False)


class QuestionForm(forms.ModelForm):
    class Meta:
        model = ChecklistItem
        fields = ("form", "modality", "position", "text_es", "text_en", "is_retired")
