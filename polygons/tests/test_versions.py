"""Drafts, publication and lineage. Six blocks in a row; A is published with 1 to 3, B with 4 to 6."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.utils import translation

from habitat.lib.refusals import Refused
from polygons.models import Block, Lineage, Polygon, PolygonVersion
from polygons.services import (
    NotADraft,
    Stale,
    change_members,
    discard,
    merge,
    new_draft,
    plan,
    publish,
    retire,
    split,
    sums_of,
)
from polygons.services.sums import SUMS

AT = dt.datetime(2026, 3, 1, 18, tzinfo=dt.UTC)
LATER = dt.datetime(2026, 6, 1, 18, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def in_english():
    """Refusals are looked for in the words of the source."""
    with translation.override("en"):
        yield


def code(number: int) -> str:
    return f"0400200010017{number:03d}"


def codes(*numbers: int) -> list[str]:
    return [code(number) for number in numbers]


def members(version: PolygonVersion) -> list[str]:
    return list(version.blocks.order_by("code").values_list("code", flat=True))


@pytest.fixture
def row(make_block):
    return [make_block(number, without_water=20, with_water=16) for number in range(1, 7)]


@pytest.fixture
def draw(row, campeche):
    def drawn(*numbers: int, **options) -> PolygonVersion:
        place = {} if "polygon" in options else {"municipality": campeche}
        return new_draft(blocks=codes(*numbers), vintage=2020, **place, **options)

    return drawn


@pytest.fixture
def a(draw):
    return in_force(draw(1, 2, 3, name="A"))


@pytest.fixture
def b(draw):
    return in_force(draw(4, 5, 6, name="B"))


def in_force(*drafts: PolygonVersion, at: dt.datetime = AT) -> PolygonVersion:
    publish([draft.pk for draft in drafts], reason="prueba", at=at)
    for draft in drafts:
        draft.refresh_from_db()
    return drafts[0]


def lineage() -> set[tuple[str, str, str]]:
    links = Lineage.objects.select_related("parent__polygon", "child__polygon")
    return {
        (
            f"{link.parent.polygon.name}{link.parent.number}",
            f"{link.child.polygon.name}{link.child.number}",
            link.kind,
        )
        for link in links
    }


def test_a_new_draft_is_a_new_polygon_with_its_sums_and_shape(draw, technician):
    draft = draw(1, 2, by=technician)
    assert (draft.status, draft.number, draft.revision, draft.by) == ("draft", 1, 1, technician)
    assert (draft.block_count, draft.dwellings, draft.water_low) == (2, 80, 40)
    assert draft.polygon.code == "04-0001" and draft.polygon.name == "Campeche 1"
    assert draft.geometry.valid and draft.area > 0


@pytest.mark.parametrize("role", ["preparer", "reviewer", "auditor", "technician"])
def test_only_the_program_unit_draws_inside_its_territory(draw, a, make_user, tlaxcala, role):
    # The technician's territory is another state.
    place = {"technician": {"state": tlaxcala.state}, "auditor": {"is_national": True}}
    person = make_user(role, **place.get(role, {"state": a.polygon.municipality.state}))
    draft = draw(4)
    for attempt in (
        lambda: draw(5, by=person),
        lambda: draw(1, polygon=a.polygon, by=person),
        lambda: change_members(draft, expected=1, add=codes(5), by=person),
        lambda: split(a, [codes(1), codes(2, 3)], by=person),
        lambda: merge([a, draft], by=person),
        lambda: discard(draft, by=person),
        lambda: publish([draft.pk], reason="prueba", by=person),
        lambda: retire(a, reason="prueba", by=person),
    ):
        with pytest.raises(PermissionDenied):
            attempt()


def test_a_draft_changes_its_blocks_sums_and_shape(draw):
    before = draw(1, 2)
    after = change_members(before, expected=1, add=codes(3), remove=codes(1))
    assert members(after) == codes(2, 3)
    assert after.revision == 2
    assert not after.geometry.equals(before.geometry)
    assert sums_of(after) == {name: getattr(after, name) for name in SUMS}


def test_nobody_overwrites_the_other(draw):
    draft = draw(1, 2)
    change_members(draft, expected=1, add=codes(3))
    with pytest.raises(Stale, match="revision 2"):
        change_members(draft, expected=1, remove=codes(1))
    assert members(draft) == codes(1, 2, 3)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"add": ["0400200010017999"]}, "no block 0400200010017999"),
        ({"remove": [code(6)]}, f"Not blocks of this polygon: {code(6)}"),
        ({"remove": codes(1, 2)}, "at least one block"),
    ],
)
def test_a_change_that_cannot_be_says_why(draw, change, sentence):
    draft = draw(1, 2)
    with pytest.raises(Refused, match=sentence):
        change_members(draft, expected=1, **change)
    assert members(draft) == codes(1, 2)


def test_a_polygon_keeps_to_its_municipality(draw, row, tlaxcala):
    Block.objects.filter(pk=row[1].pk).update(municipality=tlaxcala)
    with pytest.raises(Refused, match=f"of another one: {code(2)}"):
        draw(1, 2)


def test_blocks_without_outline_alone_make_no_polygon(draw, row):
    Block.objects.filter(pk=row[0].pk).update(geometry=None, mercator=None)
    with pytest.raises(Refused, match="outline"):
        draw(1)
    assert draw(1, 2).block_count == 2


def test_a_polygon_has_one_draft_at_a_time(draw, a):
    draw(1, polygon=a.polygon)
    with pytest.raises(Refused, match="has a draft already, version 2"):
        draw(2, polygon=a.polygon)


def test_a_discarded_draft_takes_its_new_polygon_along_but_no_older_one(draw, a):
    discard(draw(4))
    assert Polygon.objects.get() == a.polygon
    discard(draw(1, polygon=a.polygon))
    assert PolygonVersion.objects.get() == a
    with pytest.raises(NotADraft):
        discard(a)


def test_publishing_supersedes_and_says_so(draw, a, manager):
    draft = draw(1, 2, polygon=a.polygon)
    assert [version.pk for version in plan([draft.pk]).superseded] == [a.pk]
    publish([draft.pk], reason=" Se excluye un predio. ", by=manager, at=LATER)
    draft.refresh_from_db()
    a.refresh_from_db()
    assert (draft.status, draft.valid_from, draft.reason, draft.by) == (
        "published",
        dt.date(2026, 6, 1),
        "Se excluye un predio.",
        manager,
    )
    assert (a.status, a.valid_to, a.reason) == ("superseded", dt.date(2026, 6, 1), "prueba")
    assert lineage() == {("A1", "A2", "redrawn")}


def test_publishing_needs_a_reason(draw):
    draft = draw(1)
    with pytest.raises(Refused, match="why"):
        publish([draft.pk], reason="  ")


def test_what_is_published_is_not_changed_by_anybody(draw, a):
    for attempt in (
        lambda: change_members(a, expected=1, add=codes(4)),
        lambda: publish([a.pk], reason="prueba"),
    ):
        with pytest.raises(NotADraft):
            attempt()
    for sql in (
        "DELETE FROM polygons_polygonversion_blocks WHERE polygonversion_id = %s",
        "INSERT INTO polygons_polygonversion_blocks (polygonversion_id, block_id) SELECT %s, id FROM polygons_block"
        " WHERE code = '0400200010017004'",
    ):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, [a.pk])
    assert members(a) == codes(1, 2, 3)


def test_a_draft_older_than_what_is_in_force_is_not_published(draw, a):
    old = draw(1, polygon=a.polygon)
    PolygonVersion.objects.filter(pk=old.pk).update(number=9)
    new = draw_second(a, old)
    PolygonVersion.objects.filter(pk=old.pk).update(number=2)
    in_force(new)
    with pytest.raises(Refused, match="older than the version in force"):
        publish([old.pk], reason="prueba")


def draw_second(published: PolygonVersion, draft: PolygonVersion) -> PolygonVersion:
    """A second draft, as delineation may leave one beside a person's."""
    fields = {
        name: getattr(draft, name)
        for name in ("polygon", "source", "vintage", "geometry", "mercator", "area", "block_count")
    }
    second = PolygonVersion.objects.create(number=3, **fields)
    second.blocks.set(published.blocks.all())
    return second


