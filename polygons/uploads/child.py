"""Runs the reader as a program of its own: what a file does to it, it does to that program alone."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO, Any

import pyogrio

from polygons.uploads import reader

WALL_S = 45


def _environment(folder: Path) -> dict[str, str]:
    """Nothing of ours: no database, no secrets; no drivers but the five, no way to the network."""
    skipped = sorted(set(pyogrio.list_drivers()) - set(reader.FORMATS))
    nowhere = "127.0.0.1:9"
    return {
        "PATH": os.defpath,
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "LANG": "C.UTF-8",
        "OGR_SKIP": ",".join(skipped),
        "GDAL_HTTP_PROXY": nowhere,
        "http_proxy": nowhere,
        "https_proxy": nowhere,
        "PROJ_NETWORK": "OFF",
        "OGR_SQLITE_ALLOW_EXTERNAL_ACCESS": "NO",
        "SHAPE_RESTORE_SHX": "YES",
        "OGR_GEOJSON_MAX_OBJ_SIZE": "50",
        "OPENBLAS_NUM_THREADS": "1",
    }


def read_safely(file: IO[bytes], ending: str) -> dict[str, Any]:
    """As `reader`: found and features, or faults. A reader that dies or takes too long is a fault of the file."""
    with tempfile.TemporaryDirectory(prefix="habitat-upload-") as name:
        folder = Path(name)
        with (folder / "upload").open("wb") as target:
            while chunk := file.read(1 << 20):
                target.write(chunk)
        try:
            # Our own program; the file's name never reaches the command line.
            done = subprocess.run(  # noqa: S603
                [sys.executable, "-I", reader.__file__, str(folder), ending],
                cwd=folder,
                env=_environment(folder),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=WALL_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return _fault("too_heavy")
        if done.returncode:
            last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
            # Killed by a limit, or by the library itself.
            return _fault("too_heavy" if done.returncode < 0 else "damaged", *last)
        return json.loads(done.stdout)


def _fault(reason: str, detail: str = "") -> dict[str, Any]:
    return {"faults": [{"reason": reason, "feature": None, "detail": detail[:300]}]}
