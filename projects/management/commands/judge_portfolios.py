from django.core.management.base import BaseCommand

from projects import services


class Command(BaseCommand):
    help = "Judge the mix by modality of every municipality at each cut-off that is over. Safe to run twice."

    def handle(self, *args, **options) -> None:
        for day, count in services.judge_due_portfolios():
            self.stdout.write(f"{day}: {count} verdicts")
