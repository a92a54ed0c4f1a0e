"""Taking money back at a cut-off: what is not covered by projects at the first, not started at the second."""

import datetime as dt
from collections import defaultdict
from decimal import Decimal
from functools import partial

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from habitat.accounts.models import User
from habitat.lib.tasks import enqueue, run_command
from modalities.models import Milestone
from projects.models import (
    Ceiling,
    CeilingChange,
    Contribution,
    LedgerEntry,
    Moment,
    Project,
    Source,
    Status,
    UnstartedProject,
    Withdrawal,
    WithdrawalLine,
)
from projects.querysets.money import CeilingQuerySet
from projects.querysets.works import ProjectQuerySet
from projects.refusals import Refused
from projects.rules.facts import standing
from projects.services.agreements import need_program_unit
from projects.services.ceilings import change_amount
from projects.services.portfolios import SLOWEST

CUT_OFFS = (Milestone.Kind.CUT_OFF, Milestone.Kind.START_CUT_OFF)
STARTED = (Status.IN_EXECUTION, Status.FINISHED, Status.HANDED_OVER, Status.PROVEN, Status.CLOSED)
# Municipality, strand and modality of a sum; without a modality of all of them.
Place = tuple[str, str, str | None]


def due_cut_offs(at: dt.datetime | None = None) -> QuerySet[Milestone]:
    """Cut-offs that are over everywhere and from which nothing was withdrawn, nor is about to be."""
    today = (at or timezone.now()).astimezone(SLOWEST).date()
    kept = Withdrawal.objects.exclude(status=Withdrawal.Status.DISCARDED).values("milestone")
    open_ = Milestone.objects.filter(kind__in=CUT_OFFS, closes_on__lt=today).exclude(pk__in=kept)
    return open_.exclude(fiscal_year__status__in=["planned", "closed"]).order_by("closes_on", "state_code")


@transaction.atomic
def preview_withdrawal(milestone: Milestone, *, reason: str, by: User, at: dt.datetime | None = None) -> Withdrawal:
    """The first person's half: every ceiling with what it would give back. Nothing moves. Raises Refused."""
    need_program_unit(by)
    if not due_cut_offs(at).filter(pk=milestone.pk).exists():
        raise Refused(_("This cut-off is not over yet, or its money was withdrawn already."))
    if not reason.strip():
        raise Refused(_("Give the reason."))
    try:
        with transaction.atomic():
            job = Withdrawal.objects.create(
                milestone=milestone, reason=reason.strip(), proposed_by=by, proposed_at=at or timezone.now()
            )
    except IntegrityError as error:
        raise Refused(_("Another person has just previewed this cut-off.")) from error
    nodes = list(ceilings_at(milestone).with_taken())
    leaves_first = sorted(nodes, key=lambda node: node.modality_id is None)
    kept = kept_by(milestone, leaves_first)
    WithdrawalLine.objects.bulk_create(
        WithdrawalLine(
            withdrawal=job, ceiling=node, before=node.amount, kept=kept[node.pk], amount=node.amount - kept[node.pk]
        )
        for node in leaves_first
        if node.amount > kept[node.pk]
    )
    UnstartedProject.objects.bulk_create(
        UnstartedProject(withdrawal=job, project=project, federal=project.federal)
        for project in unstarted(milestone).with_totals().order_by("pk")
    )
    return job


def places_at(milestone: Milestone, path: str) -> Q:
    """The cut-off's states; the country's leaves out those with a cut-off of their own."""
    if milestone.state_code:
        return Q(**{path: milestone.state_code})
    same = Milestone.objects.filter(fiscal_year=milestone.fiscal_year_id, kind=milestone.kind)
    return ~Q(**{f"{path}__in": same.exclude(state_code="").values("state_code")})


def ceilings_at(milestone: Milestone) -> CeilingQuerySet:
    """Of municipalities and their modalities: the levels above keep theirs, so what is withdrawn is free there."""
    rows = Ceiling.objects.filter(places_at(milestone, "state"), fiscal_year=milestone.fiscal_year_id)
    return rows.filter(municipality__isnull=False).order_by("state", "municipality", "strand", "modality")


def unstarted(milestone: Milestone) -> ProjectQuerySet:
    """Approved and not begun at the second cut-off; none at the first."""
    if milestone.kind != Milestone.Kind.START_CUT_OFF:
        return Project.objects.none()
    place = places_at(milestone, "municipality__state")
    return Project.objects.filter(place, fiscal_year=milestone.fiscal_year_id, status=Status.APPROVED)


