"""The words of the letters: the program unit writes a draft, looks at it as a PDF, puts it in force."""

from types import SimpleNamespace
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from habitat.accounts.requests import PersonRequest
from habitat.lib.forms import posted
from habitat.lib.lists import Listing, listed
from projects import services
from projects.forms.letters import TextForm
from projects.letters.samples import sample_pdf
from projects.letters.texts import PLACEHOLDERS, words_in_force
from projects.models import LetterKind, LetterText
from projects.refusals import Refused
from projects.tables.letters import LetterTextTable


def _kind(request: HttpRequest, kind: str) -> LetterKind:
    """Read by the federal level and auditors, written by the program unit."""
    if kind not in LetterKind.values:
        raise Http404
    _need_reader(request)
    return LetterKind(kind)


def _need_reader(request: HttpRequest) -> None:
    if not request.user.reads_drafts_of_rules:
        raise PermissionDenied(_("The words of the letters are the program unit's."))


@require_safe
@listed
def text_list(request: PersonRequest) -> Listing:
    _need_reader(request)
    versions = LetterText.objects.select_related("by", "published_by")
    return Listing(
        LetterTextTable(versions, request=request),
        _("words-of-letters"),
        "projects/letters/texts.html",
        context=lambda: _by_kind(request, list(versions)),
    )


def _by_kind(request: PersonRequest, versions: list[LetterText]) -> dict[str, Any]:
    rows = [
        SimpleNamespace(
            kind=kind,
            in_force=next((v for v in versions if v.kind == kind and v.status == "in_force"), None),
            draft=next((v for v in versions if v.kind == kind and v.status == "draft"), None),
            earlier=[v for v in versions if v.kind == kind and v.status == "superseded"],
        )
        for kind in LetterKind
    ]
    return {"rows": rows, "may_write": services.may_write_texts(request.user)}


def text(request: PersonRequest, kind: str) -> HttpResponse:
    """POST `do`: save, publish or drop. 409: somebody saved meanwhile; both versions stand on the page."""
    chosen = _kind(request, kind)
    may_write = services.may_write_texts(request.user)
    if request.method == "POST" and not may_write:
        raise PermissionDenied(_("The words of the letters are the program unit's."))
    if request.method == "POST" and request.POST.get("do") == "drop":
        services.drop_letter_text(chosen, by=request.user)
        messages.success(request, _("The draft is gone. What is in force stays."))
        return redirect("projects:letter-texts")
    draft, words = services.draft_of(chosen), words_in_force(chosen)
    start = draft or words
    initial = {"subject": start.subject, "body": start.body, "seen": draft.revision if draft else 0}
    form = TextForm(posted(request), initial=initial)
    status, theirs = 200, None
    if form.is_bound:
        status = 400
        if form.is_valid():
            try:
                saved = services.save_letter_text(chosen, by=request.user, **form.cleaned_data)
                if request.POST.get("do") == "publish":
                    services.publish_letter_text(chosen, by=request.user, seen=saved.revision)
                    messages.success(request, _("The words are in force for letters from now on."))
                    return redirect("projects:letter-texts")
            except ValidationError as error:
                form.add_error(None, error)
            except Refused as error:
                form.add_error(None, str(error))
                status, theirs = 409, services.draft_of(chosen)
                # Saving again, having seen theirs, is meant.
                form.data = form.data.copy()
                form.data["seen"] = theirs.revision if theirs else 0
            else:
                messages.success(request, _("The draft is saved."))
                return redirect("projects:letter-text", chosen)
    context = {
        "kind": chosen,
        "form": form,
        "draft": draft,
        "in_force": words.text,
        "placeholders": PLACEHOLDERS[chosen],
        "theirs": theirs,
        "may_write": may_write,
    }
    return render(request, "projects/letters/text.html", context, status=status)


@require_safe
def sample(request: PersonRequest, kind: str) -> HttpResponse:
    """The draft, or what is in force, as a PDF with invented figures."""
    chosen = _kind(request, kind)
    words = services.draft_of(chosen) or words_in_force(chosen)
    content = sample_pdf(chosen, words.subject, words.body, on=timezone.localdate())
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="muestra-{chosen}.pdf"'
    return response
