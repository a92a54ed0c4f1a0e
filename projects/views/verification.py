"""What the QR of a letter or a handover certificate opens: for everybody, with nothing personal."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from projects.models import Handover, Letter
from projects.models.letters import CODE_LENGTH
from projects.tables.letters import standing_of

# The code of a periodic report has one sign more than a letter's.
REPORT_SIGNS = CODE_LENGTH + 1


@login_not_required
@require_safe
def ask(request: HttpRequest) -> HttpResponse:
    """A box for the code printed under the QR, with or without its hyphens."""
    typed = request.GET.get("code", "")
    code = "".join(sign for sign in typed.upper() if sign.isalnum())
    letters = Letter.objects.filter(code=code, status=Letter.Status.ISSUED)
    if code and (letters.exists() or Handover.objects.filter(code=code).exists()):
        return redirect("verify-letter", code)
    if len(code) == REPORT_SIGNS:
        return redirect("verify-report", code)
    context = {"typed": typed[:40], "unknown": bool(typed)}
    return render(request, "projects/letters/verify_ask.html", context, status=404 if typed else 200)


@login_not_required
@require_safe
def verify(request: HttpRequest, code: str) -> HttpResponse:
    issued = Letter.objects.filter(status=Letter.Status.ISSUED).select_related(
        "file", "replaces", "replacement", "state"
    )
    letter = issued.filter(code=code.upper()).first()
    if letter is None:
        return _verify_handover(request, code)
    return render(request, "projects/letters/verify.html", {"letter": letter, "standing": standing_of(letter)})


def _verify_handover(request: HttpRequest, code: str) -> HttpResponse:
    """A handover certificate says nothing of who signed it."""
    found = Handover.objects.filter(code=code.upper()).select_related("project__municipality", "file").first()
    if found is None:
        raise Http404
    return render(request, "projects/handover/verify.html", {"handover": found})
