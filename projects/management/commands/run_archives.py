from django.core.management.base import BaseCommand
from django.utils import timezone

from projects import services
from projects.workers import archiving


class Command(BaseCommand):
    help = "Make archives that lost their message or their worker, and take expired files away. Safe to run twice."

    def handle(self, *args, **options) -> None:
        for archive in list(archiving.waiting_archives(timezone.now())):
            archiving.run_archive(archive.pk)
            archive.refresh_from_db()
            self.stdout.write(f"{archive.project}: {archive.status}")
        self.stdout.write(f"{services.drop_expired_archives()} expired")
