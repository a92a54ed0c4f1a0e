"""What a site touches: street lines front blocks, a point lies in one, areas are measured."""

import pytest
from django.contrib.gis.geos import LineString, Point
from django.core.exceptions import PermissionDenied, ValidationError

from projects import services
from projects.models import Status
from projects.sketch import sketch

# The fixture's blocks are squares of 100 m, 0.0012 degrees apart, from (-90.53, 19.83).
BLOCK = 100 / 111_000


@pytest.fixture
def action(project):
    return project.actions.get()


def test_a_line_through_three_blocks_is_divided_among_them(action, preparer):
    location = services.set_site(action, by=preparer, geometry=LineString((-90.53, 19.8301), (-90.5267, 19.8301)))
    assert [action.touched.get(block=pk).share for pk, _share in location.blocks] == [s for _pk, s in location.blocks]
    assert len(location.blocks) == 3
    # Three stretches of 100 m of block, two streets of about 33 m between them.
    assert sum(share for _pk, share in location.blocks) == pytest.approx(3 * BLOCK / 0.0033, abs=0.01)
    assert location.inside == pytest.approx(1)


def test_a_pipe_in_the_street_touches_the_blocks_it_fronts_with_no_share_in_them(action, preparer):
    street = 19.83 - 5 / 111_000
    location = services.set_site(action, by=preparer, geometry=LineString((-90.53, street), (-90.5288, street)))
    assert [share for _pk, share in location.blocks] == [0, 0]


def test_a_point_counts_whole_in_its_block(action, preparer, catalogue):
    action.action_type = catalogue.get(pk="ME01")
    action.action_type.geometry_kind = "point"
    location = services.set_site(action, by=preparer, geometry=Point(-90.5295, 19.8305))
    assert [share for _pk, share in location.blocks] == [1]


def test_chosen_blocks_become_the_site(action, preparer, polygon_version):
    chosen = list(polygon_version.blocks.order_by("code")[:2])
    location = services.set_site(action, by=preparer, blocks=chosen)
    assert sorted(pk for pk, _share in location.blocks) == [block.pk for block in chosen]
    assert sum(share for _pk, share in location.blocks) == pytest.approx(1)


def test_half_a_line_outside_the_polygon_is_half_inside(action, preparer):
    west = -90.531
    location = services.set_site(action, by=preparer, geometry=LineString((west - 0.001, 19.83), (west + 0.001, 19.83)))
    assert location.inside == pytest.approx(0.5, abs=0.01)


def test_without_a_polygon_nothing_is_said_about_inside(action, preparer, project):
    services.update_draft(project, by=preparer, polygon_version=None)
    location = services.locate(action)
    assert location.inside is None
    assert location.municipality == "04002"


def test_an_action_without_a_site_touches_nothing(action, preparer):
    assert services.set_site(action, by=preparer, geometry=None) == services.Location([], None, None)
    assert not action.touched.exists()


def test_a_point_for_a_pipe_is_refused(action, preparer):
    with pytest.raises(ValidationError):
        services.set_site(action, by=preparer, geometry=Point(-90.5295, 19.8305))


def test_a_site_in_another_municipality_is_refused_and_not_kept(action, preparer, tlaxcala, make_block):
    type(make_block(9, lon=-90.6)).objects.filter(code__endswith="009").update(municipality=tlaxcala)
    before = action.geometry
    with pytest.raises(ValidationError):
        services.set_site(action, by=preparer, geometry=LineString((-90.5903, 19.8301), (-90.5901, 19.8301)))
    action.refresh_from_db()
    assert action.geometry == before


def test_a_site_that_touches_no_block_belongs_to_those_around_it(action, preparer, tlaxcala, make_block):
    """The portal has no boundaries of municipalities to ask."""
    type(make_block(9, lon=-98.2, lat=19.3)).objects.filter(code__endswith="009").update(municipality=tlaxcala)
    outskirts = services.set_site(action, by=preparer, geometry=LineString((-90.53, 19.9), (-90.53, 19.91)))
    assert (outskirts.blocks, outskirts.municipality) == ([], action.project.municipality_id)
    with pytest.raises(ValidationError):
        services.set_site(action, by=preparer, geometry=LineString((-98.3, 19.3), (-98.3, 19.31)))


def test_a_reviewer_does_not_draw_the_site(action, reviewer):
    with pytest.raises(PermissionDenied):
        services.set_site(action, by=reviewer, geometry=None)


def test_a_submitted_proposal_keeps_its_site(action, preparer, project):
    type(project).objects.filter(pk=project.pk).update(status=Status.SUBMITTED)
    with pytest.raises(services.SectionClosed):
        services.set_site(action, by=preparer, geometry=None)


def test_the_sketch_draws_polygon_blocks_and_site(project, action):
    store = services.store_location(action)
    drawing = sketch(project)
    kinds = [shape.kind for shape in drawing.shapes]
    assert kinds.count("touched") == len(store.blocks)
    assert (kinds[0], kinds[-1]) == ("polygon", "line")
    # 600 m a side, 30 round it; mercator stretches this latitude by 6 %.
    assert 660 < drawing.width < 700
    assert drawing.shapes[0].path.startswith("M ")


def test_without_place_there_is_no_sketch(project, action):
    project.actions.update(geometry=None)
    project.polygon_version = None
    assert sketch(project) is None
