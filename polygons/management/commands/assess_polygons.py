from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from modalities.models import RulesVersion
from polygons.services import assess


class Command(BaseCommand):
    help = "Judge the published polygons by the eligibility criteria of a year's rules in force."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--year", type=int, required=True)
        parser.add_argument("--dry-run", action="store_true", help="say what would change, write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        rules = RulesVersion.objects.filter(fiscal_year=options["year"], status=RulesVersion.Status.IN_FORCE).first()
        if rules is None:
            raise CommandError(f"No rules are in force for {options['year']}.")
        with transaction.atomic():
            written = assess(rules)
            transaction.set_rollback(options["dry_run"])
        self.stdout.write(", ".join(f"{verdict}: {rows}" for verdict, rows in written.items()) + " verdicts written.")
        if options["dry_run"]:
            self.stdout.write("Nothing was written: dry run.")
