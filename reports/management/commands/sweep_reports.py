from django.core.management.base import BaseCommand

from reports import services


class Command(BaseCommand):
    help = "Enqueues again the reports whose message or worker was lost. The clock runs it; safe to run at any time."

    def handle(self, **options) -> None:
        self.stdout.write(f"{services.sweep()} report(s) enqueued")
