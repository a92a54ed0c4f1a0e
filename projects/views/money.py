"""The money of one work: what it has at each moment, what is missing, and every act with the page that decides."""

from decimal import Decimal

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from habitat.accounts.requests import PersonRequest
from habitat.lib.forms import posted
from projects import due, forms, services
from projects.balances import OF_WORKS, Balances
from projects.models import (
    Contract,
    Estimate,
    LedgerEntry,
    Moment,
    MoneyAct,
    Payment,
    Project,
    Proof,
    Refund,
    Release,
    Source,
)
from projects.refusals import Refused
from projects.views.record import fetch
from projects.views.steps import asked
from projects.workflow import ENDED

# Name in the address → the act and the form that registers it.
ACTS: dict[str, tuple[type[MoneyAct], type[forms.ActForm]]] = {
    "contract": (Contract, forms.ContractForm),
    "release": (Release, forms.ReleaseForm),
    "estimate": (Estimate, forms.EstimateForm),
    "payment": (Payment, forms.PaymentForm),
    "proof": (Proof, forms.ProofForm),
    "refund": (Refund, forms.RefundForm),
}
REGISTER = {
    "contract": services.register_contract,
    "release": services.register_release,
    "estimate": services.register_estimate,
    "payment": services.register_payment,
    "proof": services.register_proof,
    "refund": services.register_refund,
}


def ledger(request: PersonRequest, pk: int) -> HttpResponse:
    """The whole money life of one work."""
    project = fetch(request, pk)
    acts = acts_of(project)
    context = {
        "project": project,
        "rows": matrix(Balances(project)),
        "sources": Source,
        "acts": acts,
        "missing": list(due.missing(project, timezone.localdate())),
        "planned": project.planned_releases.all(),
        "amendments": project.amendments.select_related("registered_by", "decided_by"),
        "entries": project.entries.select_related("by", "reversal_of", "reversal"),
        "may_register": services.may_register(project, request.user),
    }
    return render(request, "projects/money/overview.html", context)


def acts_of(project: Project) -> dict[str, QuerySet[MoneyAct]]:
    """Name in the address → the acts of the work, newest first, with what their rows show."""
    more = {"estimate": ("contract",), "payment": ("contract", "estimate")}
    return {
        name: model._default_manager.filter(project=project)
        .select_related("registered_by", "decided_by", "document", *more.get(name, ()))
        .order_by("-on", "-pk")
        for name, (model, _form) in ACTS.items()
    }


def matrix(balances: Balances) -> list[tuple[str, list[tuple[str, Decimal]], Decimal]]:
    """(moment in words, (source in words, pesos) in their order, total) of the moments of works and what is left."""
    moments = (Moment.AUTHORISED, *OF_WORKS)
    rows = [(str(one.label), _by_source(balances.by_source(one)), balances.total(one)) for one in moments]
    left = {source.value: balances.unproven(source) for source in Source}
    words = _("Released, neither proven nor refunded")
    return [*rows, (words, _by_source(left), sum(left.values(), Decimal(0)))]


def _by_source(amounts: dict[str, Decimal]) -> list[tuple[str, Decimal]]:
    return [(str(source.label), amounts[source]) for source in Source]


def register_act(request: PersonRequest, pk: int, kind: str) -> HttpResponse:
    """The municipality's certifier registers one act. 409: it would pass what came before it."""
    project = fetch(request, pk)
    if not services.may_register(project, request.user):
        raise PermissionDenied(_("The municipality's certifier registers this."))
    model, form_class = ACTS[kind]
    form = form_class(posted(request), request.FILES or None, project=project, initial=starting(project, kind))

    def keep() -> None:
        said = form.said
        about = said.pop("contract", project)
        REGISTER[kind](about, by=request.user, **said)

    status = asked(form, keep)
    if status is None:
        messages.success(request, _("Registered: the delegation validates it."))
        return redirect("projects:ledger", pk)
    context = {"project": project, "form": form, "what": model._meta.verbose_name}
    return render(request, "projects/money/register.html", context, status=status)


def starting(project: Project, kind: str) -> dict[str, object]:
    """What a form says before anybody types."""
    today = {"on": project.municipality.local_day()}
    if kind != "contract":
        return today
    is_own = project.execution_form == Project.ExecutionForm.OWN_ADMINISTRATION
    approved = Balances(project).total(Moment.APPROVED)
    return today | {
        "kind": Contract.Kind.OWN_ADMINISTRATION if is_own else Contract.Kind.PUBLIC_TENDER,
        "law": "" if is_own else Contract.Law.LOPSRM,
        "amount": approved,
        "starts_on": project.starts_on,
        "ends_on": project.ends_on,
    }


def act(request: PersonRequest, pk: int, kind: str, act: int) -> HttpResponse:
    """One act. POST `do`: validate, reject or reverse, by the delegation; 409 where it cannot be."""
    project = fetch(request, pk)
    row = get_object_or_404(acts_of(project)[kind], pk=act)
    may_decide = services.may_validate(project, request.user)
    refusal: list[str] = []
    if request.method == "POST":
        if not may_decide:
            raise PermissionDenied(_("The delegation decides on this."))
        try:
            words = decide(request, row)
        except Refused as error:
            refusal = error.messages
        else:
            messages.success(request, words)
            return redirect("projects:ledger", pk)
    context = {
        "project": project, "act": row, "kind": kind, "refusal": refusal,
        "may_decide": may_decide and row.status == row.Status.REGISTERED,
        "may_reverse": may_decide and row.status == row.Status.VALIDATED and project.status not in ENDED,
        "may_add": kind == "contract" and services.may_register(project, request.user),
        "entries": LedgerEntry.objects.filter(**{kind: row}),
    }  # fmt: skip
    return render(request, "projects/money/act.html", context, status=409 if refusal else 200)


def decide(request: PersonRequest, row: MoneyAct) -> str:
    """The sentence for the reader. Raises Refused."""
    reason = request.POST.get("reason", "")
    wish = request.POST.get("do")
    if wish == "validate":
        services.validate_act(row, by=request.user)
        return _("Validated: it is in the ledger.")
    if wish == "reverse":
        services.reverse_act(row, by=request.user, reason=reason)
        return _("Reversed: its opposite is in the ledger.")
    services.reject_act(row, by=request.user, reason=reason)
    return _("Rejected with your reason.")


def guarantee(request: PersonRequest, pk: int, contract: int) -> HttpResponse:
    project = fetch(request, pk)
    row = get_object_or_404(project.contracts.all(), pk=contract)
    if not services.may_register(project, request.user):
        raise PermissionDenied(_("The municipality's certifier registers this."))
    form = forms.GuaranteeForm(posted(request))
    status = asked(form, lambda: services.add_guarantee(row, services.Answering(**form.cleaned_data), by=request.user))
    if status is None:
        return redirect("projects:money-act", pk, "contract", contract)
    context = {"project": project, "form": form, "what": _("guarantee")}
    return render(request, "projects/money/register.html", context, status=status)
