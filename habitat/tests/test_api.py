"""Every resource of the API alike: scope, formats, pages, problems, its own description."""

import csv
import io
import json

import pytest
from django.core.management import call_command
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from rest_framework.test import APIClient
from rest_framework.throttling import SimpleRateThrottle

from habitat.api import RESOURCES
from habitat.tests.conftest import TO_APPROVAL
from polygons.models import Block, City
from projects.models import (
    Document,
    Project,
)
from reports.models import Report

# Nobody logged in is asked to log in for these.
PRIVATE = {"documents", "ledger", "ceilings", "reports"}
WITH_GEOMETRY = [name for name, resource in RESOURCES.items() if resource.geometry]


@pytest.fixture
def api():
    return APIClient(raise_request_exception=False)


def get(api, path, **params):
    return api.get(f"/api/v1/{path}", params)


@pytest.mark.parametrize("name", RESOURCES)
def test_every_resource_lists_and_opens_what_it_lists(api, country, technician, name):
    api.force_authenticate(technician)
    page = get(api, f"{name}/").json()
    assert page["count"] == len(page["results"]) >= 1
    lookup = RESOURCES[name].lookup_url_kwarg or RESOURCES[name].lookup_field
    key = {"pk": {"fiscal-years": "year", "context-indicators": "id"}.get(name, "code"), "key": "id"}.get(
        lookup, lookup
    )
    row = page["results"][0]
    answer = get(api, f"{name}/{row[key]}/")
    assert answer.status_code == 200
    assert answer.json() == row


