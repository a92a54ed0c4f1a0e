import datetime as dt
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from habitat.tests.fixtures import square
from polygons.models import Block, Polygon, PolygonVersion
from polygons.services import Method, NotADraft, delineate, publish, recompute, sums_of
from polygons.services.sums import SUMS

METHOD = Method(vintage=2020, variable="water", threshold=Decimal("0.2"), min_dwellings=100)


@pytest.fixture
def quarter(make_block):
    """Three blocks in a row without water, one with, then two without: 20 m apart, the last two a street further."""
    lacking = {"without_water": 20, "with_water": 16}
    served = {"without_water": 0, "with_water": 36}
    return [make_block(number, **(served if number == 4 else lacking)) for number in (1, 2, 3, 4, 5, 6)]


def members(polygon: Polygon) -> list[str]:
    return sorted(polygon.versions.latest("number").blocks.values_list("code", flat=True))


def is_covered(version: PolygonVersion) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT bool_and(ST_Covers(version.geometry, block.geometry)) AND bool_and(ST_IsValid(version.geometry))"
            " FROM polygons_polygonversion AS version"
            " JOIN polygons_polygonversion_blocks AS member ON member.polygonversion_id = version.id"
            " JOIN polygons_block AS block ON block.id = member.block_id WHERE version.id = %s",
            [version.pk],
        )
        return cursor.fetchone()[0]


def test_near_blocks_over_the_threshold_become_one_polygon(quarter):
    drawn = delineate(METHOD)
    assert (drawn.new, drawn.blocks, drawn.dwellings) == (1, 3, 120)
    polygon = Polygon.objects.get()
    assert members(polygon) == [block.code for block in quarter[:3]]
    version = polygon.versions.get()
    assert (version.status, version.source, version.vintage) == ("draft", "delineated", 2020)
    assert (version.water_low, version.water_high, version.base) == (60, 60, 108)
    assert (version.drainage_low, version.drainage_high) == (0, 108)
    assert version.water_house_low is None
    assert version.method["threshold"] == "0.2"
    assert is_covered(version)


def test_small_clusters_are_dropped_and_a_wider_gap_joins_them(quarter):
    few = Method(vintage=2020, variable="water", threshold=Decimal("0.2"), min_dwellings=50)
    assert delineate(few, dry_run=True).new == 2
    wide = Method(vintage=2020, variable="water", threshold=Decimal("0.2"), gap_m=200)
    assert delineate(wide, dry_run=True).blocks == 5
    assert not Polygon.objects.exists()


def test_a_masked_block_is_never_deprived(make_block):
    make_block(1, dwellings=200)
    assert Block.objects.get().water_high == 36
    assert delineate(METHOD).new == 0


def test_any_deficit_counts_where_asked(make_block):
    make_block(1, dwellings=100, earth_floor=30, firm_floor=6)
    assert delineate(Method(2020, "any", Decimal("0.2"))).new == 1


def test_codes_and_names_go_on_within_state_and_municipality(campeche, quarter):
    Polygon.objects.create(code="04-0017", name="Campeche 2", municipality=campeche)
    few = Method(vintage=2020, variable="water", threshold=Decimal("0.2"), min_dwellings=50)
    Block.objects.update(locality=campeche.localities.create(code="040020001", name="Campeche"))
    delineate(few)
    assert list(Polygon.objects.values_list("code", "name")) == [
        ("04-0017", "Campeche 2"),
        ("04-0018", "Campeche 3"),
        ("04-0019", "Campeche 4"),
    ]


def test_running_it_again_changes_nothing(quarter):
    delineate(METHOD)
    again = delineate(METHOD)
    assert (again.new, again.redrawn, again.unchanged) == (0, 0, 1)
    assert (Polygon.objects.count(), PolygonVersion.objects.count()) == (1, 1)


def test_a_changed_cluster_is_the_next_version_of_its_polygon(quarter):
    at = dt.datetime(2026, 3, 1, 18, tzinfo=dt.UTC)
    delineate(METHOD, publish_at=at)
    Block.objects.filter(pk=quarter[3].pk).update(without_water=30, with_water=6)
    again = delineate(METHOD, publish_at=at + dt.timedelta(days=90))
    assert (again.new, again.redrawn) == (0, 1)
    old, new = Polygon.objects.get().versions.order_by("number")
    assert (old.status, old.valid_to, old.block_count) == ("superseded", dt.date(2026, 5, 30), 3)
    assert (new.status, new.valid_from, new.block_count) == ("published", dt.date(2026, 5, 30), 6)


def test_a_polygon_belongs_to_one_municipality(quarter, tlaxcala):
    Block.objects.filter(pk__in=[quarter[4].pk, quarter[5].pk]).update(municipality=tlaxcala)
    Block.objects.filter(pk=quarter[3].pk).update(without_water=30, with_water=6)
    delineate(Method(vintage=2020, variable="water", threshold=Decimal("0.2"), min_dwellings=50))
    assert {polygon.municipality_id: len(members(polygon)) for polygon in Polygon.objects.all()} == {
        "04002": 4,
        "29033": 2,
    }


def test_what_is_published_cannot_be_published_or_recomputed(quarter, manager):
    [pk] = delineate(METHOD).versions
    publish([pk], reason="prueba", by=manager)
    version = PolygonVersion.objects.get(pk=pk)
    assert (version.status, version.by) == ("published", manager)
    with pytest.raises(NotADraft):
        publish([pk], reason="prueba")
    Block.objects.update(without_water=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        recompute(version)


def test_a_draft_is_recomputed_from_its_members(quarter):
    version = PolygonVersion.objects.get(pk=delineate(METHOD).versions[0])
    area = version.area
    version.blocks.add(quarter[3])
    recompute(version)
    assert (version.block_count, version.dwellings) == (4, 160)
    assert version.area > area and is_covered(version)


@pytest.mark.parametrize("options", [{"all": True}, {"municipality": "04002"}])
def test_the_command_publishes_where_asked(quarter, capsys, options):
    call_command("delineate_polygons", vintage=2020, variable="water", publish=True, **options)
    assert "1 new" in capsys.readouterr().out
    assert PolygonVersion.objects.get().status == "published"


places = st.lists(
    st.tuples(st.integers(0, 12), st.integers(0, 12), st.integers(20, 200), st.integers(1, 90)),
    min_size=1,
    max_size=25,
    unique_by=lambda place: place[:2],
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(places)
def test_any_drawing_is_valid_covers_its_members_and_adds_them_up(campeche, places):
    with transaction.atomic():
        for number, (column, line, metres, dwellings) in enumerate(places, start=1):
            geometry = square(-90.53 + column * 0.0017, 19.83 + line * 0.0017, metres)
            Block.objects.create(
                code=f"0400200010017{number:03d}", vintage=2020, ageb_code="0400200010017", municipality=campeche,
                geometry=geometry, mercator=geometry.transform(3857, clone=True), dwellings=dwellings,
                known_dwellings=dwellings, without_water=dwellings if number % 3 else None,
            )  # fmt: skip
        drawn = delineate(Method(vintage=2020, variable="water", threshold=Decimal("0.5"), min_dwellings=1))
        for version in PolygonVersion.objects.filter(pk__in=drawn.versions):
            assert is_covered(version)
            assert sums_of(version) == {name: getattr(version, name) for name in SUMS}
        transaction.set_rollback(True)
