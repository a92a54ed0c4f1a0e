from django.core.management.base import BaseCommand
from django.db import connection


class Command(BaseCommand):
    help = (
        "Make one row of the kept sums' rows of one key, so that figures stay quick to read. Nothing they say changes."
    )

    def handle(self, **options):
        with connection.cursor() as cursor:
            cursor.execute("SELECT projects_fold_totals()")
