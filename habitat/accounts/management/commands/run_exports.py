from django.core.management.base import BaseCommand
from django.utils import timezone

from habitat.accounts import export_making, exports


class Command(BaseCommand):
    help = "Make files of lists that lost their message or their worker, and take expired ones away. Safe to run twice."

    def handle(self, *args, **options) -> None:
        for export in list(export_making.waiting(timezone.now())):
            export_making.run(export.pk)
            export.refresh_from_db()
            self.stdout.write(f"{export}: {export.status}")
        self.stdout.write(f"{exports.drop_expired()} expired")
