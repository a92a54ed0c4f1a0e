"""`python -m habitat.bench`: what `make bench` runs, on a scratch database of the server in DATABASE_URL."""

import argparse
import gc
import logging
import os
import platform
import shlex
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from habitat.bench import scratch

DOCUMENT = Path(__file__).parents[2] / "docs" / "performance.md"


def main() -> None:
    arguments = parse(sys.argv[1:])
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "habitat.settings")
    # Plain HTTP on this machine alone, and nobody is asked to wait.
    os.environ |= {
        "INSECURE_COOKIES": "true",
        "API_RATE_ANONYMOUS": "1000000/min",
        "ALLOWED_HOSTS": "127.0.0.1,testserver",
        # Only `make run` collects what pages refer to.
        "STATICFILES_BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage",
    }
    with scratch.database(), tempfile.TemporaryDirectory(prefix="habitat-bench-") as folder:
        import django
        from django.core.management import call_command

        django.setup()
        logging.getLogger("pyogrio").setLevel(logging.WARNING)
        call_command("migrate", verbosity=0)
        measure(arguments, Path(folder))
        from django.db import connections

        connections.close_all()


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench ARGS=…", description=__doc__)
    parser.add_argument("--rows", default="", metavar="GROUP,…", help="which groups of rows; all of them otherwise")
    parser.add_argument("--scale", type=float, default=1.0, help="1 is 296,043 blocks; 0.1 is enough to try it out")
    parser.add_argument("--runs", type=int, default=5, help="how often each way has its turn")
    parser.add_argument("--write", action="store_true", help=f"put the tables into docs/{DOCUMENT.name}")
    return parser.parse_args(arguments)


def measure(arguments: argparse.Namespace, folder: Path) -> None:
    # Needs Django to be set up.
    from habitat.bench.frame import Bench, as_markdown
    from habitat.bench.groups import GROUPS

    names = arguments.rows.split(",") if arguments.rows else list(GROUPS)
    if unknown := [name for name in names if name not in GROUPS]:
        sys.exit(f"There is no group {', '.join(unknown)}; there are {', '.join(GROUPS)}.")
    for name in names:
        # What earlier groups left is not gone through again while this one is timed.
        gc.collect()
        gc.freeze()
        rows = []
        for row in GROUPS[name](Bench(scale=arguments.scale, runs=arguments.runs, folder=folder)):
            say(f"{row.name}: {row.value} against {row.baseline_value} {row.verdict}")
            rows.append(row)
        table = [circumstances(name, arguments), "", *as_markdown(rows)]
        say("\n".join(["", *table, ""]))
        if arguments.write:
            DOCUMENT.write_text(with_table(DOCUMENT.read_text(), name, table))


def circumstances(name: str, arguments: argparse.Namespace) -> str:
    command = shlex.join(["--rows", name, "--scale", f"{arguments.scale:g}", "--runs", str(arguments.runs)])
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = os.getloadavg()[0]
    return (
        f'`make bench ARGS="{command}"`, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores,'
        f" {memory:.0f} GiB, {platform.system()} {platform.machine()}, Python {platform.python_version()},"
        f" load {load:.1f} at the end."
    )


def with_table(document: str, name: str, table: list[str]) -> str:
    """The document with the group's table between its two marks; appended when it has none yet."""
    opening, closing = f"<!-- bench {name} -->", f"<!-- /bench {name} -->"
    block = "\n".join([opening, *table, closing])
    before, found, rest = document.partition(opening)
    if not found:
        return f"{document.rstrip()}\n\n## {name.capitalize()}\n{block}\n"
    return before + block + rest.partition(closing)[2]


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
