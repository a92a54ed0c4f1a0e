"""Who pays which part, what a type may take, how a municipality's portfolio is mixed."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal

from django.utils.translation import gettext as _

from habitat.lib.templatetags.portal import money, percent
from modalities.models import ActionType, CapRule, MixRule, ShareRule
from modalities.models.rules import Rule
from projects.models import Action, Source
from projects.rules.decisions import both_ends
from projects.rules.facts import Facts
from projects.rules.judgements import Judgement, Outcome, judge


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
        return judge(rule, title, _("The year's rules set no share; this stops nothing."), inputs, binds=False)
    if not cost:
        return judge(rule, title, _("No contribution has been written down yet."), inputs)
    most, least = both_ends(rule.federal_max_pct, rule.local_min_pct)
    known = {"value": percent(federal * 100 / cost, 1), "most": percent(most, 0)}
    known["amount"] = money((min(most, 100 - least) * cost / 100).quantize(Decimal("0.01"), rounding="ROUND_DOWN"))

    def words(outcome: str) -> str:
        if outcome == Outcome.PASS:
            return _("%(value)s of at most %(most)s.") % known
        return _("%(value)s of at most %(most)s: the federal part may be %(amount)s or less.") % known

    return judge(rule, title, words, inputs)


def caps(facts: Facts) -> Iterator[Judgement]:
    for rule in facts.book.caps:
        actions = [action for action in facts.actions if action.action_type_id == rule.action_type_id]
        if actions:
            yield cap(rule, facts, actions)


def cap(rule: CapRule, facts: Facts, actions: list[Action]) -> Judgement:
    title = _("%(type)s: the federal part does not pass the cap") % {"type": rule.action_type.name}
    inputs: dict[str, object] = {"value": None, "cap": rule.amount, "basis": rule.basis}
    if rule.amount is None:
        detail = _("The year's rules set no cap for %(code)s yet; this stops nothing.") % {"code": rule.action_type_id}
        return judge(rule, title, detail, inputs, binds=False)
    if rule.basis == CapRule.Basis.POLYGON and facts.project.polygon_version_id is None:
        return judge(rule, title, _("No Habitat Polygon has been chosen."), inputs)
    own, others = own_value(rule, facts, actions), elsewhere(rule, facts)
    inputs |= {"value": own + others, "own": own, "others": others}
    detail = _("%(value)s of at most %(most)s %(basis)s.") % {
        "value": money(own + others),
        "most": money(rule.amount),
        "basis": rule.get_basis_display(),
    }
    if others:
        detail += " " + _("%(others)s of it are of other approved projects.") % {"others": money(others)}
    return judge(rule, title, detail, inputs)


def own_value(rule: CapRule, facts: Facts, actions: list[Action]) -> Decimal:
    """Federal pesos of the project on the cap's basis. Quantities of monthly types are already people x months."""
    federal = facts.paid_by(Source.FEDERAL, actions)
    if rule.basis in (CapRule.Basis.UNIT, CapRule.Basis.MONTH):
        return (federal / sum(action.quantity for action in actions)).quantize(Decimal("0.01"), rounding="ROUND_UP")
    return federal


def elsewhere(rule: CapRule, facts: Facts) -> Decimal:
    """What approved projects that share this cap have taken of it in the same fiscal year, in federal pesos."""
    taken: dict[str, Decimal] = {}
    if rule.basis == CapRule.Basis.POLYGON:
        taken = facts.approved_in_polygon
    elif rule.basis == CapRule.Basis.MUNICIPALITY:
        taken = facts.approved_in_municipality
    elif rule.basis == CapRule.Basis.CENTRE:
        taken = facts.approved_at_centre
    return taken.get(rule.action_type_id, Decimal(0))


def mix(facts: Facts) -> Iterator[Judgement]:
    """The municipality's portfolio of the year; it informs, since it is judged at cut-offs and not on one project."""
    rules = [rule for rule in facts.book.mixes if rule.modality_id == facts.project.modality_id]
    for rule in rules:
        yield judge_mix(rule, facts.portfolio)


def judge_mix(rule: MixRule, portfolio: Mapping[str, Decimal]) -> Judgement:
    """`portfolio`: modality → federal pesos."""
    title = _("Mix of the municipality's portfolio: %(modality)s") % {"modality": rule.modality.name}
    whole, part = sum(portfolio.values(), Decimal(0)), portfolio.get(rule.modality_id, Decimal(0))
    inputs = {"part": part, "whole": whole, "minimum": rule.min_pct, "maximum": rule.max_pct}
    if not whole or (rule.min_pct is None and rule.max_pct is None):
        return judge(rule, title, _("It is judged at the cut-offs."), inputs, binds=False)
    words = {
        "value": percent(part * 100 / whole, 1),
        "least": percent(rule.min_pct or 0),
        "most": percent(100 if rule.max_pct is None else rule.max_pct),
    }
    detail = _("%(value)s of the federal money asked for, between %(least)s and %(most)s; judged at the cut-offs.")
    return judge(rule, title, detail % words, inputs, binds=False)
