"""A draft of the rules on the open proposals: its preview, and putting it in force."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from habitat.accounts.requests import PersonRequest
from habitat.lib.forms import posted
from habitat.lib.lists import Listing, listed
from modalities.forms import ReasonForm
from modalities.models import RulesVersion
from modalities.services import need_writer
from projects import services
from projects.filters.projects import ChangeFilter
from projects.models import PreviewedChange, RulesPreview
from projects.refusals import Refused
from projects.tables.verdicts import ChangeTable

PER_PAGE = 50
reads_and_posts = require_http_methods(["GET", "HEAD", "POST"])


def _version(request: PersonRequest, year: int, version: int) -> RulesVersion:
    versions = RulesVersion.objects.visible_to(request.user).select_related("fiscal_year")
    return get_object_or_404(versions, fiscal_year=year, version=version)


@reads_and_posts
@listed
def preview(request: PersonRequest, year: int, version: int) -> Listing | HttpResponse:
    """GET shows the latest; POST asks for one of the draft as it stands."""
    if not request.user.reads_drafts_of_rules:
        raise PermissionDenied(_("Drafts of the rules are for the program unit and those who audit."))
    draft = _version(request, year, version)
    if request.method == "POST":
        need_writer(request.user)
        if draft.is_draft:
            services.ask_preview(draft, by=request.user)
        else:
            messages.error(request, _("This version is no longer a draft: it cannot be changed."))
        return redirect("rules:preview", year, version)
    latest = services.latest_preview(draft)
    found = ChangeFilter(request.GET, queryset=_changes(latest), request=request)
    is_fragment = request.headers.get("HX-Request") == "true"
    return Listing(
        ChangeTable(found.qs, request=request),
        f"{_('preview')}-{year}-v{version}",
        "projects/_preview_status.html" if is_fragment else "projects/rules_preview.html",
        filter=found,
        per_page=PER_PAGE,
        context=lambda: {
            "draft": draft,
            "preview": latest,
            "is_current": services.is_current(latest, draft),
            "may_ask": request.user.writes_rules and draft.is_draft,
            "sums": _sums(latest),
            "is_fragment": is_fragment,
        },
    )


def _changes(preview: RulesPreview | None) -> QuerySet[PreviewedChange]:
    """Of a finished preview: a part of the truth would be taken for the whole."""
    is_over = preview is not None and preview.status == RulesPreview.Status.DONE
    rows = PreviewedChange.objects.filter(preview=preview) if is_over else PreviewedChange.objects.none()
    return rows.select_related("project__municipality__state")


def _sums(preview: RulesPreview | None) -> list[dict[str, object]]:
    """By rule, before and after: how many verdicts, the most first."""
    counted = _changes(preview).order_by().values("rule_kind", "rule_code", "before", "after", "why")
    rows = counted.annotate(count=Count("pk")).order_by("-count", "rule_code")
    return [row | {"words": PreviewedChange.said(row["before"], row["after"])} for row in rows[:200]]


@reads_and_posts
def publish(request: PersonRequest, year: int, version: int) -> HttpResponse:
    need_writer(request.user)
    draft = _version(request, year, version)
    form = ReasonForm(posted(request))
    if form.is_valid():
        try:
            published = services.publish_rules(draft, by=request.user, reason=form.cleaned_data["reason"])
        except Refused as error:
            for message in error.messages:
                form.add_error(None, message)
        else:
            words = _("The rules are in force. Open proposals judged by them from now on: %(count)s.")
            messages.success(request, words % {"count": published.moved})
            return redirect("modalities:version", year, version)
    open_ = services.open_proposals(draft)
    context = {
        "draft": draft,
        "form": form,
        "why_not": services.why_not_publish(draft, request.user) if not form.errors else [],
        "open": open_.count(),
        "preview": services.latest_preview(draft),
    }
    return render(request, "projects/publish_rules.html", context, status=400 if form.errors else 200)