@pytest.mark.parametrize("name", RESOURCES)
def test_every_resource_is_a_table_too(api, country, technician, name):
    api.force_authenticate(technician)
    answer = get(api, f"{name}/", format="csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))
    assert len(rows) == get(api, f"{name}/").json()["count"]


@pytest.mark.parametrize("name", WITH_GEOMETRY)
def test_geometry_comes_as_geojson(api, country, technician, name):
    api.force_authenticate(technician)
    answer = get(api, f"{name}/", format="geojson", limit=1)
    assert answer.headers["Content-Type"] == "application/geo+json"
    page = json.loads(answer.content)
    assert page["numberReturned"] == len(page["features"]) == 1
    assert page["numberMatched"] == get(api, f"{name}/").json()["count"]
    feature = page["features"][0]
    assert set(feature["geometry"]) == {"type", "coordinates"}
    key = feature["properties"]["code" if name in ("cities", "polygons") else "id"]
    assert json.loads(get(api, f"{name}/{key}/", format="geojson").content) == feature


def test_features_hold_the_same_values_as_rows_whatever_they_are(api, country):
    City.objects.update(name='La "Joya" \\ 50 %\n{}')
    Block.objects.update(population=None, households=7, missing={"population": "*"})
    for name in ("cities", "blocks"):
        row = get(api, f"{name}/").json()["results"][0]
        held = json.loads(get(api, f"{name}/", format="geojson").content)["features"][0]["properties"]
        alike = set(row) & set(held) - {"updated_at"}
        assert alike >= {"code"}
        assert {key: held[key] for key in alike} == {key: row[key] for key in alike}
        assert parse_datetime(held["updated_at"]) == parse_datetime(row["updated_at"])


def test_a_table_keeps_moments_whole_and_formulas_from_running(api, country):
    City.objects.update(name="=1+1")
    city = City.objects.order_by("pk").first()
    cells = next(csv.DictReader(io.StringIO(get(api, "cities/", format="csv").getvalue().decode("utf-8-sig"))))
    assert cells["name"] == "'=1+1"
    assert parse_datetime(cells["updated_at"]) == city.updated_at


@pytest.mark.parametrize("name", RESOURCES)
def test_nobody_logged_in_sees_what_is_public(api, country, name):
    answer = get(api, f"{name}/")
    if name in PRIVATE:
        assert answer.status_code == 401
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.headers["WWW-Authenticate"] == "Token"
    else:
        assert answer.json()["count"] >= 1


@pytest.mark.parametrize("name", ["states", "municipalities", "polygons", "blocks", "projects", "actions", "documents"])
def test_officer_of_another_municipality_finds_nothing_of_this_one(api, country, stranger, certifier, name):
    api.force_authenticate(certifier)
    row = get(api, f"{name}/").json()["results"][0]
    resource = RESOURCES[name]
    key = row["id" if resource.lookup_field in ("public_id", "key") else "code"]
    api.force_authenticate(stranger)
    assert get(api, f"{name}/{key}/").status_code == 404
    assert row not in get(api, f"{name}/").json()["results"]


def test_account_without_territory_finds_nothing(api, country, homeless):
    api.force_authenticate(homeless)
    for name in ("states", "blocks", "polygons", "projects", "ledger", "ceilings", "reports"):
        assert get(api, f"{name}/").json()["count"] == 0


# One for the count, one for the rows, and one for each list inside a row.
QUERIES = dict.fromkeys(RESOURCES, 2) | {
    "actions": 4,
    "cities": 4,
    # The state of the data, by which the count is kept, then the count and the page; the next page needs no count.
    "blocks": 3,
    "polygons": 3,
    "fiscal-years": 3,
    "progress": 5,
    "reports": 3,
    "rules": 11,
}


@pytest.mark.parametrize("name", RESOURCES)
def test_a_page_takes_a_fixed_number_of_queries(api, country, technician, name, django_assert_num_queries):
    api.force_authenticate(technician)
    with django_assert_num_queries(QUERIES[name]):
        get(api, f"{name}/")
    if RESOURCES[name].geometry:
        # A polygon's feature reads more tables, so that its query is counted by itself.
        with django_assert_num_queries(3 if name == "polygons" else 2):
            get(api, f"{name}/", format="geojson")


def test_a_count_is_kept_for_its_filter_and_state_of_the_data_and_for_who_may_see_it(api, make_block, stranger):
    make_block(1)
    assert get(api, "blocks/").json()["count"] == 1
    assert get(api, "blocks/", vintage=1999).json()["count"] == 0
    make_block(2)
    assert get(api, "blocks/").json()["count"] == 2
    api.force_authenticate(stranger)
    assert get(api, "blocks/").json()["count"] == 0


def test_pages_neither_repeat_nor_lose_rows_that_changed_at_the_same_moment(api, make_block):
    codes = {make_block(number).code for number in range(1, 8)}
    Block.objects.update(updated_at=timezone.now())
    for ordering in ("updated_at", "-updated_at", "code", "-code"):
        page = get(api, "blocks/", limit=3, ordering=ordering).json()
        seen = [row["code"] for row in page["results"]]
        while page["next"]:
            page = api.get(page["next"]).json()
            assert page["count"] == 7
            seen += [row["code"] for row in page["results"]]
        assert len(seen) == 7
        assert set(seen) == codes


def test_geojson_pages_are_linked(api, polygon_version):
    page = json.loads(get(api, "blocks/", format="geojson", limit=2).content)
    following = json.loads(api.get(page["links"][0]["href"]).content)
    assert (page["numberMatched"], page["numberReturned"], following["numberReturned"]) == (3, 2, 1)
    assert following["links"] == []


def test_box_chooses_by_place(api, make_block):
    inside = make_block(1, lon=-90.53)
    make_block(2, lon=-90.10)
    page = get(api, "blocks/", bbox="-90.54,19.80,-90.50,19.90").json()
    assert [row["code"] for row in page["results"]] == [inside.code]


@pytest.mark.parametrize(
    "box",
    ["nan,0,1,1", "-inf,0,inf,1", "1e400,0,1,1", "-90,19,-91,20", "-90,19,-89", "a,b,c,d", "-90\x00,1,2,3", "9" * 300],
)
def test_a_box_that_is_none_is_refused(api, db, box):
    answer = get(api, "blocks/", bbox=box)
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["bbox"]


@pytest.mark.parametrize(
    ("params", "culprit"),
    [
        ({"limit": "0"}, "limit"),
        ({"limit": "1001"}, "limit"),
        ({"limit": "²"}, "limit"),
        ({"ordering": "population"}, "ordering"),
        ({"cursor": "bm90IG91cnM"}, "cursor"),
        ({"cursor": "WyJjb2RlIiwgIngiLCAieSIsIDFd"}, "cursor"),
        ({"cursor": "ñ"}, "cursor"),
        ({"municipality": "04002\x00"}, "municipality"),
        ({"vintage": "9" * 40}, "vintage"),
        ({"updated_since": "yesterday"}, "updated_since"),
        ({"updated_since": "0001-01-01T00:00:00+14:00"}, "updated_since"),
        ({"municipalty": "04002"}, "municipalty"),
    ],
)
def test_a_parameter_that_makes_no_sense_is_named(api, make_block, params, culprit):
    make_block(1)
    answer = get(api, "blocks/", **params)
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [culprit]


def test_masked_counts_are_null_and_ranges_say_what_is_possible(api, make_block):
    make_block(1, without_water=None, with_water=30, missing={"without_water": "*"})
    row = get(api, "blocks/").json()["results"][0]
    assert row["without_water"] is None
    assert row["missing"] == {"without_water": "*"}
    assert row["water"] == {"low": 0, "high": 6, "base": 36}
    assert row["water_house"] is None


def test_money_is_text(api, country):
    row = get(api, "projects/").json()["results"][0]
    assert (row["cost"], row["federal"]) == ("1000000.00", "500000.00")
    assert get(api, "progress/").json()["results"][0]["spent"] == "125000.50"


def test_text_that_would_run_as_a_formula_does_not(api, country, technician):
    Project.objects.update(name="=HYPERLINK(1)")
    table = get(api, "projects/", format="csv").getvalue().decode()
    assert "'=HYPERLINK(1)" in table


def test_changes_since_a_moment_bring_what_was_deleted(api, country, technician, certifier, stranger):
    before = timezone.now()
    gone = Document.objects.get()
    gone_id = str(gone.public_id)
    gone.delete()
    for user, ids in ((technician, [gone_id]), (certifier, [gone_id]), (stranger, [])):
        api.force_authenticate(user)
        page = get(api, "documents/", updated_since=before.isoformat()).json()
        assert page["results"] == []
        assert [row["id"] for row in page["deleted"]] == ids
    assert "deleted" not in get(api, "documents/").json()


def test_public_mirror_learns_of_projects_that_appear_and_of_those_cancelled(api, project, walk):
    start = timezone.now()
    assert get(api, "actions/", updated_since=start.isoformat()).json()["results"] == []
    walk(project, *TO_APPROVAL)
    shown = get(api, "actions/", updated_since=start.isoformat()).json()["results"]
    assert [row["project"] for row in shown] == [str(project.public_id)]
    walk(project, "cancelled")
    for name, gone in (("projects", project), ("actions", project.actions.get())):
        page = get(api, f"{name}/", updated_since=start.isoformat()).json()
        assert page["results"] == []
        assert [row["id"] for row in page["deleted"]] == [str(gone.public_id)]


def test_a_replaced_polygon_is_still_found_by_its_version(api, polygon_version):
    polygon_version.status = polygon_version.Status.SUPERSEDED
    polygon_version.save(update_fields=["status"])
    code = polygon_version.polygon.code
    assert get(api, f"polygons/{code}/").status_code == 404
    assert get(api, f"polygons/{code}/", version=1).json()["status"] == "superseded"


def test_blocks_of_a_polygon(api, polygon_version, make_block):
    make_block(9)
    assert get(api, "blocks/", polygon=polygon_version.polygon.code).json()["count"] == 3


def test_files_open_for_their_territory_alone(api, country, certifier, stranger):
    path = f"documents/{Document.objects.get().public_id}/file/"
    report = f"reports/{Report.objects.get().public_id}/files/csv/"
    api.force_authenticate(certifier)
    answer = get(api, path)
    assert answer.getvalue() == b"%PDF-1.7"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert get(api, report).status_code == 404
    api.force_authenticate(stranger)
    assert get(api, path).status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("get", "/api/nothing/", 404),
        ("get", "/api/v1/nothing/", 404),
        ("get", "/api/v1/states/99/", 404),
        ("get", "/api/v1/states/?format=xml", 404),
        ("get", "/api/v1/projects/?format=geojson", 404),
        ("get", "/api/v1/projects/?format=csv&limt=1", 400),
        ("post", "/api/v1/states/", 405),
        ("delete", "/api/v1/states/04/", 405),
    ],
)
def test_every_error_is_a_problem(api, country, method, path, status):
    answer = getattr(api, method)(path)
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert problem["title"]
    assert problem["detail"]


