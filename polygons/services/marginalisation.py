"""Making and importing indices of marginalisation; which one is used for its level is a deliberate act."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from habitat.lib.postgis import copy_rows
from polygons.marginalisation import Distance, Numbers, Strata, Unrankable, distance, stratify
from polygons.models import Level, MarginalisationIndex, MarginalisationScore
from polygons.policy import may_choose_index
from polygons.services.figures import Figures, codes_of, numbers_of, read_table
from polygons.services.imports import ImportRefused

# CONAPO's number for municipalities in 2020, the only one its published grades let find.
CLASSES = 21
# Keys of units left out that an index keeps; their number is always kept.
KEPT_CODES = 100
REFUSE, LEAVE_OUT = "refuse", "leave_out"


@dataclass(frozen=True)
class Ranking:
    """What to rank and how. `missing` is what becomes of units with a gap: REFUSE the whole or LEAVE_OUT the unit.

    `reference` are the worst values, one an indicator; without it they are the largest of the units and of `pooled`,
    further figures of the same indicators (other years of the same level).
    """

    level: Level
    year: int
    source: str
    indicators: Sequence[str]
    figures: Figures
    inputs: dict[str, Any]
    pooled: Sequence[Numbers] = ()
    reference: Sequence[float] | None = None
    missing: str = REFUSE
    classes: int = CLASSES


@dataclass(frozen=True)
class Ranked:
    index: MarginalisationIndex
    is_new: bool
    redundant: list[str] = field(default_factory=list)


def rank(ranking: Ranking, *, by: Any = None, dry_run: bool = False) -> Ranked:
    """Compute and keep an index; the very same one is not made twice.

    Raises ImportRefused, in words, where no index can be made of the figures.
    """
    if not ranking.source.strip():
        raise ImportRefused(_("Say where the figures come from."))
    figures, inputs = _complete(ranking)
    reference, origin = _reference(ranking, figures.values)
    try:
        found = distance(figures.values, reference)
        strata = stratify(found.values, ranking.classes)
    except Unrankable as error:
        raise ImportRefused(_in_words(error, ranking, figures)) from error
    redundant = [ranking.indicators[place] for place in found.redundant]
    inputs |= {"reference": origin, "redundant": redundant}
    index = _described(ranking, found, strata, inputs, by)
    with transaction.atomic():
        if same := _same(index):
            return Ranked(same, False, redundant)
        index.save()
        _write_scores(index, figures.codes, found, strata)
        if dry_run:
            transaction.set_rollback(True)
    return Ranked(index, True, redundant)


def figures_of_file(path: Path, code: str, level: Level, indicators: Sequence[str]) -> Figures:
    table = read_table(path)
    return Figures(codes_of(table, code, level), numbers_of(table, indicators))


def about(path: Path) -> dict[str, str]:
    with path.open("rb") as stream:
        return {"file": path.name, "sha256": hashlib.file_digest(stream, "sha256").hexdigest()}


@transaction.atomic
def use_index(index: MarginalisationIndex, *, by: Any) -> None:
    """Make it the one that pages, maps and delineation use for its level; raises PermissionDenied."""
    if not may_choose_index(by):
        raise PermissionDenied(_("Only the program's federal staff choose the index that is used."))
    # Two persons may choose at once: the second waits for the rows of the level and then decides.
    of_level = list(MarginalisationIndex.objects.filter(level=index.level).select_for_update().order_by("pk"))
    for other in of_level:
        if other.is_reference and other.pk != index.pk:
            other.is_reference = False
            other.save(update_fields=["is_reference"])
    index.is_reference = True
    index.save(update_fields=["is_reference"])


def _complete(ranking: Ranking) -> tuple[Figures, dict[str, Any]]:
    """Units without gaps, and what the index keeps about its inputs."""
    codes, values = ranking.figures.codes, ranking.figures.values
    gaps = [bool(np.isnan(row).any()) for row in values]
    without = [code for code, is_gap in zip(codes, gaps, strict=True) if is_gap]
    if without and ranking.missing == REFUSE:
        raise ImportRefused(
            ngettext(
                "%(count)s unit has no figure for some indicator (%(codes)s). Complete it, or ask to leave it out.",
                "%(count)s units have no figure for some indicator (%(codes)s…)."
                " Complete them, or ask to leave them out.",
                len(without),
            )
            % {"count": len(without), "codes": ", ".join(without[:5])}
        )
    kept = Figures(
        [code for code, is_gap in zip(codes, gaps, strict=True) if not is_gap], values[[not is_gap for is_gap in gaps]]
    )
    inputs = ranking.inputs | {"missing": ranking.missing}
    return kept, inputs | {"left_out": len(without), "left_out_codes": without[:KEPT_CODES]}


def _reference(ranking: Ranking, values: Numbers) -> tuple[Numbers | None, str]:
    """The worst values and where they come from: given, pooled, or data (None: the units' own)."""
    if ranking.reference is not None:
        if len(ranking.reference) != len(ranking.indicators):
            raise ImportRefused(_("The reference needs one number for each indicator."))
        return np.array(ranking.reference, dtype=float), "given"
    if not ranking.pooled or not len(values):
        return None, "data"
    return np.nanmax(np.vstack([values, *ranking.pooled]), axis=0), "pooled"


def _in_words(error: Unrankable, ranking: Ranking, figures: Figures) -> str:
    names = ", ".join(ranking.indicators[place] for place in error.columns)
    sentences = {
        "not_finite": _("Some figure of %(names)s is not finite."),
        "too_few": _("%(units)s units are too few for %(count)s indicators: at least %(least)s are needed."),
        "constant": _("The same in every unit, so that it says nothing about them: %(names)s. Leave it out."),
        "reference": _("The reference must be the worst value; some unit surpasses it in %(names)s."),
        "no_direction": _("The indicators cancel each other out: the index would be the same everywhere."),
        "no_convergence": _("The order of the indicators does not settle. Leave out one that says little of its own."),
        "strata": _("%(classes)s classes are too few or too empty for five grades. Choose another number of classes."),
    }
    count = len(ranking.indicators)
    return sentences[error.reason] % {
        "names": names,
        "units": len(figures.codes),
        "count": count,
        "least": count + 2,
        "classes": ranking.classes,
    }


def _described(
    ranking: Ranking, found: Distance, strata: Strata, inputs: dict[str, Any], by: Any
) -> MarginalisationIndex:
    return MarginalisationIndex(
        level=ranking.level,
        year=ranking.year,
        origin=MarginalisationIndex.Origin.COMPUTED,
        source=ranking.source,
        units=len(found.values),
        indicators=list(ranking.indicators),
        weights=found.weights.tolist(),
        reference=found.reference.tolist(),
        deviations=found.deviations.tolist(),
        entered=[ranking.indicators[place] for place in found.order],
        iterations=found.iterations,
        zero_deprivation=found.zero_deprivation,
        classes=strata.classes,
        cuts=list(strata.cuts),
        frequencies=strata.frequencies.tolist(),
        lowest=float(found.values.min()),
        highest=float(found.values.max()),
        inputs=inputs,
        by=by,
    )


def _same(index: MarginalisationIndex) -> MarginalisationIndex | None:
    names = ("level", "year", "origin", "source", "units", "indicators", "inputs", "classes", "reference")
    return MarginalisationIndex.objects.filter(**{name: getattr(index, name) for name in names}).first()


def _write_scores(index: MarginalisationIndex, codes: list[str], found: Distance, strata: Strata) -> None:
    grades = (len(strata.cuts) + 2 - strata.of(found.values)).tolist()
    rows = zip(codes, found.values.tolist(), found.normalised.tolist(), grades, places_of(found.values), strict=True)
    table, columns = MarginalisationScore._meta.db_table, ("index_id", "code", "value", "normalised", "grade", "rank")
    with connection.cursor() as cursor:
        copy_rows(cursor, table, columns, ((index.pk, *row) for row in rows))


def places_of(values: Numbers) -> list[int]:
    """1 is the lowest value, the most marginal; those alike share the better place."""
    return (np.searchsorted(np.sort(values), values, side="left") + 1).tolist()
