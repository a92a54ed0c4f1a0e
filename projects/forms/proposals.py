"""One form a page of the proposal; what is typed is checked here, what is allowed is decided by the services."""

from decimal import Decimal
from itertools import groupby

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from habitat.accounts.models import User
from habitat.lib.coordinates import as_text, parse_place
from habitat.lib.forms import DateInput, MoneyField
from habitat.lib.templatetags.portal import money, number
from modalities.models import ActionType, DocumentKind, RulesVersion, Strand
from polygons.models import Block, Municipality, PolygonVersion
from projects.cofunding import by_source
from projects.models import Action, Project, Source
from projects.services import priced

MAX_QUANTITY = Decimal("999999999999.99")


def typed_choices(types: QuerySet[ActionType]) -> list[tuple[str, list[tuple[str, str]]]]:
    """The catalogue for a select, grouped by modality; each type says its unit."""
    by_modality = groupby(types.select_related("modality"), key=lambda row: row.modality)
    return [
        (modality.name, [(row.pk, f"{row.pk} {row.name} ({row.get_unit_display()})") for row in rows])
        for modality, rows in by_modality
    ]


class TypeChoiceField(forms.ModelChoiceField):
    def __init__(self, **kwargs) -> None:
        super().__init__(queryset=ActionType.objects.none(), label=gettext_lazy("Type of work or action"), **kwargs)

    def offer(self, types: QuerySet[ActionType]) -> None:
        self.queryset = types.order_by("modality__position", "modality", "position", "code")
        self.widget.choices = [("", _("Choose a type")), *typed_choices(self.queryset)]


class QuantityField(forms.DecimalField):
    """A physical target, in the unit of its type."""

    def __init__(self, **kwargs) -> None:
        defaults = {"max_digits": 14, "decimal_places": 2, "min_value": Decimal("0.01"), "max_value": MAX_QUANTITY}
        widget = forms.TextInput({"inputmode": "decimal", "class": "short", "autocomplete": "off"})
        super().__init__(**{"label": gettext_lazy("Quantity"), "localize": True, "widget": widget} | defaults | kwargs)


class CountField(forms.IntegerField):
    """People or households, in whole numbers."""

    def __init__(self, label) -> None:
        widget = forms.TextInput({"inputmode": "numeric", "class": "short", "autocomplete": "off"})
        super().__init__(label=label, min_value=0, max_value=10_000_000, localize=True, widget=widget)


class DescribeForm(forms.Form):
    """What the work is, however many actions it has."""

    name = forms.CharField(
        label=gettext_lazy("Name of the project"),
        help_text=gettext_lazy("As neighbours would recognise it: what and where. For example: water pipe, street 14."),
        max_length=200,
    )
    description = forms.CharField(
        label=gettext_lazy("Description"), widget=forms.Textarea({"rows": 3}), required=False, max_length=5_000
    )
    strand = forms.ModelChoiceField(Strand.objects.all(), label=gettext_lazy("Strand"), empty_label=None)
    execution_form = forms.ChoiceField(
        label=gettext_lazy("How will it be done?"),
        choices=Project.ExecutionForm,
        widget=forms.RadioSelect,
        initial=Project.ExecutionForm.CONTRACT,
    )
    starts_on = forms.DateField(label=gettext_lazy("Start"), widget=DateInput, required=False)
    ends_on = forms.DateField(label=gettext_lazy("End"), widget=DateInput, required=False)

    def clean(self) -> dict:
        answers = super().clean()
        starts_on, ends_on = answers.get("starts_on"), answers.get("ends_on")
        if starts_on and ends_on and ends_on < starts_on:
            self.add_error("ends_on", _("The end comes before the start."))
        return answers


