"""Who may take which step of a project, and what stands in the way: one answer for buttons, pages, API and services."""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from habitat.accounts.models import Role, User
from habitat.lib.templatetags.portal import money
from projects import rules
from projects.balances import Balances
from projects.models import ActStatus, Letter, Moment, Observation, Project, Source, StatusChange
from projects.services.acts import waiting_acts
from projects.services.assignments import held_by_another
from projects.services.estimates import advance_left
from projects.services.proofs import share_excess
from projects.workflow import Move, Step, steps_of

OVERLAPS = "overlaps_answered"
# Who did one of these may not do the other for the same case.
CERTIFIED = {"submit", "answer"}
DECIDED_BY_OTHERS = {"authorise", "observe", "number", "approve", "prove", "close", "reject"}


@dataclass(frozen=True)
class Obstacles:
    """`forbidden`: the step is not this person's. `refused`: it is, but not yet. Both in the active language."""

    forbidden: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    verdicts: tuple[rules.Judgement, ...] = ()

    @property
    def sentences(self) -> list[str]:
        return [*self.forbidden, *self.refused, *(verdict.sentence for verdict in self.verdicts)]


class Case:
    """A project at one moment in the hands of one person; what is asked of it is fetched once."""

    def __init__(
        self,
        project: Project,
        by: User,
        at: dt.datetime | None = None,
        judgements: list[rules.Judgement] | None = None,
    ) -> None:
        self.project = project
        self.by = by
        self.at = at or timezone.now()
        self.steps = steps_of(project.rules.workflow)
        if judgements is not None:
            self.judgements = judgements

    @cached_property
    def today(self) -> dt.date:
        """The municipality's own day."""
        return self.project.municipality.local_day(self.at)

    @cached_property
    def history(self) -> list[StatusChange]:
        return list(self.project.history.all())

    @cached_property
    def facts(self) -> rules.Facts:
        return rules.Facts(self.project, self.at)

    @cached_property
    def judgements(self) -> list[rules.Judgement]:
        return rules.judge_facts(self.facts)

    @cached_property
    def unanswered(self) -> list[Observation]:
        return list(self.project.observations.filter(answered_at=None))

    @cached_property
    def cancellation(self):
        return self.project.cancellation_proposals.filter(confirmed_at=None).first()

    def move(self, step: Step) -> Move | None:
        """The arrow that leads on from here; an answer goes back to where the observations came from."""
        moves = step.move_from(self.project.status)
        if len(moves) > 1:
            origin = next(change.from_status for change in reversed(self.history) if change.step == "observe")
            return next(move for move in moves if move.target == origin)
        return moves[0] if moves else None

    def obstacles(self, step: Step, move: Move) -> Obstacles:
        forbidden = self._forbidden(step, move)
        if forbidden:
            return Obstacles(forbidden=tuple(forbidden))
        verdicts = [judged for judged in self.judgements if judged.blocks(step.name)] if step.checks_rules else []
        return Obstacles(refused=tuple(self._missing(step.name)), verdicts=tuple(verdicts))

    def _forbidden(self, step: Step, move: Move) -> list[str]:
        if not self.by.is_authenticated or self.by.role != move.role:
            return [_("This step belongs to: %(role)s.") % {"role": Role(move.role).label}]
        if not self.by.can_write:
            return [_("This account may only read.")]
        takers = {change.by_id for change in self.history if change.step in CERTIFIED}
        if step.name in DECIDED_BY_OTHERS and self.by.pk in takers:
            return [_("Who certified a case does not decide on it.")]
        if step.name == "submit" and self.project.ready_by_id == self.by.pk:
            return [_("Who prepared a project does not certify it.")]
        if step.name == "cancel" and self.cancellation and self.cancellation.by_id == self.by.pk:
            return [_("Who proposed a cancellation does not confirm it.")]
        return []

    def _missing(self, step: str) -> list[str]:
        condition = CONDITIONS.get(step)
        other = held_by_another(self.project, self.by)
        held = [_("%(who)s has this case in hand. Take it over first.") % {"who": other}] if other else []
        return [*held, *(condition(self) if condition else [])]


def ready_to_submit(case: Case) -> list[str]:
    return [] if case.project.ready_at else [_("The preparer has not marked the draft ready yet.")]


