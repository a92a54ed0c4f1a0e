from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from polygons.models import Municipality

# Names that a refusal lists; “Benito Juárez” is the commonest of them.
MOST_NAMESAKES = 10


class UploadForm(forms.Form):
    municipality = forms.CharField(
        label=_("Municipality"), max_length=120, help_text=_("Its name, or its key of 5 digits.")
    )
    file = forms.FileField(
        label=_("File"),
        help_text=_("GeoJSON, KML, GPX, GeoPackage or a zipped shapefile with its .prj; up to 20 MB."),
        # Emptiness is told by the service.
        allow_empty_file=True,
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._places = Municipality.objects.visible_to(user)
        own = list(self._places[:2])
        if len(own) == 1:
            self.fields["municipality"].initial = own[0].pk

    def clean_municipality(self) -> Municipality:
        text = self.cleaned_data["municipality"].strip()
        found = list(
            self._places.filter(Q(pk=text) | Q(name__plain=text)).select_related("state")[: MOST_NAMESAKES + 1]
        )
        if not found:
            raise forms.ValidationError(_("There is no such municipality in your territory."))
        if len(found) > 1:
            known = "; ".join(f"{place.pk} ({place.state})" for place in found[:MOST_NAMESAKES])
            raise forms.ValidationError(
                _("Several municipalities are called so. Write the key of yours: %(known)s.") % {"known": known}
            )
        return found[0]


class DraftForm(forms.Form):
    """A new polygon, or the next version of one that is."""

    vintage = forms.TypedChoiceField(label=_("Census"), coerce=int)
    polygon = forms.CharField(
        label=_("Code of an existing polygon"), required=False, max_length=20, help_text=_("Empty: a new polygon.")
    )
    name = forms.CharField(label=_("Name of a new polygon"), required=False, max_length=120)

    def __init__(self, *args: Any, vintages: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["vintage"].choices = [(year, str(year)) for year in vintages]
