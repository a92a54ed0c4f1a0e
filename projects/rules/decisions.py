"""From what a rule looked at to its verdict, and from nothing else: so a kept verdict can be replayed.

The live engine and the replay call the same functions on the same JSON, so they cannot part. When a rule comes to be
judged otherwise, raise `ENGINE` and leave the functions of the older engines in `ENGINES`: verdicts they gave are
replayed by them. Inputs are as `judgements.plain` writes them: amounts and dates as text, NULL where nothing is known.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from projects.models import Verdict

Inputs = Mapping[str, Any]
PASS, FAIL, UNKNOWN = Verdict.Outcome.PASS, Verdict.Outcome.FAIL, Verdict.Outcome.UNKNOWN
# Engine 1 kept too few inputs to be replayed.
ENGINE = "2"


def passes(holds: bool) -> str:
    return PASS if holds else FAIL


def amount(inputs: Inputs, name: str) -> Decimal | None:
    return None if inputs.get(name) is None else Decimal(inputs[name])


def _known(inputs: Inputs, name: str) -> Decimal:
    return Decimal(inputs[name])


# ---- Money ----------------------------------------------------------------------------------------------------------
def share(inputs: Inputs) -> str:
    most, least = amount(inputs, "maximum"), amount(inputs, "local_minimum")
    federal, cost = _known(inputs, "federal"), _known(inputs, "cost")
    if (most is None and least is None) or not cost:
        return UNKNOWN
    most, least = both_ends(most, least)
    # In whole: a share that only rounds to the maximum is above it.
    return passes(federal * 100 <= most * cost and (cost - federal) * 100 >= least * cost)


def both_ends(most: Decimal | None, least: Decimal | None) -> tuple[Decimal, Decimal]:
    """Federal maximum and local minimum in per cent, each from the other where only one is written."""
    if most is None:
        most = Decimal(100) - (least or 0)
    return most, Decimal(100) - most if least is None else least


def cap(inputs: Inputs) -> str:
    most, value = amount(inputs, "cap"), amount(inputs, "value")
    return UNKNOWN if most is None or value is None else passes(value <= most)


def mix(inputs: Inputs) -> str:
    whole, least, most = _known(inputs, "whole"), amount(inputs, "minimum"), amount(inputs, "maximum")
    if not whole or (least is None and most is None):
        return UNKNOWN
    part = _known(inputs, "part") * 100
    return passes((least or 0) * whole <= part <= (100 if most is None else most) * whole)


def ceiling(inputs: Inputs) -> str:
    left = amount(inputs, "left")
    if left is not None and _known(inputs, "wanted") <= left:
        return PASS
    return FAIL if left is not None and inputs["is_decided"] else UNKNOWN


# ---- The polygon and the papers -------------------------------------------------------------------------------------
def criterion(inputs: Inputs) -> str:
    """Exempt strands pass; the year's assessment decides; else the range of the figure against the threshold."""
    if inputs["exempt"]:
        return PASS
    if inputs["version"] is None:
        return UNKNOWN
    if inputs["assessed"] is not None:
        return inputs["assessed"]
    threshold, low, high = (amount(inputs, name) for name in ("threshold", "low", "high"))
    if threshold is None or low is None or high is None:
        return UNKNOWN
    ends = [low <= threshold, high <= threshold] if inputs["comparator"] == "<=" else [low >= threshold,
                                                                                     high >= threshold]  # fmt: skip
    return passes(ends[0]) if ends[0] == ends[1] else UNKNOWN


def paper(inputs: Inputs) -> str:
    if inputs["is_there"]:
        return PASS
    return FAIL if inputs["is_due"] else UNKNOWN


# ---- Rules of conduct, by code --------------------------------------------------------------------------------------
def capture_window(inputs: Inputs) -> str:
    if inputs["status"] != "draft":
        return PASS
    if inputs["opens_on"] is None:
        return UNKNOWN
    # Wall clock of the municipality, to the second; days alone in verdicts kept before windows had hours.
    now = inputs.get("now", inputs["today"])
    return passes(inputs.get("opens", inputs["opens_on"]) <= now <= inputs.get("closes", inputs["closes_on"]))


def works_inside_dates(inputs: Inputs) -> str:
    if inputs["starts_on"] is None or inputs["ends_on"] is None:
        return UNKNOWN
    return passes({inputs["starts_on"][:4], inputs["ends_on"][:4]} == {str(inputs["year"])})


def nothing_strange(inputs: Inputs) -> str:
    return passes(not inputs["strange"]) if inputs["actions"] else UNKNOWN


def funding_complete(inputs: Inputs) -> str:
    if not inputs["actions"] or inputs["missing"]:
        return UNKNOWN
    return passes(_known(inputs, "cost") > 0)


