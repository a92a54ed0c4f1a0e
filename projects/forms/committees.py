from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from modalities.models import FiscalYear
from polygons.models import Municipality, Polygon
from projects.forms.handovers import day_box, upload_box, words_box
from projects.models import (
    Answer,
    ChecklistItem,
    Committee,
    CommitteeActivity,
    CommitteeMember,
    CommitteePaper,
    Project,
    Sex,
)


class WorksBox(forms.ModelMultipleChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.folio} {obj.name}"


class NewCommitteeForm(forms.Form):
    """`works`: those it may watch."""

    name = forms.CharField(label=_("Name"), max_length=200)
    municipality = forms.ModelChoiceField(
        label=_("Municipality"), queryset=Municipality.objects.none(), empty_label=None
    )
    fiscal_year = forms.ModelChoiceField(
        label=_("Fiscal year"), queryset=FiscalYear.objects.order_by("-year"), empty_label=None
    )
    polygon = forms.ModelChoiceField(
        label=_("Habitat Polygon"),
        queryset=Polygon.objects.none(),
        required=False,
        help_text=_("With a polygon it watches all of its works of that year."),
    )
    constituted_on = day_box(_("Day of the assembly"))
    minutes = upload_box(_("Minutes of the assembly"))
    projects = WorksBox(
        label=_("Works it watches"),
        queryset=Project.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, works: Any, places: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["projects"].queryset = works
        self.fields["municipality"].queryset = places
        self.fields["polygon"].queryset = Polygon.objects.filter(municipality__in=places)


class ChangeCommitteeForm(forms.ModelForm):
    projects = WorksBox(
        label=_("Works it watches"),
        queryset=Project.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = Committee
        fields = ("registration", "registered_on", "dissolved_on", "polygon")

    def __init__(self, *args: Any, works: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("registered_on", "dissolved_on"):
            self.fields[name] = day_box(self.fields[name].label, required=False)
        self.fields["polygon"].queryset = Polygon.objects.filter(municipality=self.instance.municipality_id)
        self.fields["projects"].queryset = works
        self.fields["projects"].initial = list(self.instance.works.values_list("project", flat=True))


class CommitteeMemberForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=120)
    sex = forms.ChoiceField(label=_("Sex"), choices=Sex, widget=forms.RadioSelect)
    post = forms.ChoiceField(label=_("Post"), choices=CommitteeMember.Post)
    joined_on = day_box(_("Since"))
    is_no_official = forms.BooleanField(
        label=_("Declared in writing to hold no public post"),
        required=False,
        help_text=_("No public official sits in a committee."),
    )


class EndMembershipForm(forms.Form):
    on = day_box(_("Until"))


class ActivityForm(forms.Form):
    kind = forms.ChoiceField(label=_("What"), choices=CommitteeActivity.Kind)
    on = day_box(_("Date"))
    text = words_box(_("What was done or agreed"))
    women = forms.IntegerField(label=_("Women present"), min_value=0, max_value=5_000, initial=0)
    men = forms.IntegerField(label=_("Men present"), min_value=0, max_value=5_000, initial=0)
    upload = upload_box(_("Minutes or signed list"), required=False)


class CommitteePaperForm(forms.Form):
    kind = forms.ChoiceField(label=_("Document"), choices=CommitteePaper.Kind)
    upload = upload_box(_("File"))


class CapturedForm(forms.Form):
    on = day_box(_("Entered in SICS on"))


def answer_box(item: ChecklistItem) -> forms.ChoiceField:
    return forms.ChoiceField(label=str(item), choices=Answer, widget=forms.RadioSelect)


class VigilanceAnswersForm(forms.Form):
    """One question a row of the form that was printed; `answers` is what the service takes."""

    on = day_box(_("Filled in on"))

    def __init__(self, *args: Any, committees: Any, questions: list[ChecklistItem], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.questions = questions
        self.fields["committee"] = forms.ModelChoiceField(committees, label=_("Committee"), empty_label=None)
        for item in questions:
            self.fields[f"item_{item.pk}"] = answer_box(item)
        self.fields["note"] = words_box(_("Remarks"), required=False)
        self.fields["upload"] = upload_box(_("The form, scanned"), required=False)

    @property
    def answers(self) -> dict[int, str]:
        return {item.pk: self.cleaned_data[f"item_{item.pk}"] for item in self.questions}


class WordForm(forms.Form):
    """The committee's word on a finished work."""

    on = day_box(_("Date"))
    is_favourable = forms.TypedChoiceField(
        label=_("The committee"),
        choices=[("yes", _("is satisfied")), ("no", _("is not satisfied"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    text = words_box(_("What it says"))
    upload = upload_box(_("Paper it signed"))

    def __init__(self, *args: Any, committees: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["committee"] = forms.ModelChoiceField(committees, label=_("Committee"), empty_label=None)
        self.order_fields(["committee"])


class WaiverForm(forms.Form):
    reason = words_box(_("Why the committee cannot give its word"))
    upload = upload_box(_("Document it rests on"))


class DecideWaiverForm(forms.Form):
    is_granted = forms.TypedChoiceField(
        label=_("Your decision"),
        choices=[("yes", _("Grant it")), ("no", _("Refuse it"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    note = words_box(_("Reasons"))
