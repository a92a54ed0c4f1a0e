"""What the program may fund and under which rules; nobody needs an account to read it."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from habitat.lib.spreadsheets import csv_response
from modalities import reading
from modalities.filters import ActionTypeFilter
from modalities.models import ActionType, RulesVersion


@login_not_required
@require_safe
def type_list(request: HttpRequest) -> HttpResponse:
    every = ActionType.objects.visible_to(request.user)
    found = ActionTypeFilter(request.GET, every)
    lines = reading.by_line(found.qs)
    return render(
        request,
        "modalities/type_list.html",
        {
            "filter": found,
            "lines": lines,
            "count": sum(len(types) for _line, types in lines),
            "total": every.count(),
            "current": RulesVersion.objects.visible_to(request.user).current(timezone.localdate()).first(),
        },
    )


@login_not_required
@require_safe
def types_csv(request: HttpRequest) -> StreamingHttpResponse:
    found = ActionTypeFilter(request.GET, ActionType.objects.visible_to(request.user))
    header = (
        _("Code"),
        _("Modality"),
        _("Line"),
        _("Name in Spanish"),
        _("Name in English"),
        _("Unit"),
        _("Priority"),
        _("Geometry"),
        _("Place"),
        _("OC4IDS sector"),
        _("OC4IDS type"),
        _("Note"),
    )
    rows = [
        (
            row.code,
            row.modality.name,
            row.line.name,
            row.name_es,
            row.name_en,
            row.get_unit_display(),
            row.priority,
            row.get_geometry_kind_display(),
            row.get_location_basis_display(),
            row.oc4ids_sector,
            row.oc4ids_type,
            row.note,
        )
        for _line, types in reading.by_line(found.qs)
        for row in types
    ]
    return csv_response(_("action-types"), header, rows)


@login_not_required
@require_safe
def type_detail(request: HttpRequest, code: str) -> HttpResponse:
    types = ActionType.objects.visible_to(request.user).select_related("modality", "line")
    action_type = get_object_or_404(types, pk=code)
    versions = RulesVersion.objects.visible_to(request.user)
    current = versions.current(timezone.localdate()).first()
    return render(
        request,
        "modalities/type_detail.html",
        {
            "type": action_type,
            "current": current,
            "groups": reading.groups_for(action_type, current) if current else [],
            "versions": versions.filter(action_types=action_type).in_force(),
        },
    )
