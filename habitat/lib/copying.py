"""COPY BINARY from Arrow arrays: no text is made, parsed or escaped on the way into the database."""

import queue
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from itertools import chain, groupby
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

# https://www.postgresql.org/docs/15/sql-copy.html, "Binary Format": signature, flags, no header extension; -1 ends it.
HEAD = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TAIL = b"\xff\xff"
NULL = -1
AHEAD = 2

T = TypeVar("T")


def copy_arrays(cursor: Any, table: str, columns: Sequence[str], batches: Iterable[Sequence[pa.Array]]) -> None:
    """COPY `batches` into `table`; each has one array per column, all of one length.

    int32 arrays are for integer columns, string arrays for text, binary arrays for types that receive those bytes:
    EWKB for a geometry, byte 1 and then the text for a jsonb. What making the batches raises is raised here.
    """
    with closing(Ahead(_chunks(batches), AHEAD)) as chunks:
        stream = _Stream(chunks)
        try:
            cursor.copy_expert(f"COPY {table} ({', '.join(columns)}) FROM STDIN WITH (FORMAT binary)", stream, 1 << 18)
        except Exception:
            if stream.error:
                # The driver reports its own error instead.
                raise stream.error from None
            raise


def encode(arrays: Sequence[pa.Array]) -> pa.Buffer:
    """The rows in COPY's binary format: field count, then length and bytes of each field."""
    rows = len(arrays[0])
    pieces = [_binary(_repeated(len(arrays).to_bytes(2, "big"), rows))]
    for are_integers, run in groupby(arrays, lambda array: pa.types.is_integer(array.type)):
        side_by_side = [*run]
        pieces += [_integers(side_by_side)] if are_integers else chain.from_iterable(map(_bytes, side_by_side))
    whole = pc.binary_join_element_wise(*(piece.cast(pa.large_binary()) for piece in pieces), _EMPTY)
    return whole.buffers()[2]


_EMPTY = pa.scalar(b"", pa.large_binary())


def _chunks(batches: Iterable[Sequence[pa.Array]]) -> Iterator[Any]:
    yield HEAD
    for arrays in batches:
        if len(arrays[0]):
            yield encode(arrays)
    yield TAIL


def _repeated(text: bytes, rows: int) -> np.ndarray:
    return np.broadcast_to(np.frombuffer(text, np.uint8), (rows, len(text)))


def _binary(matrix: np.ndarray, keep: np.ndarray | None = None) -> pa.Array:
    """Rows of a byte matrix as a binary array; `keep` says which bytes of each belong to it."""
    rows, width = matrix.shape
    sizes = np.full(rows, width) if keep is None else keep.sum(axis=1)
    offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    data = np.ascontiguousarray(matrix if keep is None else matrix[keep])
    return pa.LargeBinaryArray.from_buffers(pa.large_binary(), rows, [None, pa.py_buffer(offsets), pa.py_buffer(data)])


def _integers(arrays: Sequence[pa.Array]) -> pa.Array:
    """Columns that stand side by side, as one."""
    rows, width = len(arrays[0]), len(arrays)
    known = np.stack([np.asarray(array.is_valid()) for array in arrays], axis=1)
    matrix = np.empty((rows, width, 2), ">i4")
    matrix[:, :, 0] = np.where(known, 4, NULL)
    for place, array in enumerate(arrays):
        matrix[:, place, 1] = np.asarray(array.fill_null(0))
    if known.all():
        return _binary(matrix.view(np.uint8).reshape(rows, width * 8))
    keep = np.ones((rows, width, 8), bool)
    keep[:, :, 4:] = known[:, :, None]
    return _binary(matrix.view(np.uint8).reshape(rows, width * 8), keep.reshape(rows, width * 8))


def _bytes(array: pa.Array) -> list[pa.Array]:
    array = array.cast(pa.large_binary())
    sizes = np.asarray(pc.binary_length(array).fill_null(NULL)).astype(">i4")
    return [_binary(sizes.view(np.uint8).reshape(len(array), 4)), array.fill_null(b"")]


class Ahead(Iterator[T]):
    """The same items, made in a thread while the taker does something else; at most `most` of them wait.

    What making one raises is raised where it would have been taken. To be closed: `with closing(Ahead(…))`.
    """

    def __init__(self, items: Iterable[T], most: int) -> None:
        self._ready: queue.Queue[tuple[T] | Exception | None] = queue.Queue(most)
        self._is_closed = False
        self._thread = threading.Thread(target=self._make, args=(iter(items),), daemon=True)
        self._thread.start()

    def _make(self, items: Iterator[T]) -> None:
        try:
            for item in items:
                self._ready.put((item,))
                if self._is_closed:
                    return
        except Exception as error:
            self._ready.put(error)
        self._ready.put(None)

    def __next__(self) -> T:
        taken = self._ready.get()
        if taken is None:
            # Whoever asks again is told the same.
            self._ready.put(None)
            raise StopIteration
        if isinstance(taken, Exception):
            raise taken
        return taken[0]

    def close(self) -> None:
        """Also after a failure the thread ends: nobody would take what it makes."""
        self._is_closed = True
        while self._thread.is_alive():
            try:
                self._ready.get(timeout=0.05)
            except queue.Empty:
                continue


class _Stream:
    """What COPY reads from: bytes of any size out of chunks."""

    def __init__(self, chunks: Iterator[Any]) -> None:
        self.error: Exception | None = None
        self._chunks = chunks
        self._rest = memoryview(b"")

    def read(self, size: int) -> bytes:
        if not self._rest:
            try:
                self._rest = memoryview(next(self._chunks, b"")).cast("B")
            except Exception as error:
                self.error = error
                raise
        piece, self._rest = self._rest[:size], self._rest[size:]
        return bytes(piece)
