from typing import Any

from habitat.lib.progress import Progress
from polygons.management.base import ImportCommand
from polygons.services import Run, import_municipalities


class Command(ImportCommand):
    help = "Import the municipalities from INEGI's catalogue (JSON), with time zone and population"

    def load(self, progress: Progress, **options: Any) -> Run:
        return import_municipalities(options.pop("file"), **options)
