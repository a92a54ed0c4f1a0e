"""Progress by period: captured by the municipality, accepted or returned by the delegation, then locked."""

import calendar
import datetime as dt
import hashlib
import json
from collections.abc import Iterable
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from habitat.accounts.models import Role, User
from habitat.lib.templatetags.portal import money, number
from projects import notifications
from projects.cofunding import by_source
from projects.models import (
    Contribution,
    LedgerEntry,
    Moment,
    ProgressLine,
    ProgressReport,
    ProgressSpending,
    Project,
    Source,
    Status,
)
from projects.querysets.works import ProgressQuerySet
from projects.refusals import Refused, StepForbidden
from projects.services.contracts import contracted_in
from projects.services.locks import lock_project, need_status
from projects.services.money import entry_of
from projects.services.periods import period_of

CAPTURERS = (Role.PREPARER, Role.CERTIFIER, Role.SERVICE)
REVIEWERS = (Role.REVIEWER, Role.DELEGATE)
OPEN = (ProgressReport.Status.EXPECTED, ProgressReport.Status.DRAFT, ProgressReport.Status.RETURNED)


@transaction.atomic
def save_progress(
    project: Project,
    year: int,
    month: int,
    *,
    quantities: dict[int, Decimal],
    spending: dict[str, Decimal],
    note: str = "",
    seen: str | None = None,
    by: User,
    at: dt.datetime | None = None,
) -> ProgressReport:
    """Keep what one period measured of each action (action pk → quantity) and what each source paid (pesos).

    `month` is the period's last. Both are of the period itself, not running totals. What is not named counts as 0.
    `seen` is the `progress_mark` of what the page showed. Raises Refused with sentences where somebody changed it
    since, and where the periods together would pass what was approved.
    """
    locked = lock_project(project, by, *CAPTURERS)
    standing = ProgressReport.objects.filter(project=locked, year=year, month=month).standing().first()
    # Works that have ended mend what was returned or reopened; nothing new is measured of them.
    need_status(locked, Status.IN_EXECUTION, *([Status.FINISHED] if standing else []))
    report = standing or _begin(locked, year, month, at or timezone.now())
    if report.status not in OPEN:
        raise Refused(_("This month has been sent already."))
    if seen is not None and seen != progress_mark(standing):
        raise Refused(_changed(report))
    messages = [*_over_quantities(locked, report, quantities), *_over_spending(locked, report, spending)]
    if any(spending.values()) and pays_by_contract(locked):
        messages.append(_("What this work pays is registered with its contract: write no spending here."))
    if messages:
        raise Refused(*messages)
    report.note = note.strip()
    if report.status == ProgressReport.Status.EXPECTED:
        report.status = ProgressReport.Status.DRAFT
    report.save(update_fields=["note", "status"])
    _replace(report, quantities, spending)
    return report


def progress_mark(report: ProgressReport | None) -> str:
    """Of what a report says: two pages with the same mark show the same. Empty where nobody has captured anything."""
    if report is None:
        return ""
    lines = [[pk, str(quantity)] for pk, quantity in report.lines.order_by("action").values_list("action", "quantity")]
    paid = [[name, str(pesos)] for name, pesos in report.spending.order_by("source").values_list("source", "amount")]
    if not (lines or paid or report.note):
        return ""
    said = json.dumps([report.version, report.note, lines, paid])
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def _changed(report: ProgressReport) -> str:
    lines = report.lines.select_related("action__action_type")
    now = [f"{one.action.action_type.name}: {number(one.quantity, 2)}" for one in lines]
    now += [f"{one.get_source_display()}: {money(one.amount)}" for one in report.spending.all()]
    words = _(
        "Somebody changed this month while you wrote. It says now: %(now)s. What you wrote is not kept yet: look at"
        " both, and save again what is right."
    )
    return words % {"now": "; ".join(now) or "—"}


def pays_by_contract(project: Project) -> bool:
    """Paid is written by one road: by payments once a contract stands, else by the municipality's accepted months."""
    return project.contracts.standing().exists()


def _begin(project: Project, year: int, month: int, at: dt.datetime) -> ProgressReport:
    period = period_of(project, year, month, at)
    started = project.history.filter(step="start").values_list("at", flat=True).first()
    began = project.municipality.local_day(started) if started else None
    if began and (year, month) < (began.year, began.month):
        raise Refused(_("The works had not started in that month."))
    return ProgressReport.objects.create(project=project, period=period, year=year, month=month)


def _replace(report: ProgressReport, quantities: dict[int, Decimal], spending: dict[str, Decimal]) -> None:
    report.lines.all().delete()
    report.spending.all().delete()
    ProgressLine.objects.bulk_create(
        ProgressLine(report=report, action_id=action, quantity=quantity) for action, quantity in quantities.items()
    )
    ProgressSpending.objects.bulk_create(
        ProgressSpending(report=report, source=source, amount=amount) for source, amount in spending.items()
    )


def _others(project: Project, report: ProgressReport) -> ProgressQuerySet:
    return ProgressReport.objects.filter(project=project).standing().exclude(pk=report.pk)


