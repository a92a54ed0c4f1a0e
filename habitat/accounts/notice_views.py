"""A person's notices: the list with what is unread, and how each kind reaches their mailbox."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from habitat.accounts import notices
from habitat.accounts.filters import NoticeFilter
from habitat.accounts.forms import PreferencesForm
from habitat.accounts.models import Notification
from habitat.accounts.requests import PersonRequest
from habitat.accounts.tables import NoticeTable
from habitat.lib.forms import posted
from habitat.lib.lists import Listing, listed


@require_safe
@listed
def notice_list(request: PersonRequest) -> Listing:
    found = NoticeFilter(request.GET, queryset=Notification.objects.filter(user=request.user))
    return Listing(NoticeTable(found.qs, request=request), _("notices"), "accounts/notices.html", filter=found)


@require_safe
def open_notice(request: PersonRequest, pk: int) -> HttpResponse:
    """Leads to what the notice tells of; having been there, it counts as read."""
    notice = get_object_or_404(Notification.objects.filter(user=request.user), pk=pk)
    notices.mark_read(request.user, pk=notice.pk)
    return redirect(notice.url or "people:notices")


@require_POST
def mark_read(request: PersonRequest) -> HttpResponse:
    """The notice named by `notice`, or every one where none is named."""
    name = request.POST.get("notice", "")
    if name and not (name.isascii() and name.isdigit() and len(name) < 19):
        return redirect("people:notices")
    notices.mark_read(request.user, pk=int(name) if name else None)
    return redirect("people:notices")


def preferences(request: PersonRequest) -> HttpResponse:
    form = PreferencesForm(posted(request), user=request.user)
    if form.is_valid():
        notices.choose(request.user, form.cleaned_data)
        messages.success(request, _("Your choice was saved. It holds for what happens from now on."))
        return redirect("people:notice-preferences")
    return render(request, "accounts/notice_preferences.html", {"form": form}, status=400 if form.errors else 200)
