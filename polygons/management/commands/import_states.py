from typing import Any

from habitat.lib.progress import Progress
from polygons.management.base import ImportCommand
from polygons.services import Run, import_states


class Command(ImportCommand):
    help = "Import the states from INEGI's catalogue (JSON: cve_ent, nom_ent)"

    def load(self, progress: Progress, **options: Any) -> Run:
        return import_states(options.pop("file"), **options)
