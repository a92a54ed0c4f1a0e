import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from habitat.lib.curp import VALUES, Facts, check_digit, clean_curp, facts_of, mask


def of(start: str) -> str:
    return start + check_digit(start)


# Nobody's: no name gives X four times and no inner consonant.
INVENTED = of("XEXX900312MNEXXX0")


def test_the_digit_as_worked_out_by_hand():
    # X is the 34th sign of the table, since Ñ stands before it: 34·18 + 14·17 + 34·16 + … + 34·3 + 0·2 = 2920.
    assert (VALUES.index("Ñ"), VALUES.index("X"), VALUES.index("Z")) == (24, 34, 36)
    assert check_digit("XEXX900312MNEXXX0") == "0"
    assert check_digit("XEXX900312MNEXXX1") == "8"


@pytest.mark.parametrize("text", [INVENTED, INVENTED.lower(), f" {INVENTED[:4]}-{INVENTED[4:10]} {INVENTED[10:]} "])
def test_it_is_read_however_it_is_typed(text):
    assert clean_curp(text) == INVENTED


@pytest.mark.parametrize(
    "start",
    [
        "XEXX901312MNEXXX0",  # no 13th month
        "XEXX900230MNEXXX0",  # no 30 February
        "XEXX900312QNEXXX0",  # no such sex
        "XEXX900312MZZXXX0",  # no such state
        "XBXX900312MNEXXX0",  # no vowel second
        "XEXX900312MNEXAX0",  # a vowel among the inner consonants
        "ÑEXX900312MNEXXX0",  # Ñ is written X
    ],
)
def test_a_wrong_shape_is_refused_although_its_digit_fits(start):
    with pytest.raises(ValidationError):
        clean_curp(of(start))


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("XEXX900312MNEXXX1", "these are 17"),
        (of("XEXX900230MNEXXX0"), "a day of birth that does not exist"),
        (of("XEXX900312MZZXXX0"), "This is no CURP"),
        (INVENTED[:-1] + str((int(INVENTED[-1]) + 1) % 10), "The last digit"),
    ],
)
def test_a_refusal_says_which_part_is_wrong(typed, words):
    with translation.override("en"), pytest.raises(ValidationError) as refused:
        clean_curp(typed)
    assert words in refused.value.messages[0]


def test_one_wrong_sign_breaks_the_digit():
    """Not the ninth, whose weight is 10; nor every slip of a sign with an even weight."""
    others = {INVENTED[:9] + digit + INVENTED[10:] for digit in "012"} - {INVENTED}
    for wrong in others:
        with pytest.raises(ValidationError):
            clean_curp(wrong)


def test_the_century_is_told_by_the_17th_sign():
    assert facts_of(INVENTED) == Facts(dt.date(1990, 3, 12), "woman", "NE")
    assert facts_of(of("XEXX080229HCCXXXA")) == Facts(dt.date(2008, 2, 29), "man", "CC")
    assert facts_of(of("XEXX080229XCCXXXA")).sex == "other"


@pytest.mark.parametrize("text", [INVENTED[:-1] + str((int(INVENTED[-1]) + 1) % 10), "XEXX90", INVENTED + "0"])
def test_no_refusal_repeats_what_was_typed(text):
    with pytest.raises(ValidationError) as refused:
        clean_curp(text)
    assert text not in str(refused.value)


def test_a_mask_hides_birth_sex_and_state():
    assert mask(INVENTED) == f"XEXX••••••••••••{INVENTED[-2:]}"
    assert mask("") == ""
