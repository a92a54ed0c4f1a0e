"""Fields that several resources share."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

RANGE_SCHEMA = {
    "type": ["object", "null"],
    "required": ["low", "high", "base"],
    "properties": {name: {"type": "integer", "minimum": 0} for name in ("low", "high", "base")},
}


@extend_schema_field(RANGE_SCHEMA)
class RangeField(serializers.Field):
    """Dwellings that lack a service, as {low, high, base}; null where the census did not ask.

    `low` counts the printed values, `high` every dwelling that a mask may hide; shares are taken of `base`.
    """

    def __init__(self) -> None:
        super().__init__(source="*", read_only=True)

    def to_representation(self, row: Any) -> dict[str, int] | None:
        low, high = getattr(row, f"{self.field_name}_low"), getattr(row, f"{self.field_name}_high")
        return None if low is None else {"low": low, "high": high, "base": row.base}
