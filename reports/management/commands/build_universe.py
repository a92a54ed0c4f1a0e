import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from habitat.lib.progress import Progress
from reports.universe import building
from reports.universe.building import UniverseRefused, Wanted
from reports.universe.census import invent
from reports.universe.files import write_files
from reports.universe.totals import totals
from reports.universe.works import write_works


class Command(BaseCommand):
    help = (
        "Invent a nation at true scale for measuring and rehearsing: 32 states, 384 cities, 296,043 blocks and"
        " 6.7 million homes whose totals are exact, as the count of 2005 prints them and as a masked copy of 2020, with"
        " published polygons. Nothing is fetched. Refuses a database that holds real places; may stand beside the"
        " demo; a second run changes nothing."
    )

    def add_arguments(self, parser):
        parser.add_argument("--scale", type=float, default=1.0, help="1 is true scale, 2 twice the blocks and homes")
        parser.add_argument("--seed", type=int, default=Wanted.seed, help="another seed invents another nation")
        parser.add_argument("--actions", action="store_true", help="also 100,000 actions with money (times the scale)")
        parser.add_argument("--progress", action="store_true", help="also 1.2 million lines of progress of the actions")
        parser.add_argument(
            "--files",
            type=Path,
            metavar="FOLDER",
            help="only write the masked copy there as INEGI's files: catalogues, census and outlines for import_*",
        )
        parser.add_argument("--force", action="store_true", help="also into a database that holds real places")
        parser.add_argument("--dry-run", action="store_true", help="say what would be built, and write nothing")

    def handle(self, *, scale: float, seed: int, force: bool, dry_run: bool, **options):
        wanted = Wanted(scale, seed)
        try:
            held = totals(scale)
            if not options["files"]:
                building.check(wanted, force=force)
        except (UniverseRefused, ValueError) as refusal:
            raise CommandError(str(refusal)) from refusal
        if options["files"]:
            self._write_files(wanted, options["files"], dry_run=dry_run)
            return
        about = f"{held.cities} cities, {held.blocks:,} blocks, {held.homes:,} homes"
        if dry_run:
            self.stdout.write(f"Would build {about}. Nothing was written: dry run.")
            return
        progress = Progress(sys.stderr)
        if building.is_built():
            self.stdout.write("The universe is built already.")
        else:
            self._time(about, lambda: building.build(wanted, progress=progress))
        if (options["actions"] or options["progress"]) and not building.has_works():
            written = self._time(
                "works", lambda: write_works(scale, with_progress=options["progress"], progress=progress)
            )
            self.stdout.write(f"{written.actions:,} actions, {written.lines:,} lines of progress.")
        elif options["progress"] and not building.has_progress():
            raise CommandError("The actions are there without progress: build a new universe with --progress.")

    def _write_files(self, wanted: Wanted, folder: Path, *, dry_run: bool) -> None:
        """The database is not asked, and nothing in it changes."""
        if dry_run:
            self.stdout.write(f"Would write five files to {folder}. Nothing was written: dry run.")
            return
        for path in write_files(invent(wanted.scale, wanted.seed), folder):
            self.stdout.write(f"{path}: {path.stat().st_size / 1e6:.1f} MB")

    def _time(self, about: str, build: Callable[[], Any]) -> Any:
        started = time.monotonic()
        result = build()
        self.stdout.write(f"{about}: {time.monotonic() - started:.0f} s.")
        return result
