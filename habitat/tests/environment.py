"""What every test process has for itself: a database, a Redis database and a folder for files."""

import fcntl
import os
import re
import tempfile
from pathlib import Path
from typing import TextIO

import environ

BASE_DIR = Path(__file__).resolve().parents[2]
# Redis has 16 databases unless told otherwise, and a running portal uses number 0.
SLOTS = range(1, 16)
_held: list[TextIO | tempfile.TemporaryDirectory[str]] = []


def take_slot() -> int:
    """The first number that no other test process of this checkout has; the kernel frees it when we die."""
    folder = BASE_DIR / ".local" / "test-slots"
    folder.mkdir(parents=True, exist_ok=True)
    for slot in SLOTS:
        file = (folder / str(slot)).open("w")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            continue
        _held.append(file)
        return slot
    raise RuntimeError(f"More than {len(SLOTS)} test processes at once in this checkout.")


def named(url: str, name: str) -> str:
    """The same server's database of another name."""
    return re.sub(r"^(\w+://[^/]*)/[^?]*", rf"\g<1>/{name}", url)


def redis_database(url: str, number: int) -> str:
    if url.startswith("unix:"):
        return f"{url.partition('?')[0]}?db={number}"
    return re.sub(r"^(\w+://[^/?]*)(/[^?]*)?", rf"\g<1>/{number}", url)


def prepare() -> None:
    """Before the settings read the environment; what a test starts as a process of its own inherits it."""
    for file in (BASE_DIR / ".env", BASE_DIR / ".local" / "env"):
        environ.Env.read_env(file)
    slot = take_slot()
    media = tempfile.TemporaryDirectory(prefix="habitat-media-")
    _held.append(media)
    os.environ |= {
        "DATABASE_URL": named(os.environ["DATABASE_URL"], f"test_habitat_{slot}"),
        "REDIS_URL": redis_database(os.environ["REDIS_URL"], slot),
        "MEDIA_ROOT": media.name,
        # Tests need no built assets, speak plain HTTP and never send mail.
        "STATICFILES_BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage",
        "INSECURE_COOKIES": "true",
        "STRONG_SIGN_IN": "false",
        "DEBUG": "false",
        "EMAIL_URL": "memorymail://",
        "PUBLIC_URL": "http://testserver",
    }
