from django.core.management.base import BaseCommand

from habitat.accounts import outbox


class Command(BaseCommand):
    help = "Send each person the day's notices in one e-mail, where they chose so. Safe to run twice, and at once."

    def handle(self, *args, **options) -> None:
        sent, failed = outbox.send_daily()
        self.stdout.write(f"sent {sent}, failed {failed}")
