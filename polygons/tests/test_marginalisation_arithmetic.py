"""The index by distances and its strata, against published values and against a twin written another way."""

import csv
import gzip
from fractions import Fraction
from math import sqrt
from pathlib import Path
from statistics import correlation, pstdev

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from polygons.marginalisation import Unrankable, distance, stratify

INDICATORS = ("ANALF", "SBASC", "OVSDE", "OVSEE", "OVSAE", "OVPT", "VHAC", "PL.5000", "PO2SM")
YEARS = (2010, 2015, 2020)
# DP2 of a unit that lacks nothing: IM / IMN of CONAPO's state tables.
ZERO = {2010: 16.41747455758972, 2015: 22.149060587621072, 2020: 27.18194066189929}
ENTERED = {2010: ["ANALF", "SBASC", "OVPT"], 2015: ["ANALF", "OVPT", "SBASC"], 2020: ["ANALF", "SBASC", "OVPT"]}


def states(data_dir: Path, year: int) -> list[dict[str, str]]:
    with gzip.open(data_dir / "marginalisation" / f"IME_{year}.csv.gz", "rt", encoding="utf-8-sig") as stream:
        return list(csv.DictReader(stream))


def figures(rows: list[dict[str, str]]) -> np.ndarray:
    return np.array([[float(row[name]) for name in INDICATORS] for row in rows])


@pytest.mark.real_data
@pytest.mark.parametrize("year", YEARS)
def test_conapos_state_tables_are_reproduced(data_dir, year):
    rows = states(data_dir, year)
    worst = np.max([figures(states(data_dir, other)).max(axis=0) for other in YEARS], axis=0)
    found = distance(figures(rows), worst)
    assert np.abs(found.values - [float(row[f"IM_{year}"]) for row in rows]).max() < 1e-9
    assert np.abs(found.normalised - [float(row[f"IMN_{year}"]) for row in rows]).max() < 1e-9
    assert found.zero_deprivation == pytest.approx(ZERO[year], abs=1e-9)
    assert [INDICATORS[place] for place in found.order[:3]] == ENTERED[year]
    assert found.iterations == 3


@pytest.mark.real_data
def test_conapos_grades_of_2010_come_out_of_fourteen_classes(data_dir):
    rows = states(data_dir, 2010)
    values = np.array([float(row["IM_2010"]) for row in rows])
    names = ["", "Muy alto", "Alto", "Medio", "Bajo", "Muy bajo"]
    assert [names[stratum] for stratum in stratify(values, 14).of(values)] == [row["GM_2010"] for row in rows]


# ---- The twin: plain Python, regressions by solving the normal equations in exact fractions ------------------------
def unexplained(target: list[float], known: list[list[float]]) -> float:
    """1 − R² of the regression of `target` on `known` with intercept."""
    mean = Fraction(sum(map(Fraction, target)), len(target))
    if not known:
        return 1.0
    columns = [[Fraction(1)] * len(target), *[[Fraction(value) for value in column] for column in known]]
    rows = [[sum(a * b for a, b in zip(x, y, strict=True)) for y in columns] for x in columns]
    right = [sum(a * Fraction(b) for a, b in zip(x, target, strict=True)) for x in columns]
    size = len(rows)
    for pivot in range(size):
        swap = next(row for row in range(pivot, size) if rows[row][pivot])
        rows[pivot], rows[swap], right[pivot], right[swap] = rows[swap], rows[pivot], right[swap], right[pivot]
        for row in range(size):
            if row != pivot:
                factor = rows[row][pivot] / rows[pivot][pivot]
                rows[row] = [a - factor * b for a, b in zip(rows[row], rows[pivot], strict=True)]
                right[row] -= factor * right[pivot]
    beta = [right[place] / rows[place][place] for place in range(size)]
    fitted = [sum(b * column[unit] for b, column in zip(beta, columns, strict=True)) for unit in range(len(target))]
    left = sum((Fraction(value) - fit) ** 2 for value, fit in zip(target, fitted, strict=True))
    return float(left / sum((Fraction(value) - mean) ** 2 for value in target))


def slow_index(columns: list[list[float]], worst: list[float]) -> list[float]:
    units = range(len(columns[0]))
    spread = [pstdev(column) for column in columns]
    far = [
        [abs(value - limit) / sigma for value in column]
        for column, limit, sigma in zip(columns, worst, spread, strict=True)
    ]
    index = [sum(column[unit] for column in far) for unit in units]
    for _round in range(20):
        places = sorted(range(len(columns)), key=lambda place: -abs(correlation(columns[place], index)))
        weights = {
            place: unexplained(columns[place], [columns[earlier] for earlier in places[:rank]])
            for rank, place in enumerate(places)
        }
        index = [sum(far[place][unit] * weights[place] for place in places) for unit in units]
    return index


@pytest.mark.parametrize("seed", range(4))
def test_a_slow_twin_finds_the_same_index(seed):
    chance = np.random.default_rng(seed)
    common = chance.random((14, 1))
    made = np.round(100 * np.clip(0.6 * common + 0.4 * chance.random((14, 5)), 0, 1), 3)
    worst = made.max(axis=0) + chance.integers(0, 2, 5)
    slow = slow_index([list(map(float, column)) for column in made.T], list(map(float, worst)))
    assert np.abs(distance(made, worst).values - slow).max() < 1e-9


