"""The explorer's set as a sheet: what every kind of file is written from."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from reports.explorer.found import Found
from reports.explorer.grains import shapes


class Column(NamedTuple):
    """`key` names it for machines, `title` for people; `values` follow the rows of the set."""

    key: str
    title: str
    values: list[Any]


@dataclass(frozen=True)
class Sheet:
    """Rows of the set by key: polygons or blocks with every measure asked for, each as its counts."""

    name: str
    found: Found
    columns: list[Column]

    @property
    def titles(self) -> list[str]:
        return [column.title for column in self.columns]

    @property
    def keys(self) -> list[str]:
        return [column.key for column in self.columns]

    def rows(self) -> Iterator[tuple[Any, ...]]:
        return zip(*(column.values for column in self.columns), strict=True)

    def features(self) -> Iterator[tuple[str | None, dict[str, Any]]]:
        """Geometry as GeoJSON text (EPSG:4326; None where there is none) with the row by `keys`."""
        found = self.found
        values = dict(zip(found.rows.ids, self.rows(), strict=True))
        for pk, shape in shapes(found.grain, found.user, found.rows.ids):
            yield shape, dict(zip(self.keys, values[pk], strict=True))
