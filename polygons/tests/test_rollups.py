"""Kept sums equal the sums of the blocks, place by place."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.management import call_command
from django.db.models import Sum

from polygons.models import AreaTotal, Block, City, HouseholdPoverty, Locality
from polygons.services import refresh_totals

NAMES = ("population", "dwellings", "base", "water_low", "water_high", "drainage_low", "drainage_high", "floor_high")
PLACES = {
    "state": "municipality__state",
    "municipality": "municipality",
    "locality": "locality",
    "city": "city",
    "ageb": "ageb_code",
}


@pytest.fixture
def blocks(campeche, tlaxcala, make_block):
    locality = Locality.objects.create(code="040020001", name="Campeche", municipality=campeche)
    city = City.objects.create(code="063", name="Campeche", kind="urban_centre")
    made = [make_block(n, without_water=n, with_water=36 - n, locality=locality, city=city) for n in range(1, 5)]
    made.append(make_block(7, population=None, missing={"population": "*"}))
    Block.objects.create(
        code="2903300010017001", vintage=2020, ageb_code="2903300010017", municipality=tlaxcala, dwellings=9
    )
    HouseholdPoverty.objects.create(
        code=made[0].code,
        vintage=2020,
        municipality=campeche,
        households=30,
        poor_households=20,
        method="m",
        source="s",
    )
    return made


def test_every_place_has_what_its_blocks_add_up_to(blocks):
    refresh_totals([2020])
    for level, path in PLACES.items():
        for total in AreaTotal.objects.filter(level=level, vintage=2020):
            of_place = Block.objects.filter(vintage=2020, **{path: total.code})
            sums = of_place.aggregate(**{f"all_{name}": Sum(name, default=0) for name in NAMES})
            assert {name: getattr(total, name) for name in NAMES} == {name: sums[f"all_{name}"] for name in NAMES}
            assert total.block_count == of_place.count()
    assert {level: AreaTotal.objects.filter(level=level).count() for level in PLACES} == {
        "state": 2, "municipality": 2, "locality": 1, "city": 1, "ageb": 2,
    }  # fmt: skip
    nation = AreaTotal.objects.get(level="nation")
    assert (nation.code, nation.block_count, nation.masked_blocks, nation.poor_households) == ("", 6, 1, 20)


def test_what_is_equal_is_not_written_and_what_is_gone_goes(blocks):
    assert refresh_totals([2020]).inserted == 9
    assert refresh_totals() == (0, 0)
    Block.objects.filter(municipality="29033").delete()
    call_command("refresh_totals", verbosity=0)
    assert not AreaTotal.objects.filter(code__startswith="29").exists()


def test_one_sees_the_totals_of_ones_own_places(blocks, certifier, stranger, reviewer, technician, homeless):
    refresh_totals()

    def seen(user) -> set[str]:
        return {f"{total.level} {total.code}".strip() for total in AreaTotal.objects.visible_to(user)}

    everything = seen(AnonymousUser())
    assert "nation" in everything and seen(technician) == everything
    mine = {"state 04", "municipality 04002", "locality 040020001", "ageb 0400200010017"}
    assert seen(certifier) == seen(reviewer) | {"state 04"}
    assert mine <= seen(certifier) and not any("29" in name or name == "nation" for name in seen(certifier))
    assert seen(stranger) == {"state 29", "municipality 29033", "ageb 2903300010017"}
    assert seen(homeless) == set()
