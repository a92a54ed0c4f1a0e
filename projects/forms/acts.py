"""What is typed of a work's money: each form gives the keywords of its service."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from habitat.lib.forms import DateInput, MoneyField
from habitat.lib.templatetags.portal import number
from projects.forms.proposals import QuantityField
from projects.models import Contract, Guarantee, Payment, Project, Refund, Release, Source


def day(label) -> forms.DateField:
    return forms.DateField(label=label, widget=DateInput)


class ActForm(forms.Form):
    """`project` narrows what can be chosen. Every act rests on a document."""

    file = forms.FileField(label=gettext_lazy("Document"), help_text=gettext_lazy("A scan in PDF."))
    note = forms.CharField(label=gettext_lazy("Note"), max_length=300, required=False)

    def __init__(self, *args, project: Project, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.project = project
        self.order_fields([name for name in self.fields if name not in ("file", "note")])

    def add_quantities(self, help_text: str) -> None:
        for action in self.project.actions.select_related("action_type").defer("geometry"):
            unit = {"unit": action.action_type.get_unit_display(), "planned": number(action.quantity, 2)}
            self.fields[f"quantity-{action.pk}"] = QuantityField(
                label=action.action_type.name, min_value=Decimal(0), initial=action.quantity, help_text=help_text % unit
            )
        last = ("file", "note")
        self.order_fields([*(name for name in self.fields if name not in last), *last])

    @property
    def said(self) -> dict[str, Any]:
        """As the service takes it."""
        answers = dict(self.cleaned_data)
        names = [name for name in answers if name.startswith("quantity-")]
        if names:
            answers["quantities"] = {int(name.removeprefix("quantity-")): answers.pop(name) for name in names}
        return answers | {"upload": answers.pop("file")}


class ContractForm(ActForm):
    kind = forms.ChoiceField(label=gettext_lazy("How it was awarded"), choices=Contract.Kind)
    law = forms.ChoiceField(
        label=gettext_lazy("Law"),
        choices=[("", gettext_lazy("None: own administration")), *Contract.Law.choices],
        required=False,
    )
    number = forms.CharField(label=gettext_lazy("Number of the contract or agreement"), max_length=60)
    contractor = forms.CharField(
        label=gettext_lazy("Contractor"),
        max_length=200,
        help_text=gettext_lazy("Of own administration: the municipal office that builds."),
    )
    contractor_rfc = forms.CharField(label=gettext_lazy("RFC"), max_length=20, required=False)
    before_tax = MoneyField(label=gettext_lazy("Amount before tax"), min_value=Decimal("0.01"))
    amount = MoneyField(label=gettext_lazy("Amount with tax"), min_value=Decimal("0.01"))
    on = day(gettext_lazy("Signed on"))
    starts_on = day(gettext_lazy("Start"))
    ends_on = day(gettext_lazy("End"))
    advance_percent = forms.DecimalField(
        label=gettext_lazy("Advance, per cent"), min_value=0, max_value=100, max_digits=5, decimal_places=2, initial=0
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.add_quantities(_("Contracted, in: %(unit)s. Approved: %(planned)s."))

    def clean(self) -> dict[str, Any]:
        answers = super().clean() or {}
        is_own = answers.get("kind") == Contract.Kind.OWN_ADMINISTRATION
        if not is_own and not (answers.get("law") and answers.get("contractor_rfc")):
            self.add_error("contractor_rfc", _("A contract names its law and the contractor's RFC."))
        if is_own:
            answers["law"] = ""
        return answers


class SourceForm(ActForm):
    source = forms.ChoiceField(label=gettext_lazy("Source"), choices=Source)
    amount = MoneyField(label=gettext_lazy("Amount"), min_value=Decimal("0.01"))
    on = day(gettext_lazy("Date"))
    reference = forms.CharField(label=gettext_lazy("Document number"), max_length=80)


class ReleaseForm(SourceForm):
    late_reason = forms.ChoiceField(
        label=gettext_lazy("Why it is late"),
        choices=[("", gettext_lazy("It is not late")), *Release.LateReason.choices],
        required=False,
    )


class ContractedForm(ActForm):
    """Of one contract that stands."""

    contract = forms.ModelChoiceField(Contract.objects.none(), label=gettext_lazy("Contract"), empty_label=None)

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["contract"].queryset = self.project.contracts.validated()
        self.order_fields(["contract"])


class EstimateForm(ContractedForm):
    period_from = day(gettext_lazy("Period: from"))
    period_to = day(gettext_lazy("Period: to"))
    on = day(gettext_lazy("Date of the estimate"))
    amount = MoneyField(
        label=gettext_lazy("Gross amount"), help_text=gettext_lazy("With tax."), min_value=Decimal("0.01")
    )
    amortised = MoneyField(
        label=gettext_lazy("Amortisation of the advance"),
        help_text=gettext_lazy("Left empty: the contract's advance in per cent of the gross amount."),
        required=False,
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.add_quantities(_("Built in the period, in: %(unit)s. Approved in all: %(planned)s."))
        for name in self.fields:
            if name.startswith("quantity-"):
                self.fields[name].initial = Decimal(0)


class PaymentForm(ContractedForm, SourceForm):
    estimate = forms.ModelChoiceField(
        Contract.objects.none(),
        label=gettext_lazy("Estimate"),
        empty_label=gettext_lazy("None: the advance"),
        required=False,
    )
    method = forms.ChoiceField(label=gettext_lazy("Paid by"), choices=Payment.Method)

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["estimate"].queryset = self.project.estimates.validated().select_related("contract")
        self.fields["amount"].help_text = _("What leaves the account for this source, with what is withheld.")
        self.order_fields(["contract", "estimate", "source", "amount", "on", "method", "reference", "file", "note"])


class ProofForm(SourceForm):
    pass


class RefundForm(SourceForm):
    motive = forms.ChoiceField(label=gettext_lazy("Why"), choices=Refund.Motive)

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reference"].label = _("Line of capture")


class GuaranteeForm(forms.Form):
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=Guarantee.Kind)
    number = forms.CharField(label=gettext_lazy("Number"), max_length=60)
    issuer = forms.CharField(label=gettext_lazy("Issued by"), max_length=200)
    amount = MoneyField(label=gettext_lazy("Amount"), min_value=Decimal("0.01"))
    valid_until = day(gettext_lazy("Valid until"))
