from argparse import ArgumentParser
from typing import Any

from habitat.lib.progress import Progress
from polygons.management.base import ImportCommand, add_equivalences
from polygons.services import Run, import_cities


class Command(ImportCommand):
    help = "Import the cities of the National Urban System (CSV: CVE_SUN, TIPO_SUN, members)"

    def add_inputs(self, parser: ArgumentParser) -> None:
        super().add_inputs(parser)
        add_equivalences(parser)

    def load(self, progress: Progress, **options: Any) -> Run:
        return import_cities(options.pop("file"), **options)