def test_two_drafts_of_one_polygon_or_with_a_common_block_are_not_published_together(draw, a):
    one, other = draw(4, 5), draw(5, 6)
    with pytest.raises(Refused, match="share 1 block;"):
        publish([one.pk, other.pk], reason="prueba")
    first = draw(1, polygon=a.polygon)
    second = draw_second(a, first)
    with pytest.raises(Refused, match="Two drafts"):
        publish([first.pk, second.pk], reason="prueba")


def test_a_block_belongs_to_one_published_polygon(draw, a, b):
    draft = draw(1, 2, 3, 4, polygon=a.polygon)
    with pytest.raises(Refused, match=r"B \(04-0002\) \(1/3\)"):
        publish([draft.pk], reason="prueba")
    with pytest.raises(IntegrityError, match="one published polygon"), transaction.atomic():
        PolygonVersion.objects.filter(pk=a.pk).update(status="superseded")
        PolygonVersion.objects.filter(pk=draft.pk).update(status="published")
    shrunk = draw(5, 6, polygon=b.polygon)
    in_force(draft, shrunk, at=LATER)
    assert lineage() == {("A1", "A2", "redrawn"), ("B1", "B2", "redrawn"), ("B1", "A2", "redrawn")}


def test_a_merged_polygon_retires_the_others_and_keeps_them_readable(a, b, manager):
    draft = merge([a, b], by=manager)
    assert (draft.polygon, draft.number, draft.block_count) == (a.polygon, 2, 6)
    assert [version.pk for version in plan([draft.pk]).retired] == [b.pk]
    in_force(draft, at=LATER)
    b.refresh_from_db()
    assert (b.status, b.valid_to) == ("superseded", dt.date(2026, 6, 1))
    assert not b.polygon.versions.published().exists()
    assert members(b) == codes(4, 5, 6)
    assert lineage() == {("A1", "A2", "merged"), ("B1", "A2", "merged")}