def _over_quantities(project: Project, report: ProgressReport, quantities: dict[int, Decimal]) -> Iterable[str]:
    actions = {action.pk: action for action in project.actions.select_related("action_type").defer("geometry")}
    if set(quantities) - set(actions):
        yield _("An action of another project was named.")
    others = ProgressLine.objects.filter(report__in=_others(project, report))
    before = dict(others.order_by().values_list("action").annotate(sum=Sum("quantity")))
    contracted = contracted_in(project)
    for pk, quantity in quantities.items():
        most = contracted.get(pk, actions[pk].quantity) if pk in actions else Decimal(0)
        if quantity < 0:
            yield _("A quantity is not negative.")
        elif pk in actions and before.get(pk, Decimal(0)) + quantity > most:
            left = max(most - before.get(pk, Decimal(0)), Decimal(0))
            words = (
                _("%(type)s: write %(left)s %(unit)s or less; %(planned)s are contracted in all. More needs an"
                  " amendment first.")
                if pk in contracted
                else _("%(type)s: write %(left)s %(unit)s or less; %(planned)s were approved in all. More needs an"
                       " amendment first.")
            )  # fmt: skip
            yield words % {
                "type": actions[pk].action_type.name,
                "left": number(left, 2),
                "unit": actions[pk].action_type.get_unit_display(),
                "planned": number(most, 2),
            }


def _over_spending(project: Project, report: ProgressReport, spending: dict[str, Decimal]) -> Iterable[str]:
    if set(spending) - set(Source.values):
        yield _("An unknown source was named.")
    approved = by_source(Contribution.objects.filter(action__project=project))
    before = by_source(ProgressSpending.objects.filter(report__in=_others(project, report)))
    for source, amount in spending.items():
        if amount < 0:
            yield _("An amount is not negative.")
        elif source in Source.values and before.get(source, Decimal(0)) + amount > approved.get(source, Decimal(0)):
            left = max(approved.get(source, Decimal(0)) - before.get(source, Decimal(0)), Decimal(0))
            yield _("%(source)s: write %(left)s or less; %(approved)s were approved in all.") % {
                "source": Source(source).label,
                "left": money(left),
                "approved": money(approved.get(source, Decimal(0))),
            }


@transaction.atomic
def submit_progress(report: ProgressReport, *, by: User, at: dt.datetime | None = None) -> ProgressReport:
    report = _lock(report, by, CAPTURERS)
    _need(report, ProgressReport.Status.DRAFT, ProgressReport.Status.RETURNED)
    report.status, report.submitted_at, report.submitted_by = ProgressReport.Status.SUBMITTED, at or timezone.now(), by
    report.reason = ""
    report.save(update_fields=["status", "submitted_at", "submitted_by", "reason"])
    notifications.tell_of_progress(report, by=by)
    return report


@transaction.atomic
def accept_progress(
    report: ProgressReport, *, by: User, reason: str = "", seen: str | None = None, at: dt.datetime | None = None
) -> ProgressReport:
    """Locks the month for good and enters what its sources spent as paid, on the month's last day or today.

    Raises Refused where the municipality sent something else since, than `seen` (`progress_mark`) was the mark of.
    """
    report = _decide(report, ProgressReport.Status.ACCEPTED, by, reason, at or timezone.now(), seen)
    # Asked under the lock: a contract may be registered, or spending sent, while the page is read.
    if pays_by_contract(report.project) and report.spending.filter(amount__gt=0).exists():
        raise Refused(
            _("Its payments are registered with the contract: return the month, to be sent without spending.")
        )
    month_end = dt.date(report.year, report.month, calendar.monthrange(report.year, report.month)[1])
    today = report.project.municipality.local_day(report.decided_at)
    LedgerEntry.objects.bulk_create(
        entry_of(
            report.project, Moment.PAID, spent.source, spent.amount, on=min(month_end, today), by=by, progress=report
        )
        for spent in report.spending.all()
        if spent.amount
    )
    notifications.tell_of_progress(report, by=by)
    return report


@transaction.atomic
def return_progress(
    report: ProgressReport, *, by: User, reason: str = "", seen: str | None = None, at: dt.datetime | None = None
) -> ProgressReport:
    if not reason.strip():
        raise Refused(_("Give the reason."))
    report = _decide(report, ProgressReport.Status.RETURNED, by, reason, at or timezone.now(), seen)
    notifications.tell_of_progress(report, by=by)
    return report


def _decide(
    report: ProgressReport, status: str, by: User, reason: str, at: dt.datetime, seen: str | None
) -> ProgressReport:
    report = _lock(report, by, REVIEWERS)
    _need(report, ProgressReport.Status.SUBMITTED)
    if seen is not None and seen != progress_mark(report):
        raise Refused(_("The municipality sent something else since you opened this page: read it again below."))
    if report.submitted_by_id == by.pk:
        raise StepForbidden(_("Who reports progress does not accept it."))
    report.status, report.decided_at, report.decided_by, report.reason = status, at, by, reason.strip()
    report.save(update_fields=["status", "decided_at", "decided_by", "reason"])
    return report


def _lock(report: ProgressReport, by: User, roles: tuple[Role, ...]) -> ProgressReport:
    """Locks the project first, as every service does, then reads the report anew."""
    project = lock_project(report.project, by, *roles)
    need_status(project, Status.IN_EXECUTION, Status.FINISHED)
    fresh = ProgressReport.objects.get(pk=report.pk)
    fresh.project = project
    return fresh


def _need(report: ProgressReport, *statuses: str) -> None:
    if report.status not in statuses:
        raise Refused(_("This month's report is “%(status)s” now.") % {"status": report.get_status_display()})
