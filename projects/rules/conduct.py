"""Rules without a number of their own: what each looks at, and its words. `decisions` says the verdict."""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from habitat.lib.templatetags.portal import money, number, percent, percent_range
from modalities.models import DocumentKind, GeometryKind, LocationBasis
from polygons.time_zones import city_of
from projects.models import Moment, Source, Status
from projects.rules import overlaps, society
from projects.rules.facts import PLACELESS, Facts
from projects.rules.judgements import Judgement, Outcome, Words, judge
from projects.rules.targets import words_of
from projects.windows import moment_there

# Words, and the inputs the verdict follows from.
Found = tuple[Words, Mapping[str, object]]
HISTORIC_STRAND = "CH"


def conduct(facts: Facts) -> Iterator[Judgement]:
    for rule in facts.book.conducts:
        look = LOOKS.get(rule.code)
        if look is None:
            words = _("The portal cannot judge this rule by itself; a person must.")
            yield judge(rule, rule.name, words, binds=False)
            continue
        words, inputs = look(facts, rule.threshold) if rule.code in WEIGHS else look(facts)
        yield judge(rule, rule.name, words, inputs)


def capture_window(facts: Facts) -> Found:
    window = facts.capture_window
    inputs = {
        "status": facts.project.status,
        "today": facts.today,
        "opens_on": window.opens_on if window else None,
        "closes_on": window.closes_on if window else None,
    }
    if window:
        inputs |= {
            "now": facts.clock.isoformat(),
            "opens": window.opens.isoformat(),
            "closes": window.closes.isoformat(),
        }
    if facts.project.status != Status.DRAFT:
        return _("It was submitted within it."), inputs
    if window is None:
        return _("The year's calendar has no capture window."), inputs
    place = city_of(facts.project.municipality.time_zone)
    dates = {"opens": moment_there(window.opens, place), "closes": moment_there(window.closes, place)}
    if facts.clock < window.opens:
        return _("It opens on %(opens)s and closes on %(closes)s.") % dates, inputs
    if facts.clock > window.closes:
        return _("It closed on %(closes)s.") % dates, inputs
    return _("It is open until %(closes)s.") % dates, inputs


def works_inside_dates(facts: Facts) -> Found:
    start, end = facts.project.starts_on, facts.project.ends_on
    inputs = {"starts_on": start, "ends_on": end, "year": facts.project.fiscal_year_id}
    if start is None or end is None:
        return _("The start or the end has no date yet."), inputs
    return _("%(start)s to %(end)s.") % {"start": date_format(start), "end": date_format(end)}, inputs


def one_modality(facts: Facts) -> Found:
    others = {a.action_type_id for a in facts.actions if a.action_type.modality_id != facts.project.modality_id}
    return _strange(facts, others, _("Of another modality: %(types)s."), _("Of %(modality)s: %(types)s."))


def types_of_the_year(facts: Facts) -> Found:
    strange = {action.action_type_id for action in facts.actions} - facts.book.types
    return _strange(facts, strange, _("Not in the catalogue: %(types)s."), _("In the catalogue: %(types)s."))


def _strange(facts: Facts, types: set[str], words: str, otherwise: str) -> Found:
    inputs = {"actions": len(facts.actions), "strange": sorted(types)}
    if not facts.actions:
        return _("There is no action yet."), inputs
    named = ", ".join(sorted(types or {action.action_type_id for action in facts.actions}))
    return (words if types else otherwise) % {"types": named, "modality": facts.project.modality_id}, inputs


def funding_complete(facts: Facts) -> Found:
    missing = [action for action in facts.actions if set(facts.amounts[action.pk]) != set(Source.values)]
    inputs = {"actions": len(facts.actions), "cost": facts.cost(), "missing": [action.pk for action in missing]}
    if not facts.actions:
        return _("There is no action yet."), inputs
    if missing:
        return _("A contribution is missing; where there is none, write 0."), inputs
    if not facts.cost():
        return _("The contributions add up to nothing."), inputs
    return _("They add up to %(cost)s.") % {"cost": money(facts.cost())}, inputs


