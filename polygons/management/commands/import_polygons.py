import csv
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from habitat.lib.refusals import Refused
from polygons.services.imports import ImportRefused
from polygons.services.polygon_files import REASONS, import_polygons


class Command(BaseCommand):
    help = (
        "Import polygons drawn elsewhere (shapefile, also zipped, GeoPackage, GeoJSON) with their own codes, as drafts."
        " Safe to run again: a polygon that stands as the file draws it stays as it is."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--vintage", type=int, required=True, metavar="YEAR", help="census of the member blocks")
        parser.add_argument("--code", default="", metavar="COLUMN", help="column of the code; usual names are found")
        parser.add_argument("--name", default="", metavar="COLUMN", help="column of the name")
        parser.add_argument("--publish", action="store_true", help="publish at once; needs --reason")
        parser.add_argument("--reason", default="", help="why they are published")
        parser.add_argument("--errors", type=Path, metavar="FILE", help="CSV of the rejected features")
        parser.add_argument("--dry-run", action="store_true", help="say what would be drawn, write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = import_polygons(
                options["file"],
                vintage=options["vintage"],
                code_column=options["code"],
                name_column=options["name"],
                publish_at=timezone.now() if options["publish"] else None,
                reason=options["reason"],
                dry_run=options["dry_run"],
            )
        except (ImportRefused, Refused) as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(
            f"{found.features:,} features: {found.new} new, {found.redrawn} redrawn, {found.unchanged} unchanged,"
            f" {len(found.rejects)} rejected; {found.blocks:,} blocks,"
            f" {found.left_out} left out as of another municipality."
        )
        for line, code, reason in found.rejects[:20]:
            self.stdout.write(f"  feature {line} ({code}): {REASONS[reason]}")
        if options["errors"]:
            with options["errors"].open("w", newline="", encoding="utf-8-sig") as target:
                rows = [(line, code, REASONS[reason]) for line, code, reason in found.rejects]
                csv.writer(target).writerows([("feature", "code", "reason"), *rows])
        if options["dry_run"]:
            self.stdout.write("Nothing was written: dry run.")
