"""Money between ceilings: a reallocation."""

from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy, pgettext_lazy

from habitat.lib.forms import MoneyField
from projects.forms.money import papers
from projects.forms.steps import remark_box
from projects.models import Ceiling


class ReallocationForm(forms.Form):
    """From one ceiling to another of the same year and strand; only what approvals left may go."""

    target = forms.ModelChoiceField(Ceiling.objects.none(), label=pgettext_lazy("move", "To"))
    amount = MoneyField(label=gettext_lazy("Federal pesos"), min_value=Decimal("0.01"))
    reason = remark_box(gettext_lazy("Reason"), required=True)
    file = papers(gettext_lazy("Document"), gettext_lazy("What the move rests on: minutes, letter, amendment."))

    def __init__(self, *args, source: Ceiling, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        tree = Ceiling.objects.filter(fiscal_year=source.fiscal_year_id, strand=source.strand_id).exclude(pk=source.pk)
        related = ("state", "municipality", "modality")
        self.fields["target"].queryset = tree.exclude(state=None).select_related(*related).from_the_root()

    @property
    def said(self) -> dict[str, object]:
        """As `services.propose_reallocation` takes it."""
        answers = dict(self.cleaned_data)
        return {"upload": answers.pop("file")} | answers