class ProposeForm(DescribeForm):
    """The first page: it opens the draft with its first action, so the type is asked before everything else."""

    municipality = forms.ModelChoiceField(
        Municipality.objects.none(), label=gettext_lazy("Municipality"), empty_label=None
    )
    action_type = TypeChoiceField(help_text=gettext_lazy("Its modality follows from it."))
    quantity = QuantityField(help_text=gettext_lazy("In the unit that stands after the type."))

    field_order = ["municipality", "action_type", "quantity"]

    def __init__(self, *args, user: User, rules: RulesVersion, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["action_type"].offer(rules.action_types.all())
        municipalities = user.municipalities()
        self.fields["municipality"].queryset = municipalities
        if len(municipalities[:2]) == 1:
            self.fields["municipality"].widget = forms.HiddenInput()
            self.fields["municipality"].initial = municipalities[0]


class PlaceForm(forms.Form):
    polygon_version = forms.ModelChoiceField(
        PolygonVersion.objects.none(),
        label=gettext_lazy("Habitat Polygon"),
        empty_label=gettext_lazy("None: it serves the whole municipality or a historic centre"),
        required=False,
    )
    neighbourhood = forms.CharField(
        label=gettext_lazy("Neighbourhood (colonia)"),
        help_text=gettext_lazy("The name its inhabitants use."),
        max_length=120,
        required=False,
    )

    def __init__(self, *args, versions: QuerySet[PolygonVersion], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["polygon_version"].queryset = versions
        self.fields["polygon_version"].label_from_instance = lambda version: str(version.polygon)


class SiteForm(forms.Form):
    """Where one action lies: pasted, or chosen as blocks. What stands in the box is the site; empty means none."""

    place = forms.CharField(
        label=gettext_lazy("Coordinates or GeoJSON"),
        help_text=gettext_lazy(
            "One “latitude, longitude” a line, as a telephone or a map gives them: one is a point, several are a line, "
            "and a line that ends where it began is an area. Or paste GeoJSON."
        ),
        widget=forms.Textarea({"rows": 6, "spellcheck": "false", "class": "code"}),
        required=False,
    )
    blocks = forms.ModelMultipleChoiceField(
        Block.objects.none(),
        label=gettext_lazy("Or choose the blocks it covers"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(self, *args, action: Action, blocks: QuerySet[Block], **kwargs) -> None:
        initial = {"place": as_text(action.geometry) if action.geometry else ""}
        super().__init__(*args, initial=initial, **kwargs)
        self.fields["blocks"].queryset = blocks
        self.fields["blocks"].label_from_instance = self._block_label
        if not blocks:
            del self.fields["blocks"]

    @staticmethod
    def _block_label(block: Block) -> str:
        return _("Block %(number)s of AGEB %(ageb)s") % {"number": block.code[-3:], "ageb": block.ageb_code[-4:]}

    def clean_place(self):
        text = self.cleaned_data["place"].strip()
        return parse_place(text) if text else None

    def clean(self) -> dict:
        answers = super().clean()
        if answers.get("blocks") and self.has_new_place and answers.get("place"):
            raise ValidationError(_("Paste the coordinates or choose blocks, not both."), code="both")
        return answers

    @property
    def has_new_place(self) -> bool:
        """Whether the box says something else than it was given; browsers send other line ends."""
        return self.data.get("place", "").split() != self.initial["place"].split()


class ActionForm(forms.Form):
    """Targets and people of one action; with `types`, an action still to be added."""

    action_type = TypeChoiceField()
    description = forms.CharField(
        label=gettext_lazy("What this action is"), max_length=300, required=False, widget=forms.TextInput
    )
    quantity = QuantityField()
    women = CountField(gettext_lazy("Women who benefit"))
    men = CountField(gettext_lazy("Men who benefit"))
    households = CountField(gettext_lazy("Households that benefit"))
    explanation = forms.CharField(
        label=gettext_lazy("Why the quantity differs from what is drawn"),
        help_text=gettext_lazy("Only where it does: for example, house connections that are not drawn."),
        max_length=500,
        required=False,
    )

    def __init__(self, *args, action: Action | None = None, types: QuerySet[ActionType] | None = None, **kwargs):
        if action:
            names = ("description", "quantity", "women", "men", "households", "explanation")
            kwargs |= {"initial": {name: getattr(action, name) for name in names}, "prefix": f"action-{action.pk}"}
        super().__init__(*args, **kwargs)
        self.action = action
        if action:
            del self.fields["action_type"]
            self.fields["quantity"].help_text = _("In: %(unit)s.") % {"unit": action.action_type.get_unit_display()}
        else:
            self.fields["action_type"].offer(types)


class UnitPriceField(MoneyField):
    """Pesos a unit with up to six decimals: a price in cents seldom meets the cost of a thousand metres to the cent."""

    def __init__(self) -> None:
        super().__init__(
            label=gettext_lazy("Unit price"),
            help_text=gettext_lazy("As in the budget, up to six decimals. Quantity × unit price is the total cost."),
            min_value=Decimal("0.000001"),
            max_digits=20,
            decimal_places=6,
            required=False,
        )


class FundingForm(forms.Form):
    """Cost of one action and the four parts that pay it; the cost is asked so that a slip in one part shows."""

    unit_price = UnitPriceField()
    cost = MoneyField(label=gettext_lazy("Total cost"), min_value=Decimal("0.01"))
    federal = MoneyField(
        label=gettext_lazy("Federal contribution"),
        help_text=gettext_lazy("The subsidy of the Habitat Program."),
    )
    state = MoneyField(
        label=gettext_lazy("State contribution"),
        help_text=gettext_lazy("As the coordination agreement in force says; if there is none, write 0."),
    )
    municipal = MoneyField(
        label=gettext_lazy("Municipal contribution"),
        help_text=gettext_lazy("Money of the municipality, without the value of land."),
    )
    beneficiaries = MoneyField(
        label=gettext_lazy("Contribution of the beneficiaries"),
        help_text=gettext_lazy("What families give, in money or work; if there is none, write 0."),
    )

    def __init__(self, *args, action: Action, **kwargs) -> None:
        amounts = by_source(action.contributions.all())
        initial: dict[str, object] = amounts | {"cost": sum(amounts.values())} if amounts else {}
        initial["unit_price"] = None if action.unit_price is None else action.unit_price.normalize()
        super().__init__(*args, initial=initial, prefix=f"action-{action.pk}", **kwargs)
        self.action = action

    @property
    def amounts(self) -> dict[str, Decimal]:
        return {source: self.cleaned_data[source] for source in Source.values}

    def clean(self) -> dict:
        answers = super().clean()
        parts = [answers.get(name) for name in ("cost", *Source.values)]
        if None not in parts and (gap := parts[0] - sum(parts[1:])):
            words = {"sum": money(sum(parts[1:])), "gap": money(abs(gap))}
            if gap > 0:
                self.add_error("cost", _("The four parts add up to %(sum)s: %(gap)s are missing.") % words)
            else:
                self.add_error("cost", _("The four parts add up to %(sum)s: %(gap)s too much.") % words)
        price, cost = answers.get("unit_price"), answers.get("cost")
        if price and cost and (worth := priced(self.action.quantity, price)) != cost:
            words = {"quantity": number(self.action.quantity, 2), "worth": money(worth), "cost": money(cost)}
            self.add_error(
                "unit_price",
                _("%(quantity)s × this price is %(worth)s, not %(cost)s. Correct the price or the cost.") % words,
            )
        return answers


class DocumentForm(forms.Form):
    kind = forms.ChoiceField(label=gettext_lazy("Document"), choices=DocumentKind)
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("PDF, JPEG, PNG, Word, Excel or OpenDocument text."),
        # Emptiness is told by the service, in the same words everywhere.
        allow_empty_file=True,
    )
