"""Forms of the restricted register."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import localize_input
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from habitat.lib.forms import MoneyField
from habitat.lib.rfc import clean_rfc
from modalities.models import FiscalYear
from polygons.models import State
from projects.forms.handovers import day_box, upload_box, words_box
from projects.identity import settled
from projects.models import (
    ActorProject,
    Course,
    CourseSession,
    Engagement,
    Participant,
    Person,
    Project,
    RegisteredSex,
    SocialActor,
)
from projects.register_layouts import LAYOUTS
from projects.services.merging import mark

NOBODY = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"}
PERSON = ("curp", "no_curp", "no_curp_note", "given_names", "first_surname", "second_surname", "born_on", "sex")


def name_box(label, limit: int, *, required: bool = True) -> forms.CharField:
    """Of somebody else than who types: the browser proposes nothing."""
    box = forms.TextInput({"autocomplete": "off"})
    return forms.CharField(label=label, max_length=limit, required=required, widget=box)


class PersonForm(forms.Form):
    """`said`: what the services take of a person."""

    curp = forms.CharField(
        label="CURP", max_length=22, required=False, help_text=_("18 characters."), widget=forms.TextInput(NOBODY)
    )
    no_curp = forms.ChoiceField(
        label=_("Why without CURP"), required=False, choices=[("", "—"), *Person.NoCurp.choices],
        help_text=_("Only where there is no CURP."),
    )  # fmt: skip
    no_curp_note = forms.CharField(label=_("Reason in words"), max_length=300, required=False)
    given_names = name_box(_("Given names"), 80)
    first_surname = name_box(_("First surname"), 60)
    second_surname = name_box(_("Second surname"), 60, required=False)
    born_on = day_box(_("Date of birth"), required=False, help_text=_("May stay empty with a CURP."))
    sex = forms.ChoiceField(
        label=_("Sex"), required=False, choices=[("", "—"), *RegisteredSex.choices],
        help_text=_("May stay empty with a CURP."),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors:
            try:
                settled({name: cleaned.get(name) for name in PERSON})
            except ValidationError as error:
                for name, sentences in error.message_dict.items():
                    self.add_error(name, sentences)
        return cleaned

    @property
    def said(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in PERSON}


class EngagementForm(forms.ModelForm):
    """What binds a person to an action."""

    starts_on = day_box(_("From"))
    ends_on = day_box(_("Until"))
    monthly_stipend = MoneyField(label=_("Monthly stipend"))
    school = forms.CharField(
        label=_("School"), max_length=200, required=False, help_text=_("Of a service provider: where they study.")
    )

    class Meta:
        model = Engagement
        fields = ("starts_on", "ends_on", "months", "monthly_stipend", "school")


class EngageForm(PersonForm):
    """A person and the engagement, on one page."""

    starts_on = day_box(_("From"))
    ends_on = day_box(_("Until"))
    months = forms.IntegerField(label=_("Months to be paid"), min_value=1, max_value=12)
    monthly_stipend = MoneyField(label=_("Monthly stipend"), min_value=Decimal("0.01"))
    school = forms.CharField(
        label=_("School"), max_length=200, required=False, help_text=_("Of a service provider: where they study.")
    )

    @property
    def terms(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in EngagementForm.Meta.fields}


class EnrolForm(PersonForm):
    enrolled_on = day_box(_("Enrolled on"))

    @property
    def terms(self) -> dict[str, Any]:
        return {"enrolled_on": self.cleaned_data["enrolled_on"]}


class EndForm(forms.Form):
    left_on = day_box(_("Last day"))
    reason = forms.CharField(label=_("Why"), max_length=300)


class LeaveForm(forms.Form):
    on = day_box(_("Last day"))


class CourseForm(forms.ModelForm):
    starts_on = day_box(_("From"))
    ends_on = day_box(_("Until"))

    class Meta:
        model = Course
        fields = ("name", "place", "starts_on", "ends_on", "hours")


class SessionForm(forms.ModelForm):
    on = day_box(_("Date"))

    class Meta:
        model = CourseSession
        fields = ("on", "hours", "topic")


class ReturnForm(forms.Form):
    reason = words_box(_("What is to be mended"), rows=2)


class RowsForm(forms.Form):
    """A figure a person, all on one page. `marks` goes along with it: what stood in each row when it was drawn.

    A refused page brings its marks back as they were, for it still says what was typed then.
    """

    def __init__(self, *args: Any, keys: list[int], now: Mapping[int, Decimal], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.keys = keys
        self.marks = self.data.get("seen", "{}") if self.is_bound else self._marks_of(now)

    def catch_up(self, now: Mapping[int, Decimal]) -> None:
        """After some rows were kept: those with an error say what was typed, the others what stands now."""
        self.data = self.data.copy()
        self.marks = self._marks_of(now)
        for key in self.keys:
            if not self.errors.keys() & self.boxes(key, None):
                for name, text in self.boxes(key, now.get(key)).items():
                    self.data[name] = text

    def _marks_of(self, now: Mapping[int, Decimal]) -> str:
        return json.dumps({str(key): mark(self.as_marked(now.get(key))) for key in self.keys})

    def as_marked(self, value: Decimal | None) -> Decimal | None:
        return value

    def boxes(self, key: int, value: Decimal | None) -> dict[str, str]:
        """The controls of a row, filled with what it says."""
        raise NotImplementedError


class StipendForm(RowsForm):
    """One box a person engaged; empty takes them off the month's list. `amounts` is what the service takes."""

    def __init__(self, *args: Any, engagements: list[Engagement], now: Mapping[int, Decimal], **kwargs: Any) -> None:
        super().__init__(*args, keys=[row.pk for row in engagements], now=now, **kwargs)
        self.engagements = engagements
        for row in engagements:
            label = f"{row.person.name} (#{row.person_id})"
            self.fields[f"e{row.pk}"] = MoneyField(label=label, required=False, min_value=Decimal("0.01"))

    @property
    def amounts(self) -> dict[int, Decimal | None]:
        """Of the boxes that hold; a wrong one keeps its error and its row, and who was engaged since has no box."""
        said = self.cleaned_data
        return {key: said[f"e{key}"] for key in self.keys if f"e{key}" in said and f"e{key}" in self.data}

    def boxes(self, key: int, value: Decimal | None) -> dict[str, str]:
        return {f"e{key}": "" if value is None else str(localize_input(value))}

    def rows(self) -> list[tuple[Engagement, forms.BoundField]]:
        return [(row, self[f"e{row.pk}"]) for row in self.engagements]


