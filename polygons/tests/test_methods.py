import json
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command

from polygons import methods
from polygons.methods import Kind, Method
from polygons.models import City, HouseholdPoverty, MarginalisationIndex, MarginalisationScore, Polygon
from polygons.services import delineate
from polygons.services.clusters import Area
from polygons.services.preview import preview


def method(**choice) -> Method:
    return Method(**{"vintage": 2020, "variable": "water", "threshold": Decimal("0.2"), "min_dwellings": 1} | choice)


@pytest.fixture
def ladder(make_block):
    """Ten blocks in a row, of 100 dwellings each; the n-th lacks water in 10 × (n − 1) of them."""
    return [
        make_block(n, dwellings=100, known_dwellings=100, without_water=10 * (n - 1), with_water=110 - 10 * n)
        for n in range(1, 11)
    ]


@pytest.mark.parametrize(
    "choice",
    [
        {"variable": "crowding"},
        {"threshold": Decimal("1.5")},
        {"threshold": Decimal(0)},
        {"kind": Kind.DECILE, "threshold": Decimal(10)},
        {"kind": Kind.GRADE, "threshold": Decimal(4)},
        {"variable": "grade", "threshold": Decimal(4)},
        {"variable": "grade", "kind": Kind.GRADE, "threshold": Decimal(6)},
        {"gap_m": 0},
        {"min_dwellings": -1},
    ],
)
def test_a_choice_that_makes_no_sense_is_refused_in_words(choice):
    with pytest.raises(ValueError, match=r"\w+ \w+"):
        method(**choice)


def test_a_kept_method_is_read_again_also_the_older_way():
    kept = method(kind=Kind.DECILE, threshold=Decimal(2))
    assert methods.read(json.loads(kept.as_json(closing_m=30)), 2020) == kept
    old = {"deficit": "water", "threshold": "0.2", "gap_m": 60, "min_dwellings": 1, "closing_m": 30}
    assert methods.read(old, 2020) == method()
    assert methods.read({}, 2020) is None


def test_the_worst_tenth_is_of_the_place_and_never_without_deficit(ladder, make_block):
    assert preview(method(kind=Kind.DECILE, threshold=Decimal(2)), Area()).totals["block_count"] == 2
    # The nine worst tenths reach the block without any deficit at its end.
    assert preview(method(kind=Kind.DECILE, threshold=Decimal(9)), Area()).totals["block_count"] == 9


def test_a_preview_says_what_a_tenth_more_or_less_would_do(ladder):
    seen = preview(method(threshold=Decimal("0.5")), Area())
    assert (seen.count, seen.totals["block_count"], seen.totals["dwellings"]) == (1, 5, 500)
    assert (seen.totals["water_low"], seen.totals["water_high"]) == (350, 350)
    assert (seen.totals["drainage_low"], seen.totals["drainage_high"]) == (0, 500)
    lower, higher = seen.firmness
    assert (lower.method.threshold, lower.total.blocks) == (Decimal("0.45"), 5)
    assert (higher.method.threshold, higher.total.blocks) == (Decimal("0.55"), 4)


def test_a_preview_is_what_is_drawn_and_writes_nothing(ladder):
    seen = preview(method(threshold=Decimal("0.5")), Area())
    assert not Polygon.objects.exists()
    drawn = delineate(method(threshold=Decimal("0.5")))
    assert (
        (drawn.new, drawn.blocks, drawn.dwellings)
        == (1, 5, 500)
        == (
            seen.count,
            seen.totals["block_count"],
            seen.totals["dwellings"],
        )
    )


def test_after_a_preview_the_transaction_may_write_again(ladder, campeche):
    preview(method(), Area())
    Polygon.objects.create(code="04-0001", name="X", municipality=campeche)


def test_an_empty_place_has_an_empty_preview(campeche):
    seen = preview(method(kind=Kind.DECILE, threshold=Decimal(1)), Area(municipality=campeche))
    assert (seen.cut, seen.count, seen.totals["dwellings"]) == (None, 0, 0)
    assert seen.outlines == '{"type":"FeatureCollection","features":[]}'


def test_only_within_ones_own_municipalities(ladder, tlaxcala):
    city = City.objects.create(code="063", name="Campeche", kind=City.Kind.URBAN_CENTRE)
    for block in ladder[5:]:
        block.city = city
        block.municipality = tlaxcala if block.code > "0400200010017008" else block.municipality
        block.save(update_fields=["city", "municipality"])
    assert preview(method(), Area(city)).totals["block_count"] == 5
    assert preview(method(), Area(city, within=("29033",))).totals["block_count"] == 2


def test_poverty_delineates(ladder, campeche):
    for block in ladder:
        HouseholdPoverty.objects.create(
            code=block.code, vintage=2020, municipality=campeche, households=10, method="m", source="s",
            poor_households=8 if block.code > "0400200010017007" else 1,
        )  # fmt: skip
    seen = preview(method(variable="poverty", threshold=Decimal("0.5")), Area())
    assert (seen.totals["block_count"], seen.totals["poverty_households"], seen.totals["poor_households"]) == (
        3,
        30,
        24,
    )


@pytest.fixture
def index(ladder):
    """The AGEB of the ladder has index 80 and grade 4."""
    made = MarginalisationIndex.objects.create(
        level="ageb", year=2020, origin="published", source="s", is_reference=True, units=1
    )
    MarginalisationScore.objects.create(index=made, code="0400200010017", value=80, normalised=0.8, grade=4)


@pytest.mark.parametrize(
    ("choice", "blocks"),
    [
        ({"variable": "grade", "kind": Kind.GRADE, "threshold": Decimal(4)}, 10),
        ({"variable": "grade", "kind": Kind.GRADE, "threshold": Decimal(5)}, 0),
        # By distance, lower is more marginal.
        ({"variable": "marginalisation", "threshold": Decimal(85)}, 10),
        ({"variable": "marginalisation", "threshold": Decimal(75)}, 0),
    ],
)
def test_marginalisation_delineates_by_grade_and_by_index(index, choice, blocks):
    assert preview(method(**choice), Area()).totals["block_count"] == blocks


def test_beyond_the_worst_grade_there_is_nothing(index):
    seen = preview(method(variable="grade", kind=Kind.GRADE, threshold=Decimal(5)), Area())
    assert seen.firmness[1].total is None


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"variable": "services", "decile": Decimal(1)}, "1 new"),
        ({"grade": Decimal(3)}, "1 new"),
        ({"deficit": "water"}, "1 new"),
    ],
)
def test_the_command_takes_every_kind(index, capsys, options, words):
    call_command("delineate_polygons", all=True, vintage=2020, min_dwellings=1, **options)
    assert words in capsys.readouterr().out


@pytest.mark.parametrize("options", [{}, {"variable": "water", "grade": Decimal(3)}, {"variable": "water", "gap": 0}])
def test_the_command_refuses_in_words(db, options):
    with pytest.raises(CommandError):
        call_command("delineate_polygons", all=True, vintage=2020, **options)