def test_a_fault_of_ours_is_a_problem_too(api, db, monkeypatch):
    def fail(view):
        raise RuntimeError("secret")

    monkeypatch.setattr(RESOURCES["states"], "get_queryset", fail)
    answer = get(api, "states/")
    assert answer.status_code == 500
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "secret" not in answer.content.decode()


def test_too_many_requests_are_told_when_to_come_back(api, db, monkeypatch):
    monkeypatch.setattr(SimpleRateThrottle, "THROTTLE_RATES", {"anon": "1/min", "user": "1/min"})
    assert get(api, "states/").status_code == 200
    answer = get(api, "states/")
    assert answer.status_code == 429
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert int(answer.headers["Retry-After"]) > 0


def test_the_limit_of_accounts_counts_accounts_alone(api, technician, monkeypatch):
    monkeypatch.setattr(SimpleRateThrottle, "THROTTLE_RATES", {"anon": "2/min", "user": "1/min"})
    assert [get(api, "states/").status_code for _time in range(3)] == [200, 200, 429]
    api.force_authenticate(technician)
    assert [get(api, "states/").status_code for _time in range(2)] == [200, 429]


def test_a_thousand_features_make_no_model_of_any(api, make_block, monkeypatch):
    make_block(1)

    def refuse(*args, **kwargs):
        raise AssertionError("a feature became a Python object")

    monkeypatch.setattr(Block, "from_db", refuse)
    assert get(api, "blocks/", format="geojson").status_code == 200
    assert get(api, "blocks/", format="csv").status_code == 200


def test_description_has_no_gap():
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", "/dev/null")


def test_a_moment_of_any_offset_is_understood(api):
    page = get(api, "fiscal-years/", updated_since="2000-01-01T00:00:00+18:05")
    assert page.status_code == 200 and "results" in page.json()
