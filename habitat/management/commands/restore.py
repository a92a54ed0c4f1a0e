from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from habitat.lib.backups import keys, making
from habitat.lib.backups.archive import DamagedError
from habitat.lib.backups.database import ProgramFailedError
from habitat.lib.progress import Progress

REFUSALS = (
    keys.KeyUnusableError,
    DamagedError,
    making.NotEmptyError,
    making.DifferentError,
    ProgramFailedError,
)


class Command(BaseCommand):
    help = (
        "Bring a backup back into the empty database of DATABASE_URL and the empty folder of MEDIA_ROOT, and compare"
        " every table and file with what the backup says. BACKUP_KEY is the secret half of its key."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="open and check the backup, write nothing")

    def handle(self, *args: Any, file: Path, dry_run: bool, **options: Any) -> None:
        if not file.is_file():
            raise CommandError(f"{file} is not a file.")
        try:
            identity = keys.to_decrypt(settings.BACKUP_KEY)
            manifest = making.restore(file, identity, only_look=dry_run, progress=Progress(self.stderr))
        except REFUSALS as error:
            raise CommandError(str(error)) from error
        rows = sum(int(count) for count, _sum in manifest["tables"].values())
        done = "Sound" if dry_run else "Restored and compared"
        self.stdout.write(
            f"{done}: {len(manifest['tables']):,} tables, {rows:,} rows, {len(manifest['members']) - 1:,} files as of"
            f" {manifest['at']}."
        )
        for name in manifest["lost"]:
            self.stdout.write(f"was lost before the backup: {name}")
