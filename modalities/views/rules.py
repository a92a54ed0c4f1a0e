"""The rules of each year: anybody reads what is or was in force, and compares it."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from habitat.lib.spreadsheets import csv_response
from modalities import reading
from modalities.comparison import basis_of, compare
from modalities.models import RulesVersion


def writes_rules(request: HttpRequest) -> bool:
    return request.user.is_authenticated and request.user.writes_rules


@login_not_required
@require_safe
def rules_list(request: HttpRequest) -> HttpResponse:
    versions = RulesVersion.objects.visible_to(request.user).select_related("fiscal_year", "copied_from")
    return render(request, "modalities/rules_list.html", {"versions": versions, "writes_rules": writes_rules(request)})


@login_not_required
@require_safe
def rules_detail(request: HttpRequest, year: int, version: int) -> HttpResponse:
    rules = version_of(request, year, version)
    versions = RulesVersion.objects.visible_to(request.user)
    reads_drafts = request.user.is_authenticated and request.user.reads_drafts_of_rules
    milestones = rules.fiscal_year.milestones.all()
    return render(
        request,
        "modalities/rules_detail.html",
        {
            "rules": rules,
            "groups": reading.groups(rules),
            "milestones": [row for row in milestones if row.month is None],
            "months": [row for row in milestones if row.month],
            "type_count": rules.action_types.count(),
            "basis": basis_of(rules, versions),
            "edits": rules.edits.select_related("by")[:12] if reads_drafts else [],
            "reads_drafts": reads_drafts,
            "may_write": rules.is_draft and writes_rules(request),
        },
    )


@login_not_required
@require_safe
def rules_csv(request: HttpRequest, year: int, version: int) -> StreamingHttpResponse:
    rules = version_of(request, year, version)
    header = (_("Kind"), _("Code"), _("Rule"), _("Required"), _("Clause"), _("Source"), _("Verified"), _("Note"))
    rows = [
        (
            group.title,
            line.rule.code,
            line.words,
            line.rule.get_required_at_display(),
            line.rule.clause,
            line.rule.source,
            _("yes") if line.rule.is_verified else _("no"),
            line.rule.note,
        )
        for group in reading.groups(rules)
        for line in group.lines
    ]
    return csv_response(f"{_('rules')}-{year}-v{version}", header, rows)


def version_of(request: HttpRequest, year: int, version: int) -> RulesVersion:
    versions = RulesVersion.objects.visible_to(request.user).select_related("fiscal_year", "copied_from")
    return get_object_or_404(versions, fiscal_year=year, version=version)


@login_not_required
@require_safe
def comparison(request: HttpRequest, year: int, version: int) -> HttpResponseBase:
    """`?with=2026-1` names the older side; without it, the rules in force that this version replaces or replaced."""
    new = version_of(request, year, version)
    visible = RulesVersion.objects.visible_to(request.user).select_related("fiscal_year")
    old = _named(request, visible, request.GET.get("with", "")) or basis_of(new, visible)
    differences = compare(old, new) if old else []
    if request.GET.get("format") == "csv":
        return _comparison_csv(old, new, differences)
    shown = [row for row in differences if not row.is_citation] if "substance" in request.GET else differences
    return render(
        request,
        "modalities/comparison.html",
        {
            "old": old,
            "new": new,
            "differences": shown,
            "total": len(differences),
            "citations": sum(row.is_citation for row in differences),
            "others": visible.exclude(pk=new.pk),
            "exports": [{"label": "CSV", "url": f"?format=csv&with={old.fiscal_year_id}-{old.version}"}] if old else [],
        },
    )


def _named(request: HttpRequest, visible, name: str) -> RulesVersion | None:
    if not name:
        return None
    year, _dash, number = name.partition("-")
    if not (year.isascii() and year.isdigit() and number.isascii() and number.isdigit() and len(name) < 12):
        raise Http404
    return get_object_or_404(visible, fiscal_year=year, version=number)


def _comparison_csv(old: RulesVersion | None, new: RulesVersion, differences: list) -> StreamingHttpResponse:
    header = (_("Kind"), _("Code"), _("What happened"), _("Field"), str(old or ""), str(new))
    rows = []
    for row in differences:
        parts = [(part.label, part.old, part.new) for part in row.parts] or [("", row.old, row.new)]
        rows += [(row.kind_title, row.code, row.label, *part) for part in parts]
    name = _("comparison")
    return csv_response(f"{name}-{old}-{new}".replace(" ", "-"), header, rows)
