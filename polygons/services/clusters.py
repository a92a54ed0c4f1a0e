"""Which blocks a method finds deprived, and which of them lie together: one query for the preview and the drawing."""

from dataclasses import dataclass
from typing import Any

from polygons.methods import Kind, Method
from polygons.models import City, Municipality
from polygons.services.outlines import METRES
from polygons.services.sums import SUMS
from polygons.variables import JOINS

_SUMMED = [name for name in SUMS if name not in ("block_count", "poverty_households", "poor_households")]


@dataclass(frozen=True)
class Area:
    """A city or a municipality, or the whole country; of it only these municipalities where `within` is given."""

    city: City | None = None
    municipality: Municipality | None = None
    within: tuple[str, ...] | None = None

    def condition(self) -> tuple[str, list[Any]]:
        """SQL that goes on after a WHERE …, over `block`."""
        parts: list[tuple[str, Any]] = []
        if self.city:
            parts.append((" AND block.city_id = %s", self.city.pk))
        if self.municipality:
            parts.append((" AND block.municipality_id = %s", self.municipality.pk))
        if self.within is not None:
            parts.append((" AND block.municipality_id = ANY(%s)", list(self.within)))
        return "".join(sql for sql, _param in parts), [param for _sql, param in parts]


def cut_of(cursor: Any, method: Method, area: Area) -> float | None:
    """The value of the method's variable that a block must reach; None where nothing is known of any block."""
    if method.kind != Kind.DECILE:
        return float(method.threshold)
    condition, params = area.condition()
    worst_first = "DESC" if method.of.is_worse_high else "ASC"
    cursor.execute(
        f"SELECT percentile_disc(%s) WITHIN GROUP (ORDER BY {method.of.value} {worst_first})"
        f" FROM {method.of.blocks} WHERE block.vintage = %s AND {method.of.value} IS NOT NULL{condition}",
        [float(method.threshold) / 10, method.vintage, *params],
    )
    return cursor.fetchone()[0]


def clustered(method: Method, area: Area, cut: float | None) -> tuple[str, list[Any]]:
    """SQL for the deprived blocks with what is added up over them, `shape` in metres, and the number of their cluster.

    Clusters are found within each city and municipality: a polygon belongs to one municipality.
    """
    variable, joins = method.of, {"poverty", method.of.join} - {""}
    reached = f"{variable.value} >= %s" if variable.is_worse_high else f"{variable.value} <= %s"
    # A tenth of a well served place may begin at no deficit at all.
    lacking = f" AND {variable.low} > 0" if variable.is_share else ""
    condition, params = area.condition()
    summed = ", ".join(f"block.{name}" for name in _SUMMED)
    sql = f"""
        SELECT block.*, dense_rank() OVER (ORDER BY municipality_id, city_id, near) AS cluster FROM (
            SELECT block.*, ST_ClusterDBSCAN(shape, %s, 1) OVER (PARTITION BY city_id, municipality_id) AS near
            FROM (
                SELECT block.id, block.code, block.municipality_id, block.city_id, block.locality_id, block.geometry,
                       ST_Transform(block.geometry, {METRES}) AS shape, {summed},
                       poverty.households AS poverty_households, poverty.poor_households
                FROM polygons_block AS block {" ".join(JOINS[name] for name in sorted(joins))}
                WHERE block.vintage = %s AND block.geometry IS NOT NULL AND {reached}{lacking}{condition}
            ) AS block
        ) AS block
    """
    return sql, [method.gap_m, method.vintage, cut, *params]
