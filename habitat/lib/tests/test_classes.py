from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from habitat.lib.classes import METHODS, class_of, limits_of

NUMBERS = st.lists(st.integers(0, 1000).map(float), min_size=1, max_size=60)


@given(values=NUMBERS, method=st.sampled_from(sorted(METHODS)), count=st.integers(3, 7))
def test_every_value_has_a_class_and_limits_rise(values, method, count):
    limits = limits_of(values, method, count)
    assert limits == sorted(set(limits)) and len(limits) < count
    classes = class_of(values, limits)
    for value, number in zip(values, classes, strict=True):
        assert number == len(limits) or value <= limits[number]
        assert number == 0 or value > limits[number - 1]


def _squares(values, limits) -> float:
    classes = class_of(values, limits)
    return sum(np.var(values[classes == number]) * (classes == number).sum() for number in set(classes))


@given(values=st.lists(st.integers(0, 30).map(float), min_size=5, max_size=12, unique=True))
def test_natural_breaks_are_the_best_of_all_divisions(values):
    numbers = np.array(values)
    points = sorted(values)[:-1]
    best = min(_squares(numbers, list(cuts)) for cuts in combinations(points, 2))
    assert _squares(numbers, limits_of(values, "natural", 3)) == pytest.approx(best, abs=1e-9)


def test_quantiles_hold_equal_numbers():
    assert limits_of(range(1, 101), "quantile", 5) == [20, 40, 60, 80]


def test_equal_intervals_are_equally_wide():
    assert limits_of([0, 1, 2, 10], "equal", 5) == [2, 4, 6, 8]


def test_strata_cut_the_cumulative_root_of_frequencies():
    values = [0.0] * 100 + [50.0] * 100 + [100.0] * 100
    assert limits_of(values, "strata", 3) == [2.0, 52.0]


def test_nothing_and_one_value_alone_are_one_class():
    assert limits_of([], "natural", 5) == limits_of([7, 7], "quantile", 5) == []


def test_what_is_no_number_is_refused():
    with pytest.raises(ValueError, match="finite"):
        limits_of([1, float("nan")], "equal", 3)


def test_many_values_are_searched_by_their_quantiles():
    values = np.concatenate([np.random.default_rng(1).normal(at, 0.1, 5_000) for at in (0, 10, 20)])
    first, second = limits_of(values, "natural", 3)
    assert 0 < first < 9.5 and 10 < second < 19.5
