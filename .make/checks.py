"""`make check`: everything a machine can find fault with, all of it before stopping."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import assets
from paths import PYTHON, ROOT, say

# As on a server: nothing of this machine's `.local/env`, which allows plain HTTP.
SERVER = {
    "SECRET_KEY": "not-a-secret-but-long-and-varied-0123456789-abcdefghijklmnopqrstuvwxyz",
    "DATABASE_URL": "postgis://nobody@localhost/none",
    "REDIS_URL": "redis://localhost/0",
    "DEBUG": "false",
    "INSECURE_COOKIES": "false",
    "PUBLIC_URL": "https://habitat.example",
    "ALLOWED_HOSTS": "habitat.example",
}


def python(*arguments: str) -> Callable[[], int]:
    return lambda: subprocess.run([PYTHON, *arguments], cwd=ROOT, env=os.environ | SERVER).returncode


CHECKS: dict[str, Callable[[], int]] = {
    "ruff check": python("-m", "ruff", "check", "."),
    "ruff format": python("-m", "ruff", "format", "--check", "--quiet", "."),
    "mypy": python("-m", "mypy"),
    "djlint": python("-m", "djlint", "--lint", "--quiet", "templates"),
    "eslint": lambda: assets.npm("run", "--silent", "lint"),
    # No database is there to ask, and none is needed to compare models with migrations.
    "migrations": python("-W", "ignore::RuntimeWarning", "manage.py", "makemigrations", "--check", "--dry-run"),
    "deployment": python("manage.py", "check", "--deploy", "--fail-level", "WARNING"),
    "translations": lambda: translations(),
}


def run() -> int:
    """0, or 1 when any check failed."""
    failed = []
    for name, check in CHECKS.items():
        started = time.monotonic()
        passed = check() == 0
        say(f"{'passed' if passed else 'FAILED'}  {name} ({time.monotonic() - started:.1f} s)")
        failed += [] if passed else [name]
    if failed:
        say(f"\nmake check found fault with: {', '.join(failed)}")
    return bool(failed)


def translations() -> int:
    """Extracts the messages of the code into a copy; lists what is untranslated, guessed, dead or said in two ways."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        listed = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", "*.py", "*.html", "*.txt", "*.po"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        for name in listed.stdout.splitlines():
            if (ROOT / name).exists():
                (copy / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, copy / name)
        command = [PYTHON, "manage.py", "makemessages", "-l", "es_MX", "--no-location", "--no-wrap", "-v", "0"]
        if subprocess.run(command, cwd=copy, env=os.environ | SERVER).returncode:
            return 1
        catalogues = sorted(copy.glob("**/*.po"))
        faults = [fault for po in catalogues for fault in faults_of(po, po.relative_to(copy))]
        faults += said_in_two_ways(catalogues)
    for fault in faults[:40]:
        say(fault)
    return bool(faults)


def faults_of(po: Path, name: Path) -> list[str]:
    found = []
    for kind in ("--untranslated", "--only-fuzzy"):
        listed = subprocess.run(["msgattrib", kind, "--no-obsolete", "--no-wrap", po], capture_output=True, text=True)
        what = kind.removeprefix("--").removeprefix("only-")
        found += [f"{name}: {what}: {words}" for words in ids_in(listed.stdout)]
    dead = subprocess.run(["msgattrib", "--only-obsolete", "--no-wrap", po], capture_output=True, text=True)
    return found + [
        f"{name}: no longer said: {line[9:]}" for line in dead.stdout.splitlines() if line[:9] == "#~ msgid "
    ]


def said_in_two_ways(catalogues: list[Path]) -> list[str]:
    """Django merges the catalogues and the first application wins, so one message has one translation in all of them.

    Two senses of a word need a context each. msgcat marks as fuzzy what its files disagree on.
    """
    for po in catalogues:
        subprocess.run(["msgattrib", "--no-obsolete", "--no-wrap", "-o", po, po], check=True)
    merged = subprocess.run(["msgcat", "--no-wrap", *catalogues], capture_output=True, text=True)
    listed = subprocess.run(
        ["msgattrib", "--only-fuzzy", "--no-obsolete", "--no-wrap"], input=merged.stdout, capture_output=True, text=True
    )
    return [f"said in two ways: {words}" for words in ids_in(listed.stdout)]


def ids_in(catalogue: str) -> list[str]:
    return [line[6:] for line in catalogue.splitlines() if line.startswith("msgid ") and line != 'msgid ""']
