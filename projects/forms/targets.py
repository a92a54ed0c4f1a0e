"""Ages and schedule of one action, each a table of boxes; the services say whether they add up."""

import datetime as dt
from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.utils.formats import date_format, localize_input
from django.utils.translation import gettext as _

from habitat.lib.forms import MoneyField
from projects.forms.proposals import CountField, QuantityField
from projects.models import Action, AgeGroup

SEXES = ("women", "men")
PARTS = ("quantity", "amount")


class AgesForm(forms.Form):
    """Women and men of each age group. All boxes empty: no groups are told."""

    def __init__(self, *args, action: Action, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        known = {row.group: row for row in action.ages.all()}
        for group in AgeGroup:
            for sex, label in zip(SEXES, (_("Women, %(group)s"), _("Men, %(group)s")), strict=True):
                field = CountField(label % {"group": group.label})
                field.required = False
                field.initial = getattr(known[group], sex) if group in known else None
                self.fields[f"{sex}-{group}"] = field

    @property
    def rows(self) -> list[tuple[str, list[BoundField]]]:
        """Of each age group its label and two boxes."""
        return [(str(group.label), [self[f"{sex}-{group}"] for sex in SEXES]) for group in AgeGroup]

    @property
    def counts(self) -> dict[str, tuple[int, int]]:
        """What `services.set_ages` takes: an empty box beside a filled one is nobody."""
        answers = self.cleaned_data
        if all(value is None for value in answers.values()):
            return {}
        return {group: tuple(answers[f"{sex}-{group}"] or 0 for sex in SEXES) for group in AgeGroup.values}


class ScheduleForm(forms.Form):
    """Quantity and pesos of each month of the works. All boxes empty: no schedule."""

    def __init__(self, *args, months: list[dt.date], known: dict[dt.date, tuple[Decimal, Decimal]], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.months = months
        for month in months:
            named = {"month": date_format(month, "YEAR_MONTH_FORMAT")}
            quantity, amount = known.get(month, (None, None))
            self.fields[f"quantity-{month:%Y-%m}"] = QuantityField(
                label=_("Quantity, %(month)s") % named, min_value=0, required=False, initial=quantity
            )
            self.fields[f"amount-{month:%Y-%m}"] = MoneyField(
                label=_("Pesos, %(month)s") % named, required=False, initial=amount
            )

    @staticmethod
    def as_typed(known: dict[dt.date, tuple[Decimal, Decimal]]) -> dict[str, str]:
        """Figures as a browser would send them."""
        typed: dict[str, str] = {}
        for month, pair in known.items():
            typed |= {f"{name}-{month:%Y-%m}": localize_input(n) for name, n in zip(PARTS, pair, strict=True)}
        return typed

    @property
    def rows(self) -> list[tuple[dt.date, list[BoundField]]]:
        return [(m, [self[f"quantity-{m:%Y-%m}"], self[f"amount-{m:%Y-%m}"]]) for m in self.months]

    @property
    def parts(self) -> dict[dt.date, tuple[Decimal, Decimal]]:
        """What `services.set_schedule` takes."""
        found = {}
        for month in self.months:
            pair = (self.cleaned_data[f"{name}-{month:%Y-%m}"] for name in ("quantity", "amount"))
            quantity, amount = (value or Decimal(0) for value in pair)
            found[month] = (quantity, amount)
        return found

    def clean(self) -> dict:
        if not self.months:
            raise ValidationError(_("Write the start and the end of the works first."), code="no_dates")
        return super().clean()
