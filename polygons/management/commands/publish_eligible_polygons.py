from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from habitat.lib.refusals import Refused
from polygons.services import publish_eligible


class Command(BaseCommand):
    help = (
        "Publish the eligible polygons of a year as a list that is kept for ever, with figures, verdicts and date."
        " A later list stands beside it; one without any change is refused."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--year", type=int, required=True)
        parser.add_argument("--reason", required=True, help="stands on the list for ever")
        parser.add_argument("--dry-run", action="store_true", help="say what would be published, write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with transaction.atomic():
                published = publish_eligible(options["year"], reason=options["reason"])
                polygons = published.entries.count()
                transaction.set_rollback(options["dry_run"])
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"List {published}: {polygons:,} eligible polygons, sha256 {published.sha256}.")
        if options["dry_run"]:
            self.stdout.write("Nothing was written: dry run.")
