from typing import Any

from habitat.lib.progress import Progress
from polygons.management.base import ImportCommand
from polygons.services import Run, import_key_changes


class Command(ImportCommand):
    help = "Import equivalences of keys (CSV or XLSX: level, old_code, new_code, kind, valid_from, source)"

    def load(self, progress: Progress, **options: Any) -> Run:
        return import_key_changes(options.pop("file"), progress=progress, **options)
