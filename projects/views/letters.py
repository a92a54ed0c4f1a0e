"""Letters: the list, one of them, asking for one, making it anew, cancelling it."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from habitat.accounts.requests import PersonRequest
from habitat.accounts.second_factor import before_signing
from habitat.lib import links
from habitat.lib.documents import download
from habitat.lib.forms import posted
from habitat.lib.lists import Listing, listed
from polygons.models import State
from projects import services
from projects.filters.letters import LetterFilter
from projects.forms.letters import CancelForm, LetterForm, ReissueForm, WhereForm
from projects.letters.codes import address_of
from projects.letters.lines import lines_of_subsidies, works_to_list
from projects.models import Letter, LetterFile, LetterKind, LetterScan, Project
from projects.refusals import Refused
from projects.tables.letters import LetterTable, standing_of
from projects.views.steps import asked


def fetch(request: HttpRequest, pk: int) -> Letter:
    """404 outside one's scope."""
    related = ("state", "fiscal_year", "by", "cancelled_by", "text", "replaces", "replacement", "file")
    return get_object_or_404(Letter.objects.visible_to(request.user).select_related(*related), pk=pk)


@require_safe
@listed
def letter_list(request: PersonRequest) -> Listing:
    scope = Letter.objects.visible_to(request.user).select_related("state", "replaces", "replacement")
    found = LetterFilter(request.GET, queryset=scope.with_copies(), request=request)
    return Listing(
        LetterTable(found.qs, request=request),
        "oficios",
        "projects/letters/list.html",
        filter=found,
        context=lambda: {
            "kinds": services.kinds_signed_by(request.user),
            "may_scan": services.may_scan(request.user),
            "may_write_texts": services.may_write_texts(request.user),
        },
    )


@require_safe
def letter(request: PersonRequest, pk: int) -> HttpResponse:
    """The letter's record; a fragment asks again while the file is being made."""
    found = fetch(request, pk)
    seen = Project.objects.visible_to(request.user).filter(letter_lines__letter=found)
    context = {
        "letter": found,
        "standing": standing_of(found),
        "lines": found.lines.select_related("project", "municipality", "modality", "strand"),
        "seen_projects": set(seen.values_list("pk", flat=True)),
        "scans": found.scans.select_related("attached_by", "by"),
        "address": address_of(found.code),
        "is_mine": is_mine(request, found),
    }
    name = "_status" if request.htmx else "detail"
    return render(request, f"projects/letters/{name}.html", context)


def is_mine(request: PersonRequest, found: Letter) -> bool:
    user = request.user
    inside = user.sees_the_nation or user.state_id == found.state_id
    return inside and found.kind in services.kinds_signed_by(user)


def new(request: PersonRequest, kind: str) -> HttpResponse:
    """GET with a state and a year shows what the letter would list; POST signs for it."""
    if kind not in LetterKind.values:
        raise Http404
    if kind not in services.kinds_signed_by(request.user):
        raise PermissionDenied(_("This letter is not yours to sign."))
    if request.method == "POST":
        return before_signing(_new)(request, LetterKind(kind))
    return _new(request, LetterKind(kind))


def _new(request: PersonRequest, kind: LetterKind) -> HttpResponse:
    states = State.objects.visible_to(request.user)
    states = states if request.user.sees_the_nation else states.filter(pk=request.user.state_id)
    where = WhereForm(request.GET if "state" in request.GET or request.method == "POST" else None, states=states)
    context: dict[str, object] = {"kind": kind, "where": where, "step": "where"}
    if not where.is_valid():
        return render(request, "projects/letters/new.html", context, status=400 if where.is_bound else 200)
    place = where.cleaned_data
    is_subsidy = kind == LetterKind.SUBSIDY
    works = Project.objects.none() if is_subsidy else works_to_list(kind, place["state"], place["fiscal_year"])
    every = [work.pk for work in works] if kind == LetterKind.APPROVAL else None
    form = LetterForm(posted(request), kind=kind, works=works, initial={"projects": every})
    made: list[Letter] = []
    status = asked(
        form, lambda: made.append(services.issue_letter(kind, by=request.user, **place, **form.cleaned_data))
    )
    if status is None:
        messages.success(request, _("%(number)s is being made.") % {"number": made[0].number})
        return redirect("projects:letter", made[0].pk)
    context |= {"step": "words", "form": form, "works": works.select_related("municipality"), "place": place}
    if is_subsidy:
        context["standing"] = Letter.objects.filter(kind=kind, **place).standing().first()
        try:
            context["lines"], context["agreement"] = lines_of_subsidies(place["state"], place["fiscal_year"])
        except Refused as error:
            context["nothing"] = str(error)
    return render(request, "projects/letters/new.html", context, status=status)


def reissue(request: PersonRequest, pk: int) -> HttpResponse:
    found = fetch(request, pk)
    if not is_mine(request, found):
        raise PermissionDenied(_("This letter is not yours to sign."))
    if request.method == "POST":
        return before_signing(_reissue)(request, found)
    return _reissue(request, found)


def _reissue(request: PersonRequest, found: Letter) -> HttpResponse:
    form = ReissueForm(posted(request), initial={"addressee": found.addressee, "post": found.signed_post})
    made: list[Letter] = []
    status = asked(form, lambda: made.append(services.reissue_letter(found, by=request.user, **form.cleaned_data)))
    if status is None:
        messages.success(request, _("%(number)s is being made.") % {"number": made[0].number})
        return redirect("projects:letter", made[0].pk)
    return render(request, "projects/letters/reissue.html", {"letter": found, "form": form}, status=status)


def cancel(request: PersonRequest, pk: int) -> HttpResponse:
    found = fetch(request, pk)
    if not is_mine(request, found):
        raise PermissionDenied(_("This letter is not yours to cancel."))
    if request.method == "POST":
        return before_signing(_cancel)(request, found)
    return _cancel(request, found)


def _cancel(request: PersonRequest, found: Letter) -> HttpResponse:
    form = CancelForm(posted(request))
    status = asked(form, lambda: services.cancel_letter(found, by=request.user, **form.cleaned_data))
    if status is None:
        messages.success(request, _("%(number)s is cancelled.") % {"number": found.number})
        return redirect("projects:letter", found.pk)
    return render(request, "projects/letters/cancel.html", {"letter": found, "form": form}, status=status)


@require_POST
def retry(request: PersonRequest, pk: int) -> HttpResponse:
    found = fetch(request, pk)
    try:
        services.retry_letter(found, by=request.user)
    except Refused as error:
        messages.error(request, str(error))
    return redirect("projects:letter", pk)


@require_safe
def letter_file(request: PersonRequest, pk: int) -> HttpResponseBase:
    found = get_object_or_404(LetterFile.objects.filter(letter__in=Letter.objects.visible_to(request.user)), letter=pk)
    return download(found) if links.holds(request) else links.expired(request)


@require_safe
def scan_file(request: PersonRequest, pk: int) -> HttpResponseBase:
    found = get_object_or_404(LetterScan.objects.visible_to(request.user), pk=pk)
    return download(found) if links.holds(request) else links.expired(request)
