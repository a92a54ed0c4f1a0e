"""Who pays what of which action in which year: the matrix as a file, and the form that spreads a source over years."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from habitat.accounts.requests import PersonRequest
from habitat.lib.spreadsheets import csv_response
from projects import services
from projects.cofunding import matrix_of
from projects.forms import YearsForm
from projects.records import actions_of
from projects.views.record import fetch
from projects.views.set_aside import survives_the_session
from projects.views.sheets import Sheet, editable


@login_not_required
def cofunding(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The same matrix as the page's and PH-01's; amounts in pesos, the last row its sums."""
    project = fetch(request, pk)
    matrix = matrix_of(project.fiscal_year_id, actions_of(project))
    header = [_("Type"), _("Action"), *(f"{source} {year}" for source, year in matrix.headings), _("Total")]
    rows = [[action.action_type_id, action.action_type.name, *amounts, total] for action, amounts, total in matrix.rows]
    return csv_response(f"aportaciones-{project.folio}", header, [*rows, ["", _("Total"), *matrix.sums, matrix.total]])


@survives_the_session
def edit_years(request: PersonRequest, pk: int, action: int) -> HttpResponse:
    """Spread what a source pays of an action over later years; its total stays as it is."""
    project = editable(request, pk)
    rows = project.actions.select_related("action_type", "project").prefetch_related("contributions")
    chosen = get_object_or_404(rows, pk=action)
    sheet = Sheet(request, "funding", project, key=f"years-{action}", autosave="keep")
    form = YearsForm(sheet.data, action=chosen, first_year=project.fiscal_year_id)

    def save(form: YearsForm) -> None:
        services.spread_contributions(chosen, by=request.user, later=form.later, seen=sheet.seen_of(form))

    if sheet.saved([form], save):
        messages.success(request, _("The years are written down."))
        return redirect("projects:edit", pk, "funding")
    return sheet.show([form], {"form": form, "action": chosen}, "projects/edit_years.html")
