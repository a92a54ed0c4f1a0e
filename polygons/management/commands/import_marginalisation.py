from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from polygons.services import ImportRefused, import_published


class Command(BaseCommand):
    help = (
        "Import CONAPO's published marginalisation index and grades by state, municipality, locality or AGEB"
        " (CSV, CSV.gz, XLSX). Safe to run again: what is equal is not written."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, nargs="+", help="files of one level, year and source make one index")
        parser.add_argument("--source", required=True, help="who published it and where, in words")
        parser.add_argument("--year", type=int, help="where the file holds several")
        parser.add_argument("--dry-run", action="store_true", help="check everything, write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        for path in options["file"]:
            try:
                index, written = import_published(
                    path, source=options["source"], year=options["year"], dry_run=options["dry_run"]
                )
            except ImportRefused as error:
                raise CommandError(str(error)) from error
            self.stdout.write(
                f"{path.name}: {index.level} {index.year}, {written.inserted:,} new, {written.updated:,} changed"
            )
        if options["dry_run"]:
            self.stdout.write("Nothing was written: dry run.")
        else:
            self.stdout.write(f"Index {index.pk} holds {index.units:,} units. It is used once somebody chooses it.")
