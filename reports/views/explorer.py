"""The explorer at /polygons/: polygons or blocks as map, legend, table and files, under one address."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django_tables2 import RequestConfig

from polygons.maps import map_context, written
from reports.explorer.asked import COUNTS, METHOD_LABELS, Asked
from reports.explorer.chips import in_words
from reports.explorer.colours import Classes, Pair, classify, for_map, legend_of, pair_legend, pair_of
from reports.explorer.cut import cut, needs_a_place
from reports.explorer.files import FORMATS, sheet_of
from reports.explorer.found import Found
from reports.explorer.grains import GRAINS, POLYGONS
from reports.explorer.tables import table_of
from reports.models import SavedView

PER_PAGE = 25
QUICK = ("water", "drainage", "electricity", "floor")


@login_not_required
@require_safe
def polygon_list(request: HttpRequest) -> HttpResponseBase:
    asked = Asked(request)
    found = cut(asked)
    form = request.GET.get("format", "")
    if form in FORMATS or not form:
        found.read(asked.columns)
    if form in FORMATS:
        return FORMATS[form].write(sheet_of(asked, found))
    classes = _classes(asked, found)
    if form == "classes":
        return JsonResponse(for_map(found, classes))
    shades = classes.of + 1 if isinstance(classes, Pair) else [_shade(classes, number) for number in classes.of]
    table = table_of(asked, found, shades)
    table.is_bare = not (len(found) or asked.used or asked.is_inside or needs_a_place(asked))
    RequestConfig(request, paginate={"per_page": PER_PAGE}).configure(table)
    context = {
        "asked": asked,
        "found": found,
        "form": asked.form,
        "table": table,
        "needs_a_place": needs_a_place(asked),
        "totals": {name: found.sum_of(name) for name in found.rows.sums},
        "map": _map(asked, found),
        "shading": pair_legend(classes) if isinstance(classes, Pair) else legend_of(classes),
        "chips": [{"label": label, "url": asked.address(**{name: None})} for name, label in in_words(asked)],
        "exports": [{"label": entry.label, "url": asked.address(format=name)} for name, entry in FORMATS.items()],
        "views": SavedView.objects.of(request.user),
        "vintages": sorted(set(found.rows.vintages)),
    } | _choices(asked)
    return render(request, "polygons/explorer.html", context)


def _classes(asked: Asked, found: Found) -> Classes | Pair:
    if asked.against:
        return pair_of(found, asked.colour, asked.against, asked.method)
    return classify(found, asked.colour, asked.method, asked.count)


def _shade(classes: Classes, number: int) -> int:
    """From 1; 0 where there is no class."""
    return classes.shade(int(number)) + 1 if number >= 0 else 0


def _map(asked: Asked, found: Found) -> dict[str, Any]:
    context: dict[str, Any] = map_context(
        found.bounds, asked.colour.name, selected=asked.selected, opening=found.opening
    )
    return context | {
        "extent": written(asked.box) if asked.box else "",
        "grain": asked.grain.name,
        "classes": asked.address(format="classes"),
        "has_patterns": asked.has_patterns,
        "bar": "polygons/_explorer_bar.html",
        "legend": "polygons/_explorer_legend.html",
    }


def _choices(asked: Asked) -> dict[str, Any]:
    """What the bar over the map and the chooser of columns offer."""
    measures = asked.measures
    return {
        "grains": [
            {"name": name, "label": grain.label, "url": asked.address(grain=None if grain is POLYGONS else name)}
            for name, grain in GRAINS.items()
        ],
        "quick": [
            {"title": measures[name].title, "url": asked.address(colour=name), "is_on": asked.colour.name == name}
            for name in QUICK
        ],
        "needs": [measure for measure in measures.values() if measure.is_need],
        "spendings": [measure for measure in measures.values() if not measure.is_need],
        "methods": METHOD_LABELS,
        "counts": [str(count) for count in COUNTS],
        "columns": [
            {"name": name, "title": title, "is_on": name in asked.columns} for name, title in asked.choosable.items()
        ],
        "kept_by_filters": asked.kept(*asked.form.fields),
        "kept_by_bar": asked.kept("colour", "against", "method", "classes", "patterns", "inside", "bbox"),
        "kept_by_columns": asked.kept("columns"),
    }
