"""What happened to a project's money, moment by moment, with every entry that adds up to it."""

from decimal import Decimal

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from habitat.accounts.requests import PersonRequest
from habitat.lib.forms import posted
from projects import services
from projects.forms import EntryForm, TextForm
from projects.models import LedgerEntry, Moment, Source
from projects.views.record import fetch
from projects.views.steps import asked
from projects.workflow import PUBLIC


def ledger(request: PersonRequest, pk: int) -> HttpResponse:
    """POST enters one moment of one source's money. 409: it would pass what came before it."""
    project = fetch(request, pk)
    moments = services.moments_for(request.user)
    if request.method == "POST" and not moments:
        raise PermissionDenied(_("This is not yours to do."))
    form = EntryForm(posted(request), moments=moments, initial={"on": timezone.localdate()})
    status = asked(form, lambda: services.record_money(project, by=request.user, **form.cleaned_data))
    if status is None:
        return redirect("projects:ledger", pk)
    entries = list(project.entries.select_related("by", "reversal_of", "reversal"))
    context = {
        "project": project,
        "entries": entries,
        "rows": by_moment(entries),
        "sources": Source,
        "form": form if moments and project.status in PUBLIC else None,
        "moments": moments,
    }
    return render(request, "projects/ledger.html", context, status=status)


def by_moment(entries: list[LedgerEntry]) -> list[tuple[str, list[tuple[str, Decimal]], Decimal]]:
    """(moment in words, (source in words, pesos) in their order, total) of every moment that has an entry."""
    found = {entry.moment for entry in entries}
    rows = []
    for moment in (moment for moment in Moment if moment in found):
        sums = [
            (source.label, sum((e.amount for e in entries if (e.moment, e.source) == (moment, source)), Decimal(0)))
            for source in Source
        ]
        rows.append((moment.label, sums, sum((amount for _source, amount in sums), Decimal(0))))
    return rows


def reverse_entry(request: PersonRequest, pk: int, entry: int) -> HttpResponse:
    """Mend an entry made by hand: its opposite, with the reason."""
    project = fetch(request, pk)
    wrong = get_object_or_404(project.entries, pk=entry)
    if wrong.moment not in services.moments_for(request.user):
        raise PermissionDenied(_("This is not yours to do."))
    form = TextForm(posted(request))
    form.fields["text"].label = _("Reason")
    today = timezone.localdate()
    status = asked(
        form, lambda: services.reverse_entry(wrong, on=today, by=request.user, note=form.cleaned_data["text"])
    )
    if status is None:
        return redirect("projects:ledger", pk)
    return render(
        request, "projects/reverse_entry.html", {"project": project, "entry": wrong, "form": form}, status=status
    )
