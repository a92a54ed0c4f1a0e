"""The drill: a backup is taken, brought back elsewhere, and compared; what is wrong with one is said."""

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection

from habitat.lib.backups import keys
from habitat.tests.environment import named
from habitat.tests.fixtures import PDF
from projects.models import Document, LedgerEntry
from projects.services import attach_document

ELSEWHERE = "habitat_drill"
PUBLIC, SECRET = keys.new_pair()


@pytest.fixture
def other_database(transactional_db):
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {ELSEWHERE} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {ELSEWHERE}")
        yield named(os.environ["DATABASE_URL"], ELSEWHERE)
        cursor.execute(f"DROP DATABASE {ELSEWHERE} WITH (FORCE)")


@pytest.fixture
def backup(transactional_db, project, preparer, settings, tmp_path):
    """Of a portal with one proposal, one paper and one entry in the ledger."""
    settings.BACKUP_KEY, settings.MEDIA_ROOT = PUBLIC, tmp_path / "media"
    default_storage.save("x", ContentFile(b"what all papers of the fixtures name"))
    attach_document(project, "other", ContentFile(PDF, "acta.pdf"), by=preparer)
    LedgerEntry.objects.create(
        moment="allocated", source="federal", amount="123.45", fiscal_year=project.fiscal_year, strand=project.strand,
        on="2026-01-01",
    )  # fmt: skip
    call_command("backup", tmp_path)
    (file,) = tmp_path.glob("*.tar.age")
    return file


@pytest.mark.long
def test_after_a_restore_every_row_and_every_file_is_as_it_was(backup, other_database, tmp_path):
    there = {"DATABASE_URL": other_database, "MEDIA_ROOT": str(tmp_path / "there"), "BACKUP_KEY": SECRET}
    command = [sys.executable, "manage.py", "restore", backup]
    run = {"cwd": settings.BASE_DIR, "env": os.environ | there, "capture_output": True, "text": True}
    first = subprocess.run(command, **run)
    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout.startswith("Restored and compared")
    document = Document.objects.exclude(file="x").get()
    assert (tmp_path / "there" / document.file.name).read_bytes() == document.file.open().read()
    again = subprocess.run(command, **run)
    assert again.returncode == 1
    assert "never restored over data" in again.stderr


def test_a_backup_is_looked_at_without_writing_and_only_with_its_key(backup, settings, capsys):
    def look(key: str) -> None:
        settings.BACKUP_KEY = key
        call_command("restore", backup, "--dry-run")

    look(SECRET)
    assert "2 files as of" in capsys.readouterr().out
    with pytest.raises(CommandError, match="cannot be opened with this key"):
        look(keys.new_pair()[1])
    with pytest.raises(CommandError, match="secret half"):
        look(PUBLIC)
    backup.write_bytes(backup.read_bytes()[:-100])
    with pytest.raises(CommandError, match="cut short"):
        look(SECRET)


def test_files_that_are_lost_are_named_and_the_rest_is_kept(backup, settings, tmp_path, capsys):
    document = Document.objects.exclude(file="x").get()
    document.file.storage.delete(document.file.name)
    backup.unlink()
    with pytest.raises(CommandError, match="1 files that rows name were not there"):
        call_command("backup", tmp_path)
    assert document.file.name in capsys.readouterr().err
    assert len(list(tmp_path.glob("*.tar.age"))) == 1


def test_without_a_key_nothing_is_written(db, settings, tmp_path):
    settings.BACKUP_KEY = ""
    with pytest.raises(CommandError, match="--new-key"):
        call_command("backup", tmp_path)
    assert not list(tmp_path.iterdir())
