"""Money taken back at a cut-off: due ones, the preview municipality by municipality, and the second person's answer."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet, Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from habitat.accounts.requests import PersonRequest
from habitat.lib.forms import posted
from habitat.lib.lists import Listing, listed
from modalities.models import Milestone
from projects import services
from projects.filters.projects import WithdrawalFilter, WithdrawalLineFilter
from projects.forms import TextForm
from projects.models import UnstartedProject, Withdrawal, WithdrawalLine
from projects.refusals import Refused
from projects.tables.money import FAMILIES, WithdrawalLineTable, WithdrawalTable


@listed
def withdrawal_list(request: PersonRequest) -> Listing:
    jobs = Withdrawal.objects.visible_to(request.user).select_related("milestone", "proposed_by", "confirmed_by")
    found = WithdrawalFilter(request.GET, queryset=jobs, request=request)
    return Listing(
        WithdrawalTable(found.qs),
        "retiros",
        "projects/withdrawal_list.html",
        filter=found,
        context=lambda: {"due": services.due_cut_offs() if services.may_set_money(request.user) else []},
    )


def new_withdrawal(request: PersonRequest, milestone: int) -> HttpResponse:
    """The first person's half: POST previews the cut-off and asks the second."""
    if not services.may_set_money(request.user):
        raise PermissionDenied(_("Ceilings are set by the program unit."))
    cut_off = get_object_or_404(Milestone, pk=milestone, kind__in=services.CUT_OFFS)
    form = TextForm(posted(request))
    form.fields["text"].label = _("Reason")
    if form.is_valid():
        try:
            job = services.preview_withdrawal(cut_off, reason=form.cleaned_data["text"], by=request.user)
        except Refused as error:
            form.add_error(None, " ".join(error.messages))
        else:
            return redirect("projects:withdrawal", job.pk)
    context = {"milestone": cut_off, "form": form}
    return render(request, "projects/withdrawal_form.html", context, status=400 if form.errors else 200)


@listed
def withdrawal(request: PersonRequest, pk: int) -> Listing:
    job = fetch(request, pk)
    mine = WithdrawalLine.objects.visible_to(request.user).filter(withdrawal=job)
    places = ("ceiling__state", "ceiling__municipality", "ceiling__modality", "ceiling__strand")
    found = WithdrawalLineFilter(request.GET, queryset=mine.select_related(*places), request=request)
    return Listing(
        WithdrawalLineTable(found.qs, request=request),
        f"retiro-{job.pk}",
        "projects/withdrawal.html",
        filter=found,
        per_page=100,
        context=lambda: {
            "job": job,
            "sums": _sums(found.qs),
            "unstarted": UnstartedProject.objects.visible_to(request.user)
            .filter(withdrawal=job)
            .select_related("project"),
            "family": FAMILIES.get(job.status, "attention"),
            "may_decide": job.status == Withdrawal.Status.PROPOSED and services.may_set_money(request.user),
            "is_mine": job.proposed_by_id == request.user.pk,
        },
    )


def _sums(lines: QuerySet[WithdrawalLine]) -> dict[str, object]:
    whole = Q(ceiling__modality=None)
    return lines.order_by().aggregate(
        previewed=Sum("amount", filter=whole, default=0), given_back=Sum("withdrawn", filter=whole, default=0),
        lines=Count("pk"), done=Count("pk", filter=Q(withdrawn__isnull=False)),
    )  # fmt: skip


def fetch(request: PersonRequest, pk: int) -> Withdrawal:
    rows = Withdrawal.objects.visible_to(request.user)
    return get_object_or_404(rows.select_related("milestone", "proposed_by", "confirmed_by"), pk=pk)


@require_POST
def decide_withdrawal(request: PersonRequest, pk: int, answer: str) -> HttpResponse:
    job = fetch(request, pk)
    decide = {"confirm": services.confirm_withdrawal, "discard": services.discard_withdrawal}[answer]
    try:
        decide(job, by=request.user)
    except Refused as error:
        messages.error(request, " ".join(error.messages))
    else:
        words = _("Confirmed: a worker withdraws the money now.") if answer == "confirm" else _("Discarded.")
        messages.success(request, words)
    return redirect("projects:withdrawal", pk)
