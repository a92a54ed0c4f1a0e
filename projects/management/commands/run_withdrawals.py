from django.core.management.base import BaseCommand
from django.utils import timezone

from projects.workers import withdrawing


class Command(BaseCommand):
    help = "Run confirmed withdrawals, also those that lost their worker. Safe to run twice, and at once."

    def handle(self, *args, **options) -> None:
        for job in list(withdrawing.waiting_withdrawals(timezone.now())):
            withdrawing.run_withdrawal(job.pk)
            job.refresh_from_db()
            self.stdout.write(f"{job.milestone}: {job.lines.exclude(withdrawn=None).count()} lines, {job.status}")