def agreement_signed(case: Case) -> list[str]:
    """Without a signed agreement nothing of that state is authorised (domain report, 3.3)."""
    cited = [node.agreement for node in case.facts.branch if node.municipality_id]
    if not cited:
        return [_("No ceiling that cites a coordination agreement exists for this municipality, strand and year.")]
    words = _("“%(name)s” is not signed: nothing of %(state)s is authorised without its coordination agreement.")
    state = case.project.municipality.state
    return [words % {"name": one.name, "state": state} for one in cited if not one.is_signed(case.today)][:1]


def subsidies_authorised(case: Case) -> list[str]:
    """The letter that authorises a state to apply its subsidies comes before its projects (design, the workflow)."""
    place = {"fiscal_year": case.project.fiscal_year_id, "state": case.project.municipality.state_id}
    if Letter.objects.authorising(strand=case.project.strand_id, on=case.today, **place).exists():
        return []
    words = _("No letter in force authorises %(state)s to apply subsidies of “%(strand)s” in %(year)s. Sign it first.")
    project = case.project
    return [words % {"state": project.municipality.state, "strand": project.strand, "year": project.fiscal_year_id}]


def ready_to_authorise(case: Case) -> list[str]:
    return [*agreement_signed(case), *subsidies_authorised(case)]


def overlaps_answered(case: Case) -> list[str]:
    """What came to overlap after the file number was given is answered before the approval."""
    waits = [
        row
        for row in case.judgements
        if row.code == OVERLAPS and row.outcome == rules.Outcome.UNKNOWN and not row.exception
    ]
    return [row.sentence for row in waits]


def contract_validated(case: Case) -> list[str]:
    """Nothing is begun before the file says by whom it is built and for how much."""
    found = case.project.contracts.standing()
    if any(contract.status == ActStatus.VALIDATED for contract in found):
        return []
    if found:
        return [_("%(number)s is registered: the delegation has to validate it first.") % {"number": found[0].number}]
    if case.project.execution_form == Project.ExecutionForm.OWN_ADMINISTRATION:
        return [_("The agreement of own administration is not registered yet.")]
    return [_("The contract is not registered yet.")]


def cancellation_proposed(case: Case) -> list[str]:
    if case.cancellation is None:
        return [_("The delegate has not proposed this cancellation.")]
    booked = case.facts.booked
    spent = sum(
        amount if moment == Moment.RELEASED else -amount
        for (moment, _source), amount in booked.items()
        if moment in (Moment.RELEASED, Moment.REFUNDED)
    )
    if spent > 0:
        return [_("%(amount)s released have not been refunded.") % {"amount": money(spent)}]
    return []


def money_settled(case: Case) -> list[str]:
    """What stands between the spending and its proof, source by source."""
    balances = Balances(case.project)
    words = _("%(source)s: %(left)s released are neither proven nor refunded.")
    messages = [
        words % {"source": source.label, "left": money(left)}
        for source in Source
        if (left := balances.unproven(source))
    ]
    # Closed, the work would keep room in the ceiling that nothing can use any more.
    messages += balances.savings_told()
    if waiting_acts(case.project):
        messages.append(_("Something registered of the money waits to be validated."))
    if any(advance_left(contract) for contract in case.project.contracts.validated()):
        messages.append(_("The advance of the contract has not been repaid by estimates."))
    _excess, sentence = share_excess(case.project, balances)
    return [*messages, sentence] if sentence else messages


def progress_decided(case: Case) -> list[str]:
    """What was sent is accepted while it can be mended; versions reopened since and months not sent do not count."""
    waiting = case.project.progress.filter(status__in=["submitted", "returned"]).order_by("year", "month")
    words = _("The progress of %(period)s has not been accepted.")
    return [words % {"period": date_format(dt.date(one.year, one.month, 1), "YEAR_MONTH_FORMAT")} for one in waiting]


def gate_of_closure(case: Case) -> list[str]:
    messages = [*money_settled(case), *progress_decided(case)]
    if case.unanswered:
        messages.append(_("An observation has no answer."))
    if case.project.committee_waivers.filter(is_granted=None).exists():
        messages.append(_("A waiver of the committee's word waits for a decision."))
    return messages


CONDITIONS = {
    "submit": ready_to_submit,
    "authorise": ready_to_authorise,
    "approve": overlaps_answered,
    "start": contract_validated,
    "cancel": cancellation_proposed,
    "hand_over": progress_decided,
    "prove": money_settled,
    "close": gate_of_closure,
}
