"""Where things lie, and how this set-up talks to a person."""

import hashlib
import os
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCAL = ROOT / ".local"
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STATIC = ROOT / "static"


class SetUpError(Exception):
    """Set-up cannot go on; the message says what a person can do about it."""


def say(text: str) -> None:
    print(text, flush=True)


def settings_of_this_machine() -> dict[str, str]:
    """What the operator gave: `.env`, and above it the environment."""
    values = {}
    file = ROOT / ".env"
    for line in file.read_text().splitlines() if file.exists() else []:
        name, equals, value = line.strip().partition("=")
        if equals and not name.startswith("#"):
            values[name.removeprefix("export ").strip()] = value.strip().strip("'\"")
    return values | dict(os.environ)


def fingerprint(files: Iterable[Path]) -> str:
    """Changes with the content or the name of any of the files, and with the Python that reads them."""
    digest = hashlib.sha256(sys.version.encode())
    for file in sorted(files):
        digest.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


class Stamp:
    """Remembers, inside what was made, from which inputs: deleting the result deletes the memory too."""

    def __init__(self, made: Path, name: str, inputs: Iterable[Path]) -> None:
        self.file = made / f".{name}"
        self.print = fingerprint(inputs)

    def is_current(self) -> bool:
        return self.file.exists() and self.file.read_text() == self.print

    def write(self) -> None:
        self.file.write_text(self.print)
