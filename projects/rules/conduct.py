"""Rules without a number of their own, each judged by the function of its code."""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from habitat.lib.templatetags.portal import money, number, percent
from modalities.models import DocumentKind, GeometryKind, LocationBasis
from projects.models import Moment, Source, Status
from projects.rules.facts import PLACELESS, Facts
from projects.rules.judgements import Judgement, Outcome, judge, passes

# Outcome, words, inputs.
Found = tuple[str, str, Mapping[str, object]]


def conduct(facts: Facts) -> Iterator[Judgement]:
    for rule in facts.book.conducts:
        judged = JUDGES.get(rule.code)
        if judged is None:
            words = _("The portal cannot judge this rule by itself; a person must.")
            yield judge(rule, Outcome.UNKNOWN, rule.name, words, binds=False)
            continue
        outcome, words, inputs = judged(facts) if rule.threshold is None else judged(facts, rule.threshold)
        yield judge(rule, outcome, rule.name, words, inputs)


def capture_window(facts: Facts) -> Found:
    if facts.project.status != Status.DRAFT:
        return Outcome.PASS, _("It was submitted within it."), {}
    window = facts.window("capture")
    if window is None:
        return Outcome.UNKNOWN, _("The year's calendar has no capture window."), {}
    dates = {"opens": date_format(window.opens_on), "closes": date_format(window.closes_on)}
    inputs = {"today": facts.today, "opens_on": window.opens_on, "closes_on": window.closes_on}
    if facts.today < window.opens_on:
        return Outcome.FAIL, _("It opens on %(opens)s and closes on %(closes)s.") % dates, inputs
    if facts.today > window.closes_on:
        return Outcome.FAIL, _("It closed on %(closes)s, at midnight of the municipality's own time.") % dates, inputs
    return Outcome.PASS, _("It is open until %(closes)s.") % dates, inputs


def works_inside_dates(facts: Facts) -> Found:
    start, end = facts.project.starts_on, facts.project.ends_on
    inputs = {"starts_on": start, "ends_on": end}
    if start is None or end is None:
        return Outcome.UNKNOWN, _("The start or the end has no date yet."), inputs
    words = _("%(start)s to %(end)s.") % {"start": date_format(start), "end": date_format(end)}
    return passes({start.year, end.year} == {facts.project.fiscal_year_id}), words, inputs


def one_modality(facts: Facts) -> Found:
    others = sorted({a.action_type_id for a in facts.actions if a.action_type.modality_id != facts.project.modality_id})
    if not facts.actions:
        return Outcome.UNKNOWN, _("There is no action yet."), {}
    words = _("Of another modality: %(types)s.") % {"types": ", ".join(others)} if others else ""
    return passes(not others), words, {"others": others}


def types_of_the_year(facts: Facts) -> Found:
    strange = sorted({a.action_type_id for a in facts.actions} - facts.year_types)
    if not facts.actions:
        return Outcome.UNKNOWN, _("There is no action yet."), {}
    words = _("Not in the catalogue: %(types)s.") % {"types": ", ".join(strange)} if strange else ""
    return passes(not strange), words, {"strange": strange}


def funding_complete(facts: Facts) -> Found:
    missing = [action for action in facts.actions if set(facts.amounts[action.pk]) != set(Source.values)]
    inputs = {"cost": facts.cost(), "missing": [action.pk for action in missing]}
    if not facts.actions:
        return Outcome.UNKNOWN, _("There is no action yet."), inputs
    if missing:
        words = _("A contribution is missing; where there is none, write 0.")
        return Outcome.UNKNOWN, words, inputs
    if not facts.cost():
        return Outcome.FAIL, _("The contributions add up to nothing."), inputs
    return Outcome.PASS, _("They add up to %(cost)s.") % {"cost": money(facts.cost())}, inputs


def people_counted(facts: Facts) -> Found:
    bound = [action for action in facts.actions if action.action_type.location_basis not in PLACELESS]
    silent = [action for action in bound if not action.women + action.men]
    if silent:
        words = ngettext("%(count)s action counts nobody.", "%(count)s actions count nobody.", len(silent))
        return Outcome.UNKNOWN, words % {"count": len(silent)}, {"silent": [action.pk for action in silent]}
    women, men = sum(a.women for a in bound), sum(a.men for a in bound)
    words = _("%(women)s women and %(men)s men.") % {"women": number(women), "men": number(men)}
    return Outcome.PASS, words if bound else "", {"women": women, "men": men}


