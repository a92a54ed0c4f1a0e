"""What is typed to amend an approved project: one form a kind, each gives `changes` as the service takes them."""

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib.gis.geos import GEOSGeometry
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from habitat.lib.coordinates import parse_place
from habitat.lib.forms import DateInput, MoneyField
from habitat.lib.templatetags.portal import number
from projects.cofunding import by_source
from projects.forms.proposals import QuantityField
from projects.forms.steps import remark_box
from projects.models import Amendment, Project, Source


class AmendmentForm(forms.Form):
    asked = remark_box(gettext_lazy("Why it is asked for"), required=True)
    file = forms.FileField(label=gettext_lazy("Document"), help_text=gettext_lazy("A scan in PDF."), required=False)

    def __init__(self, *args, project: Project, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.project = project
        self.actions = list(project.actions.select_related("action_type").prefetch_related("contributions"))
        self.add_fields()
        last = ("contract", "contract_change", "asked", "file")
        self.order_fields([*(name for name in self.fields if name not in last), *last])

    def add_fields(self) -> None:
        """What its kind asks, if anything."""

    def add_contract(self) -> None:
        standing = self.project.contracts.validated()
        if standing.exists():
            self.fields["contract"] = forms.ModelChoiceField(
                standing, label=_("Contract it changes"), empty_label=_("None"), required=False
            )
            self.fields["contract_change"] = MoneyField(
                label=_("More or less of the contract, with tax"), min_value=None, required=False,
                help_text=_("With a minus where the contract loses; empty where its amount stays."),
            )  # fmt: skip

    @property
    def changes(self) -> dict[str, Any]:
        return {}

    @property
    def said(self) -> dict[str, Any]:
        """As `services.propose_amendment` takes it."""
        answers = self.cleaned_data
        return {
            "asked": answers["asked"], "upload": answers["file"], "changes": self.changes,
            "contract": answers.get("contract"), "contract_change": answers.get("contract_change"),
        }  # fmt: skip


class TimeForm(AmendmentForm):
    starts_on = forms.DateField(label=gettext_lazy("Start"), widget=DateInput)
    ends_on = forms.DateField(label=gettext_lazy("End"), widget=DateInput)

    def add_fields(self) -> None:
        for name in ("starts_on", "ends_on"):
            self.fields[name].initial = getattr(self.project, name)

    @property
    def changes(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name].isoformat() for name in ("starts_on", "ends_on")}


class QuantityForm(AmendmentForm):
    def add_fields(self) -> None:
        for action in self.actions:
            words = {"unit": action.action_type.get_unit_display(), "planned": number(action.quantity, 2)}
            self.fields[f"quantity-{action.pk}"] = QuantityField(
                label=action.action_type.name, min_value=Decimal("0.01"), initial=action.quantity,
                help_text=_("In: %(unit)s. Now: %(planned)s.") % words,
            )  # fmt: skip
        self.add_contract()

    @property
    def changes(self) -> dict[str, Any]:
        typed = {action: self.cleaned_data[f"quantity-{action.pk}"] for action in self.actions}
        return {"quantities": {str(a.pk): str(value) for a, value in typed.items() if value != a.quantity}}


class AmountForm(AmendmentForm):
    def add_fields(self) -> None:
        for action in self.actions:
            now = by_source(action.contributions.all())
            for source in Source:
                self.fields[f"{source}-{action.pk}"] = MoneyField(
                    label=f"{action.action_type.name}: {source.label}", initial=now.get(source, Decimal(0))
                )
        self.add_contract()

    @property
    def changes(self) -> dict[str, Any]:
        return {
            "contributions": {
                str(action.pk): {source: str(self.cleaned_data[f"{source}-{action.pk}"]) for source in Source.values}
                for action in self.actions
            }
        }


class SiteForm(AmendmentForm):
    action = forms.ChoiceField(label=gettext_lazy("Action"))
    place = forms.CharField(
        label=gettext_lazy("New place"),
        help_text=gettext_lazy("Latitude, longitude, one corner a line; or GeoJSON."),
        widget=forms.Textarea({"rows": 6, "spellcheck": "false", "class": "code"}),
    )

    def clean_place(self) -> GEOSGeometry:
        return parse_place(self.cleaned_data["place"])

    def add_fields(self) -> None:
        self.fields["action"].choices = [(action.pk, action.action_type.name) for action in self.actions]

    @property
    def changes(self) -> dict[str, Any]:
        return {"sites": {self.cleaned_data["action"]: self.cleaned_data["place"].geojson}}


class ExecutorForm(AmendmentForm):
    execution_form = forms.ChoiceField(label=gettext_lazy("Form of execution"), choices=Project.ExecutionForm)

    @property
    def changes(self) -> dict[str, Any]:
        return {"execution_form": self.cleaned_data["execution_form"]}


FORMS: dict[str, type[AmendmentForm]] = {
    Amendment.Kind.TIME: TimeForm,
    Amendment.Kind.QUANTITY: QuantityForm,
    Amendment.Kind.AMOUNT: AmountForm,
    Amendment.Kind.SAVINGS: AmendmentForm,
    Amendment.Kind.SITE: SiteForm,
    Amendment.Kind.EXECUTOR: ExecutorForm,
    Amendment.Kind.CANCELLATION: AmendmentForm,
}
