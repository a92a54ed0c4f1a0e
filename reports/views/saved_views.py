"""Saved views of the explorer: saving, opening under their link, renaming, sharing, deleting."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from reports.explorer.lookup import KEPT, search, way_to
from reports.models import SavedView
from reports.saved_views import LONGEST, change_view, delete_view, plain_query, save_view


class ViewForm(forms.ModelForm):
    query = forms.CharField(required=False, max_length=LONGEST, widget=forms.HiddenInput)

    class Meta:
        model = SavedView
        fields = ("name", "is_shared", "query")


def _explorer(query: str = "") -> str:
    return f"{reverse('polygons:list')}{'?' if query else ''}{query}"


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    form = ViewForm(request.POST)
    query = plain_query(request.POST.get("query", "")[:LONGEST])
    if not form.is_valid():
        messages.error(request, _("The view was not saved: give it a name of at most 120 letters."))
        return redirect(_explorer(query))
    data = form.cleaned_data
    view = save_view(owner=request.user, name=data["name"], query=query, is_shared=data["is_shared"])
    messages.success(request, _("Saved as “%(name)s”.") % {"name": view.name})
    return redirect(_explorer(query))


@login_not_required
@require_safe
def open_view(request: HttpRequest, key: UUID) -> HttpResponse:
    view = get_object_or_404(SavedView.objects.visible_to(request.user), public_id=key)
    return redirect(_explorer(view.query))


@require_POST
def change(request: HttpRequest, key: UUID) -> HttpResponse:
    view = get_object_or_404(SavedView.objects.of(request.user), public_id=key)
    form = ViewForm(request.POST)
    if form.is_valid():
        change_view(view, name=form.cleaned_data["name"], is_shared=form.cleaned_data["is_shared"])
        messages.success(request, _("Changed: “%(name)s”.") % {"name": view.name})
    else:
        messages.error(request, _("The view was not changed: give it a name of at most 120 letters."))
    return redirect(_explorer(view.query))


@require_POST
def delete(request: HttpRequest, key: UUID) -> HttpResponse:
    view = get_object_or_404(SavedView.objects.of(request.user), public_id=key)
    query = view.query
    delete_view(view)
    messages.success(request, _("Deleted: “%(name)s”.") % {"name": view.name})
    return redirect(_explorer(query))


@login_not_required
@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """Places by name or key: a page, or with `form=list` the options alone; with `level` and `code` the way there."""
    kept = [(name, value) for name, values in request.GET.lists() if name in KEPT for value in values]
    level, code = request.GET.get("level", ""), request.GET.get("code", "")
    if level and code:
        query = way_to(request.user, level, code, kept)
        if query is None:
            messages.error(request, _("There is nothing to show of that place."))
        return redirect(_explorer(query or ""))
    text = request.GET.get("q", "")[:120]
    context = {"text": text, "places": list(search(request.user, text)), "kept": kept}
    template = "polygons/_places.html" if request.GET.get("form") == "list" else "polygons/places.html"
    return render(request, template, context)
