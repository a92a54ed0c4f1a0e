from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from habitat.lib.progress import Progress
from polygons.management.base import ImportCommand, add_equivalences
from polygons.services import Run, import_blocks


class Command(ImportCommand):
    help = (
        "Import city blocks: census counts (RESAGEBURB, CSV or zip) and polygons (GeoJSON, GeoPackage, shapefile)."
        " Safe to run again: what is equal is not written."
    )

    def add_inputs(self, parser: ArgumentParser) -> None:
        parser.add_argument("--census", type=Path, metavar="FILE")
        parser.add_argument("--geometry", type=Path, metavar="FILE")
        parser.add_argument("--vintage", type=int, required=True, metavar="YEAR", help="year of the census")
        parser.add_argument("--geometry-vintage", type=int, metavar="YEAR", help="year of the polygons, if another")
        add_equivalences(parser)

    def load(self, progress: Progress, **options: Any) -> Run:
        return import_blocks(progress=progress, **options)
