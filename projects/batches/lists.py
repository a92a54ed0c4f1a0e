"""What the drop-downs offer: types, polygons, strands and forms of execution of one year and municipality."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.text import slugify

from modalities.models import RulesVersion, Strand
from polygons.models import Municipality, PolygonVersion
from projects.models import Project


@dataclass(frozen=True)
class Lists:
    """List name → (text in the cell → what it stands for)."""

    rules: RulesVersion
    municipality: Municipality
    choices: Mapping[str, Mapping[str, object]]

    def find(self, name: str, text: str) -> object | None:
        """By the whole text, or by the code that it begins with; accents, capitals and spaces do not matter."""
        wanted = slugify(text)
        for said, value in self.choices[name].items():
            if slugify(said) == wanted or slugify(said.split(" ")[0]) == wanted:
                return value
        return None


def lists_of(rules: RulesVersion, municipality: Municipality) -> Lists:
    """Three queries, in the active language."""
    types = rules.action_types.select_related("modality").order_by("modality__position", "position", "code")
    versions = (
        PolygonVersion.objects.published()
        .filter(polygon__municipality=municipality)
        .select_related("polygon")
        .defer("geometry", "mercator")
        .order_by("polygon__code")
    )
    choices: dict[str, dict[str, object]] = {
        "types": {f"{row.pk} {row.name} ({row.get_unit_display()})": row for row in types},
        "polygons": {f"{version.polygon.code} {version.polygon.name}": version for version in versions},
        "strands": {f"{strand.pk} {strand.name}": strand for strand in Strand.objects.all()},
        "forms": {str(form.label): form.value for form in Project.ExecutionForm},
    }
    return Lists(rules, municipality, choices)
