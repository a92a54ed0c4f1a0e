"""What every row of the benchmark shares: timing by turns, memory in a child process, the table."""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

MEGABYTE = 1024


@dataclass(frozen=True)
class Bench:
    """One run: `scale` 1 is the country of 296,043 blocks; `folder` is for files, and emptied afterwards."""

    scale: float
    runs: int
    folder: Path


@dataclass(frozen=True)
class Row:
    """A line of the table. `ratio` is seconds (or bytes, rows…) of `what` over those of `baseline`."""

    name: str
    what: str
    baseline: str
    ratio: float | None
    at_most: float | None = None
    at_least: float | None = None
    value: str = ""
    baseline_value: str = ""
    runs: int = 1
    # Peak over what Django alone takes, in MB; None where it says nothing.
    memory: float | None = None

    @property
    def verdict(self) -> str:
        if self.ratio is None or (self.at_most is None and self.at_least is None):
            return ""
        reached = (self.at_most is None or self.ratio <= self.at_most) and (
            self.at_least is None or self.ratio >= self.at_least
        )
        return "yes" if reached else "no"

    @property
    def goal(self) -> str:
        limits = (("≤", self.at_most), ("≥", self.at_least))
        return " ".join(f"{sign} {limit:g}" for sign, limit in limits if limit is not None)


@dataclass(frozen=True)
class Taken:
    """What one turn took: seconds, megabytes over the floor where they were measured, and seconds of processor."""

    seconds: float
    memory: float | None = None
    answer: Any = None
    processor: float = 0


@dataclass(frozen=True)
class Median:
    seconds: float
    memory: float | None
    turns: list[Taken]
    processor: float = 0

    @property
    def text(self) -> str:
        return f"{self.seconds:.2f} s" if self.seconds >= 0.1 else f"{self.seconds * 1000:.2f} ms"


def timed(work: Callable[[], Any]) -> Taken:
    """`processor` is of this process and the programs that it waited for."""
    started, used = time.perf_counter(), sum(os.times()[:4])
    answer = work()
    return Taken(time.perf_counter() - started, answer=answer, processor=sum(os.times()[:4]) - used)


def with_server(work: Callable[[], Taken]) -> Taken:
    """`processor` counts what the database server used meanwhile too, in whatever process."""
    used = _server_processor()
    taken = work()
    return replace(taken, processor=taken.processor + _server_processor() - used)


def _server_processor() -> float:
    """Seconds of all processes of the server, which runs on this machine, also of those that have ended."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        parent = _stat(cursor.fetchone()[0])[1]
    # When it ends, a process is counted to its parent.
    ticks = sum(int(part) for part in _stat(parent)[11:15])
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            stat = _stat(folder.name)
            ticks += sum(int(part) for part in stat[11:13]) if stat[1] == parent else 0
    return ticks / os.sysconf("SC_CLK_TCK")


def _stat(pid: int | str) -> list[str]:
    """State, parent, …: what stands behind the program's name in parentheses."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def processor() -> float:
    """Seconds of processor that this process and its database session have used; who waits for one uses none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    # Nanoseconds on a processor come first.
    return time.process_time() + int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def race(ways: dict[str, Callable[[], Taken]], runs: int) -> dict[str, Median]:
    """Every way once, then every way again, `runs` times: what disturbs the machine disturbs them alike."""
    turns: dict[str, list[Taken]] = {name: [] for name in ways}
    for _turn in range(runs):
        for name, way in ways.items():
            turns[name].append(way())
    return {name: _median(taken) for name, taken in turns.items()}


def _median(turns: list[Taken]) -> Median:
    peaks = [turn.memory for turn in turns if turn.memory is not None]
    return Median(
        statistics.median(turn.seconds for turn in turns),
        statistics.median(peaks) if peaks else None,
        turns,
        statistics.median(turn.processor for turn in turns),
    )


def in_child(target: str, **options: Any) -> Taken:
    """Run `module:function(**options)` in a fresh Django process on our database; seconds without its start.

    Options and answer pass as JSON. The function itself may return {"seconds": …} to time a part only.
    """
    environment = os.environ | {"DATABASE_URL": database_url(), "DJANGO_SETTINGS_MODULE": "habitat.settings"}
    done = subprocess.run(  # noqa: S603 - our own interpreter and module
        [sys.executable, "-m", "habitat.bench.frame", target, json.dumps(options, default=str)],
        cwd=settings.BASE_DIR,
        env=environment,
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    return Taken(**json.loads(done.stdout.splitlines()[-1]))


def database_url() -> str:
    at = connection.settings_dict
    host = at["HOST"] or at["OPTIONS"].get("host", "")
    port = f"&port={at['PORT']}" if at["PORT"] else ""
    password = f":{at['PASSWORD']}" if at["PASSWORD"] else ""
    return f"postgis://{at['USER']}{password}@/{at['NAME']}?host={host}{port}"


def _child(target: str, options: str) -> None:
    import django

    django.setup()
    connection.ensure_connection()
    module, _colon, name = target.partition(":")
    work = getattr(import_module(module), name)
    floor = _megabytes("VmRSS")
    taken = timed(lambda: work(**json.loads(options)))
    answer = taken.answer
    seconds = answer["seconds"] if isinstance(answer, dict) and "seconds" in answer else taken.seconds
    memory = _megabytes("VmHWM") - floor
    told = {"seconds": seconds, "memory": memory, "answer": answer, "processor": taken.processor}
    sys.stdout.write(json.dumps(told) + "\n")


def _megabytes(name: str) -> float:
    """Of this process alone: `ru_maxrss` would count the parent it was forked from."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / MEGABYTE for line in lines if line.startswith(f"{name}:"))


HEADER = ("row", "what", "against", "ratio", "goal", "reached", "takes", "against takes", "n", "MB over Django")


def as_cells(row: Row) -> tuple[str, ...]:
    return (
        row.name,
        row.what,
        row.baseline,
        "" if row.ratio is None else f"{row.ratio:.2f}",
        row.goal,
        row.verdict,
        row.value,
        row.baseline_value,
        str(row.runs),
        "" if row.memory is None else f"{row.memory:.0f}",
    )


def as_markdown(rows: list[Row]) -> Iterator[str]:
    for cells in (HEADER, ("---",) * len(HEADER), *map(as_cells, rows)):
        yield "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    _child(*sys.argv[1:3])
