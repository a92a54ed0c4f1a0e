"""Takes a backup, and brings one back."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import models, transaction
from django.utils import timezone

from habitat.lib.backups import archive, database
from habitat.lib.progress import SILENT, Progress

DUMP, FILES = "database.dump", "files"


class NotEmptyError(RuntimeError):
    """What would be restored over something else."""


class DifferentError(RuntimeError):
    """After restoring, something is not as it was."""


@dataclass(frozen=True)
class Taken:
    """`lost` names files that rows speak of and the storage does not have."""

    tables: int
    files: int
    lost: tuple[str, ...]


def take(path: Path, recipient: Any, progress: Progress = SILENT) -> Taken:
    """Writes the backup to `path`, which must not exist.

    Files are written before the rows that name them and never changed, so those named in the frozen moment are its
    files.
    """
    with archive.written(path, recipient) as writer, database.frozen() as snapshot:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".habitat-backup-") as folder:
            dumped = Path(folder) / DUMP
            database.dump(dumped, snapshot)
            with dumped.open("rb") as content:
                writer.add(DUMP, content, dumped.stat().st_size)
        names = sorted(set(stored_names()))
        lost = tuple(name for name in progress.over(names, "Files", len(names)) if not _add(writer, name))
        sums = {table: database.checksum(table) for table in progress.over(database.tables(), "Tables")}
        writer.close({"at": timezone.now().isoformat(), "tables": sums, "lost": lost})
    return Taken(len(sums), len(names) - len(lost), lost)


def stored_names() -> Iterator[str]:
    """Of every file that a row of any table names."""
    for model in apps.get_models():
        for field in model._meta.local_concrete_fields:
            if isinstance(field, models.FileField) and not model._meta.proxy:
                yield from model._base_manager.exclude(**{field.name: ""}).values_list(field.name, flat=True).iterator()


def _add(writer: archive.Writer, name: str) -> bool:
    try:
        with default_storage.open(name) as content:
            writer.add(f"{FILES}/{name}", content, content.size)
    except FileNotFoundError:
        return False
    return True


def restore(path: Path, identity: Any, *, only_look: bool = False, progress: Progress = SILENT) -> dict[str, Any]:
    """The manifest, once database and files are as they were at its moment.

    Raises DamagedError and NotEmptyError before anything is written, DifferentError if a table or a file came out
    otherwise. With `only_look` nothing is written at all.
    """
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".habitat-restore-") as folder:
        manifest = archive.unpack(path, identity, Path(folder))
        if only_look:
            return manifest
        _must_be_empty()
        files = Path(folder) / FILES
        names = [str(file.relative_to(files)) for file in sorted(files.rglob("*")) if file.is_file()]
        _must_be_free(names)
        database.load(Path(folder) / DUMP)
        for name in progress.over(names, "Files", len(names)):
            with (files / name).open("rb") as content:
                default_storage.save(name, File(content))
    _compare(manifest, progress)
    return manifest


def _must_be_empty() -> None:
    if found := database.tables():
        raise NotEmptyError(
            f"The database already has {len(found)} tables. Name an empty one in DATABASE_URL (createdb, then"
            " CREATE EXTENSION postgis): a backup is never restored over data."
        )


def _must_be_free(names: list[str]) -> None:
    if taken := [name for name in names if default_storage.exists(name)]:
        raise NotEmptyError(
            f"MEDIA_ROOT already holds {len(taken)} of the files, such as {taken[0]}. Name an empty one."
        )


def _compare(manifest: dict[str, Any], progress: Progress) -> None:
    with transaction.atomic():
        now = {table: database.checksum(table) for table in progress.over(database.tables(), "Tables")}
    if wrong := [table for table in now.keys() | manifest["tables"] if now.get(table) != manifest["tables"].get(table)]:
        raise DifferentError(f"After restoring, these tables are not as they were: {', '.join(sorted(wrong))}.")
