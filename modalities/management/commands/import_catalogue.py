from django.core.management.base import BaseCommand
from django.db import transaction

from modalities import services


class Command(BaseCommand):
    help = (
        "Load the modalities, strands, action lines and action types. Safe to run again: only differences are written."
    )

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="say what would be written, and write nothing")

    def handle(self, *, dry_run: bool, **options):
        with transaction.atomic():
            for model, done in services.load_catalogue().items():
                counts = f"{done['added']} added, {done['changed']} changed, {done['same']} as before"
                self.stdout.write(f"{model._meta.object_name}: {counts}")
            transaction.set_rollback(dry_run)
        if dry_run:
            self.stdout.write("Dry run: nothing was written.")