class SheetForm(RowsForm):
    """A tick a participant, and hours where they are fewer than the session's."""

    def __init__(
        self, *args: Any, session: CourseSession, participants: list[Participant], now: Mapping[int, Decimal],
        **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, keys=[row.pk for row in participants], now=now, **kwargs)
        self.session, self.participants = session, participants
        for row in participants:
            self.fields[f"came{row.pk}"] = forms.BooleanField(label=row.person.name, required=False)
            self.fields[f"hours{row.pk}"] = forms.DecimalField(
                label=_("Hours of %(name)s") % {"name": row.person.name}, required=False, min_value=0,
                max_value=session.hours, max_digits=6, decimal_places=2, localize=True,
                widget=forms.TextInput({"class": "short", "inputmode": "decimal", "autocomplete": "off"}),
            )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """A tick and the hours beside it say the same, or the row is asked again."""
        said = super().clean() or self.cleaned_data
        for key in self.keys:
            hours = said.get(f"hours{key}")
            if said.get(f"came{key}") and hours == 0:
                self.add_error(f"hours{key}", _now("Ticked, and of 0 hours: take the tick off, or write the hours."))
            elif hours and not said.get(f"came{key}"):
                self.add_error(f"hours{key}", _now("Hours without a tick: tick who came, or empty the box."))
        return said

    @property
    def hours(self) -> dict[int, Decimal]:
        """Of everybody who was on the page; 0 for who did not come."""
        said = self.cleaned_data
        return {
            key: (said.get(f"hours{key}") or self.session.hours) if said.get(f"came{key}") else Decimal(0)
            for key in self.keys
            if f"hours{key}" in self.data or f"came{key}" in self.data
        }

    def as_marked(self, value: Decimal | None) -> Decimal:
        return value or Decimal(0)

    def boxes(self, key: int, value: Decimal | None) -> dict[str, str]:
        is_part = bool(value) and value != self.session.hours
        return {f"came{key}": "on" if value else "", f"hours{key}": str(localize_input(value)) if is_part else ""}

    def rows(self) -> list[tuple[Participant, forms.BoundField, forms.BoundField]]:
        return [(row, self[f"came{row.pk}"], self[f"hours{row.pk}"]) for row in self.participants]


