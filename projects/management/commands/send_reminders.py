from django.core.management.base import BaseCommand

from projects import services


class Command(BaseCommand):
    help = "Tell people of the cases due soon or overdue that wait for them. Once a business day, safe to run twice."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say who would be told")

    def handle(self, *args, **options) -> None:
        for email, cases in services.remind(is_dry_run=options["dry_run"]):
            self.stdout.write(f"{email}: {cases}")
