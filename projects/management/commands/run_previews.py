from django.core.management.base import BaseCommand
from django.utils import timezone

from projects.workers import previewing


class Command(BaseCommand):
    help = "Go on with previews of rules that lost their message or their worker. Safe to run twice, and at once."

    def handle(self, *args, **options) -> None:
        for preview in list(previewing.waiting_previews(timezone.now())):
            previewing.run_preview(preview.pk)
            preview.refresh_from_db()
            self.stdout.write(f"{preview.rules}: {preview.done} of {preview.total}, {preview.status}")
