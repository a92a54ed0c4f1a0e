from django.core.management.base import BaseCommand, CommandError

from modalities.models import Modality
from projects.checklists import load_questions


class Command(BaseCommand):
    help = "Load the questions of visits and vigilance forms, where there are none yet. Safe to run twice."

    def handle(self, *args, **options) -> None:
        if not Modality.objects.exists():
            raise CommandError("There are no modalities. Run import_catalogue first.")
        self.stdout.write(f"{load_questions()} questions")
