"""What one row of the explorer is: a polygon in its current version, or a city block of one place."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from django.contrib.gis.db.models.functions import AsGeoJSON
from django.contrib.gis.geos import Polygon as Rectangle
from django.db.models import Exists, F, FloatField, Func, OuterRef, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from numpy.typing import NDArray

from polygons.models import Assessment, Block, Polygon, PolygonVersion
from polygons.tiles import latest_vintage
from projects.models import ActionBlock, Project
from reports.explorer import needs, spending
from reports.explorer.measures import Measure

EDGES = ("ST_XMin", "ST_YMin", "ST_XMax", "ST_YMax")
BOX = {edge: Func(F("geometry"), function=edge, output_field=FloatField()) for edge in EDGES}
PRECISION = 6  # decimals of a degree: about 10 cm


@dataclass(frozen=True)
class Rows:
    """The set as columns of one length. `owners` are what spending hangs on: polygons, or the blocks themselves."""

    ids: list[int]
    owners: list[int]
    codes: list[str]
    names: list[str]
    municipalities: list[str]
    vintages: list[int]
    # west, south, east, north in degrees; NaN without geometry.
    boxes: NDArray[np.float64]
    sums: dict[str, NDArray[np.float64]]

    def where(self, mask: NDArray[np.bool_]) -> "Rows":
        kept = np.flatnonzero(mask)

        def of(column: list[Any]) -> list[Any]:
            return [column[at] for at in kept]

        return Rows(
            of(self.ids),
            of(self.owners),
            of(self.codes),
            of(self.names),
            of(self.municipalities),
            of(self.vintages),
            self.boxes[kept],
            {name: column[kept] for name, column in self.sums.items()},
        )


class Grain(NamedTuple):
    name: str
    label: str | Promise
    model: Any
    base: Callable[[Any], QuerySet]
    owner: str
    code: str
    title: str
    municipality: str
    sums: tuple[str, ...]
    needs: Callable[[Sequence[Measure], Sequence[int]], dict[str, needs.Figures]]
    spending: Callable[[Any, int, Sequence[int]], spending.Sums]
    with_projects: Callable[[Any], Exists]
    paths: dict[str, str]

    def read(self, rows: QuerySet) -> Rows:
        texts = (self.owner, self.code, self.title, self.municipality)
        found = list(rows.order_by(self.code).values_list("pk", *texts, "vintage", *self.sums, *BOX.values()))
        columns = list(zip(*found, strict=True)) or [()] * (6 + len(self.sums) + 4)
        numbers = [np.array(column, dtype=np.float64) for column in columns[6:]]
        return Rows(
            *(list(column) for column in columns[:6]),
            boxes=np.column_stack(numbers[-4:]),
            sums=dict(zip(self.sums, numbers, strict=False)),
        )


def _versions(user: Any) -> QuerySet:
    return PolygonVersion.objects.visible_to(user).current()


def _blocks(user: Any) -> QuerySet:
    return Block.objects.visible_to(user).filter(vintage=latest_vintage())


def _polygon_has_projects(user: Any) -> Exists:
    return Exists(Project.objects.visible_to(user).filter(polygon_version__polygon=OuterRef("polygon")))


def _block_has_projects(user: Any) -> Exists:
    visible = Project.objects.visible_to(user)
    return Exists(ActionBlock.objects.filter(block=OuterRef("pk"), action__project__in=visible))


POLYGONS = Grain(
    name="polygons",
    label=_("Polygons"),
    model=PolygonVersion,
    base=_versions,
    owner="polygon_id",
    code="polygon__code",
    title="polygon__name",
    municipality="polygon__municipality_id",
    sums=("block_count", "population", "dwellings"),
    needs=needs.of_versions,
    spending=spending.of_polygons,
    with_projects=_polygon_has_projects,
    paths={"state": "polygon__municipality__state", "municipality": "polygon__municipality", "city": "polygon__city"},
)
BLOCKS = Grain(
    name="blocks",
    label=_("Blocks"),
    model=Block,
    base=_blocks,
    owner="pk",
    code="code",
    title="ageb_code",
    municipality="municipality_id",
    sums=("population", "dwellings"),
    needs=needs.of_blocks,
    spending=spending.of_blocks,
    with_projects=_block_has_projects,
    paths={"state": "municipality__state", "municipality": "municipality", "city": "city"},
)
GRAINS = {grain.name: grain for grain in (POLYGONS, BLOCKS)}


def in_box(rows: QuerySet, box: tuple[float, float, float, float]) -> QuerySet:
    """Rows whose geometry reaches into west, south, east, north."""
    rectangle = Rectangle.from_bbox(box)
    rectangle.srid = 4326
    return rows.filter(geometry__intersects=rectangle)


def judged(rows: QuerySet, year: int, outcome: str) -> QuerySet:
    """Versions by the year's assessment: `eligible` passes all, `not` fails one, `open` lacks a verdict, `none`."""
    of_version = Assessment.objects.counting().filter(version=OuterRef("pk"), fiscal_year=year)
    failed, unknown = Exists(of_version.filter(verdict="fail")), Exists(of_version.filter(verdict="unknown"))
    condition = {
        "eligible": Exists(of_version) & ~failed & ~unknown,
        "not": failed,
        "open": ~failed & unknown,
        "none": ~Exists(of_version),
    }[outcome]
    return rows.filter(condition)


def called(grain: Grain, rows: QuerySet, text: str) -> QuerySet:
    if grain is BLOCKS:
        return rows.filter(code__contains=text.upper())
    return rows.filter(Q(polygon__name__plain__contains=text) | Q(polygon__code__icontains=text))


def records(grain: Grain, user: Any, ids: Sequence[int]) -> dict[int, Any]:
    """The full rows of one page."""
    rows = grain.model.objects.visible_to(user).filter(pk__in=ids).defer("geometry", "mercator")
    if grain is POLYGONS:
        return rows.select_related("polygon__municipality", "polygon__city").in_bulk()
    found = rows.select_related("municipality", "city").in_bulk()
    mine = PolygonVersion.objects.visible_to(user).current().filter(blocks__in=ids)
    for block, code, name in mine.values_list("blocks", "polygon__code", "polygon__name"):
        if block in found:
            found[block].of_polygon = (code, name)
    return found


def shapes(grain: Grain, user: Any, ids: Sequence[int]) -> Any:
    """(id, GeoJSON text), written by PostGIS, in the order of the key."""
    rows = grain.model.objects.visible_to(user).filter(pk__in=ids).order_by(grain.code)
    return rows.values_list("pk", AsGeoJSON("geometry", precision=PRECISION)).iterator(chunk_size=500)


def polygons_of(user: Any) -> QuerySet[Polygon]:
    return Polygon.objects.visible_to(user)


def most_common(places: Sequence[str]) -> str:
    counted: dict[str, int] = {}
    for place in places:
        counted[place] = counted.get(place, 0) + 1
    return min(counted, key=lambda place: (-counted[place], place))
