"""A person's files: asking for one of a large list, how far it is, opening it while it lasts."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from habitat.accounts import exports
from habitat.accounts.export_making import LIFE, open_list
from habitat.accounts.models import Export
from habitat.accounts.requests import PersonRequest
from habitat.accounts.tables import ExportTable
from habitat.lib import documents, links
from habitat.lib.lists import Listing, files, listed


def _mine(request: PersonRequest) -> QuerySet[Export]:
    return Export.objects.filter(asked_by=request.user)


@require_safe
@listed
def file_list(request: PersonRequest) -> Listing:
    return Listing(ExportTable(_mine(request), request=request), _("files"), "accounts/files.html")


def ask_file(request: PersonRequest) -> HttpResponse:
    """GET says what would be made, POST asks a worker for it. `address`: a list's own; `format`: csv, xlsx, gpkg."""
    asked = request.POST if request.method == "POST" else request.GET
    address, form = asked.get("address", ""), asked.get("format", "")
    if request.method == "POST":
        return redirect("people:file", exports.ask(address, form, by=request.user).pk)
    listing = open_list(address, form, request.user)
    context = {
        "title": listing.title,
        "rows": listing.count,
        "address": listing.address,
        "format": form,
        "label": files.LABELS[form],
        "days": LIFE.days,
    }
    return render(request, "accounts/ask_file.html", context)


@never_cache
@require_safe
def file(request: PersonRequest, pk: int) -> HttpResponse:
    """How far it is; a fragment asks again while it is being made."""
    export = get_object_or_404(_mine(request), pk=pk)
    context = {"export": export, "may_open": exports.may_open(export, request.user, timezone.now())}
    return render(request, f"accounts/{'_file' if request.htmx else 'file'}.html", context)


@require_safe
def download_file(request: PersonRequest, pk: int) -> HttpResponseBase:
    """Rights are looked at again: who lost the list's territory since finds nothing."""
    export = get_object_or_404(_mine(request), pk=pk)
    if not exports.may_open(export, request.user, timezone.now()):
        raise Http404
    return documents.download(export) if links.holds(request) else links.expired(request)


@require_POST
def cancel_file(request: PersonRequest, pk: int) -> HttpResponse:
    if not exports.cancel(get_object_or_404(_mine(request), pk=pk)):
        messages.warning(request, _("It had ended already."))
    return redirect("people:file", pk)


@require_POST
def retry_file(request: PersonRequest, pk: int) -> HttpResponse:
    return redirect("people:file", exports.retry(get_object_or_404(_mine(request), pk=pk), by=request.user).pk)
