from typing import Any

from django import forms
from django.contrib.gis.geos import Point
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from habitat.lib.forms import MoneyField
from polygons.models import Polygon
from projects.forms.committees import WorksBox
from projects.forms.handovers import day_box, words_box
from projects.models import AgeGroup, Centre, CentreEquipment, CentreInspection, CentreService, CentreSpace, Project
from projects.models.money import Source


class CentreForm(forms.ModelForm):
    """`places`: municipalities it may be in; `works`: the program's in it. Degrees of EPSG:4326."""

    latitude = forms.FloatField(label=gettext_lazy("Latitude"), min_value=14, max_value=33, required=False)
    longitude = forms.FloatField(
        label=gettext_lazy("Longitude"),
        min_value=-119,
        max_value=-86,
        required=False,
        help_text=gettext_lazy("Both or none."),
    )
    projects = WorksBox(
        label=gettext_lazy("Works in it"),
        queryset=Project.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = Centre
        fields = ("name", "municipality", "polygon", "address", "ownership", "standing", "opened_on", "operator")

    def __init__(self, *args: Any, places: Any, works: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["opened_on"] = day_box(_("Opened"), required=False)
        self.fields["municipality"] = forms.ModelChoiceField(places, label=_("Municipality"), empty_label=None)
        self.fields["polygon"].queryset = Polygon.objects.filter(municipality__in=places)
        self.fields["projects"].queryset = works
        if self.instance.pk:
            self.fields["projects"].initial = list(self.instance.works.values_list("project", flat=True))
        if self.instance.point:
            self.fields["longitude"].initial, self.fields["latitude"].initial = self.instance.point.coords

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        ends = (said.get("longitude"), said.get("latitude"))
        if (ends[0] is None) != (ends[1] is None):
            self.add_error("longitude", _("Both or none."))
        said["point"] = Point(*ends, srid=4326) if None not in ends else None
        return said

    def said(self) -> Centre:
        centre = self.save(commit=False)
        centre.point = self.cleaned_data["point"]
        return centre


class SpaceForm(forms.ModelForm):
    class Meta:
        model = CentreSpace
        fields = ("name", "area", "capacity", "condition")


class EquipmentForm(forms.ModelForm):
    class Meta:
        model = CentreEquipment
        fields = ("name", "quantity", "inventory", "condition")


class ServiceForm(forms.ModelForm):
    class Meta:
        model = CentreService
        fields = ("name", "hours", "is_offered")


class MonthForm(forms.Form):
    month = day_box(gettext_lazy("Month"), help_text=gettext_lazy("Any day of the month."))

    def clean_month(self) -> Any:
        return self.cleaned_data["month"].replace(day=1)


class CostForm(MonthForm):
    payer = forms.ChoiceField(label=gettext_lazy("who paid"), choices=Source)
    concept = forms.CharField(label=gettext_lazy("of what"), max_length=120, required=False)
    amount = MoneyField(label=gettext_lazy("amount"), min_value=1)


class InspectionForm(forms.Form):
    on = day_box(gettext_lazy("Date"))
    building = forms.ChoiceField(
        label=gettext_lazy("Building"), choices=CentreInspection._meta.get_field("building").choices
    )
    equipment = forms.ChoiceField(
        label=gettext_lazy("Equipment"), choices=CentreInspection._meta.get_field("equipment").choices
    )
    is_operating = forms.BooleanField(label=gettext_lazy("was operating"), required=False)
    text = words_box(gettext_lazy("what was found"))


class AttendanceForm(MonthForm):
    """Women and men of each age group; `counts` is what the service takes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for group in AgeGroup:
            for sex, label in (("women", _("%(group)s, women")), ("men", _("%(group)s, men"))):
                self.fields[f"{sex}_{group.value}"] = forms.IntegerField(
                    label=label % {"group": group.label}, min_value=0, max_value=100_000, initial=0
                )

    @property
    def counts(self) -> dict[str, tuple[int, int]]:
        said = self.cleaned_data
        return {group.value: (said[f"women_{group.value}"], said[f"men_{group.value}"]) for group in AgeGroup}
