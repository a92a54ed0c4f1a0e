from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from habitat.lib.backups import keys, making
from habitat.lib.backups.database import ProgramFailedError
from habitat.lib.progress import Progress


class Command(BaseCommand):
    help = (
        "Write database and files of this moment into one file, encrypted with BACKUP_KEY (the public half of an age"
        " key is enough). The portal goes on working meanwhile."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", nargs="?", type=Path, help="where the file goes; its name is the moment")
        parser.add_argument("--new-key", action="store_true", help="print a new key and do nothing else")

    def handle(self, *args: Any, folder: Path | None, new_key: bool, **options: Any) -> None:
        if new_key:
            return self.print_key()
        if not folder or not folder.is_dir():
            raise CommandError("Say an existing folder for the backup to go to.")
        path = folder / f"habitat-{timezone.now():%Y%m%dT%H%M%SZ}.tar.age"
        try:
            taken = making.take(path, keys.to_encrypt(settings.BACKUP_KEY), Progress(self.stderr))
        except (keys.KeyUnusableError, ProgramFailedError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{path}: {taken.tables:,} tables, {taken.files:,} files, {path.stat().st_size:,} bytes.")
        for name in taken.lost:
            self.stderr.write(f"lost: {name}")
        if taken.lost:
            raise CommandError(f"The backup is written, but {len(taken.lost)} files that rows name were not there.")

    def print_key(self) -> None:
        public, secret = keys.new_pair()
        self.stdout.write(f"On the server:  BACKUP_KEY={public}")
        self.stdout.write(f"In a safe, and only where you restore:  BACKUP_KEY={secret}")
