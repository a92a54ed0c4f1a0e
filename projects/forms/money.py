"""Progress of a month, what happened to the money, and ceilings."""

from decimal import Decimal

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from habitat.lib.forms import DateInput, MoneyField
from habitat.lib.templatetags.portal import money, number
from modalities.models import FiscalYear, Modality, Strand
from polygons.models import Municipality, State
from projects.cofunding import by_source
from projects.forms.proposals import QuantityField
from projects.forms.steps import remark_box
from projects.models import Action, Agreement, Contribution, Source

LOCAL = (Source.STATE, Source.MUNICIPAL, Source.BENEFICIARIES)


class ProgressForm(forms.Form):
    """What was measured of each action in one month, not the running total; what was paid, where no contract stands."""

    def __init__(self, *args, actions: list[Action], asks_spending: bool, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.actions = actions
        self.sources = list(Source) if asks_spending else []
        for action in actions:
            self.fields[f"quantity-{action.pk}"] = QuantityField(
                label=action.action_type.name,
                min_value=Decimal(0),
                help_text=_("Measured this month, in: %(unit)s. Planned: %(planned)s.")
                % {"unit": action.action_type.get_unit_display(), "planned": number(action.quantity, 2)},
            )
        for source in self.sources:
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
            "spending": {source.value: answers[source] for source in self.sources},
            "note": answers["note"],
        }


def papers(label: str | Promise, help_text: str | Promise) -> forms.FileField:
    return forms.FileField(label=label, help_text=help_text, required=False)


class AgreementForm(forms.ModelForm):
    """An agreement of `state`, or the nation's budget without one; once signed only its publication is asked."""

    file = papers(
        gettext_lazy("Signed paper"), gettext_lazy("A scan in PDF. Without it the agreement does not count as signed.")
    )

    class Meta:
        model = Agreement
        fields = (
            "fiscal_year", "kind", "amends", "name", "federal", "state_part", "municipal_part", "signed_on",
            "published_on",
        )  # fmt: skip
        field_classes = {"federal": MoneyField, "state_part": MoneyField, "municipal_part": MoneyField}
        widgets = {"signed_on": DateInput, "published_on": DateInput}
        labels = {"amends": gettext_lazy("Agreement it amends"), "federal": gettext_lazy("Federal pesos")}
        help_texts = {
            "name": gettext_lazy("As it stands on the paper."),
            "federal": gettext_lazy("The whole amount agreed; an amendment writes the new whole."),
        }

    def __init__(self, *args, state: State | None, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.state = state
        years = FiscalYear.objects.exclude(status="closed")
        self.fields["fiscal_year"].queryset, self.fields["fiscal_year"].empty_label = years, None
        if state is None:
            del self.fields["kind"], self.fields["amends"], self.fields["state_part"], self.fields["municipal_part"]
        else:
            self.fields["kind"].choices = Agreement.Kind.choices[1:]
            self.fields["amends"].queryset = Agreement.objects.filter(state=state, kind=Agreement.Kind.AGREEMENT)
        if self.instance.pk:
            del self.fields["fiscal_year"]
        if self.instance.signed_on:
            for name in set(self.fields) - {"published_on", "file"}:
                del self.fields[name]

    def _post_clean(self) -> None:
        """The service checks and writes the row; the form only reads what was typed."""

    @property
    def said(self) -> dict[str, object]:
        """As `services.save_agreement` takes it, without the year."""
        answers = dict(self.cleaned_data)
        answers.pop("fiscal_year", None)
        upload = answers.pop("file")
        if self.state is None and not self.instance.pk:
            answers["kind"] = Agreement.Kind.BUDGET
        return answers | {"upload": upload}


class CeilingForm(forms.Form):
    """One node of the tree; the state is chosen before, so that its municipalities and agreements fit on a page."""

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
    agreement = forms.ModelChoiceField(
        Agreement.objects.none(),
        label=gettext_lazy("Rests on"),
        help_text=gettext_lazy(
            "The agreement or amendment of this state and year; of the country, the federal budget."
        ),
    )
    reason = remark_box(gettext_lazy("Reason of the change"), required=False)
    file = papers(
        gettext_lazy("Document of the change"), gettext_lazy("Left empty, the paper of the agreement stands for it.")
    )

    def __init__(self, *args, state: State | None, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["agreement"].queryset = Agreement.objects.filter(state=state).exclude(fiscal_year__status="closed")
        if state is None:
            del self.fields["municipality"], self.fields["modality"]
        else:
            self.fields["municipality"].queryset = state.municipalities.all()

    def clean(self) -> dict:
        answers = super().clean()
        if answers.get("modality") and not answers.get("municipality"):
            self.add_error("municipality", _("A ceiling by modality belongs to one municipality: choose it."))
        return answers

    @property
    def said(self) -> dict[str, object]:
        """As `services.set_ceiling` takes it."""
        answers = dict(self.cleaned_data)
        return {"upload": answers.pop("file")} | answers


class YearsForm(forms.Form):
    """What each local source pays of one action in later years, out of what it pays in all."""

    def __init__(self, *args, action: Action, first_year: int, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        rows = list(action.contributions.all())
        known = {(row.source, row.years_later): row.amount for row in rows}
        totals = by_source(rows)
        for source in LOCAL:
            for later in range(1, Contribution.MOST_LATER + 1):
                self.fields[f"{source}-{later}"] = MoneyField(
                    label=_("%(source)s, %(year)s") % {"source": source.label, "year": first_year + later},
                    help_text=_("It pays %(total)s in all.") % {"total": money(totals.get(source, Decimal(0)))},
                    required=False,
                    initial=known.get((source, later)),
                )

    @property
    def later(self) -> dict[str, dict[int, Decimal]]:
        """As `services.spread_contributions` takes it."""
        years = range(1, Contribution.MOST_LATER + 1)
        return {
            source.value: {later: self.cleaned_data[f"{source}-{later}"] or Decimal(0) for later in years}
            for source in LOCAL
        }
