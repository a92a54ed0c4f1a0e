"""Progress of a month, what happened to the money, and ceilings."""

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
from projects.models import Action, Moment, Source


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


class EntryForm(forms.Form):
    """What happened to one source's money; `moments` are those this person enters."""

    moment = forms.ChoiceField(label=gettext_lazy("What happened"))
    source = forms.ChoiceField(label=gettext_lazy("Source"), choices=Source)
    amount = MoneyField(label=gettext_lazy("Amount"), min_value=Decimal("0.01"))
    on = forms.DateField(label=gettext_lazy("Date"), widget=DateInput)
    note = forms.CharField(
        label=gettext_lazy("Note"),
        help_text=gettext_lazy("The paper it rests on: invoice, letter, receipt of the Treasury."),
        max_length=300,
        required=False,
    )

    def __init__(self, *args, moments: list[str], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["moment"].choices = [(moment, Moment(moment).label) for moment in moments]


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
