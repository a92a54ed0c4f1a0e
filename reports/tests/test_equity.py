"""How fairly money reaches need, by hand and by the page; the whole is always the sum of its parts."""

import csv
import datetime as dt
import io
import random
from decimal import Decimal

import pytest
from django.contrib.auth.models import AnonymousUser

from polygons.models import Block, Municipality
from polygons.variables import VARIABLE_BY_NAME
from projects.models import Action, ActionBlock, Contribution
from reports.areas import Area
from reports.equity import Equity

PAGE = "/polygons/equity/"
SUMMED = ("blocks", "dwellings", "deprived_low", "deprived_high", "spent", "worst", "worst_reached", "unordered")


@pytest.fixture(autouse=True)
def in_2026(monkeypatch):
    monkeypatch.setattr("reports.views.equity.timezone.localdate", lambda: dt.date(2026, 5, 1))


@pytest.fixture
def approved(project, walk):
    """A project of 2026, approved; its polygon has three blocks of 36 dwellings, 20 of them without water."""
    return walk(project, "approved")


def spend(project, block, pesos) -> None:
    action = Action.objects.create(project=project, action_type_id="ME01", quantity=1)
    Contribution.objects.create(action=action, source="federal", amount=pesos)
    ActionBlock.objects.create(action=action, block=block, share=1)


def equity(area=None, **asked) -> Equity:
    asked = {"variable": VARIABLE_BY_NAME["water"], "vintage": 2020, "percent": 10} | asked
    return Equity(area=area or Area(AnonymousUser()), first_year=2024, last_year=2026, **asked)


def ladder(make_block, lacks=range(90, -10, -10)) -> list[Block]:
    counts = {"known_dwellings": 100, "inhabited_dwellings": 100, "dwellings": 100}
    return [
        make_block(100 + number, without_water=lack, with_water=100 - lack, **counts)
        for number, lack in enumerate(lacks)
    ]


def concentration_by_hand(blocks: list[tuple[float, int, float]]) -> float:
    """(share lacking, dwellings, pesos) of each block: the average rank of a peso, from −1 to 1."""
    dwellings, pesos = sum(b[1] for b in blocks), sum(b[2] for b in blocks)
    total = 0.0
    for share, _weight, money in blocks:
        worse = sum(w for s, w, _m in blocks if s > share)
        alike = sum(w for s, w, _m in blocks if s == share)
        # Where the block's group has its middle, from the most deprived on.
        total += money / pesos * (1 - 2 * (worse + alike / 2) / dwellings)
    return total


@pytest.mark.parametrize("seed", range(5))
def test_the_index_is_the_average_rank_of_a_peso(approved, make_block, seed):
    chance = random.Random(seed)  # noqa: S311 - the same every time
    blocks = ladder(make_block, [chance.choice([0, 20, 45, 90]) for _ in range(10)])
    pesos = {block.pk: chance.choice([0, 0, 1_000, 70_000]) for block in blocks} | {blocks[3].pk: 5_000}
    for block in blocks:
        if pesos[block.pk]:
            spend(approved, block, pesos[block.pk])
    known = [(b.without_water / b.base, b.base, float(pesos.get(b.pk, 0))) for b in Block.objects.all()]
    found = equity()
    assert found.whole.concentration == pytest.approx(concentration_by_hand(known), abs=1e-12)
    assert found.curve[0] == (0, 0) and found.curve[-1] == pytest.approx((1, 1))


def test_money_for_the_most_deprived_alone_is_nearly_one_and_for_all_alike_zero(approved, make_block):
    blocks = ladder(make_block)
    spend(approved, blocks[0], 1_000)
    # The first block holds 100 of 1,108 dwellings.
    assert equity().whole.concentration == pytest.approx(1 - 100 / 1108)
    assert equity().whole.reached == pytest.approx(0.5)
    for block in Block.objects.exclude(pk=blocks[0].pk):
        spend(approved, block, 10 * block.base)
    assert equity().whole.concentration == pytest.approx(0, abs=1e-12)


def test_spending_per_deprived_dwelling_is_a_range_where_figures_are_confidential(approved, make_block):
    block = ladder(make_block, [50])[0]
    make_block(150, known_dwellings=100, with_water=70, missing={"without_water": "*"})
    spend(approved, block, 11_000)
    whole = equity().whole
    # 50 and three times 20 for certain, 30 more at most.
    assert (whole.deprived_low, whole.deprived_high) == (110, 140)
    assert (whole.most_each, round(whole.least_each, 2)) == (Decimal(100), Decimal("78.57"))
    assert whole.unordered == 100


