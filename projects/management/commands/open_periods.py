from django.core.management.base import BaseCommand

from projects import services


class Command(BaseCommand):
    help = "Open the periods of progress that the calendar opens, and expect a report of each work. Safe to run twice."

    def handle(self, *args, **options) -> None:
        expected = services.open_periods()
        self.stdout.write(f"{expected} reports are newly expected")
