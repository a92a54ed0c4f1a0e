"""Polygons as rows: their current version with needs, projects and approved money, for page, files and totals."""

import json
from collections.abc import Iterator
from typing import Any

from django.contrib.gis.db.models import Extent
from django.contrib.gis.db.models.functions import AsGeoJSON
from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import CharField, Count, DecimalField, F, FloatField, Func, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Cast, Coalesce, NullIf
from django.utils.translation import gettext as _

from polygons.deficits import MAPPED
from polygons.models import PolygonVersion
from projects.models import Contribution, Project

PESOS = DecimalField(max_digits=18, decimal_places=2)
DOTS_FROM_DEGREES = 2
Rectangle = tuple[float, float, float, float]
SUMMED = ("block_count", "dwellings", "base", *(end for deficit in MAPPED for end in (deficit.low, deficit.high)))


EDGES = ("ST_XMin", "ST_YMin", "ST_XMax", "ST_YMax")


class Bounds(Func):
    """West, south, east and north of a geometry, in degrees, as text."""

    template = "concat_ws(',', " + ", ".join(f"{edge}(%(expressions)s)" for edge in EDGES) + ")"
    output_field = CharField()


def polygon_rows(user: Any, year: int) -> Any:
    """One row a polygon that `user` may see.

    Adds `bounds`, the share (0 to 1) of each deficit for sorting, `projects` of any of its versions and `approved`, the
    pesos by all sources of the projects approved in the fiscal year `year`.
    """
    of_polygon = Project.objects.visible_to(user).filter(polygon_version__polygon=OuterRef("polygon")).order_by()
    approved = (
        Contribution.objects.filter(
            action__project__in=Project.objects.visible_to(user).approved().filter(fiscal_year=year),
            action__project__polygon_version__polygon=OuterRef("polygon"),
        )
        .order_by()
        .values("action__project__polygon_version__polygon")
        .annotate(total=Sum("amount"))
        .values("total")
    )
    counted = of_polygon.values("polygon_version__polygon").annotate(total=Count("pk")).values("total")
    shares = {
        f"{deficit.name}_share": Cast(deficit.low, FloatField()) / NullIf(Cast("base", FloatField()), 0.0)
        for deficit in MAPPED
    }
    return (
        PolygonVersion.objects.visible_to(user)
        .current()
        .select_related("polygon__municipality", "polygon__city")
        .defer("geometry", "mercator")
        .annotate(
            projects=Coalesce(Subquery(counted), 0),
            approved=Coalesce(Subquery(approved), 0, output_field=PESOS),
            bounds=Bounds(F("geometry")),
            **shares,
        )
    )


def totals_of(rows: QuerySet[PolygonVersion]) -> dict[str, Any]:
    """Sums over all rows found, and `bounds` around them (None where there are none)."""
    plain = PolygonVersion.objects.filter(pk__in=rows.order_by().values("pk"))
    sums = plain.aggregate(
        polygons=Count("pk"),
        bounds=Extent("geometry"),
        vintages=ArrayAgg("vintage", distinct=True, default=[]),
        **{name: Sum(name, default=0) for name in SUMMED},
    )
    return sums | rows.aggregate(projects_total=Sum("projects", default=0), approved_total=Sum("approved", default=0))


def opening_bounds(rows: QuerySet[PolygonVersion], bounds: Rectangle | None) -> Rectangle | None:
    """Where the map opens: on everything, or on the municipality with most polygons where all would be mere dots."""
    if bounds is None or max(bounds[2] - bounds[0], bounds[3] - bounds[1]) < DOTS_FROM_DEGREES:
        return bounds
    plain = PolygonVersion.objects.filter(pk__in=rows.order_by().values("pk"))
    by_place = plain.values("polygon__municipality").annotate(count=Count("pk"), bounds=Extent("geometry"))
    return by_place.order_by("-count", "polygon__municipality")[0]["bounds"]


def header() -> list[str]:
    first = [_("Code"), _("Name"), _("Municipality key"), _("Municipality"), _("City"), _("Version"), _("Census")]
    counts = [_("Blocks"), _("Population"), _("Dwellings"), _("Dwellings with known characteristics")]
    ranges = [
        text % {"deficit": deficit.label}
        for deficit in MAPPED
        for text in (_("Dwellings %(deficit)s: at least"), _("Dwellings %(deficit)s: at most"))
    ]
    return [str(title) for title in (*first, *counts, *ranges, _("Projects"), _("Approved, pesos"))]


def cells(rows: Any) -> Iterator[list[Any]]:
    """The same rows for a file, in the order of `header`."""
    for row in rows.iterator(chunk_size=1_000):
        polygon = row.polygon
        yield [
            polygon.code,
            polygon.name,
            polygon.municipality_id,
            polygon.municipality.name,
            polygon.city.name if polygon.city else "",
            row.number,
            row.vintage,
            row.block_count,
            row.population,
            row.dwellings,
            row.base,
            *(getattr(row, end) for deficit in MAPPED for end in (deficit.low, deficit.high)),
            row.projects,
            row.approved,
        ]


PROPERTIES = ("code", "name", "municipality", "city", "version", "vintage", *SUMMED, "projects", "approved")


def geojson(rows: Any) -> Iterator[str]:
    """A FeatureCollection in pieces; the geometry is written by PostGIS with 6 decimals (about 10 cm)."""
    yield '{"type": "FeatureCollection", "features": ['
    between = ""
    for row in rows.annotate(shape=AsGeoJSON("geometry", precision=6)).iterator(chunk_size=200):
        polygon = row.polygon
        about = [polygon.code, polygon.name, polygon.municipality_id, polygon.city_id, row.number, row.vintage]
        values = [*about, *(getattr(row, name) for name in SUMMED), row.projects, str(row.approved)]
        properties = json.dumps(dict(zip(PROPERTIES, values, strict=True)), ensure_ascii=False)
        yield f'{between}\n{{"type": "Feature", "geometry": {row.shape}, "properties": {properties}}}'
        between = ","
    yield "\n]}\n"
