from django.core.management.base import BaseCommand

from habitat.accounts import outbox


class Command(BaseCommand):
    help = "Send the e-mails that wait in the outbox. Safe to run at any time, by several at once."

    def handle(self, *args, **options) -> None:
        sent, failed = outbox.send_waiting()
        self.stdout.write(f"sent {sent}, failed {failed}")