def kept_by(milestone: Milestone, leaves_first: list[Ceiling]) -> dict[int, Decimal]:
    """Ceiling → pesos it keeps: what covers it, never less than what its own level below keeps.

    Covered at the first cut-off is what was submitted and is not gone; at the second, what has started. Every node of
    a municipality must be given, modalities before the municipality.
    """
    covered = _covered(milestone, {node.municipality_id for node in leaves_first if node.municipality_id})
    kept: dict[int, Decimal] = {}
    below: dict[int | None, Decimal] = defaultdict(Decimal)
    for node in leaves_first:
        place = (str(node.municipality_id), node.strand_id, node.modality_id)
        kept[node.pk] = max(min(node.amount, covered.get(place, Decimal(0))), below[node.pk])
        below[node.parent_id] += kept[node.pk]
    return kept


def _covered(milestone: Milestone, places: set[str]) -> dict[Place, Decimal]:
    counted = standing() if milestone.kind == Milestone.Kind.CUT_OFF else Q(action__project__status__in=STARTED)
    rows = Contribution.objects.filter(
        counted, source=Source.FEDERAL, action__project__fiscal_year=milestone.fiscal_year_id,
        action__project__municipality__in=places,
    )  # fmt: skip
    columns = [f"action__project__{name}" for name in ("municipality", "strand", "modality")]
    found: dict[Place, Decimal] = defaultdict(Decimal)
    for place, strand, modality, amount in rows.order_by().values_list(*columns).annotate(sum=Sum("amount")):
        found[place, strand, modality] += amount
        found[place, strand, None] += amount
    return found


@transaction.atomic
def confirm_withdrawal(job: Withdrawal, *, by: User, at: dt.datetime | None = None) -> Withdrawal:
    """The second person's half; a worker runs it once. Raises Refused for the same person."""
    need_program_unit(by)
    locked = _proposed(job)
    if locked.proposed_by_id == by.pk:
        raise Refused(_("Who previewed a withdrawal does not confirm it: a second person does."))
    locked.status, locked.confirmed_by, locked.confirmed_at = Withdrawal.Status.WAITING, by, at or timezone.now()
    locked.save(update_fields=["status", "confirmed_by", "confirmed_at"])
    transaction.on_commit(partial(enqueue, run_command, "run_withdrawals"))
    return locked


@transaction.atomic
def discard_withdrawal(job: Withdrawal, *, by: User) -> Withdrawal:
    """By either person before it is confirmed; the cut-off may then be previewed anew."""
    need_program_unit(by)
    locked = _proposed(job)
    locked.status, locked.discarded_by = Withdrawal.Status.DISCARDED, by
    locked.save(update_fields=["status", "discarded_by"])
    return locked


def _proposed(job: Withdrawal) -> Withdrawal:
    locked = Withdrawal.objects.select_for_update(of=("self",)).get(pk=job.pk)
    if locked.status != Withdrawal.Status.PROPOSED:
        raise Refused(_("This withdrawal was decided already."))
    return locked


def withdraw_line(job: Withdrawal, line: WithdrawalLine, *, at: dt.datetime) -> None:
    """One ceiling gives back what was previewed, or less where projects have covered it since. In a transaction."""
    branch = [line.ceiling_id, *_above(line.ceiling)]
    list(Ceiling.objects.filter(pk__in=branch).from_the_root().select_for_update(of=("self",)).values_list("pk"))
    node = Ceiling.objects.select_related("agreement").get(pk=line.ceiling_id)
    family = Ceiling.objects.filter(Q(pk=node.pk) | Q(parent=node.pk))
    below = sum((child.amount for child in family if child.pk != node.pk), Decimal(0))
    taken = LedgerEntry.objects.under(node).at(Moment.APPROVED).total()
    covered = _covered(job.milestone, {str(node.municipality_id)})
    now = max(covered.get((str(node.municipality_id), node.strand_id, node.modality_id), Decimal(0)), taken, below)
    line.withdrawn = max(min(line.amount, node.amount - now), Decimal(0))
    if line.withdrawn < line.amount:
        line.note = _("Less than was previewed: projects took or cover more of it now.")
    if line.withdrawn:
        change_amount(
            node, node.amount - line.withdrawn, kind=CeilingChange.Kind.WITHDRAWN, by=job.decider, at=at,
            reason=job.reason, paper=None, withdrawal=job,
        )  # fmt: skip
    line.save(update_fields=["withdrawn", "note"])


def _above(node: Ceiling) -> list[int]:
    found, parent = [], node.parent
    while parent is not None:
        found.append(parent.pk)
        parent = parent.parent
    return found
