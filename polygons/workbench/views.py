"""The workbench: choose, look at what would be drawn, keep it as drafts. The choice stands in the address."""

from typing import Any

from django.contrib import messages
from django.contrib.gis.db.models import Extent
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from habitat.lib.refusals import Refused
from polygons import services
from polygons.deficits import DEFICITS
from polygons.maps import map_context
from polygons.methods import Method, written
from polygons.services.preview import Preview, preview
from polygons.workbench.access import Site, for_drawers, largest_cities, own_municipalities, places_called, site_of
from polygons.workbench.forms import USUAL, ChoiceForm, PublishForm
from polygons.workbench.lists import open_drafts

DRAFTS_A_PAGE = 25


@require_http_methods(["GET", "HEAD", "POST"])
@for_drawers
def workbench(request: HttpRequest) -> HttpResponse:
    choice = request.POST if request.method == "POST" else request.GET
    code = choice.get("place", "")
    if not code:
        return _places(request, choice.get("q", "").strip())
    site = site_of(code, request.user)
    vintages = sorted(set(site.blocks.order_by().values_list("vintage", flat=True).distinct()), reverse=True)
    form = ChoiceForm(USUAL | {"vintage": next(iter(vintages), "")} | choice.dict(), vintages=vintages)
    if request.method == "POST":
        return _take(request, site, form)
    return _page(request, site, form, vintages)


def _places(request: HttpRequest, text: str) -> HttpResponse:
    context = {
        "text": text,
        "found": places_called(text, request.user) if text else [],
        "cities": largest_cities(request.user),
        "drafts": open_drafts(request.user)[:DRAFTS_A_PAGE],
    }
    return render(request, "polygons/workbench_place.html", context)


def _page(
    request: HttpRequest, site: Site, form: ChoiceForm, vintages: list[int], refusal: str = "", status: int = 200
) -> HttpResponse:
    """Nothing is drawn before somebody asked: a first visit shows the form."""
    method: Method | None = form.cleaned_data.get("method") if form.is_valid() else None
    asked = "threshold" in request.GET
    seen = preview(method, site.area(request.user)) if asked and method else None
    drafts = _drafts(request, site)
    context = {
        "site": site,
        "form": form,
        "refusal": refusal,
        "asked": asked,
        "method": method,
        "preview": seen,
        "deficits": _deficits(seen) if seen else [],
        "firmness": _firmness(seen) if seen else [],
        "has_blocks": bool(vintages),
        "drafts": Paginator(drafts, DRAFTS_A_PAGE).get_page(request.GET.get("page")),
        "publish": PublishForm(),
        "map": map_context(_bounds(site), _mapped(method)),
    }
    return render(request, "polygons/workbench.html", context, status=status)


def _take(request: HttpRequest, site: Site, form: ChoiceForm) -> HttpResponse:
    """Save what the preview showed, or publish or discard chosen drafts."""
    back = f"{reverse('polygons:workbench')}?place={site.place.pk}"
    chosen = [int(pk) for pk in request.POST.getlist("drafts") if pk.isdecimal()]
    drafts = _drafts(request, site).filter(pk__in=chosen)
    deed = request.POST.get("deed", "")
    try:
        if deed == "publish":
            _publish(request, drafts)
        elif deed == "discard":
            for draft in drafts:
                services.discard(draft, by=request.user)
            messages.success(request, _("Drafts discarded: %(count)s.") % {"count": len(chosen)})
        elif form.is_valid():
            _save(request, site, form.cleaned_data["method"])
        else:
            messages.error(request, _("That choice cannot be drawn; look at it again."))
    except Refused as refusal:
        for sentence in refusal.messages:
            messages.error(request, sentence)
    return redirect(back)


def _publish(request: HttpRequest, drafts: Any) -> None:
    form = PublishForm(request.POST)
    if not form.is_valid():
        raise Refused(_("Write the reason: it is kept with the versions."))
    if not drafts:
        raise Refused(_("Choose at least one draft."))
    services.publish([draft.pk for draft in drafts], reason=form.cleaned_data["reason"], by=request.user)
    messages.success(request, _("Published: %(count)s.") % {"count": len(drafts)})


def _save(request: HttpRequest, site: Site, method: Method) -> None:
    drawn = services.delineate(
        method,
        city=site.city,
        municipality=site.municipality,
        within=own_municipalities(request.user),
        by=request.user,
    )
    messages.success(
        request,
        _("Drafts saved: %(new)s new polygons, %(redrawn)s redrawn; %(unchanged)s were like this already.")
        % {"new": drawn.new, "redrawn": drawn.redrawn, "unchanged": drawn.unchanged},
    )
    if drawn.held:
        messages.warning(
            request,
            _("%(count)s polygons have a draft that somebody works on; it stays as it is.") % {"count": drawn.held},
        )


def _drafts(request: HttpRequest, site: Site) -> Any:
    within = {"polygon__city": site.city} if site.city else {"polygon__municipality": site.municipality}
    return open_drafts(request.user).filter(**within)


def _bounds(site: Site) -> Any:
    return site.blocks.aggregate(box=Extent("geometry"))["box"]


def _mapped(method: Method | None) -> str | None:
    return method.variable if method else None


def _deficits(seen: Preview) -> list[dict[str, Any]]:
    """Of all clusters together; those the census did not ask are left out."""
    rows = [
        {"label": deficit.label, "low": seen.totals[deficit.low], "high": seen.totals[deficit.high]}
        for deficit in DEFICITS
    ]
    return [row for row in rows if row["low"] is not None]


def _firmness(seen: Preview) -> list[dict[str, Any]]:
    """What the neighbouring thresholds would draw, and by how much that differs."""
    rows = []
    for other in seen.firmness:
        if other.total is None or other.method is None:
            continue
        share = other.method.of.is_share and other.method.kind == "value"
        rows.append(
            {
                "threshold": written(other.method.threshold * (100 if share else 1)) + (" %" if share else ""),
                "total": other.total,
                "clusters": other.total.clusters - seen.count,
                "blocks": other.total.blocks - seen.totals["block_count"],
                "dwellings": other.total.dwellings - seen.totals["dwellings"],
            }
        )
    return rows
