"""Rules in words, one sentence each: the page and the CSV file say the same."""

from decimal import Decimal
from functools import singledispatch

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from habitat.lib.templatetags.portal import money, number, percent
from modalities.models import (
    CapRule,
    ConductRule,
    Deadline,
    EligibilityCriterion,
    MixRule,
    Parameter,
    RequiredDocument,
    ShareRule,
)
from modalities.parameters import Measure


@singledispatch
def sentence(rule: object) -> str:
    raise TypeError(f"no words for {type(rule).__name__}")


@sentence.register
def _share(rule: ShareRule) -> str:
    words = _("%(scope)s: federal part at most %(federal)s, local part at least %(local)s.")
    return words % {
        "scope": capfirst(_scope(rule)),
        "federal": _percent(rule.federal_max_pct),
        "local": _percent(rule.local_min_pct),
    }


@sentence.register
def _cap(rule: CapRule) -> str:
    words = {"type": f"{rule.action_type_id} {rule.action_type.name}", "basis": rule.get_basis_display()}
    if rule.amount is None:
        return _("%(type)s: the federal maximum %(basis)s is not known; it stops nothing.") % words
    return _("%(type)s: federal maximum %(amount)s %(basis)s.") % (words | {"amount": money(rule.amount)})


@sentence.register
def _mix(rule: MixRule) -> str:
    ends = []
    if rule.min_pct is not None:
        ends.append(_("at least %(share)s") % {"share": percent(rule.min_pct)})
    if rule.max_pct is not None:
        ends.append(_("at most %(share)s") % {"share": percent(rule.max_pct)})
    words = _("%(modality)s: %(ends)s of a municipality's allocation, judged at cut-offs.")
    return words % {"modality": rule.modality.name, "ends": ", ".join(ends) or _("a share not known")}


@sentence.register
def _criterion(rule: EligibilityCriterion) -> str:
    how = _("Measured on census figures.") if rule.indicator else _("A person judges it, with a document.")
    exempt = ", ".join(strand.name for strand in rule.exempt_strands.all())
    return f"{rule.name}. {how}" + (f" {_('Exempt strand: %(name)s.') % {'name': exempt}}" if exempt else "")


@sentence.register
def _paper(rule: RequiredDocument) -> str:
    only = rule.action_type or rule.modality or rule.strand
    paper = rule.get_kind_display()
    if rule.photo_stage:
        known = {"paper": paper, "stage": rule.get_photo_stage_display().lower(), "count": rule.minimum}
        paper = _("%(paper)s, %(stage)s, at least %(count)s") % known
    if only is None:
        return f"{paper}."
    return _("%(paper)s, only for %(scope)s.") % {"paper": paper, "scope": _scope(rule)}


@sentence.register
def _deadline(rule: Deadline) -> str:
    state = rule.get_state_display()
    if rule.business_days is None:
        return _("%(state)s, without a known limit.") % {"state": state}
    words = ngettext(
        "%(state)s within %(days)s business day.", "%(state)s within %(days)s business days.", rule.business_days
    )
    return words % {"state": state, "days": rule.business_days}


@sentence.register
def _conduct(rule: ConductRule) -> str:
    if rule.threshold is None:
        return f"{rule.name}."
    return _("%(name)s; threshold %(share)s.") % {"name": rule.name, "share": percent(rule.threshold)}


@sentence.register
def _parameter(rule: Parameter) -> str:
    if rule.entry is None:
        return f"{rule.code}: {plain(rule.value)}."
    return f"{rule.entry.name}: {measured(rule.value, rule.entry.measure)}."


def plain(value: Decimal) -> str:
    """With as many decimals as it has: `2`, `2.5`."""
    return number(value, max(0, -int(value.normalize().as_tuple().exponent)))


def measured(value: Decimal, measure: str) -> str:
    """A parameter's value with its unit: `2 business days`, `0.75% a month`."""
    if measure == Measure.PESOS:
        return money(value)
    if measure == Measure.PERCENT:
        return percent(value, 2).replace(".00", "")
    words = {
        Measure.DAYS: ngettext("%(value)s day", "%(value)s days", int(value)),
        Measure.BUSINESS_DAYS: ngettext("%(value)s business day", "%(value)s business days", int(value)),
        Measure.MONTHS: ngettext("%(value)s month", "%(value)s months", int(value)),
        Measure.YEARS: ngettext("%(value)s year", "%(value)s years", int(value)),
        Measure.COUNT: "%(value)s",
        Measure.METRES: "%(value)s\N{NO-BREAK SPACE}m",
        Measure.MONTHLY_PERCENT: _("%(value)s %% a month"),
        Measure.POINTS: ngettext("%(value)s point", "%(value)s points", int(value)),
    }
    return words[Measure(measure)] % {"value": plain(value)}


def _scope(rule: ShareRule | RequiredDocument) -> str:
    """What narrows a rule, in words: the action type, the modality, the strand, or the whole program."""
    names = []
    if rule.action_type:
        names.append(f"{rule.action_type_id} {rule.action_type.name}")
    if rule.modality:
        names.append(rule.modality.name)
    if rule.strand:
        names.append(_("strand %(name)s") % {"name": rule.strand.name})
    return ", ".join(names) or _("the whole program")


def _percent(value: Decimal | None) -> str:
    return _("a share not known") if value is None else percent(value)
