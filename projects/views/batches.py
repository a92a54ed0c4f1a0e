"""Many proposals by workbook: download it, try it, create its drafts, undo them."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from habitat.accounts.requests import PersonRequest
from habitat.lib.documents import XLSX
from habitat.lib.forms import posted
from habitat.lib.lists import Listing, listed
from projects import services
from projects.forms import PlaceOfWorkbookForm, WorkbookForm
from projects.models import Batch
from projects.refusals import Refused
from projects.tables.batches import BatchFilter, BatchTable


@listed
def batch_list(request: PersonRequest) -> Listing | HttpResponse:
    """Those of one's territory; a preparer also uploads one."""
    may_prepare = services.may_prepare(request.user)
    if request.method == "POST" and not may_prepare:
        raise PermissionDenied(_("Only those who prepare proposals begin one."))
    form = WorkbookForm(posted(request), request.FILES or None, user=request.user) if may_prepare else None
    if form and form.is_valid():
        try:
            batch = services.try_workbook(
                form.cleaned_data["file"], municipality=form.cleaned_data["municipality"], by=request.user
            )
        except ValidationError as error:
            form.add_error("file", error)
        else:
            return redirect("projects:batch", batch.pk)
    batches = Batch.objects.visible_to(request.user).select_related("municipality", "by")
    found = BatchFilter(request.GET, queryset=batches, request=request)
    return Listing(
        BatchTable(found.qs),
        "libros-de-propuestas",
        "projects/batch_list.html",
        filter=found,
        per_page=25,
        context=lambda: {"form": form},
        status=400 if form and form.errors else 200,
    )


def workbook(request: PersonRequest) -> HttpResponse:
    """The empty workbook of the open year, for the one municipality asked for."""
    if not services.may_prepare(request.user):
        raise PermissionDenied(_("Only those who prepare proposals begin one."))
    form = PlaceOfWorkbookForm(request.GET, user=request.user)
    if not form.is_valid():
        return redirect("projects:batches")
    try:
        name, content = services.empty_workbook(form.cleaned_data["municipality"], by=request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("projects:batches")
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def fetch(request: PersonRequest, pk: int) -> Batch:
    related = ("municipality", "by", "created_by", "undone_by")
    return get_object_or_404(Batch.objects.visible_to(request.user).select_related(*related), pk=pk)


def batch(request: PersonRequest, pk: int) -> HttpResponse:
    """What came of a workbook: its errors by cell, or its drafts."""
    found = fetch(request, pk)
    rows = found.rows.select_related("project__modality")
    context = {"batch": found, "rows": rows, "may_prepare": services.may_prepare(request.user)}
    return render(request, "projects/batch.html", context)


@require_POST
def create_batch(request: PersonRequest, pk: int) -> HttpResponse:
    def create(found: Batch) -> str:
        made = services.create_drafts(found, by=request.user)
        if made.errors:
            raise Refused(_("The workbook has errors now: something changed since it was tried."))
        count = made.projects_count
        return ngettext("%(count)s draft was created.", "%(count)s drafts were created.", count) % {"count": count}

    return _done(request, pk, create)


@require_POST
def undo_batch(request: PersonRequest, pk: int) -> HttpResponse:
    def undo(found: Batch) -> str:
        services.undo_batch(found, by=request.user)
        return _("The drafts of this workbook were withdrawn.")

    return _done(request, pk, undo)


def _done(request: PersonRequest, pk: int, service: Callable[[Batch], str]) -> HttpResponse:
    try:
        messages.success(request, service(fetch(request, pk)))
    except (Refused, ValidationError) as error:
        messages.error(request, " ".join(error.messages))
    return redirect("projects:batch", pk)
