"""What the import commands of this folder share."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from habitat.lib.progress import Progress
from polygons.services import ImportRefused, Run
from polygons.services.imports import NOTES, REASONS

SHOWN_REJECTS = 10


def add_equivalences(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--apply-equivalences",
        action="store_true",
        help="take an unknown key for the one the table of equivalences knows, where there is only one",
    )


class ImportCommand(BaseCommand):
    """Runs `load`, tells the counts and the first rejected rows."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        self.add_inputs(parser)
        parser.add_argument("--dry-run", action="store_true", help="check everything, write nothing")
        parser.add_argument("--errors", type=Path, metavar="FILE", help="write rejected rows here (CSV)")

    def add_inputs(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def load(self, progress: Progress, **options: Any) -> Run:
        """Call the service; `options` are the command's own and dry_run, errors."""
        raise ImportRefused

    def handle(self, *args: Any, **options: Any) -> None:
        own = {name: value for name, value in options.items() if name not in STOCK_OPTIONS}
        try:
            run = self.load(Progress(self.stderr), **own)
        except ImportRefused as error:
            raise CommandError(str(error)) from error
        self._tell(run, options["dry_run"])

    def _tell(self, run: Run, dry_run: bool) -> None:
        for name, count in run.counts.items():
            self.stdout.write(f"{name:28} {count:>12,}")
        rejected = [row for row in run.rejects if row["reason"] not in NOTES]
        for row in rejected[:SHOWN_REJECTS]:
            self.stderr.write(
                f"{row['file']}:{row['line']} {row['key']}: {REASONS[row['reason']]} {row['detail']}".rstrip()
            )
        if dry_run:
            self.stdout.write("Nothing was written: dry run.")


STOCK_OPTIONS = {
    "verbosity", "settings", "pythonpath", "traceback", "no_color", "force_color", "skip_checks",
}  # fmt: skip
