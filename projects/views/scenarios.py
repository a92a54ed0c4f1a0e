"""Scenarios: lists on paper, up to four side by side, committed in one step by the program unit."""

from decimal import Decimal

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from habitat.accounts.requests import PersonRequest
from habitat.accounts.second_factor import before_signing
from habitat.lib.forms import posted
from habitat.lib.lists import Listing, listed
from projects import services
from projects.filters.projects import ScenarioFilter, ScenarioRowFilter
from projects.forms import NewScenarioForm, RowForm
from projects.models import Scenario, ScenarioRow
from projects.planning import measure
from projects.refusals import Refused
from projects.tables.scenarios import ScenarioRowTable, ScenarioTable

AT_ONCE = 50
SIDE_BY_SIDE = 4


@listed
def scenario_list(request: PersonRequest) -> Listing | HttpResponse:
    """POST begins one. `?s=1&s=2` goes to the comparison."""
    if not reads(request):
        raise PermissionDenied(_("Scenarios are for those who review and decide."))
    form = NewScenarioForm(posted(request), user=request.user)
    if form.is_valid():
        try:
            scenario = services.create_scenario(by=request.user, **form.cleaned_data)
        except Refused as error:
            form.add_error(None, error.messages)
        else:
            return redirect("projects:scenario", scenario.pk)
    scope = Scenario.objects.visible_to(request.user).select_related("state", "owner")
    found = ScenarioFilter(request.GET, queryset=scope.annotate(projects=Count("rows")), request=request)
    return Listing(
        ScenarioTable(found.qs, request=request),
        _("scenarios"),
        "projects/scenario_list.html",
        filter=found,
        context=lambda: {"form": form, "may_plan": services.may_plan(request.user)},
        status=400 if form.errors else 200,
    )


def reads(request: PersonRequest) -> bool:
    """Governments do not read how their proposals are weighed against others'."""
    return bool(request.user.is_delegation or request.user.is_federal or request.user.role == "auditor")


def fetch(request: PersonRequest, pk: int) -> Scenario:
    rows = Scenario.objects.visible_to(request.user).select_related("state", "owner", "fiscal_year", "committed_by")
    return get_object_or_404(rows, pk=pk)


@listed
def scenario(request: PersonRequest, pk: int) -> Listing | HttpResponse:
    """POST writes the decisions of the page shown."""
    found = fetch(request, pk)
    is_mine = found.owner_id == request.user.pk and found.status == Scenario.Status.OPEN
    rows = found.rows.select_related("project__municipality").annotate_federal()
    narrowed = ScenarioRowFilter(request.GET, queryset=rows, request=request)
    page = Paginator(narrowed.qs.order_by("-asked", "pk"), AT_ONCE).get_page(request.GET.get("page"))
    errors: list[str] = []
    if request.method == "POST":
        if not is_mine:
            raise PermissionDenied(_("A scenario is changed by its owner; copy it to go on from it."))
        errors = write(request, page.object_list)
        if not errors:
            messages.success(request, _("The decisions are written down."))
            return redirect(request.get_full_path())
    forms = [RowForm(request.POST if errors else None, row=row) for row in page.object_list]
    return Listing(
        ScenarioRowTable(narrowed.qs),
        f"escenario-{pk}",
        "projects/scenario.html",
        filter=narrowed,
        is_fixed=True,
        context=lambda: {
            "scenario": found,
            "page_obj": page,
            "forms": forms,
            "errors": errors,
            "measure": measure(found),
            "is_mine": is_mine,
            "may_plan": services.may_plan(request.user),
            "may_commit": services.may_commit(request.user) and found.status == Scenario.Status.OPEN,
        },
        status=400 if errors else 200,
    )


def write(request: PersonRequest, rows: list[ScenarioRow]) -> list[str]:
    """What was refused, in sentences; the other rows are written."""
    refused: list[str] = []
    for row in rows:
        form = RowForm(request.POST, row=row)
        if not form.is_valid():
            refused += [f"{row.project.folio}: {error}" for errors in form.errors.values() for error in errors]
        elif form.has_changed():
            try:
                services.decide_row(row, by=request.user, **form.cleaned_data)
            except Refused as error:
                refused += error.messages
    return refused


@require_POST
def refresh_scenario(request: PersonRequest, pk: int) -> HttpResponse:
    """Add what was submitted since, and see every project as it stands now."""
    found = fetch(request, pk)
    try:
        count = services.add_submitted(found, by=request.user)
    except Refused as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("%(count)s projects were added.") % {"count": count})
    return redirect("projects:scenario", pk)


@require_POST
def copy_scenario(request: PersonRequest, pk: int) -> HttpResponse:
    found = fetch(request, pk)
    if not services.may_plan(request.user):
        raise PermissionDenied(_("This is not yours to do."))
    # Beside one another four copies of the same name could not be told apart.
    name = found.name[:100]
    copies = Scenario.objects.visible_to(request.user).filter(name__startswith=f"{name} (").count()
    named = _("%(name)s (copy %(number)s)") % {"name": name, "number": copies + 1}
    copy = services.copy_scenario(found, name=named, by=request.user)
    return redirect("projects:scenario", copy.pk)


def compare_scenarios(request: PersonRequest) -> HttpResponse:
    """`?s=1&s=2…`: up to four, side by side."""
    if not reads(request):
        raise PermissionDenied(_("Scenarios are for those who review and decide."))
    keys = [int(key) for key in request.GET.getlist("s") if key.isdecimal() and len(key) < 10]
    rows = Scenario.objects.visible_to(request.user).select_related("state", "owner").filter(pk__in=keys[:SIDE_BY_SIDE])
    measures = [measure(found) for found in sorted(rows, key=lambda row: keys.index(row.pk))]
    modalities = sorted({code for one in measures for code in one.by_modality})
    mixes = [(code, [(one.by_modality.get(code, Decimal(0)), one.federal) for one in measures]) for code in modalities]
    context = {"measures": measures, "mixes": mixes, "most": SIDE_BY_SIDE}
    return render(request, "projects/scenario_compare.html", context)


def commit_scenario(request: PersonRequest, pk: int) -> HttpResponse:
    """GET: what each row would do. POST hands it to the worker, once the person has confirmed who they are."""
    found = fetch(request, pk)
    if not services.may_commit(request.user):
        raise PermissionDenied(_("The program unit commits a scenario."))
    if request.method == "POST":
        return before_signing(_commit)(request, found)
    return _preflight(request, found)


def _commit(request: PersonRequest, found: Scenario) -> HttpResponse:
    try:
        services.commit_scenario(found, by=request.user)
    except Refused as error:
        messages.error(request, " ".join(error.messages))
        return _preflight(request, found, status=409)
    messages.success(request, _("It is being committed; each project shows what came of it."))
    return redirect("projects:scenario", found.pk)


def _preflight(request: PersonRequest, found: Scenario, status: int = 200) -> HttpResponse:
    related = ("project__rules", "project__municipality__state", "project__fiscal_year")
    rows = found.rows.exclude(choice="").select_related(*related).order_by("pk")
    page = Paginator(rows, AT_ONCE).get_page(request.GET.get("page"))
    checked = [(row, services.why_not_row(row, request.user)) for row in page.object_list]
    counts = rows.order_by().aggregate(
        **{choice: Count("pk", filter=Q(choice=choice)) for choice in ScenarioRow.Choice.values}
    )
    context = {"scenario": found, "page_obj": page, "checked": checked, "counts": counts}
    return render(request, "projects/scenario_commit.html", context, status=status)
