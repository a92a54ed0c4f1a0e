"""The money of an action over its blocks: to the cent, whatever the shares."""

import random
from decimal import Decimal

import pytest
from django.db import connection

from projects.models import Action, ActionBlock, Contribution, Project
from projects.services.spread import placeless_money, spread_over_blocks

CENT = Decimal("0.01")


def spread() -> dict[int, dict[int, Decimal]]:
    """Action → block → pesos."""
    sql, params = spread_over_blocks(Project.objects.all())
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        found: dict[int, dict[int, Decimal]] = {}
        for action, block, amount in cursor.fetchall():
            found.setdefault(action, {})[block] = amount
    return found


def by_hand(shares: list[float], cost: Decimal) -> list[float]:
    total = sum(shares)
    weights = [s / total for s in shares] if total > 1 else [s + (1 - total) / len(shares) for s in shares]
    return [float(cost) * weight for weight in weights]


@pytest.mark.parametrize("seed", range(12))
def test_the_parts_of_an_action_add_up_to_its_cost_to_the_cent(project, make_block, seed):
    chance = random.Random(seed)  # noqa: S311 - the same every time
    blocks = [make_block(number) for number in range(20, 32)]
    expected = {}
    for _number in range(6):
        action = Action.objects.create(project=project, action_type_id="ME01", quantity=1)
        cost = Decimal(chance.randrange(1, 10 ** chance.randrange(2, 13))).scaleb(-2)
        Contribution.objects.create(action=action, source="federal", amount=cost)
        members = chance.sample(blocks, chance.randrange(1, len(blocks)))
        scale = chance.choice([0, 0.3, 1, 1.7]) / len(members)
        shares = [chance.random() * 2 * scale for _ in members]
        for block, share in zip(members, shares, strict=True):
            ActionBlock.objects.create(action=action, block=block, share=share)
        expected[action.pk] = (cost, dict(zip([b.pk for b in members], by_hand(shares, cost), strict=True)))
    found = spread()
    for action, (cost, parts) in expected.items():
        assert sum(found[action].values()) == cost
        assert all(amount >= 0 for amount in found[action].values())
        for block, amount in found[action].items():
            assert abs(float(amount) - parts[block]) <= 0.02 + 1e-9 * float(cost)


def test_what_lies_in_the_street_belongs_to_all_blocks_it_touches(project, make_block):
    action = project.actions.get()
    first, second = make_block(40), make_block(41)
    ActionBlock.objects.create(action=action, block=first, share=0)
    ActionBlock.objects.create(action=action, block=second, share=0.5)
    assert spread()[action.pk] == {first.pk: Decimal(250_000), second.pk: Decimal(750_000)}


def test_money_without_place_is_told_apart(project, make_block):
    assert placeless_money(Project.objects.all(), 2020) == (Decimal(1_000_000), 0)
    ActionBlock.objects.create(action=project.actions.get(), block=make_block(40), share=1)
    assert placeless_money(Project.objects.all(), 2020) == (0, 0)
    assert placeless_money(Project.objects.all(), 2010) == (0, Decimal(1_000_000))
