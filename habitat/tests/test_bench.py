"""`make bench` runs and reports; what it measures is for a quiet machine to say."""

import os
import sys

import psycopg2
import pytest
from django.db import connection

from habitat.bench import frame, over_http, peers, scratch
from habitat.bench.__main__ import with_table
from habitat.bench.frame import Bench, Row, Taken, race, with_server
from habitat.bench.groups import GROUPS
from habitat.bench.servers import Server, free_port, serve


# The last ones measure one nation with its works, which the first of them builds.
@pytest.mark.long
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "groups", [("import",), ("serving",), ("figures",), ("dashboards", "reports", "proposals")], ids=", ".join
)
def test_every_group_reports_its_rows_at_a_small_scale(groups, tmp_path):
    for group in groups:
        rows = list(GROUPS[group](Bench(scale=0.0005, runs=1, folder=tmp_path)))
        assert rows and len({row.name for row in rows}) == len(rows)
        assert all(row.ratio is None or row.ratio >= 0 for row in rows)
        assert all(line.count(" | ") == len(frame.HEADER) - 1 for line in frame.as_markdown(rows))


def test_a_peer_that_cannot_be_had_costs_its_own_rows_only(monkeypatch, tmp_path):
    def nothing(folder):
        raise peers.NoPeer("no network")

    monkeypatch.setattr(peers, "install", nothing)
    rows = list(over_http.against_peers(Bench(scale=0.0005, runs=1, folder=tmp_path), Server(0)))
    assert [row.name for row in rows] == [*over_http.OF_TIPG, *over_http.OF_PYGEOAPI]
    assert all(row.ratio is None and "no network" in row.what and row.verdict == "" for row in rows)


def test_a_server_answers_while_it_is_asked_and_no_longer(tmp_path):
    port = free_port()
    (tmp_path / "page").write_text("here")
    command = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1"]
    with serve(command, port, dict(os.environ), tmp_path) as server:
        assert server.ask("/page", 2) == b"here"
    with pytest.raises(OSError, match="refused"):
        server.ask("/page")
    with pytest.raises(TimeoutError), serve([sys.executable, "-c", "pass"], port, {}, tmp_path):
        pass


def test_ways_take_turns():
    order = []
    took = race(
        {name: lambda name=name: order.append(name) or Taken(len(order)) for name in ("ours", "theirs")}, runs=3
    )
    assert order == ["ours", "theirs"] * 3
    assert (took["ours"].seconds, took["theirs"].seconds) == (3, 4)


@pytest.mark.django_db
def test_what_the_database_works_counts_beside_our_own():
    def work():
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM generate_series(1, 500000) AS number WHERE md5(number::text) = ''")
        return Taken(1.0)

    assert with_server(work).processor > 0


def test_a_row_says_whether_the_goal_is_reached():
    assert Row("a", "", "", 0.9, at_most=1).verdict == "yes"
    assert Row("a", "", "", 1.1, at_most=1).verdict == "no"
    assert (Row("a", "", "", 0.5, at_least=0.6).verdict, Row("a", "", "", None).verdict) == ("no", "")


def test_the_document_keeps_what_stands_around_a_table():
    once = with_table("# Speed\n\nWords.\n", "import", ["| a |"])
    again = with_table(once + "\nAfter.\n", "import", ["| b |"])
    assert "| a |" in once and "| a |" not in again
    assert again.startswith("# Speed\n\nWords.\n") and again.endswith("After.\n") and "| b |" in again


def test_the_scratch_database_is_none_of_the_portals_and_goes_away(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", os.environ["DATABASE_URL"])
    portal = os.environ["DATABASE_URL"]
    with scratch.database() as name:
        assert name in os.environ["DATABASE_URL"] and os.environ["DATABASE_URL"] != portal
    assert os.environ["DATABASE_URL"] == portal
    server = psycopg2.connect(portal.replace("postgis://", "postgresql://"))
    with server.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_database WHERE datname = %s", [name])
        assert cursor.fetchone()[0] == 0
    server.close()
