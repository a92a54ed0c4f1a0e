"""A person's verdict on one criterion of a polygon, and the papers verdicts rest on."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from habitat.accounts.requests import PersonRequest
from habitat.accounts.security import watching
from habitat.lib import links
from habitat.lib.documents import download
from habitat.lib.forms import posted
from habitat.lib.refusals import Refused
from polygons.models import AssessmentDocument
from polygons.policy import may_draw
from polygons.services import judge
from reports.polygon_criteria import rules_for, standings
from reports.polygon_forms import JudgementForm
from reports.views.polygon import fetch


@require_http_methods(["GET", "HEAD", "POST"])
def judge_criterion(request: PersonRequest, code: str, criterion: str) -> HttpResponse:
    polygon, version = fetch(request, code)
    if not may_draw(request.user, polygon.municipality_id):
        raise PermissionDenied(_("Only the program unit judges criteria, inside its own territory."))
    rules = rules_for(version, timezone.localdate())
    found = standings(version, rules, request.user) if rules else []
    standing = next((standing for standing in found if standing.criterion.code == criterion), None)
    if standing is None:
        raise Http404
    seen = standing.assessment.pk if standing.assessment else None
    form = JudgementForm(posted(request), request.FILES or None, initial={"seen": seen})
    if form.is_valid():
        answers = form.cleaned_data
        upload = answers.pop("file")
        try:
            with watching(request.user, upload.name if upload else ""):
                judge(version, standing.criterion, upload=upload, by=request.user, **answers)
        except ValidationError as error:
            # A sentence about the file itself names no field.
            form.add_error(None if hasattr(error, "error_dict") else "file", error)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The verdict is on record."))
            return redirect("polygons:detail", code)
    context = {"polygon": polygon, "version": version, "standing": standing, "rules": rules, "form": form}
    return render(request, "polygons/judge.html", context, status=400 if form.errors else 200)


@require_safe
def paper(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Only to the program unit, the delegation of the place and auditors; everybody else finds nothing."""
    paper = get_object_or_404(AssessmentDocument.objects.visible_to(request.user), pk=pk)
    return download(paper) if links.holds(request) else links.expired(request)
