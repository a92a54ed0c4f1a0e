from argparse import ArgumentParser
from typing import Any

from habitat.lib.progress import Progress
from polygons.management.base import ImportCommand, add_equivalences
from polygons.services import Run, import_context


class Command(ImportCommand):
    help = (
        "Import dated figures of places that no census gives"
        " (CSV or XLSX: level, key, concept, name, unit, date, value, source, audience)"
    )

    def add_inputs(self, parser: ArgumentParser) -> None:
        super().add_inputs(parser)
        add_equivalences(parser)

    def load(self, progress: Progress, **options: Any) -> Run:
        return import_context(options.pop("file"), progress=progress, **options)
