from argparse import ArgumentParser
from typing import Any

from habitat.lib.progress import Progress
from polygons.management.base import ImportCommand, add_equivalences
from polygons.services import Run, import_municipalities


class Command(ImportCommand):
    help = "Import the municipalities from INEGI's catalogue (JSON), with time zone and population"

    def add_inputs(self, parser: ArgumentParser) -> None:
        super().add_inputs(parser)
        add_equivalences(parser)

    def load(self, progress: Progress, **options: Any) -> Run:
        return import_municipalities(options.pop("file"), **options)
