"""A scenario: what it is called and where, and what is thought of each project."""

from django import forms
from django.utils.translation import gettext_lazy

from habitat.accounts.models import User
from habitat.lib.forms import MoneyField
from modalities.models import FiscalYear
from polygons.models import State
from projects.forms.steps import remark_box
from projects.models import ScenarioRow


class NewScenarioForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    fiscal_year = forms.ModelChoiceField(
        FiscalYear.objects.filter(status="open"), label=gettext_lazy("Fiscal year"), empty_label=None
    )
    state = forms.ModelChoiceField(
        State.objects.none(), label=gettext_lazy("State"), empty_label=gettext_lazy("The whole country"), required=False
    )
    notes = remark_box(gettext_lazy("Notes"), required=False)

    def __init__(self, *args, user: User, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["state"].queryset = State.objects.visible_to(user)
        if not user.sees_the_nation:
            self.fields["state"].empty_label, self.fields["state"].required = None, True


class RowForm(forms.Form):
    choice = forms.ChoiceField(
        label=gettext_lazy("Decision"),
        choices=[("", gettext_lazy("Undecided")), *ScenarioRow.Choice.choices],
        required=False,
    )
    federal = MoneyField(label=gettext_lazy("Federal after the cut"), required=False)
    remark = forms.CharField(label=gettext_lazy("Reason"), max_length=2_000, required=False)

    def __init__(self, data=None, *, row: ScenarioRow) -> None:
        initial = {"choice": row.choice, "federal": row.federal, "remark": row.remark}
        super().__init__(data, prefix=f"row-{row.pk}", initial=initial)
        self.row = row