def people_counted(facts: Facts) -> Found:
    bound = [action for action in facts.actions if action.action_type.location_basis not in PLACELESS]
    silent = [action for action in bound if not action.women + action.men]
    women, men = sum(a.women for a in bound), sum(a.men for a in bound)
    inputs = {"silent": [action.pk for action in silent], "women": women, "men": men}
    if silent:
        words = ngettext("%(count)s action counts nobody.", "%(count)s actions count nobody.", len(silent))
        return words % {"count": len(silent)}, inputs
    if not bound:
        return _("Its action types have no place: nobody need be counted."), inputs
    return _("Women: %(women)s; men: %(men)s.") % {"women": number(women), "men": number(men)}, inputs


def location_basis(facts: Facts, at_least: Decimal | None) -> Found:
    """Each type by its own basis. Serving a polygon, or the whole municipality, asks for no share of the site."""
    placed = [
        action
        for action in facts.actions
        if action.action_type.location_basis not in PLACELESS and action.action_type.geometry_kind != GeometryKind.NONE
    ]
    unplaced = [action.pk for action in placed if action.pk not in facts.sites]
    historic = [a for a in facts.actions if a.action_type.location_basis == LocationBasis.HISTORIC_CENTRE]
    inside = [a for a in placed if a.action_type.location_basis == LocationBasis.IN_POLYGON]
    is_weighed = bool(inside) and not unplaced and at_least is not None and facts.project.polygon_version_id is not None
    share = _least_share(facts, [action.pk for action in inside]) if is_weighed else None
    inputs = {
        "actions": len(facts.actions),
        "needs_polygon": facts.needs_polygon,
        "version": facts.project.polygon_version_id,
        "outside_strand": sorted({a.action_type_id for a in historic if facts.project.strand_id != HISTORIC_STRAND}),
        "unplaced": unplaced,
        "share": share,
        "least": at_least,
    }
    return _of_place(facts, inputs, bool(historic)), inputs


def _least_share(facts: Facts, actions: list[int]) -> Decimal:
    return round(Decimal(str(100 * min(facts.share_inside[action] or 0.0 for action in actions))), 2)


def _of_place(facts: Facts, inputs: Mapping, is_historic: bool) -> str:
    if not inputs["actions"]:
        return _("There is no action yet.")
    if inputs["needs_polygon"] and inputs["version"] is None:
        return _("No Habitat Polygon has been chosen.")
    if inputs["outside_strand"]:
        types = ", ".join(inputs["outside_strand"])
        return _("Only in the strand Historic Centres: %(types)s.") % {"types": types}
    if count := len(inputs["unplaced"]):
        words = ngettext("%(count)s action has no site yet.", "%(count)s actions have no site yet.", count)
        return words % {"count": count}
    if inputs["share"] is not None:
        words = _("%(share)s of its site lies in the polygon; at least %(least)s must.")
        return words % {"share": percent(inputs["share"]), "least": percent(inputs["least"])}
    if is_historic:
        return _("The perimeter of the historic centre is not in the portal: look at the plan.")
    if facts.needs_polygon:
        return _("It serves %(polygon)s.") % {"polygon": facts.project.polygon_version.polygon}
    return _("Its action types are bound to no polygon.")


def no_duplicates(facts: Facts, most: Decimal | None) -> Found:
    """Another proposal of the year, past its draft, with the same type of built work on the same ground."""
    found = facts.duplicates if most is not None else []
    worst = max(found, key=lambda row: row.overlap, default=None)
    inputs = {"most": most, "overlap": worst.overlap if worst else None, "with": sorted({row.folio for row in found})}
    if worst is None:
        return _("No other proposal of the year does the same there."), inputs
    words = _("%(share)s of its site is already in %(folio)s, with the same type of action; less than %(most)s may be.")
    return words % {"share": percent(worst.overlap), "folio": worst.folio, "most": percent(most)}, inputs


def buried_services_first(facts: Facts, most: Decimal | None) -> Found:
    found = facts.buried if most is not None else None
    is_validated = DocumentKind.WATER_VALIDATION in facts.papers
    inputs = {"most": most, "is_validated": is_validated, "paved": bool(found), **(found.shares if found else {})}
    if found is None:
        return _("Nothing is paved."), inputs
    if is_validated:
        return _("The water operator has validated it."), inputs
    if inputs["water_high"] is None or inputs["drainage_high"] is None:
        return _("The census gives no figure for these blocks: attach the water operator's validation."), inputs
    known = {
        network: percent_range(inputs[f"{network}_low"], inputs[f"{network}_high"], 100)
        for network in ("water", "drainage")
    }
    known["most"] = percent(most)

    def words(outcome: str) -> str:
        told = _(
            "Along it %(water)s of the dwellings have no piped water, %(drainage)s no drainage; at most %(most)s may."
        )
        if outcome == Outcome.PASS:
            return told % known
        more = _("Build the networks with it, or attach the water operator's validation.")
        return f"{told % known} {more}"

    return words, inputs


