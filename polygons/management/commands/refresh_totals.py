from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from polygons.services import refresh_totals


class Command(BaseCommand):
    help = (
        "Add up the blocks by nation, state, municipality, locality, city and AGEB anew. Imports do it themselves;"
        " needed only after blocks were changed by other means."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--vintage", type=int, nargs="+", help="only these censuses")

    def handle(self, *args: Any, **options: Any) -> None:
        written = refresh_totals(options["vintage"])
        self.stdout.write(f"{written.inserted:,} new and {written.updated:,} changed totals.")
