"""A polygon on two printed pages."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from reports.dossier import dossier_of
from reports.views.polygon import fetch


@login_not_required
@require_safe
def dossier(request: HttpRequest, code: str, number: int | None = None) -> HttpResponse:
    polygon, version = fetch(request, code, number)
    response = HttpResponse(dossier_of(request.user, version, timezone.now()), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="poligono-{polygon.code}-v{version.number}.pdf"'
    return response
