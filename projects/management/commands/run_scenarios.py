from django.core.management.base import BaseCommand
from django.utils import timezone

from projects.workers import committing


class Command(BaseCommand):
    help = (
        "Take the steps of committed scenarios, also of those that lost their worker. Safe to run twice, and at once."
    )

    def handle(self, *args, **options) -> None:
        for scenario in list(committing.waiting_scenarios(timezone.now())):
            committing.run_scenario(scenario.pk)
            scenario.refresh_from_db()
            self.stdout.write(f"{scenario}: {scenario.rows.exclude(is_done=None).count()} rows, {scenario.status}")