class RosterForm(forms.Form):
    upload = upload_box(_("The workbook, filled in"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["upload"].help_text = _("XLSX, from the template of this course.")


class SureForm(forms.Form):
    is_sure = forms.BooleanField(label=_("I am sure"))


class SearchForm(forms.Form):
    """By POST alone: what is looked for must stand in no address and no log."""

    words = forms.CharField(
        label=_("Whole CURP, or words of the name"), min_length=3, max_length=120, widget=forms.TextInput(NOBODY)
    )


class ActorForm(forms.ModelForm):
    """`parts`: project → what the actor is in it."""

    acts = forms.ModelMultipleChoiceField(
        label=_("Projects in which it acts"), queryset=Project.objects.none(), required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    served = forms.ModelMultipleChoiceField(
        label=_("Projects that serve it"), queryset=Project.objects.none(), required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip

    class Meta:
        model = SocialActor
        fields = ("municipality", "kind", "name", "rfc", "cluni", "place", "committee", "centre")

    def __init__(self, *args: Any, places: Any, works: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["municipality"].queryset = places
        self.fields["municipality"].empty_label = None
        for name in ("committee", "centre"):
            self.fields[name].queryset = self.fields[name].queryset.filter(municipality__in=places)
        for name in ("acts", "served"):
            self.fields[name].queryset = works
            self.fields[name].label_from_instance = lambda work: f"{work.folio} {work.name}"
        if self.instance.pk:
            del self.fields["municipality"]
            for name in ("acts", "served"):
                self.fields[name].initial = list(
                    self.instance.works.filter(part=name).values_list("project", flat=True)
                )

    def clean_rfc(self) -> str:
        return clean_rfc(self.cleaned_data["rfc"]) if self.cleaned_data["rfc"] else ""

    def clean_cluni(self) -> str:
        cluni = self.cleaned_data["cluni"].strip().upper()
        if cluni and not (len(cluni) == 14 and cluni.isalnum()):
            raise ValidationError(_("A CLUNI has 14 letters and digits."))
        return cluni

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        both = set(cleaned.get("acts") or ()) & set(cleaned.get("served") or ())
        if both:
            self.add_error("served", _("A project stands in both lists."))
        return cleaned

    @property
    def now(self) -> dict[str, Any]:
        """What stands, by field."""
        works = {name: self.fields[name].initial for name in ActorProject.Part.values}
        return {name: self.initial[name] for name in self.fields if name in self.initial} | works

    @property
    def parts(self) -> dict[Project, str]:
        return {
            work: part
            for name, part in (("acts", ActorProject.Part.ACTS), ("served", ActorProject.Part.SERVED))
            for work in self.cleaned_data[name]
        }


class ExportForm(forms.Form):
    """Which structure, of when and where, and what for: the purpose stays with the reading."""

    structure = forms.ChoiceField(
        label=_("Structure"),
        choices=[(code, layout.title) for code, layout in LAYOUTS.items()],
        widget=forms.RadioSelect,
    )
    year = forms.ModelChoiceField(
        label=_("Fiscal year"), queryset=FiscalYear.objects.order_by("-year"), empty_label=None
    )
    state = forms.ModelChoiceField(
        label=_("State"), queryset=State.objects.none(), required=False, empty_label=_("All that I see")
    )
    kind = forms.ChoiceField(label=_("File"), choices=[("xlsx", "XLSX"), ("csv", "CSV")])
    purpose = forms.CharField(
        label=_("What for"), max_length=300, help_text=_("It stays in the record of readings, with your name.")
    )

    def __init__(self, *args: Any, states: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["state"].queryset = states
