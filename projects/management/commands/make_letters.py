from django.core.management.base import BaseCommand
from django.utils import timezone

from projects.letters.making import make_letter, unmade_letters


class Command(BaseCommand):
    help = "Make letters that lost their message or their worker. Safe to run twice, and at once."

    def handle(self, *args, **options) -> None:
        for letter in list(unmade_letters(timezone.now())):
            make_letter(letter.pk)
            letter.refresh_from_db()
            self.stdout.write(f"{letter.number}: {letter.status}")
