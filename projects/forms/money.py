"""Progress of a month, and ceilings."""

from decimal import Decimal

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from habitat.lib.forms import DateInput, MoneyField
from habitat.lib.templatetags.portal import number
from modalities.models import FiscalYear, Modality, Strand
from polygons.models import Municipality, State
from projects.forms.proposals import QuantityField
from projects.forms.steps import remark_box
from projects.models import Action, Source


class ProgressForm(forms.Form):
    """What was measured of each action and paid by each source in one month, not the running total."""

    def __init__(self, *args, actions: list[Action], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.actions = actions
        for action in actions:
            self.fields[f"quantity-{action.pk}"] = QuantityField(
                label=action.action_type.name,
                min_value=Decimal(0),
                help_text=_("Measured this month, in: %(unit)s. Planned: %(planned)s.")
                % {"unit": action.action_type.get_unit_display(), "planned": number(action.quantity, 2)},
            )
        for source in Source:
            self.fields[source.value] = MoneyField(
                label=_("Paid this month: %(source)s") % {"source": source.label.lower()}
            )
        self.fields["note"] = remark_box(_("Note"), required=False)

    @property
    def measured(self) -> dict[str, object]:
        """As `services.save_progress` takes it."""
        answers = self.cleaned_data
        return {
            "quantities": {action.pk: answers[f"quantity-{action.pk}"] for action in self.actions},
            "spending": {source: answers[source] for source in Source.values},
            "note": answers["note"],
        }


class CeilingForm(forms.Form):
    """One node of the tree; the state is chosen before, so that its municipalities fit on a page."""

    fiscal_year = forms.ModelChoiceField(
        FiscalYear.objects.exclude(status="closed"), label=gettext_lazy("Fiscal year"), empty_label=None
    )
    strand = forms.ModelChoiceField(Strand.objects.all(), label=gettext_lazy("Strand"), empty_label=None)
    municipality = forms.ModelChoiceField(
        Municipality.objects.none(),
        label=gettext_lazy("Municipality"),
        empty_label=gettext_lazy("The whole state"),
        required=False,
    )
    modality = forms.ModelChoiceField(
        Modality.objects.all(),
        label=gettext_lazy("Modality"),
        empty_label=gettext_lazy("All modalities"),
        required=False,
    )
    amount = MoneyField(label=gettext_lazy("Federal pesos"))
    agreement = forms.CharField(
        label=gettext_lazy("Coordination agreement"),
        help_text=gettext_lazy("The signed agreement, amendment or letter that the amount rests on."),
        max_length=200,
    )
    agreed_on = forms.DateField(label=gettext_lazy("Signed on"), widget=DateInput, required=False)

    def __init__(self, *args, state: State | None, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if state is None:
            del self.fields["municipality"], self.fields["modality"]
        else:
            self.fields["municipality"].queryset = state.municipalities.all()

    def clean(self) -> dict:
        answers = super().clean()
        if answers.get("modality") and not answers.get("municipality"):
            self.add_error("municipality", _("A ceiling by modality belongs to one municipality: choose it."))
        return answers
