from django.core.management.base import BaseCommand

from polygons.uploads import services


class Command(BaseCommand):
    help = "Enqueues again the uploaded geometries whose message or worker was lost. The clock runs it."

    def handle(self, **options) -> None:
        self.stdout.write(f"{services.sweep()} upload(s) enqueued")
