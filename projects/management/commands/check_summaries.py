import sys

from django.core.management.base import BaseCommand, CommandError

from habitat.lib.progress import Progress
from projects.services.totals import rebuild_totals, wrong_totals


class Command(BaseCommand):
    help = (
        "Compare the sums kept for dashboards with the rows they add up, every project, place and month of the ledger;"
        " ends with an error where any differs. With --rebuild they are first made anew."
    )

    def add_arguments(self, parser):
        parser.add_argument("--rebuild", action="store_true", help="add everything up anew before comparing")

    def handle(self, *, rebuild: bool, **options):
        progress = Progress(sys.stderr)
        if rebuild:
            rebuild_totals(progress)
        wrong = wrong_totals(progress)
        if wrong:
            raise CommandError("; ".join(f"{name}: {count} wrong" for name, count in wrong.items()))
        self.stdout.write("Every sum kept is that of its rows.")