def quantity_drawn(facts: Facts, most: Decimal | None) -> Found:
    """A difference that its author explained is for the reviewer to judge."""
    apart = [drawn for drawn in facts.drawn if most is not None and drawn.apart > most]
    silent = [drawn for drawn in apart if not drawn.action.explanation]
    worst = max(silent, key=lambda drawn: drawn.apart, default=None)
    explained = [drawn.action for drawn in apart if drawn.action.explanation]
    inputs = {
        "most": most,
        "apart": worst.apart if worst else None,
        "typed": worst.action.quantity if worst else None,
        "drawn": worst.size if worst else None,
        "explained": [action.pk for action in explained],
    }
    if worst:
        return words_of(worst, most), inputs
    if explained:
        reasons = " ".join(f"{action.action_type.name}: «{action.explanation}»" for action in explained)
        return _("They differ, and the proposal says why. %(reasons)s") % {"reasons": reasons}, inputs
    largest = max((drawn.apart for drawn in facts.drawn), default=None)
    if largest is None:
        return _("No quantity of it can be compared with a drawing."), inputs
    return _("They differ by %(apart)s; at most %(most)s may.") % {
        "apart": percent(largest),
        "most": percent(most),
    }, inputs


def overlaps_answered(facts: Facts, years: Decimal | None) -> Found:
    """Same line, same blocks, of late: a person says why it is still wanted."""
    found = facts.overlaps if years is not None else []
    open_ = [overlap.action for overlap in found if not overlap.is_answered]
    inputs = {"years": years, "found": len(found), "open": open_}
    return (overlaps.words_of(found, years) if years is not None else ""), inputs


def opinions_given(facts: Facts) -> Found:
    against = sum(opinion.is_favourable is False for opinion in facts.opinions)
    open_ = sum(opinion.given_at is None for opinion in facts.opinions)
    inputs = {"against": against, "open": open_, "given": len(facts.opinions) - open_}
    if against:
        return _("An opinion is unfavourable."), inputs
    if open_:
        words = ngettext("%(count)s opinion is still awaited.", "%(count)s opinions are still awaited.", open_)
        return words % {"count": open_}, inputs
    words = ngettext("%(count)s opinion is favourable.", "%(count)s opinions are favourable.", len(facts.opinions))
    return (words % {"count": len(facts.opinions)} if facts.opinions else _("None was asked for.")), inputs


def measured_equals_planned(facts: Facts) -> Found:
    short = [action for action in facts.actions if facts.measured.get(action.pk, Decimal(0)) < action.quantity]
    inputs = {"short": [action.pk for action in short]}
    if not facts.actions:
        return _("There is no action yet."), inputs
    told = (short or facts.actions)[0]
    words = _("%(type)s: %(measured)s of %(planned)s measured in accepted progress.") % {
        "type": told.action_type.name,
        "measured": number(facts.measured.get(told.pk, Decimal(0)), 2),
        "planned": number(told.quantity, 2),
    }
    return words, inputs


def proven_equals_released(facts: Facts) -> Found:
    released, proven, refunded = (
        sum((facts.booked.get((moment, source), Decimal(0)) for source in Source.values), Decimal(0))
        for moment in (Moment.RELEASED, Moment.PROVEN, Moment.REFUNDED)
    )
    inputs = {"released": released, "proven": proven, "refunded": refunded}
    words = _("Released %(released)s; proven %(proven)s and refunded %(refunded)s.")
    return words % {name: money(value) for name, value in inputs.items()}, inputs


LOOKS: dict[str, Callable[..., Found]] = {
    look.__name__: look
    for look in (
        capture_window,
        works_inside_dates,
        one_modality,
        types_of_the_year,
        funding_complete,
        people_counted,
        location_basis,
        no_duplicates,
        buried_services_first,
        quantity_drawn,
        overlaps_answered,
        opinions_given,
        measured_equals_planned,
        proven_equals_released,
    )
} | society.LOOKS
# Codes whose rule has a threshold: per cent, and the years of overlaps.
WEIGHS = {"location_basis", "no_duplicates", "buried_services_first", "quantity_drawn", "overlaps_answered"}
