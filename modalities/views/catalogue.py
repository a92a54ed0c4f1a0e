"""What the program may fund and under which rules; nobody needs an account to read it."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from habitat.lib.lists import Listing, listed
from modalities import reading
from modalities.filters import ActionTypeFilter
from modalities.models import ActionType, RulesVersion
from modalities.tables import TypeTable


@login_not_required
@require_safe
@listed
def type_list(request: HttpRequest) -> Listing:
    every = ActionType.objects.visible_to(request.user)
    found = ActionTypeFilter(request.GET, every)

    def context() -> dict[str, object]:
        lines = reading.by_line(found.qs)
        return {
            "lines": lines,
            "count": sum(len(types) for _line, types in lines),
            "total": every.count(),
            "current": RulesVersion.objects.visible_to(request.user).current(timezone.localdate()).first(),
        }

    table = TypeTable(reading.in_order(found.qs))
    return Listing(table, _("action-types"), "modalities/type_list.html", filter=found, is_fixed=True, context=context)


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