def test_a_split_polygon_goes_on_with_its_first_group(a):
    first, other = split(a, [codes(1, 2), codes(3)])
    assert (first.polygon, first.number, members(first)) == (a.polygon, 2, codes(1, 2))
    assert (other.number, members(other), other.method) == (1, codes(3), {"split": {"code": "04-0001", "version": 1}})
    a.refresh_from_db()
    assert a.status == "published"
    in_force(first, other, at=LATER)
    assert lineage() == {("A1", "A2", "split"), ("A1", f"{other.polygon.name}1", "split")}


def test_drafts_are_split_and_merged_in_place(draw):
    draft = draw(1, 2, 3)
    first, second = split(draft, [codes(1), codes(2, 3)])
    assert first == draft and members(first) == codes(1) and first.revision == 2
    whole = merge([first, second])
    assert whole == draft and members(whole) == codes(1, 2, 3)
    assert Polygon.objects.get() == draft.polygon
    assert not Lineage.objects.exists()


@pytest.mark.parametrize(
    ("groups", "sentence"),
    [
        ([(1, 2, 3)], "at least two groups"),
        ([(1, 2, 3), ()], "at least two groups"),
        ([(1,), (2,)], "Every block"),
        ([(1, 2), (3, 4)], "Every block"),
        ([(1, 2), (2, 3)], "one group only"),
    ],
)
def test_a_split_shares_out_every_block_once(a, groups, sentence):
    with pytest.raises(Refused, match=sentence):
        split(a, [codes(*group) for group in groups])
    assert PolygonVersion.objects.get() == a


def test_only_polygons_of_one_municipality_and_census_merge(a, b, draw):
    with pytest.raises(Refused, match="at least two polygons"):
        merge([a, a])
    Block.objects.filter(code__in=codes(4)).update(vintage=2010)
    draft = new_draft(blocks=codes(4), vintage=2010, polygon=b.polygon)
    with pytest.raises(Refused, match="one census"):
        merge([a, draft])


def test_a_polygon_that_ends_without_heir_says_why(a, draw, manager):
    with pytest.raises(Refused, match="why"):
        retire(a, reason="")
    retire(a, reason="Ya no hay rezago.", by=manager, at=LATER)
    a.refresh_from_db()
    assert (a.status, a.valid_to, a.polygon.ended_because) == ("superseded", dt.date(2026, 6, 1), "Ya no hay rezago.")
    with pytest.raises(Refused, match="not in force"):
        retire(a, reason="otra vez")
    in_force(draw(1, 2, polygon=a.polygon), at=LATER)
    assert Polygon.objects.get().ended_because == ""
    assert lineage() == {("A1", "A2", "redrawn")}
