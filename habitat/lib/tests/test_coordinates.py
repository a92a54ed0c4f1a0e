import pytest
from django.core.exceptions import ValidationError

from habitat.lib.coordinates import parse_place


def refusal(text: str) -> str:
    with pytest.raises(ValidationError) as caught:
        parse_place(text)
    return caught.value.code


def test_one_pair_is_a_point_in_either_order():
    assert parse_place("19.8301, -90.5349").coords == (-90.5349, 19.8301)
    assert parse_place("-90.5349 19.8301").coords == (-90.5349, 19.8301)


def test_several_pairs_are_a_line_and_a_closed_line_is_an_area():
    line = "19.83, -90.53\n19.83, -90.52\n\n19.84, -90.52"
    assert parse_place(line).geom_type == "LineString"
    area = parse_place(f"{line}\n19.83, -90.53")
    assert (area.geom_type, area.srid) == ("Polygon", 4326)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('{"type":"Point","coordinates":[-90.53,19.83,7.5]}', "Point"),
        ('{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[-90.53,19.83]}}', "Point"),
        (
            '{"type":"FeatureCollection","features":['
            '{"type":"Feature","geometry":{"type":"LineString","coordinates":[[-90.53,19.83],[-90.52,19.83]]}},'
            '{"type":"Feature","geometry":{"type":"MultiLineString","coordinates":[[[-90.5,19.8],[-90.5,19.9]]]}}]}',
            "MultiLineString",
        ),
    ],
)
def test_geojson_is_read_as_geometry_feature_or_collection(text, kind):
    place = parse_place(text)
    assert (place.geom_type, place.hasz) == (kind, False)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        ("calle 14 entre 5 y 7", "not_a_pair"),
        ("40.4168, -3.7038", "outside"),
        ("19.83, 90.53", "outside"),
        ("19.83, -90.53\n19.84, -90.52\n19.83, -90.52\n19.84, -90.53\n19.83, -90.53", "invalid"),
        ("{}", "not_geojson"),
        ('{"type":"Point","coordinates":["NaN","NaN"]}', "not_geojson"),
        ('{"type":"Point","coordinates":[]}', "not_geojson"),
        ('{"type":"Feature","geometry":null}', "not_geojson"),
        ('{"type":"Circle","coordinates":[1,2]}', "not_geojson"),
        ('{"type":"FeatureCollection","features":[]}', "not_geojson"),
        ('{"a":' * 3000, "not_geojson"),
        ("19.83, -90.53\n" * 5001, "too_long"),
    ],
)
def test_what_cannot_be_a_place_is_refused_with_its_cause(text, code):
    assert refusal(text) == code


def test_a_refused_line_is_named_by_its_number():
    with pytest.raises(ValidationError, match="2"):
        parse_place("19.83, -90.53\n19.84")
