"""Keeping stored sums true to the blocks: drafts follow the data at once, what was published stays as it was."""

from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from polygons.deficits import DEFICIT_BY_NAME
from polygons.models import PolygonVersion
from polygons.services.sums import BLOCKS, SUMS, sums_of

_NAMES = tuple(SUMS)
_STORED = f"ROW({', '.join(f'version.{name}' for name in _NAMES)})"
_FRESH = f"ROW({', '.join(f'fresh.{name}' for name in _NAMES)})"
# Version and what its members add up to now, where that is not what it says.
_DIFFERENT = f"""
    SELECT version.id, fresh.*
    FROM polygons_polygonversion AS version CROSS JOIN LATERAL (
        SELECT {", ".join(f"({sql})::integer AS {name}" for name, sql in SUMS.items())}
        FROM ({BLOCKS} JOIN polygons_polygonversion_blocks AS member ON member.block_id = block.id
              WHERE member.polygonversion_id = version.id) AS block
    ) AS fresh
    WHERE version.status = %s AND version.vintage = %s AND {_STORED} IS DISTINCT FROM {_FRESH}
"""


class Newer(NamedTuple):
    """A figure that changed after it was published; the name is a column of PolygonVersion."""

    name: str
    published: int | None
    now: int | None

    @property
    def label(self) -> str:
        """The column's own words; a deficit's end by what it lacks."""
        name, _sign, end = self.name.rpartition("_")
        if name in DEFICIT_BY_NAME:
            words = _("at least") if end == "low" else _("at most")
            return f"{DEFICIT_BY_NAME[name].label}, {words}"
        return str(getattr(PolygonVersion._meta.get_field(self.name), "verbose_name", self.name))


def drafts_in_line(cursor: Any, vintage: int) -> int:
    """Make the sums of drafts say what their blocks say now; returns how many changed."""
    cursor.execute(
        f"UPDATE polygons_polygonversion AS stored SET {', '.join(f'{name} = fresh.{name}' for name in _NAMES)}"
        f" FROM ({_DIFFERENT}) AS fresh WHERE fresh.id = stored.id",
        [PolygonVersion.Status.DRAFT, vintage],
    )
    return cursor.rowcount


def published_behind(cursor: Any, vintage: int) -> int:
    """How many published versions say otherwise than their blocks now."""
    cursor.execute(f"SELECT count(*) FROM ({_DIFFERENT}) AS fresh", [PolygonVersion.Status.PUBLISHED, vintage])
    return cursor.fetchone()[0]


def newer_figures(version: PolygonVersion) -> list[Newer]:
    """What a published version says otherwise than its blocks now."""
    now = sums_of(version)
    return [Newer(name, getattr(version, name), now[name]) for name in _NAMES if getattr(version, name) != now[name]]
