"""Capture windows of a year: everybody who works here reads them, the program unit writes them."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from habitat.accounts.requests import PersonRequest
from habitat.lib.forms import posted
from habitat.lib.lists import Listing, listed
from modalities import services
from modalities.models import FiscalYear, Milestone
from polygons.models import State
from projects.forms import WindowForm
from projects.tables.calendar import WindowTable


@require_safe
@listed
def window_list(request: PersonRequest, year: int) -> Listing:
    fiscal_year = get_object_or_404(FiscalYear.objects.visible_to(request.user), pk=year)
    states = {"": _("Whole country"), **dict(State.objects.values_list("pk", "name"))}
    windows = fiscal_year.milestones.filter(kind=Milestone.Kind.CAPTURE).order_by("state_code")
    return Listing(
        WindowTable(windows, states=states),
        f"{_('capture-windows')}-{year}",
        "projects/window_list.html",
        words=[(_("Fiscal year"), year)],
        is_fixed=True,
        context=lambda: {
            "fiscal_year": fiscal_year,
            "years": FiscalYear.objects.visible_to(request.user),
            "rows": [(row, states.get(row.state_code, "")) for row in windows],
            "may_write": request.user.writes_rules,
            "others": State.objects.exclude(pk__in=[row.state_code for row in windows]),
        },
    )


def change_window(request: PersonRequest, year: int, state: str = "") -> HttpResponse:
    """The window of one state, or of the whole country; a state without one of its own is given one."""
    services.need_writer(request.user)
    fiscal_year = get_object_or_404(FiscalYear.objects.visible_to(request.user), pk=year)
    place = get_object_or_404(State, pk=state) if state else None
    row = services.window_row(fiscal_year, state)
    if request.method == "POST" and "remove" in request.POST:
        return _removed(request, row, year)
    shown = row or services.window_row(fiscal_year, "")
    form = WindowForm(posted(request), initial=WindowForm.values_of(shown) if shown else None)
    stale = False
    if form.is_valid():
        seen = request.POST.get("seen", "")
        try:
            services.set_window(fiscal_year, state, by=request.user, seen=seen, **form.cleaned_data)
        except services.StaleError:
            stale = True
            form.add_error(None, _("Somebody else has changed this window meanwhile."))
        except ValidationError as error:
            form.add_error(None, " ".join(error.messages))
        else:
            messages.success(request, _("The capture window is saved."))
            return redirect("projects:windows", year)
    context = {
        "fiscal_year": fiscal_year,
        "place": place,
        "row": row,
        "form": form,
        "stale": stale,
        "seen": services.fingerprint(row) if row else "",
    }
    status = 409 if stale else 400 if form.errors else 200
    return render(request, "projects/window_form.html", context, status=status)


def _removed(request: PersonRequest, row: Milestone | None, year: int) -> HttpResponse:
    try:
        if row:
            services.remove_window(row, by=request.user, seen=request.POST.get("seen", ""))
    except services.StaleError:
        messages.error(request, _("Somebody else has changed this window meanwhile."))
        return redirect(request.path)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("The state follows the country's window again."))
    return redirect("projects:windows", year)
