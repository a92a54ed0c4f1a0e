"""Programs that answer over HTTP for as long as they are asked: the portal's own web process, and peers."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

from django.conf import settings

from habitat.bench.frame import database_url

STARTS_WITHIN_S = 90


@dataclass(frozen=True)
class Server:
    port: int

    def ask(self, path: str, times: int = 1) -> bytes:
        """The last answer's body. Raises RuntimeError for anything but 200."""
        body = b""
        for _time in range(times):
            with urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=120) as answer:
                body = answer.read()
                if answer.status != 200:
                    raise RuntimeError(f"{path} answered {answer.status}")
        return body


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serve(command: Sequence[str], port: int, environment: dict[str, str], folder: Path) -> Iterator[Server]:
    """Raises TimeoutError where nothing answers on the port."""
    with (folder / f"server-{port}.log").open("w") as log:
        process = subprocess.Popen(command, env=environment, cwd=folder, stdout=log, stderr=subprocess.STDOUT)  # noqa: S603
    try:
        _wait(process, port)
        yield Server(port)
    finally:
        process.terminate()
        process.wait()


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < until and process.poll() is None:
        with suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=STARTS_WITHIN_S)
            connection.request("GET", "/")
            connection.getresponse().read()
            return
        time.sleep(0.2)
    raise TimeoutError("it does not answer")


@contextmanager
def portal(folder: Path) -> Iterator[Server]:
    """One web process on the benchmark's database, as open as the public finds it."""
    port = free_port()
    environment = os.environ | {"DATABASE_URL": database_url(), "DJANGO_SETTINGS_MODULE": "habitat.settings"}
    environment |= {"PYTHONPATH": str(settings.BASE_DIR)}
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "habitat.wsgi",
        "--workers",
        "1",
        "--timeout",
        "0",
        "--log-level",
        "warning",
    ]
    with serve([*command, "--bind", f"127.0.0.1:{port}"], port, environment, folder) as server:
        yield server
