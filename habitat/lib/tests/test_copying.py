"""COPY BINARY: what goes in is what is there."""

import threading
from contextlib import closing

import pyarrow as pa
import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from habitat.lib.copying import Ahead, copy_arrays

TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
ROWS = st.lists(
    st.tuples(st.none() | st.integers(-(2**31), 2**31 - 1), st.none() | TEXTS, st.none() | st.binary(max_size=9))
)


@pytest.mark.django_db
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ROWS, max_size=3))
def test_what_goes_in_is_what_is_there(db, batches):
    types = (pa.int32(), pa.string(), pa.binary())
    arrays = [[pa.array([row[place] for row in rows], kind) for place, kind in enumerate(types)] for rows in batches]
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE taken (place serial, number integer, words text, bytes bytea)")
        copy_arrays(cursor, "taken", ("number", "words", "bytes"), arrays)
        cursor.execute("SELECT number, words, bytes FROM taken ORDER BY place")
        found = [(number, words, None if data is None else bytes(data)) for number, words, data in cursor.fetchall()]
        cursor.execute("DROP TABLE taken")
    assert found == [row for rows in batches for row in rows]


@pytest.mark.django_db
def test_what_fails_while_rows_are_made_is_told_as_it_is():
    def batches():
        yield [pa.array([1], pa.int32())]
        raise ZeroDivisionError

    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE taken (number integer)")
        with pytest.raises(ZeroDivisionError):
            copy_arrays(cursor, "taken", ("number",), batches())


def test_items_are_made_before_anybody_takes_them():
    made = threading.Event()

    def items():
        yield 1
        made.set()
        yield 2

    with closing(Ahead(items(), 2)) as ahead:
        assert made.wait(10)
        assert list(ahead) == [1, 2]


def test_items_that_nobody_takes_are_given_up_at_the_end():
    with closing(Ahead(iter(int, 1), 2)) as endless:
        assert next(endless) == 0
    assert not endless._thread.is_alive()
