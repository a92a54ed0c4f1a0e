from django import forms
from django.utils.translation import gettext_lazy

from habitat.accounts.models import User
from polygons.models import Municipality


class PlaceOfWorkbookForm(forms.Form):
    """For which municipality a workbook is; who has one is not asked."""

    municipality = forms.ModelChoiceField(
        Municipality.objects.none(), label=gettext_lazy("Municipality"), empty_label=None
    )

    def __init__(self, *args, user: User, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        municipalities = user.municipalities()
        self.fields["municipality"].queryset = municipalities
        if len(municipalities[:2]) == 1:
            self.fields["municipality"].widget = forms.HiddenInput()
            self.fields["municipality"].initial = municipalities[0]


class WorkbookForm(PlaceOfWorkbookForm):
    file = forms.FileField(label=gettext_lazy("Filled workbook (XLSX)"), allow_empty_file=True)

    field_order = ["municipality", "file"]
