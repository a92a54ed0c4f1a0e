from django.core.management.base import BaseCommand

from projects import services


class Command(BaseCommand):
    help = "Look for what does not look right in every project at work; end the alerts that are over. Safe to repeat."

    def handle(self, *args, **options) -> None:
        told = services.raise_alerts()
        self.stdout.write(f"{told['opened']} opened, {told['ended']} over")
