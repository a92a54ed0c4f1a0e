import sys

from django.core.management.base import BaseCommand

from habitat.lib.progress import Progress
from polygons.services import store_tiles


class Command(BaseCommand):
    help = (
        "Draw the map's tiles of what everybody may see ahead of need, where the data changed, and sweep away those of"
        " earlier data. Waits until nothing has changed for two minutes; the clock runs it."
    )

    def add_arguments(self, parser):
        parser.add_argument("--now", action="store_true", help="do not wait until the data have settled")

    def handle(self, *, now: bool, **options):
        result = store_tiles(now=now, progress=Progress(sys.stderr))
        self.stdout.write(f"{result.drawn} tiles drawn, {result.swept} swept.")
        if result.unsettled:
            self.stdout.write(f"Changed a moment ago, left for later: {', '.join(result.unsettled)}.")
