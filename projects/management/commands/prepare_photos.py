from django.core.management.base import BaseCommand

from projects.photographs import preparing as photo_preparing


class Command(BaseCommand):
    help = "Go on with photographs that lost their message or their worker. Safe to run twice."

    def handle(self, *args, **options) -> None:
        for photo in photo_preparing.lost_photos().order_by("pk")[:200]:
            photo_preparing.prepare_photo(photo.pk)
            photo.refresh_from_db()
            self.stdout.write(f"{photo.original_name}: {photo.status}")
