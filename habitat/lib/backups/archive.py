"""The encrypted tar: written and read as a stream, so that it may be larger than memory."""

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import IO, Any

import pyrage

MANIFEST = "manifest.json"
FORMAT = 1


class DamagedError(ValueError):
    """The archive is not what its manifest says, or cannot be decrypted with this key."""


class Hashed:
    """Reads `source` and knows the SHA-256 of what passed."""

    def __init__(self, source: IO[bytes]) -> None:
        self.source, self.digest = source, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        piece = self.source.read(size)
        self.digest.update(piece)
        return piece


class Writer:
    """Adds members to an open tar and remembers their SHA-256."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self.tar, self.members = tar, dict[str, str]()

    def add(self, name: str, content: IO[bytes], size: int) -> None:
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = size, 0o600
        hashed = Hashed(content)
        self.tar.addfile(entry, hashed)  # type: ignore[arg-type]
        self.members[name] = hashed.digest.hexdigest()

    def close(self, manifest: dict[str, Any]) -> None:
        text = json.dumps(manifest | {"format": FORMAT, "members": self.members}, indent=1).encode()
        self.add(MANIFEST, io.BytesIO(text), len(text))


@contextmanager
def written(path: Path, recipient: Any) -> Iterator[Writer]:
    """A writer whose members end up encrypted in `path`, which appears only once all is in it."""
    draft = path.with_name(f".{path.name}.part")
    try:
        with (
            open(draft, "xb", opener=_private) as file,
            _through(pyrage.encrypt_io, file, [recipient]) as stream,
            tarfile.open(fileobj=stream, mode="w|") as tar,
        ):
            yield Writer(tar)
        draft.rename(path)
    finally:
        draft.unlink(missing_ok=True)


def _private(name: str, flags: int) -> int:
    return os.open(name, flags, 0o600)


@contextmanager
def _through(cipher: Callable[..., None], file: IO[bytes], keys: list[Any]) -> Iterator[IO[bytes]]:
    """What is written into the stream passes `cipher` into `file`; its fault is raised at the end."""
    end, start = os.pipe()
    faults: list[Exception] = []

    def work() -> None:
        with os.fdopen(end, "rb") as source:
            try:
                cipher(source, file, keys)
            except Exception as fault:
                faults.append(fault)

    thread = Thread(target=work)
    thread.start()
    try:
        with os.fdopen(start, "wb") as stream:
            yield stream
    finally:
        thread.join()
    if faults:
        raise faults[0]


def unpack(path: Path, identity: Any, into: Path) -> dict[str, Any]:
    """The manifest, once every member lies in the folder `into` and has the SHA-256 it names. Raises DamagedError."""
    packed = into / "archive.tar"
    try:
        with path.open("rb") as file, packed.open("wb") as plain:
            pyrage.decrypt_io(file, plain, [identity])
        with tarfile.open(packed) as tar:
            tar.extractall(into, filter="data")
    except (pyrage.DecryptError, tarfile.TarError, OSError) as fault:
        # A full disk has a number; age's own faults while reading have none.
        if isinstance(fault, OSError) and fault.errno:
            raise
        raise DamagedError(f"The backup cannot be opened with this key, or is cut short: {fault}") from fault
    packed.unlink()
    manifest = _manifest(into)
    for name, digest in manifest["members"].items():
        if _sha256(into / name) != digest:
            raise DamagedError(f"{name} is not what the backup's manifest says.")
    return manifest


def _manifest(folder: Path) -> dict[str, Any]:
    if not (folder / MANIFEST).is_file():
        raise DamagedError("The backup has no manifest: it was cut short.")
    manifest = json.loads((folder / MANIFEST).read_text())
    if manifest["format"] != FORMAT:
        raise DamagedError(f"The backup has format {manifest['format']}; this portal reads {FORMAT}.")
    return manifest


def _sha256(path: Path) -> str | None:
    if not path.is_file():
        return None
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
