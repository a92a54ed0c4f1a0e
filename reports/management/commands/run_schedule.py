from django.core.management.base import BaseCommand

from reports.schedule import run_schedule


class Command(BaseCommand):
    help = "Asks for the periodic reports that are due. The clock runs it; what exists already is not made again."

    def handle(self, **options) -> None:
        for report in run_schedule():
            self.stdout.write(f"{report.kind} {report.period} {report.place_name}: {report.get_status_display()}")
