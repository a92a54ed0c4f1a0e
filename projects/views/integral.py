"""Integral projects: several projects of one polygon side by side, with their money together."""

from decimal import Decimal

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Q, QuerySet, Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from habitat.accounts.models import Role
from habitat.accounts.requests import PersonRequest
from habitat.lib.forms import posted
from habitat.lib.lists import Listing, listed
from polygons.models import PolygonVersion
from projects import rules, services
from projects.cofunding import matrix_of
from projects.forms import IntegralForm, MemberForm
from projects.models import Action, IntegralProject, Project, Status
from projects.records import Totals, site_map_of
from projects.refusals import Refused
from projects.tables.integral import IntegralTable
from projects.workflow import FELL


@listed
def integral_list(request: PersonRequest) -> Listing:
    found = IntegralProject.objects.visible_to(request.user).select_related("polygon_version__polygon__municipality")
    found = found.defer("polygon_version__geometry", "polygon_version__mercator").annotate(
        members=Count("projects", distinct=True),
        cost=Sum("projects__actions__contributions__amount", filter=~Q(projects__status__in=FELL), default=0),
    )
    return Listing(
        IntegralTable(found, request=request),
        _("integral-projects"),
        "projects/integral_list.html",
        context=lambda: {"may_prepare": services.may_prepare(request.user)},
    )


def new_integral(request: PersonRequest) -> HttpResponse:
    if not services.may_prepare(request.user):
        raise PermissionDenied(_("Only those who prepare proposals begin one."))
    versions = PolygonVersion.objects.visible_to(request.user).published().select_related("polygon")
    mine = versions.filter(polygon__municipality__in=request.user.municipalities())
    form = IntegralForm(posted(request), versions=mine)
    if form.is_valid():
        try:
            made = services.create_integral(by=request.user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return redirect("projects:integral", made.pk)
    return render(request, "projects/integral_form.html", {"form": form}, status=400 if form.errors else 200)


def fetch(request: PersonRequest, pk: int) -> IntegralProject:
    related = ("polygon_version__polygon__municipality__state", "fiscal_year")
    return get_object_or_404(IntegralProject.objects.visible_to(request.user).select_related(*related), pk=pk)


def integral(request: PersonRequest, pk: int) -> HttpResponse:
    """The record; a preparer's POST adds or moves a draft into it."""
    found = fetch(request, pk)
    form = (
        MemberForm(posted(request), drafts=candidates(request, found)) if services.may_prepare(request.user) else None
    )
    if request.method == "POST" and form is None:
        raise PermissionDenied(_("Only those who prepare proposals change them."))
    if form and form.is_valid():
        try:
            services.put_into_integral(form.cleaned_data["project"], found, by=request.user)
        except Refused as error:
            form.add_error("project", " ".join(error.messages))
        else:
            return redirect("projects:integral", pk)
    return show(request, found, {"form": form}, status=400 if form and form.errors else 200)


def show(request: PersonRequest, found: IntegralProject, context: dict[str, object], status: int = 200) -> HttpResponse:
    members = list(
        Project.objects.visible_to(request.user)
        .filter(integral_project=found)
        .select_related("rules", "fiscal_year", "strand", "modality", "municipality", "polygon_version__polygon")
        .with_totals()
        .order_by("modality__position", "pk")
    )
    for member in members:
        verdicts = rules.evaluate(member) if member.status == Status.DRAFT else []
        member.failing = [verdict for verdict in verdicts if verdict.outcome == "fail"]
        member.waiting = [verdict for verdict in verdicts if verdict.blocks("submit") and verdict.outcome != "fail"]
    standing = [member for member in members if member.status not in FELL]
    actions = list(
        Action.objects.filter(project__in=standing)
        .select_related("action_type")
        .prefetch_related("contributions")
        .annotate(cost=Sum("contributions__amount", default=Decimal(0)))
    )
    is_draft = any(member.status == Status.DRAFT for member in members)
    context |= {
        "integral": found,
        "members": members,
        "fell": len(members) - len(standing),
        "mix": mix_of(standing),
        "totals": Totals(actions, 0, matrix_of(found.fiscal_year_id, actions)),
        "map": site_map_of(actions, found.polygon_version, found.polygon_version.polygon.municipality),
        "may_submit": is_draft and request.user.role == Role.CERTIFIER and request.user.can_write,
    }
    return render(request, "projects/integral.html", context, status=status)


def mix_of(members: list[Project]) -> list[tuple[str, int, object, object]]:
    """Modality, number of projects, cost and federal pesos, in the order of the catalogue."""
    by_modality: dict[str, list[Project]] = {}
    for member in members:
        by_modality.setdefault(member.modality.name, []).append(member)
    return [
        (name, len(rows), sum(row.cost for row in rows), sum(row.federal for row in rows))
        for name, rows in by_modality.items()
    ]


def candidates(request: PersonRequest, found: IntegralProject) -> QuerySet[Project]:
    drafts = Project.objects.visible_to(request.user).filter(status=Status.DRAFT, fiscal_year=found.fiscal_year_id)
    of_polygon = drafts.filter(polygon_version__polygon=found.polygon_version.polygon_id)
    return of_polygon.exclude(integral_project=found).select_related("integral_project").order_by("pk")


@require_POST
def leave_integral(request: PersonRequest, pk: int, project: int) -> HttpResponse:
    found = fetch(request, pk)
    member = get_object_or_404(Project.objects.visible_to(request.user).filter(integral_project=found), pk=project)
    try:
        services.put_into_integral(member, None, by=request.user)
    except Refused as error:
        messages.error(request, " ".join(error.messages))
    return redirect("projects:integral", pk)


@require_POST
def submit_integral(request: PersonRequest, pk: int) -> HttpResponse:
    """Each draft on its own; the page says what came of each."""
    found = fetch(request, pk)
    if request.user.role != Role.CERTIFIER:
        raise PermissionDenied(_("This step is not yours."))
    results = services.submit_integral(found, by=request.user)
    return show(request, found, {"results": results})
