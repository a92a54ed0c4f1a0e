"""Who pays which part, what a type may take, how a municipality's portfolio is mixed."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from django.db.models import Q, Sum
from django.utils.translation import gettext as _

from habitat.lib.templatetags.portal import money, percent
from modalities.models import ActionType, CapRule, ShareRule
from modalities.models.rules import Rule
from projects.models import Action, Contribution, Source
from projects.rules.facts import Facts
from projects.rules.judgements import Judgement, Outcome, judge, passes
from projects.workflow import PUBLIC, Status


def narrowest(rules: list[ShareRule], facts: Facts, action_type: ActionType) -> ShareRule | None:
    """The rule that fits best: a type before a modality, a modality before a strand."""

    def narrowness(rule: ShareRule) -> tuple[bool, bool, bool]:
        return bool(rule.action_type_id), bool(rule.modality_id), bool(rule.strand_id)

    fitting = [rule for rule in rules if fits(rule, facts, action_type)]
    return max(fitting, key=narrowness, default=None)


def fits(rule: Rule, facts: Facts, action_type: ActionType) -> bool:
    return (
        getattr(rule, "strand_id", None) in (None, facts.project.strand_id)
        and getattr(rule, "modality_id", None) in (None, action_type.modality_id)
        and getattr(rule, "action_type_id", None) in (None, action_type.pk)
    )


def shares(facts: Facts) -> Iterator[Judgement]:
    """Shares are judged on the sum of the actions that one rule governs (domain report, 3.2: on the work)."""
    governed: dict[ShareRule, list[Action]] = defaultdict(list)
    for action in facts.actions:
        rule = narrowest(facts.book.shares, facts, action.action_type)
        if rule:
            governed[rule].append(action)
    for rule, actions in governed.items():
        yield share(rule, federal=facts.paid_by(Source.FEDERAL, actions), cost=facts.cost(actions))


def share(rule: ShareRule, *, federal: Decimal, cost: Decimal) -> Judgement:
    title = _("The federal part does not pass the maximum")
    inputs = {"federal": federal, "cost": cost, "maximum": rule.federal_max_pct, "local_minimum": rule.local_min_pct}
    if rule.federal_max_pct is None and rule.local_min_pct is None:
        return judge(
            rule, Outcome.UNKNOWN, title, _("The year's rules set no share; this stops nothing."), inputs, binds=False
        )
    if not cost:
        return judge(rule, Outcome.UNKNOWN, title, _("No contribution has been written down yet."), inputs)
    most = rule.federal_max_pct if rule.federal_max_pct is not None else 100 - rule.local_min_pct
    least = rule.local_min_pct if rule.local_min_pct is not None else 100 - most
    # In whole: a share that only rounds to the maximum is above it.
    holds = federal * 100 <= most * cost and (cost - federal) * 100 >= least * cost
    words = {"value": percent(federal * 100 / cost, 1), "most": percent(most, 0)}
    if holds:
        return judge(rule, Outcome.PASS, title, _("%(value)s of at most %(most)s.") % words, inputs)
    words["amount"] = money((min(most, 100 - least) * cost / 100).quantize(Decimal("0.01"), rounding="ROUND_DOWN"))
    sentence = _("%(value)s of at most %(most)s: the federal part may be %(amount)s or less.")
    return judge(rule, Outcome.FAIL, title, sentence % words, inputs)


def caps(facts: Facts) -> Iterator[Judgement]:
    for rule in facts.book.caps:
        actions = [action for action in facts.actions if action.action_type_id == rule.action_type_id]
        if actions:
            yield cap(rule, facts, actions)


def cap(rule: CapRule, facts: Facts, actions: list[Action]) -> Judgement:
    title = _("%(type)s: the federal part does not pass the cap") % {"type": rule.action_type.name}
    if rule.amount is None:
        detail = _("The year's rules set no cap for %(code)s yet; this stops nothing.") % {"code": rule.action_type_id}
        return judge(rule, Outcome.UNKNOWN, title, detail, binds=False)
    value = capped_value(rule, facts, actions)
    detail = _("%(value)s of at most %(most)s %(basis)s.") % {
        "value": money(value),
        "most": money(rule.amount),
        "basis": rule.get_basis_display(),
    }
    inputs = {"value": value, "cap": rule.amount, "basis": rule.basis}
    return judge(rule, passes(value <= rule.amount), title, detail, inputs)


def capped_value(rule: CapRule, facts: Facts, actions: list[Action]) -> Decimal:
    """Federal pesos on the cap's own basis. Quantities of monthly types are already people × months."""
    federal = facts.paid_by(Source.FEDERAL, actions)
    if rule.basis in (CapRule.Basis.UNIT, CapRule.Basis.MONTH):
        return (federal / sum(action.quantity for action in actions)).quantize(Decimal("0.01"), rounding="ROUND_UP")
    if rule.basis == CapRule.Basis.POLYGON:
        return federal + spent_elsewhere(facts, rule, polygon_version=facts.project.polygon_version_id)
    if rule.basis == CapRule.Basis.MUNICIPALITY:
        return federal + spent_elsewhere(facts, rule, municipality=facts.project.municipality_id)
    return federal


