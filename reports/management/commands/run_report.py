from django.core.exceptions import ObjectDoesNotExist
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from polygons.models import Municipality, State
from reports import services, worker
from reports.catalog import CATALOGUE


class Command(BaseCommand):
    help = "Makes one periodic report now, in this process. The report of a closed period is made once."

    def add_arguments(self, parser) -> None:
        parser.add_argument("kind", choices=sorted(CATALOGUE))
        parser.add_argument("--period", required=True, help="such as 2026-10, 2026-Q3, 2026 or 2026-W47")
        parser.add_argument("--state", help="INEGI key of 2 digits")
        parser.add_argument("--municipality", help="INEGI key of 5 digits")

    def handle(self, *, kind, period, state, municipality, **options) -> None:
        try:
            with transaction.atomic():
                report, _is_new = services.wish(
                    kind,
                    period,
                    state=State.objects.get(pk=state) if state else None,
                    municipality=Municipality.objects.get(pk=municipality) if municipality else None,
                    by=None,
                    at=timezone.now(),
                )
        except (ValueError, ObjectDoesNotExist) as error:
            raise CommandError(str(error)) from error
        worker.run(report.pk)
        report.refresh_from_db()
        if report.status == report.Status.FAILED:
            raise CommandError(report.error)
        self.stdout.write(f"{report.public_id} {report.get_status_display()}")
        for file in report.files.all():
            self.stdout.write(f"{file.original_name} {file.size} bytes sha256 {file.sha256}")
