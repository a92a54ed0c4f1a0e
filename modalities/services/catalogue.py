from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.db import models

from modalities import catalogue
from modalities.models import ActionLine, ActionType, Modality, Strand


def load_catalogue() -> dict[type[models.Model], Counter[str]]:
    """Write our tables into the database; per model, how many rows were added, changed or as before."""
    return {
        Modality: _load(Modality, map(_names, catalogue.MODALITIES)),
        Strand: _load(Strand, map(_names, catalogue.STRANDS)),
        ActionLine: _load(ActionLine, (_names(row) | {"modality_id": row.modality} for row in catalogue.LINES)),
        ActionType: _load(ActionType, map(_type, catalogue.ACTION_TYPES)),
    }


def _names(row: catalogue.Named | catalogue.Line | catalogue.Type) -> dict[str, Any]:
    return {"code": row.code, "name_es": row.name_es, "name_en": row.name_en}


def _type(row: catalogue.Type) -> dict[str, Any]:
    return _names(row) | {
        "modality_id": row.modality,
        "line_id": row.line,
        "unit": row.unit,
        "priority": row.priority,
        "geometry_kind": row.geometry,
        "location_basis": row.basis,
        # Domain report, section 6: committees watch works and social actions, not studies and plans.
        "needs_committee": row.modality != "PD",
        "oc4ids_sector": row.sector,
        "oc4ids_type": row.work,
        "note": row.note,
    }


def _load(model: type[models.Model], rows: Iterable[dict[str, Any]]) -> Counter[str]:
    """Rows keyed by `code`, in the order of the table; a row that says the same is not written again."""
    known = model._default_manager.in_bulk()
    done: Counter[str] = Counter(added=0, changed=0, same=0)
    for position, row in enumerate(rows, start=1):
        values = row | {"position": position}
        record = known.get(row["code"])
        if record is None:
            model._default_manager.create(**values)
            done["added"] += 1
        elif changed := [name for name, value in values.items() if getattr(record, name) != value]:
            for name in changed:
                setattr(record, name, values[name])
            record.save(update_fields=[name.removesuffix("_id") for name in changed])
            done["changed"] += 1
        else:
            done["same"] += 1
    return done