def people_counted(inputs: Inputs) -> str:
    return UNKNOWN if inputs["silent"] else PASS


def location_basis(inputs: Inputs) -> str:
    """Works inside a polygon need `least` per cent of their site in it; those of a historic centre need its strand."""
    if not inputs["actions"] or (inputs["needs_polygon"] and inputs["version"] is None):
        return UNKNOWN
    if inputs["outside_strand"]:
        return FAIL
    if inputs["unplaced"]:
        return UNKNOWN
    inside, least = amount(inputs, "share"), amount(inputs, "least")
    return PASS if inside is None or least is None else passes(inside >= least)


def no_duplicates(inputs: Inputs) -> str:
    most, found = amount(inputs, "most"), amount(inputs, "overlap")
    return PASS if found is None or most is None else passes(found < most)


def buried_services_first(inputs: Inputs) -> str:
    """Water and drainage lie under what is paved: proven by the operator, built with it, or known from the census."""
    most = amount(inputs, "most")
    if not inputs["paved"] or inputs["is_validated"] or most is None:
        return PASS
    ends = []
    for network in ("water", "drainage"):
        low, high = amount(inputs, f"{network}_low"), amount(inputs, f"{network}_high")
        if low is None or high is None:
            return UNKNOWN
        ends.append((low <= most, high <= most))
    if not all(low for low, _high in ends):
        return FAIL
    return PASS if all(high for _low, high in ends) else UNKNOWN


def quantity_drawn(inputs: Inputs) -> str:
    """`apart`: per cent by which the worst unexplained quantity leaves what is drawn; NULL where none does."""
    most, apart = amount(inputs, "most"), amount(inputs, "apart")
    return PASS if apart is None or most is None else passes(apart <= most)


def overlaps_answered(inputs: Inputs) -> str:
    return UNKNOWN if inputs["open"] else PASS


def opinions_given(inputs: Inputs) -> str:
    if inputs["against"]:
        return FAIL
    return UNKNOWN if inputs["open"] else PASS


def committee_before_start(inputs: Inputs) -> str:
    # Verdicts kept before committees were rows say only whether it was there.
    return PASS if inputs["is_there"] or not inputs.get("needed", True) else UNKNOWN


def handover_signed(inputs: Inputs) -> str:
    return PASS if inputs["is_signed"] else UNKNOWN


def committee_verdict(inputs: Inputs) -> str:
    """An unsatisfied committee waits for a person: to mend what it says, or to waive its word."""
    return PASS if not inputs["needed"] or inputs["satisfied"] or inputs["waived"] else UNKNOWN


def points_closed(inputs: Inputs) -> str:
    return UNKNOWN if inputs["open"] else PASS


def measured_equals_planned(inputs: Inputs) -> str:
    return UNKNOWN if inputs["short"] else PASS


def proven_equals_released(inputs: Inputs) -> str:
    released, proven, refunded = (_known(inputs, name) for name in ("released", "proven", "refunded"))
    return PASS if released and proven + refunded == released else UNKNOWN


CONDUCT: dict[str, Callable[[Inputs], str]] = {
    "capture_window": capture_window,
    "works_inside_dates": works_inside_dates,
    "one_modality": nothing_strange,
    "types_of_the_year": nothing_strange,
    "funding_complete": funding_complete,
    "people_counted": people_counted,
    "location_basis": location_basis,
    "no_duplicates": no_duplicates,
    "buried_services_first": buried_services_first,
    "quantity_drawn": quantity_drawn,
    "overlaps_answered": overlaps_answered,
    "opinions_given": opinions_given,
    "committee_before_start": committee_before_start,
    "handover_signed": handover_signed,
    "committee_verdict": committee_verdict,
    "points_closed": points_closed,
    "measured_equals_planned": measured_equals_planned,
    "proven_equals_released": proven_equals_released,
}
KINDS: dict[str, Callable[[Inputs], str]] = {
    "sharerule": share,
    "caprule": cap,
    "mixrule": mix,
    "ceiling": ceiling,
    "eligibilitycriterion": criterion,
    "requireddocument": paper,
}
ENGINES: dict[str, dict[str, Callable[[Inputs], str]]] = {ENGINE: KINDS | CONDUCT}


class NotReplayableError(Exception):
    """The engine that spoke kept too little to say it again."""


def decide(kind: str, code: str, inputs: Inputs, engine: str = ENGINE) -> str:
    """Raises NotReplayableError for an engine that is not kept. A code nobody can judge waits for a person."""
    if engine not in ENGINES:
        raise NotReplayableError(engine)
    decision = ENGINES[engine].get(code if kind == "conductrule" else kind)
    return decision(inputs) if decision else UNKNOWN