def spent_elsewhere(facts: Facts, rule: CapRule, **shared_with: object) -> Decimal:
    """Federal pesos of approved projects that share this cap, in the same fiscal year."""
    others = Contribution.objects.filter(
        action__action_type=rule.action_type_id,
        action__project__fiscal_year=facts.project.fiscal_year_id,
        action__project__status__in=PUBLIC,
        source=Source.FEDERAL,
        **{f"action__project__{name}": value for name, value in shared_with.items()},
    ).exclude(action__project=facts.project)
    return others.aggregate(sum=Sum("amount", default=Decimal(0)))["sum"]


def mix(facts: Facts) -> Iterator[Judgement]:
    """The municipality's portfolio of the year; it informs, since it is judged at cut-offs and not on one project."""
    rules = [rule for rule in facts.book.mixes if rule.modality_id == facts.project.modality_id]
    if not rules:
        return
    portfolio = portfolio_federal(facts)
    for rule in rules:
        title = _("Mix of the municipality's portfolio: %(modality)s") % {"modality": rule.modality.name}
        whole, part = portfolio["whole"], portfolio["part"]
        inputs = {"part": part, "whole": whole, "minimum": rule.min_pct, "maximum": rule.max_pct}
        if not whole or (rule.min_pct is None and rule.max_pct is None):
            yield judge(rule, Outcome.UNKNOWN, title, _("It is judged at the cut-offs."), inputs, binds=False)
            continue
        share_pct = part * 100 / whole
        holds = (rule.min_pct or 0) <= share_pct <= (100 if rule.max_pct is None else rule.max_pct)
        words = {
            "value": percent(share_pct, 1),
            "least": percent(rule.min_pct or 0),
            "most": percent(100 if rule.max_pct is None else rule.max_pct),
        }
        detail = _("%(value)s of the federal money asked for, between %(least)s and %(most)s; judged at the cut-offs.")
        yield judge(rule, passes(holds), title, detail % words, inputs, binds=False)


def portfolio_federal(facts: Facts) -> dict[str, Decimal]:
    """Federal pesos of what the municipality has submitted or been approved this year, and this project's own."""
    project = facts.project
    gone = [Status.DRAFT, Status.REJECTED, Status.WITHDRAWN, Status.CANCELLED]
    standing = ~Q(action__project__status__in=gone) | Q(action__project=project)
    rows = Contribution.objects.filter(
        standing,
        source=Source.FEDERAL,
        action__project__fiscal_year=project.fiscal_year_id,
        action__project__municipality=project.municipality_id,
    )
    return rows.aggregate(
        whole=Sum("amount", default=Decimal(0)),
        part=Sum("amount", filter=Q(action__project__modality=project.modality_id), default=Decimal(0)),
    )
