import unicodedata

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from modalities.models import ActionLine, ActionType, LocationBasis, Modality


def folded(text: str) -> str:
    """Lower case without accents, so that "pavimentacion" finds "Pavimentación"."""
    return "".join(c for c in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(c))


class ActionTypeFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label=_("Code or words"), method="search")
    modality = django_filters.ModelChoiceFilter(label=_("Modality"), queryset=Modality.objects.all())
    line = django_filters.ModelChoiceFilter(label=_("Line of action"), queryset=ActionLine.objects.all())
    basis = django_filters.ChoiceFilter(
        label=_("Place"), field_name="location_basis", choices=LocationBasis.choices, empty_label=_("Any")
    )
    priority = django_filters.ChoiceFilter(
        label=_("Priority"),
        choices=[(1, _("1: water, drainage, electricity")), (2, "2"), (3, "3")],
        empty_label=_("Any"),
    )

    class Meta:
        model = ActionType
        fields: list[str] = []

    def search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """Every word must stand in the code, a name or the note; the catalogue is short enough to read whole."""
        words = folded(value).split()
        rows = queryset.values_list("code", "name_es", "name_en", "note", "line__name_es", "line__name_en")
        return queryset.filter(pk__in=[row[0] for row in rows if all(w in folded(" ".join(row)) for w in words)])
