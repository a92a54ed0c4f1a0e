from argparse import ArgumentParser
from typing import Any

from habitat.lib.progress import Progress
from polygons.management.base import ImportCommand, add_equivalences
from polygons.services import Run, import_poverty


class Command(ImportCommand):
    help = (
        "Import households in poverty by block (CSV or XLSX: CVEGEO, HOGARES, HOGARES_POBRES)."
        " Safe to run again: what is equal is not written."
    )

    def add_inputs(self, parser: ArgumentParser) -> None:
        super().add_inputs(parser)
        add_equivalences(parser)
        parser.add_argument("--vintage", type=int, required=True, metavar="YEAR", help="census whose blocks these are")
        parser.add_argument("--method", required=True, help="how the households were estimated")
        parser.add_argument("--source", required=True, help="who estimated them, and where it is published")

    def load(self, progress: Progress, **options: Any) -> Run:
        return import_poverty(options.pop("file"), progress=progress, **options)
