"""Lists of eligible polygons as they were published: public, never changed."""

from typing import Any

import django_filters as filters
import django_tables2 as tables
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.db.models import Count, IntegerField, Q, QuerySet
from django.db.models.fields.json import KT
from django.db.models.functions import Cast
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe
from django_tables2 import RequestConfig

from habitat.accounts.requests import PersonRequest
from habitat.lib.forms import posted
from habitat.lib.refusals import Refused
from habitat.lib.spreadsheets import XLSX
from habitat.lib.templatetags.portal import number, range_bar
from modalities.models import RulesVersion
from polygons.deficits import MAPPED
from polygons.models import EligibleFile, EligibleList, EligiblePolygon, Municipality, State
from polygons.policy import may_publish_lists
from polygons.services import publish_eligible
from reports.polygon_forms import EligibleListForm

PER_PAGE = 50
TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": XLSX}
NUMBER = {"cell": {"class": "num"}}


class EligibleFilter(filters.FilterSet):
    q = filters.CharFilter(method="search", label=gettext_lazy("Name or key"))
    state = filters.ModelChoiceFilter(
        field_name="municipality__state",
        queryset=lambda request: State.objects.visible_to(request.user).filter(
            pk__in=_listed(request).values("municipality__state")
        ),
        label=gettext_lazy("State"),
        empty_label=gettext_lazy("All states"),
    )
    municipality = filters.ModelChoiceFilter(
        queryset=lambda request: (
            Municipality.objects.visible_to(request.user)
            .filter(pk__in=_listed(request).values("municipality"))
            .order_by("name")
        ),
        label=gettext_lazy("Municipality"),
        empty_label=gettext_lazy("All municipalities"),
    )

    class Meta:
        model = EligiblePolygon
        fields: tuple[str, ...] = ()

    def search(self, rows: QuerySet[EligiblePolygon], name: str, value: str) -> QuerySet[EligiblePolygon]:
        return rows.filter(Q(name__plain__contains=value) | Q(code__icontains=value))


def _listed(request: HttpRequest) -> QuerySet[EligiblePolygon]:
    return EligiblePolygon.objects.visible_to(request.user)


def _counted(name: str) -> Cast:
    return Cast(KT(f"indicators__{name}"), IntegerField())


class EligibleTable(tables.Table):
    polygon = tables.Column(
        accessor="name", verbose_name=gettext_lazy("Polygon"), order_by=("name", "code"), attrs={"td": {"scope": "row"}}
    )
    municipality = tables.Column(verbose_name=gettext_lazy("Municipality"), order_by=("municipality__name", "code"))
    block_count = tables.Column(verbose_name=gettext_lazy("Blocks"), attrs=NUMBER)
    dwellings = tables.Column(verbose_name=gettext_lazy("Dwellings"), attrs=NUMBER)
    needs = tables.Column(
        verbose_name=gettext_lazy("Worst deficit"), accessor="indicators", orderable=False, empty_values=()
    )
    criteria = tables.Column(verbose_name=gettext_lazy("Criteria met"), accessor="verdicts", orderable=False)

    class Meta:
        order_by = "polygon"
        empty_text = gettext_lazy("No polygon of this list fits.")
        attrs = {"caption": gettext_lazy("Eligible polygons as published")}

    def render_polygon(self, record: EligiblePolygon) -> SafeString:
        return format_html(
            '<a class="main" href="{}">{}</a><span class="sub key">{} · {}</span>',
            reverse("polygons:version", args=[record.code, record.version.number]),
            record.name,
            record.code,
            _("version %(number)s") % {"number": record.version.number},
        )

    def render_block_count(self, value: int) -> str:
        return number(value)

    def render_dwellings(self, value: int) -> str:
        return number(value)

    def render_needs(self, value: dict[str, Any]) -> SafeString:
        worst = max(MAPPED, key=lambda deficit: (value[deficit.low], value[deficit.high]))
        ends = range_bar(value[worst.low], value[worst.high], value["base"])
        bar = render_to_string("components/range.html", ends)
        return format_html('{}<span class="sub">{}</span>', bar, worst.label)

    def render_criteria(self, value: list[dict[str, Any]]) -> str:
        met = sum(verdict["verdict"] == "pass" for verdict in value)
        return _("%(met)s of %(all)s") % {"met": met, "all": len(value)}


@login_not_required
@require_safe
def eligible_lists(request: HttpRequest) -> HttpResponse:
    lists = EligibleList.objects.select_related("rules").annotate(polygons=Count("entries"))
    context = {"lists": lists, "may_publish": may_publish_lists(request.user)}
    return render(request, "polygons/eligible_lists.html", context)


@login_not_required
@require_safe
def eligible_list(request: HttpRequest, year: int, number: int) -> HttpResponse:
    """One list. Its files are one public document, the same bytes for everybody and for ever."""
    published = get_object_or_404(EligibleList.objects.select_related("rules"), fiscal_year=year, number=number)
    if (asked := request.GET.get("format")) is not None:
        return _file(published, asked)
    rows = EligiblePolygon.objects.visible_to(request.user).filter(list=published)
    rows = rows.annotate(block_count=_counted("block_count"), dwellings=_counted("dwellings"))
    rows = rows.select_related("municipality", "version").defer("version__geometry", "version__mercator")
    found = EligibleFilter(request.GET, queryset=rows, request=request)
    table = EligibleTable(found.qs, request=request)
    RequestConfig(request, paginate={"per_page": PER_PAGE}).configure(table)
    context = {
        "list": published,
        "filter": found,
        "table": table,
        "polygons": found.qs.count(),
        "criteria": published.rules.eligibilitycriterions.order_by("pk"),
        "exports": [{"label": label, "url": f"?format={name}"} for name, label in EligibleFile.Format.choices],
        "files": published.files.defer("content").order_by("format"),
    }
    return render(request, "polygons/eligible_list.html", context)


def _file(published: EligibleList, asked: str) -> HttpResponse:
    kept = published.files.filter(format=asked).first() if asked in TYPES else None
    if kept is None:
        raise Http404
    response = HttpResponse(bytes(kept.content), content_type=TYPES[asked])
    response["Content-Disposition"] = f'attachment; filename="poligonos-elegibles-{published}.{asked}"'
    response["ETag"] = f'"{kept.sha256}"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def publish_list(request: PersonRequest) -> HttpResponse:
    """The year is that of the rules now in force."""
    if not may_publish_lists(request.user):
        raise PermissionDenied(_("Only the program unit publishes lists of eligible polygons."))
    rules = RulesVersion.objects.current(timezone.localdate()).first()
    form = EligibleListForm(posted(request))
    if form.is_valid() and rules:
        try:
            published = publish_eligible(rules.fiscal_year_id, by=request.user, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The list is published."))
            return redirect("polygons:eligible-list", published.fiscal_year_id, published.number)
    context = {"form": form, "rules": rules}
    return render(request, "polygons/publish_list.html", context, status=400 if form.errors else 200)