# ---- What must hold of any index -------------------------------------------------------------------------------------
@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 10**6), units=st.integers(8, 60), count=st.integers(2, 6))
def test_the_index_lies_between_the_worst_place_and_one_that_lacks_nothing(seed, units, count):
    chance = np.random.default_rng(seed)
    made = 100 * (0.7 * chance.random((units, 1)) + 0.3 * chance.random((units, count)))
    try:
        found = distance(made)
    except Unrankable as refusal:
        assume(refusal.reason != "no_convergence")
        raise
    worst, best = made.max(axis=0), np.zeros(count)
    assert (found.values >= 0).all() and (found.values <= found.zero_deprivation + 1e-9).all()
    assert np.abs((worst - best) / found.deviations @ found.weights - found.zero_deprivation) < 1e-9
    assert found.weights[found.order[0]] == pytest.approx(1)
    assert ((found.weights >= 0) & (found.weights <= 1)).all()


def test_scale_and_order_of_the_columns_do_not_matter():
    made = np.random.default_rng(3).random((40, 4))
    plain, scaled = distance(made), distance(made[:, ::-1] * [1, 100, 7, 3])
    assert np.abs(plain.values - scaled.values).max() < 1e-9


def test_an_indicator_said_by_others_weighs_nothing_and_is_named():
    made = np.random.default_rng(1).random((30, 3))
    found = distance(np.column_stack([made, made[:, 0] * 2 + made[:, 1]]))
    assert len(found.redundant) == 1 and np.isfinite(found.values).all()


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda made: made[:4], "too_few"),
        (lambda made: np.column_stack([made, np.full(len(made), 7.1)]), "constant"),
        (lambda made: np.where(made == made.max(), np.nan, made), "not_finite"),
        (lambda made: np.column_stack([made[:, 0], 1 - made[:, 0]]), "no_direction"),
    ],
)
def test_what_cannot_be_ranked_is_refused(spoil, reason):
    with pytest.raises(Unrankable, match=reason):
        distance(spoil(np.random.default_rng(5).random((20, 3))))


def test_an_order_that_goes_round_in_a_circle_is_refused():
    with pytest.raises(Unrankable, match="no_convergence"):
        distance(np.random.default_rng(41).random((12, 4)))


def test_a_reference_that_some_unit_surpasses_is_refused():
    made = np.random.default_rng(5).random((20, 3))
    with pytest.raises(Unrankable) as refusal:
        distance(made, made.max(axis=0) - [0, 0.01, 0])
    assert refusal.value.columns == (1,)


# ---- Strata: CONAPO's frequencies and cuts, on values made to fall into its classes --------------------------------
MUNICIPALITIES_2020 = (1, 0, 0, 2, 0, 2, 0, 4, 3, 8, 11, 21, 44, 108, 224, 362, 494, 530, 427, 199, 29)
WIDTH_2020 = 1.9519290854228524


def in_classes(frequencies: tuple[int, ...], lowest: float, width: float) -> np.ndarray:
    """So many values in the middle of each class, with the ends exactly at the ends."""
    values = np.concatenate([np.full(n, lowest + (place + 0.5) * width) for place, n in enumerate(frequencies)])
    values[0], values[-1] = lowest, lowest + len(frequencies) * width
    return values


def test_the_municipalities_of_2020_are_cut_where_conapo_cut_them():
    lowest = 48.733642 - 14 * WIDTH_2020
    strata = stratify(in_classes(MUNICIPALITIES_2020, lowest, WIDTH_2020), 21)
    assert tuple(strata.frequencies) == MUNICIPALITIES_2020
    assert sum(map(sqrt, MUNICIPALITIES_2020)) == pytest.approx(154.7103, abs=1e-4)
    assert strata.after == (14, 16, 17, 18)
    assert strata.cuts == pytest.approx((48.733642, 52.637500, 54.589429, 56.541358), abs=1e-6)
    grades = np.bincount(strata.of(in_classes(MUNICIPALITIES_2020, lowest, WIDTH_2020)))[1:]
    assert grades.tolist() == [204, 586, 494, 530, 655]


def test_classes_are_closed_at_the_right():
    values = np.arange(0.0, 101.0)
    strata = stratify(values, 10)
    assert strata.frequencies.tolist() == [11, *[10] * 9]
    assert strata.cuts == (20.0, 40.0, 60.0, 80.0)
    assert strata.of(np.array([20.0, 20.0001])).tolist() == [1, 2]


@pytest.mark.parametrize(
    ("values", "classes"), [(np.arange(40.0), 4), (np.zeros(40), 20), (np.array([0.0] * 39 + [9]), 8)]
)
def test_classes_that_tell_no_five_strata_apart_are_refused(values, classes):
    with pytest.raises(Unrankable, match="strata"):
        stratify(values, classes)


def cut_slowly(values: list[float], classes: int) -> list[float]:
    """The same cuts by walking the classes."""
    low, width = min(values), (max(values) - min(values)) / classes
    held = [
        sum(
            1
            for v in values
            if (place == 0 or v > low + place * width) and (place == classes - 1 or v <= low + (place + 1) * width)
        )
        for place in range(classes)
    ]
    running = [sum(sqrt(n) for n in held[: place + 1]) for place in range(classes)]
    nearest = [min(range(classes), key=lambda p: abs(running[p] - running[-1] * part / 5)) for part in (1, 2, 3, 4)]
    return [low + (place + 1) * width for place in nearest]


@pytest.mark.parametrize("seed", range(3))
def test_a_slow_twin_cuts_the_same_strata(seed):
    values = np.random.default_rng(seed).normal(50, 9, 400)
    assert stratify(values, 30).cuts == pytest.approx(cut_slowly(values.tolist(), 30), abs=1e-9)