def location_basis(facts: Facts, at_least: Decimal | None = None) -> Found:
    """Works inside a polygon need `at_least` per cent of their site in it; those that serve one need it drawn."""
    if not facts.actions:
        return Outcome.UNKNOWN, _("There is no action yet."), {}
    if facts.needs_polygon and facts.project.polygon_version_id is None:
        return Outcome.UNKNOWN, _("No Habitat Polygon has been chosen."), {}
    bound = [action for action in facts.actions if action.action_type.location_basis not in PLACELESS]
    placed = [action for action in bound if action.action_type.geometry_kind != GeometryKind.NONE]
    unplaced = [action for action in placed if action.pk not in facts.sites]
    if unplaced:
        words = ngettext("%(count)s action has no site yet.", "%(count)s actions have no site yet.", len(unplaced))
        return Outcome.UNKNOWN, words % {"count": len(unplaced)}, {"unplaced": [action.pk for action in unplaced]}
    inside = [a for a in placed if a.action_type.location_basis == LocationBasis.IN_POLYGON]
    if not inside or at_least is None:
        return Outcome.PASS, "", {}
    least = round(Decimal(str(100 * min(facts.share_inside[action.pk] or 0.0 for action in inside))), 2)
    words = _("%(share)s of its site lies in the polygon; at least %(least)s must.")
    words %= {"share": percent(least), "least": percent(at_least)}
    return passes(least >= at_least), words, {"share": least, "least": at_least}


def opinions_given(facts: Facts) -> Found:
    opinions = list(facts.project.opinions.all())
    open_, against = [o for o in opinions if o.given_at is None], [o for o in opinions if o.is_favourable is False]
    if against:
        return Outcome.FAIL, _("An opinion is unfavourable."), {"against": len(against)}
    if open_:
        words = ngettext("%(count)s opinion is still awaited.", "%(count)s opinions are still awaited.", len(open_))
        return Outcome.UNKNOWN, words % {"count": len(open_)}, {"open": len(open_)}
    return Outcome.PASS, "" if opinions else _("None was asked for."), {"given": len(opinions)}


def committee_before_start(facts: Facts) -> Found:
    if DocumentKind.COMMITTEE_MINUTES in facts.papers:
        return Outcome.PASS, "", {}
    return Outcome.UNKNOWN, _("Its minutes are not in the file yet."), {}


def measured_equals_planned(facts: Facts) -> Found:
    short = [action for action in facts.actions if facts.measured.get(action.pk, Decimal(0)) < action.quantity]
    if not short:
        return Outcome.PASS, "", {}
    action = short[0]
    words = _("%(type)s: %(measured)s of %(planned)s measured in accepted progress.") % {
        "type": action.action_type.name,
        "measured": number(facts.measured.get(action.pk, Decimal(0)), 2),
        "planned": number(action.quantity, 2),
    }
    return Outcome.UNKNOWN, words, {"short": [action.pk for action in short]}


def proven_equals_released(facts: Facts) -> Found:
    released, proven, refunded = (
        sum((facts.booked.get((moment, source), Decimal(0)) for source in Source.values), Decimal(0))
        for moment in (Moment.RELEASED, Moment.PROVEN, Moment.REFUNDED)
    )
    inputs = {"released": released, "proven": proven, "refunded": refunded}
    words = _("Released %(released)s; proven %(proven)s and refunded %(refunded)s.")
    words %= {name: money(amount) for name, amount in inputs.items()}
    return Outcome.PASS if released and proven + refunded == released else Outcome.UNKNOWN, words, inputs


JUDGES: dict[str, Callable[..., Found]] = {
    judge_.__name__: judge_
    for judge_ in (
        capture_window,
        works_inside_dates,
        one_modality,
        types_of_the_year,
        funding_complete,
        people_counted,
        location_basis,
        opinions_given,
        committee_before_start,
        measured_equals_planned,
        proven_equals_released,
    )
}
