"""What a list of letters can be narrowed by."""

from functools import reduce
from operator import or_

import django_filters as filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from modalities.models import FiscalYear
from projects.filters.projects import states
from projects.models import Letter, LetterKind

STANDINGS = (
    ("valid", _("In force")),
    ("making", _("Being made")),
    ("replaced", _("Reissued")),
    ("cancelled", pgettext_lazy("letter", "Cancelled")),
    ("failed", _("Could not be made")),
)


class LetterFilter(filters.FilterSet):
    q = filters.CharFilter(method="search", label=_("Number, addressee, or folio and name of a project"))
    kind = filters.ChoiceFilter(choices=LetterKind, label=_("Letter"))
    fiscal_year = filters.ModelChoiceFilter(queryset=FiscalYear.objects.all(), label=_("Fiscal year"))
    state = filters.ModelChoiceFilter(queryset=states, label=_("State"))
    standing = filters.ChoiceFilter(choices=STANDINGS, method="in_standing", label=_("Standing"), empty_label=_("Any"))
    unsigned = filters.BooleanFilter(method="only_unsigned", label=_("Without its signed copy"))

    class Meta:
        model = Letter
        fields: tuple[str, ...] = ()

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.filters["unsigned"].extra["widget"] = filters.fields.forms.CheckboxInput

    def search(self, rows: QuerySet[Letter], name: str, value: str) -> QuerySet[Letter]:
        paths = ("number", "addressee", "lines__project__folio", "lines__project__name", "lines__file_number")
        found = Letter.objects.filter(reduce(or_, (Q(**{f"{path}__icontains": value}) for path in paths)))
        return rows.filter(pk__in=found.values("pk"))

    def in_standing(self, rows: QuerySet[Letter], name: str, value: str) -> QuerySet[Letter]:
        replaced = Q(replacement__status="issued")
        match value:
            case "valid":
                return rows.filter(status="issued", cancelled_at=None).exclude(replaced)
            case "making":
                return rows.filter(status__in=["waiting", "running"])
            case "replaced":
                return rows.filter(replaced)
            case "cancelled":
                return rows.filter(cancelled_at__isnull=False)
        return rows.filter(status="failed", cancelled_at=None)

    def only_unsigned(self, rows: QuerySet[Letter], name: str, value: bool) -> QuerySet[Letter]:
        return rows.filter(scans=None, status="issued") if value else rows
