"""Cells of a census file: numbers, signs and the rest."""

import json

import numpy as np
import pyarrow as pa
import pytest

from polygons.services.census_file import SIGNS, _missing, _told


@pytest.mark.parametrize("cells", [["5", "*", "N/D"], [" 5", "* ", "n/d"]])
def test_a_number_and_the_signs_are_told_apart_also_untidy(cells):
    texts, is_number, signs = _told(pa.array(cells))
    assert texts.to_pylist() == ["5", "*", "N/D"]
    assert is_number.to_pylist() == [True, False, False]
    assert [SIGNS[sign] for sign in signs] == ["", "*", "N/D"]


@pytest.mark.parametrize("cell", ["", "-1", "1.5", "1234567890", "N/A", "**"])
def test_what_is_neither_stays_to_be_refused(cell):
    texts, is_number, signs = _told(pa.array(["5", cell]))
    assert (texts[1].as_py(), is_number[1].as_py(), signs[1]) == (cell, False, 0)


def test_each_row_says_what_it_lacks_and_why():
    told = _missing(np.array([[0, 0], [1, 2], [0, 1], [1, 2]], np.uint8), ("population", "women")).to_pylist()
    assert [text[:1] for text in told] == [b"\x01"] * 4
    both = {"population": "*", "women": "N/D"}
    assert [json.loads(text[1:]) for text in told] == [{}, both, {"women": "*"}, both]
