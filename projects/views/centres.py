"""Community Development Centres: the register, one of them, and what is written down about it."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from habitat.accounts.requests import PersonRequest
from habitat.lib.forms import posted
from habitat.lib.lists import Listing, listed
from polygons.models import Municipality
from projects import services
from projects.forms.centres import (
    AttendanceForm,
    CentreForm,
    CostForm,
    EquipmentForm,
    InspectionForm,
    ServiceForm,
    SpaceForm,
)
from projects.models import Centre, Project
from projects.tables.centres import CentreFilter, CentreTable
from projects.views.asking import Link, ask, society_list

MONTHS_SHOWN = 48


@require_safe
@listed
def centre_list(request: PersonRequest) -> Listing:
    visible = Centre.objects.visible_to(request.user).select_related("municipality", "polygon")
    scope = visible.with_latest(timezone.localdate().year)
    new = [(_("New centre"), reverse("projects:new-centre"))] if services.keeps_centres(request.user) else []
    return society_list(
        CentreFilter(request.GET, queryset=scope, request=request),
        CentreTable,
        name="cdc",
        title=_("Community Development Centres"),
        lead=_("Buildings that serve a polygon: what is in them, who comes, what they cost and how they are."),
        trail=[(_("Projects"), reverse("projects:list"))],
        tools=new,
    )


def _fetch(request: PersonRequest, pk: int) -> Centre:
    scope = Centre.objects.visible_to(request.user).select_related("municipality__state", "polygon")
    return get_object_or_404(scope, pk=pk)


def _need_keeper(request: PersonRequest) -> None:
    if not services.keeps_centres(request.user):
        raise PermissionDenied(_("The municipality and the delegation keep the centres."))


@require_safe
def centre(request: PersonRequest, pk: int) -> HttpResponse:
    found = _fetch(request, pk)
    inspections = list(found.inspections.select_related("by"))
    context = {
        "centre": found,
        "works": found.works.select_related("project"),
        "spaces": found.spaces.all(),
        "equipment": found.equipment.all(),
        "services": found.services.all(),
        "attendance": found.attendance.all()[:MONTHS_SHOWN],
        "costs": found.costs.all()[:MONTHS_SHOWN],
        "inspections": inspections,
        "next_inspection": services.next_inspection(inspections[0].on if inspections else None),
        "today": found.municipality.local_day(),
        "keeps": services.keeps_centres(request.user),
        "title": found.name,
        "kicker": f"{found.municipality}, {found.municipality.state}",
        "trail": [(_("Community Development Centres"), reverse("projects:centres"))],
    }
    return render(request, "projects/centres/detail.html", context)


def new_centre(request: PersonRequest) -> HttpResponse:
    _need_keeper(request)
    return _entry(request, None)


def change_centre(request: PersonRequest, pk: int) -> HttpResponse:
    found = _fetch(request, pk)
    _need_keeper(request)
    return _entry(request, found)


def _entry(request: PersonRequest, found: Centre | None) -> HttpResponse:
    places = Municipality.objects.filter(pk__in=request.user.municipalities())
    works = Project.objects.visible_to(request.user).approved().filter(municipality__in=places).order_by("folio")
    form = CentreForm(posted(request), instance=found, places=places, works=works)

    def save() -> None:
        services.save_centre(form.said(), projects=form.cleaned_data["projects"], by=request.user)

    title = _("Change the centre") if found else _("New centre")
    return ask(request, form, save, title=title, trail=_trail(found), button=_("Save"), done=_("It is written down."))


def _trail(found: Centre | None) -> list[Link]:
    up = [(_("Community Development Centres"), reverse("projects:centres"))]
    return [*up, (found.name, reverse("projects:centre", args=[found.pk]))] if found else up


FORMS = {
    "space": SpaceForm,
    "equipment": EquipmentForm,
    "service": ServiceForm,
    "cost": CostForm,
    "inspection": InspectionForm,
}


def add(request: PersonRequest, pk: int, what: str) -> HttpResponse:
    """A space, equipment, a service, a month's cost or attendance, an inspection."""
    found = _fetch(request, pk)
    _need_keeper(request)
    titles = {
        "space": _("Add a space"), "equipment": _("Add equipment"), "service": _("Add a service"),
        "cost": _("Add a month's cost"), "inspection": _("Record an inspection"),
        "attendance": _("Write down a month's attendance"),
    }  # fmt: skip
    if what not in titles:
        raise Http404
    day = found.municipality.local_day()
    today = {"month": day, "on": day}
    if what == "attendance":
        counted = AttendanceForm(posted(request), initial=today)
        return ask(
            request, counted,
            lambda: services.set_attendance(found, counted.cleaned_data["month"], counted.counts, by=request.user),
            title=titles[what], trail=_trail(found), button=_("Save"), done=_("It is written down."),
        )  # fmt: skip
    form = FORMS[what](posted(request), initial=today)
    return ask(
        request, form, lambda: services.add_to_centre(found, what, by=request.user, **form.cleaned_data),
        title=titles[what], trail=_trail(found), button=_("Save"), done=_("It is written down."),
    )  # fmt: skip


@require_POST
def remove(request: PersonRequest, pk: int, what: str, part: int) -> HttpResponse:
    found = _fetch(request, pk)
    _need_keeper(request)
    if what not in ("space", "equipment", "service"):
        raise Http404
    services.remove_from_centre(found, what, part, by=request.user)
    return redirect("projects:centre", pk)
