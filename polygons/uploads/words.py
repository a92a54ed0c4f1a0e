"""Faults of an uploaded geometry, in words for whoever sent it."""

from typing import Any

from django.utils.translation import gettext_lazy as _

FAULTS = {
    "empty_file": _("The file is empty."),
    "unknown_content": _("The content is none of GeoJSON, KML, GPX, GeoPackage or a zipped shapefile."),
    "other_content": _("The content is not what the file's name says."),
    "damaged": _("The file is damaged or incomplete: it cannot be read."),
    "entities": _("The file declares a document type or entities. Save it again without them."),
    "refers_outside": _("The file refers to another file elsewhere (network link). Save its content instead."),
    "too_deep": _("The file is nested deeper than a map is."),
    "too_heavy": _("Reading the file took too much memory or time. Simplify it or divide it."),
    "not_a_table": _("The GeoPackage holds a view or a virtual layer. Save it as a plain layer."),
    "zip_bomb": _("The zip unpacks to more than a shapefile holds."),
    "path_trick": _("The zip holds a file with a path that leads elsewhere, or a link."),
    "encrypted": _("The zip is protected by a password."),
    "nested_archive": _("The zip holds another compressed file. Pack the shapefile's parts alone."),
    "no_shapefile": _("The zip holds no shapefile (.shp)."),
    "several_shapefiles": _("The zip holds more than one shapefile. Send them one by one."),
    "no_prj": _("The shapefile's coordinate system is missing: add its .prj to the zip."),
    "no_crs": _("The file does not say its coordinate system."),
    "unknown_crs": _("The file's coordinate system is not known."),
    "no_features": _("The file holds no shape."),
    "too_many_features": _("The file holds more shapes than are accepted at once."),
    "too_many_vertices": _("The shapes have more vertices than are accepted. Simplify them."),
    "damaged_shape": _("The shape is missing or cannot be read."),
    "empty_shape": _("The shape is empty."),
    "mixed_types": _("The file mixes points, lines and areas. Send one kind only."),
    "not_degrees": _("The coordinates are not degrees, though the file says so: its coordinate system is another."),
    "swapped": _("Longitude and latitude seem swapped; the place is where it lies once they are exchanged."),
    "hemisphere": _("The shape lies in another hemisphere: a sign of its coordinates seems wrong (west is negative)."),
    "outside_country": _("The shape lies outside Mexico."),
    "invalid_shape": _("The shape is not valid: it crosses itself or its rings do not fit."),
    "outside_municipality": _("The shape lies outside the municipality."),
    "too_large": _("The area is larger than accepted."),
    "lost": _("The file could not be read after three attempts. Send it again."),
}
# What GEOS says of a shape that is not valid.
DETAILS = {
    "Self-intersection": _("it crosses itself here"),
    "Ring Self-intersection": _("its ring touches or crosses itself here"),
    "Hole lies outside shell": _("a hole lies outside the area"),
    "Holes are nested": _("a hole lies inside another"),
    "Nested shells": _("an area lies inside another"),
    "Interior is disconnected": _("its rings cut it in two here"),
    "Duplicate Rings": _("the same ring comes twice"),
    "Too few points in geometry component": _("it has fewer than four points"),
    "Ring is not closed": _("its ring is not closed"),
}


def in_words(fault: dict[str, Any]) -> str:
    return str(FAULTS.get(fault["reason"], fault["reason"]))


def detail_of(fault: dict[str, Any]) -> str:
    """What is more to say: GEOS's words in the reader's language, a name or a number as it is."""
    return str(DETAILS.get(fault["detail"], fault["detail"]))
