"""A progress bar for long commands; silent where nobody watches."""

import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

T = TypeVar("T")
B = TypeVar("B", bound=Sequence[Any])
WIDTH = 30
REDRAW_S = 0.2


class Progress:
    def __init__(self, stream: Any = None) -> None:
        """`stream` is what the person watches: a file-like object, usually standard error."""
        self.stream: Any = stream if stream is not None and stream.isatty() else None

    def over_batches(self, batches: Iterable[B], label: str, total: int | None = None) -> Iterator[B]:
        """The same batches, each a list of columns; their rows are counted."""
        count = 0
        for batch in batches:
            yield batch
            count += len(batch[0])
            if self.stream is not None:
                self._draw(label, count, total)
        if self.stream is not None:
            self.stream.write("\n")

    def over(self, rows: Iterable[T], label: str, total: int | None = None) -> Iterator[T]:
        """The same rows, counted on the screen as they pass."""
        if self.stream is None:
            yield from rows
            return
        drawn_at, count = 0.0, 0
        for count, row in enumerate(rows, start=1):
            yield row
            if time.monotonic() - drawn_at > REDRAW_S:
                drawn_at = time.monotonic()
                self._draw(label, count, total)
        self._draw(label, count, total or count)
        self.stream.write("\n")

    def _draw(self, label: str, count: int, total: int | None) -> None:
        bar = ""
        if total:
            full = min(WIDTH, WIDTH * count // total)
            bar = f" [{'#' * full}{'.' * (WIDTH - full)}]"
        self.stream.write(f"\r{label}{bar} {count:,}" + (f" / {total:,}" if total else ""))
        self.stream.flush()


SILENT = Progress()
