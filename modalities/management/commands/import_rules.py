from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from modalities import catalogue, services
from modalities.models import RULE_KINDS, ActionType, RulesVersion
from modalities.rules_2012 import YEAR as ORIGINAL


class Command(BaseCommand):
    help = (
        "Load the rules of 2012, and put unverified copies of them in force for a fiscal year and the one before it. "
        "A year that has rules keeps them, so it is safe to run again."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--year", type=int, default=timezone.localdate().year, help="the current fiscal year (default: today's)"
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would be written, and write nothing")

    def handle(self, *, year: int, dry_run: bool, **options):
        if year <= ORIGINAL + 1:
            raise CommandError(f"--year must be {ORIGINAL + 2} or later.")
        if ActionType.objects.count() < len(catalogue.ACTION_TYPES):
            raise CommandError("The catalogue of action types is not complete. Run import_catalogue first.")
        with transaction.atomic():
            original = RulesVersion.objects.filter(fiscal_year=ORIGINAL).in_force().first()
            if original is None:
                original = services.load_rules_of_2012()
                self.stdout.write(self._says(original))
            for copy_year in (year - 1, year):
                self._copy(original, copy_year, is_current=copy_year == year)
            transaction.set_rollback(dry_run)
        if dry_run:
            self.stdout.write("Dry run: nothing was written.")

    def _copy(self, original: RulesVersion, year: int, *, is_current: bool) -> None:
        if RulesVersion.objects.filter(fiscal_year=year).exists():
            self.stdout.write(f"{year}: has its rules, nothing to write.")
            return
        self.stdout.write(self._says(services.start_year(original, year, is_current=is_current)))

    def _says(self, version: RulesVersion) -> str:
        rules = sum(kind._default_manager.filter(rules=version).count() for kind in RULE_KINDS)
        origin = f", a copy of {version.copied_from}" if version.copied_from else ""
        return f"{version}: {rules} rules in force{origin}, {version.fiscal_year.milestones.count()} dates."
