from django.core.management.base import BaseCommand

from projects import services


class Command(BaseCommand):
    help = "Destroy workbooks of participants that nobody used within a day. Safe to run twice."

    def handle(self, *args, **options) -> None:
        self.stdout.write(f"{services.drop_expired_rosters()} workbooks destroyed")