@pytest.mark.parametrize("seed", range(4))
def test_parts_add_up_to_the_whole_to_the_cent(approved, make_block, tlaxcala, seed):
    chance = random.Random(seed)  # noqa: S311 - the same every time
    blocks = ladder(make_block)
    Block.objects.filter(pk__in=[b.pk for b in blocks[:4]]).update(municipality=tlaxcala)
    for _number in range(8):
        action = Action.objects.create(project=approved, action_type_id="ME01", quantity=1)
        Contribution.objects.create(action=action, source="state", amount=Decimal(chance.randrange(1, 10**9)) / 100)
        for block in chance.sample(blocks, chance.randrange(1, 6)):
            ActionBlock.objects.create(action=action, block=block, share=chance.random() / 3)
    public, state = AnonymousUser(), tlaxcala.state
    for area in (Area(public), Area(public, state), Area(public, state, tlaxcala)):
        found = equity(area)
        for name in SUMMED:
            assert getattr(found.whole, name) == sum(getattr(part, name) for part in found.parts), (area.level, name)
    placed = Contribution.objects.filter(action__in=ActionBlock.objects.values("action"))
    assert equity().whole.spent == sum(placed.values_list("amount", flat=True))


def test_one_goes_down_from_the_nation_to_a_polygon(client, approved, polygon_version, make_block):
    ladder(make_block)
    spend(approved, polygon_version.blocks.first(), 500)
    for query, level, below in (
        ("", "nation", "?state=04"),
        ("state=04", "state", "municipality=04002"),
        ("state=04&municipality=04002", "municipality", "polygon=04-0017"),
        ("state=04&municipality=04002&polygon=04-0017", "polygon", ""),
    ):
        response = client.get(f"{PAGE}?{query}&variable=water")
        assert response.status_code == 200 and response.context["area"].level == level
        assert response.context["whole"].spent == 500
        assert below.lstrip("?") in response.content.decode()


def test_without_money_nothing_is_divided_by_zero(client, project, make_block):
    ladder(make_block, [0, 0])
    client.cookies["django_language"] = "en"
    response = client.get(f"{PAGE}?variable=water")
    assert response.context["whole"].concentration is None and response.context["curve"] is None
    assert "Nothing was spent" in response.content.decode()


def test_a_place_without_blocks_has_figures_of_nothing(client, tlaxcala, make_block):
    ladder(make_block)
    response = client.get(f"{PAGE}?state=29")
    assert response.status_code == 200 and response.context["whole"].dwellings == 0


def test_one_asks_only_about_ones_own_territory(client, approved, certifier, stranger, homeless, make_block):
    ladder(make_block)
    client.force_login(certifier)
    assert client.get(PAGE).context["area"].code == "04002"
    assert client.get(f"{PAGE}?state=29").status_code == 404
    client.force_login(stranger)
    assert client.get(f"{PAGE}?polygon=04-0017").status_code == 404
    assert client.get(f"{PAGE}?municipality=04002").status_code == 404
    client.force_login(homeless)
    assert client.get(PAGE).status_code == 404


def test_files_hold_the_places_below(client, approved, make_block, tlaxcala, geopackage):
    blocks = ladder(make_block)
    Block.objects.filter(pk=blocks[0].pk).update(municipality=Municipality.objects.get(pk="29033"))
    spend(approved, blocks[0], 900)
    text = b"".join(client.get(f"{PAGE}?variable=water&format=csv").streaming_content).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert [row[0] for row in rows[1:]] == ["04", "29"]
    assert rows[2][4] == "900.00" and float(rows[2][7]) == 10
    assert client.get(f"{PAGE}?format=xlsx").getvalue()[:2] == b"PK"
    # Of a state no outline is kept; of a polygon its own.
    assert "format=gpkg" not in client.get(PAGE).text
    here = f"{PAGE}?state=04&municipality=04002&variable=water"
    shapes, fields = geopackage(client.get(f"{here}&format=gpkg").getvalue())
    drawn = {code: bool(shape) for code, shape in zip(fields[0], shapes, strict=True)}
    assert drawn == {"04-0017": True, None: False}


def test_the_page_takes_a_fixed_number_of_queries(client, approved, make_block, django_assert_num_queries):
    ladder(make_block)
    with django_assert_num_queries(10):
        client.get(f"{PAGE}?state=04")
