from django.core.management.base import BaseCommand
from django.utils import timezone

from reports.open_data import publish


class Command(BaseCommand):
    help = "Make the files of open data anew; nothing is made where the data are those of the last release."

    def handle(self, **options):
        release = publish(timezone.now())
        if release is None:
            self.stdout.write("The data have not changed since the last release.")
        else:
            self.stdout.write(f"{release.files.count()} files.")
