from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from polygons.models import PolygonVersion
from projects.models import Project


class IntegralForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Name of the integral project"),
        help_text=gettext_lazy("What the works do together. For example: water and streets for Bellavista."),
        max_length=200,
    )
    polygon_version = forms.ModelChoiceField(
        PolygonVersion.objects.none(),
        label=gettext_lazy("Habitat Polygon"),
        empty_label=gettext_lazy("Choose a polygon"),
    )

    def __init__(self, *args: Any, versions: QuerySet[PolygonVersion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["polygon_version"].queryset = versions
        self.fields["polygon_version"].label_from_instance = lambda version: str(version.polygon)


class MemberForm(forms.Form):
    """A draft of the polygon to be added, or moved from another integral project."""

    project = forms.ModelChoiceField(
        Project.objects.none(), label=gettext_lazy("Draft of this polygon"), empty_label=gettext_lazy("Choose a draft")
    )

    def __init__(self, *args: Any, drafts: QuerySet[Project], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["project"].queryset = drafts
        self.fields["project"].label_from_instance = lambda draft: (
            f"{draft} · {draft.integral_project}" if draft.integral_project else str(draft)
        )
