"""Days that count otherwise than the federal calendar says: read by all who work here, written by the program unit."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from habitat.accounts.requests import PersonRequest
from habitat.lib.calendar import federal_holidays
from habitat.lib.forms import posted
from habitat.lib.lists import Listing, listed
from modalities.models import CalendarException
from modalities.services import StaleError, need_writer
from projects import services
from projects.forms import CalendarExceptionForm
from projects.tables.calendar import CalendarFilter, CalendarTable, state_names


@require_safe
@listed
def calendar_list(request: PersonRequest) -> Listing:
    rows = CalendarException.objects.select_related("by")
    found = CalendarFilter(request.GET, queryset=rows, request=request)
    year = timezone.localdate().year
    return Listing(
        CalendarTable(found.qs, request=request, may_write=request.user.writes_rules),
        _("calendar"),
        "projects/calendar/list.html",
        filter=found,
        context=lambda: {
            "may_write": request.user.writes_rules,
            "year": year,
            "holidays": federal_holidays(year),
        },
    )


def add_exception(request: PersonRequest) -> HttpResponse:
    """The first press shows which deadlines move, `confirm` writes."""
    need_writer(request.user)
    form = CalendarExceptionForm(posted(request))
    moved, status = None, 200
    if form.is_valid():
        if "confirm" in request.POST:
            answer = _write(request, services.add_exception, form.row, form)
            if answer:
                return answer
            status = 409
        if not form.errors:
            moved = services.moved_by_adding(form.row)
    context = {"form": form, "moved": moved, "mark": services.mark_of(moved or [])}
    return render(request, "projects/calendar/form.html", context, status=400 if form.errors else status)


def remove_exception(request: PersonRequest, pk: int) -> HttpResponse:
    need_writer(request.user)
    row = get_object_or_404(CalendarException, pk=pk)
    if request.method == "POST":
        answer = _write(request, services.remove_exception, row)
        return answer or redirect(request.path)
    moved = services.moved_by_removing(row)
    context = {
        "row": row,
        "moved": moved,
        "mark": services.mark_of(moved),
        "place": state_names().get(row.state_code, _("Whole country")),
    }
    return render(request, "projects/calendar/remove.html", context)


def _write(
    request: PersonRequest, service: Callable, row: CalendarException, form: CalendarExceptionForm | None = None
) -> HttpResponse | None:
    """None where the page must be shown again, with what it then says."""
    try:
        moved = service(row, by=request.user, seen=request.POST.get("mark", ""))
    except StaleError:
        messages.error(request, _("Cases have moved on meanwhile: look at the deadlines again before you confirm."))
        return None
    except ValidationError as error:
        if form:
            form.add_error(None, error.messages)
        else:
            messages.error(request, " ".join(error.messages))
        return None
    words = ngettext("Saved; %(count)s deadline moved.", "Saved; %(count)s deadlines moved.", len(moved))
    messages.success(request, words % {"count": len(moved)})
    return redirect("projects:calendar")
