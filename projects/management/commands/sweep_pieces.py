from django.core.management.base import BaseCommand

from projects import services


class Command(BaseCommand):
    help = "Remove pieces of papers that have waited three days for the rest. Safe to run twice."

    def handle(self, *args, **options) -> None:
        self.stdout.write(f"{services.sweep_pieces()} unfinished files removed")
