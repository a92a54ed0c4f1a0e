from django.core.management.base import BaseCommand
from django.utils import timezone

from projects.workers import deciding


class Command(BaseCommand):
    help = "Go on with decisions on many projects that lost their message or their worker. Safe to run twice."

    def handle(self, *args, **options) -> None:
        for decision in list(deciding.lost_decisions(timezone.now())):
            deciding.run_decision(decision.pk)
            decision.refresh_from_db()
            self.stdout.write(f"{decision.step}: {decision.done} of {decision.total}, {decision.status}")
