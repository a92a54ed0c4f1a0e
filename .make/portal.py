"""`make run`: web, worker and clock on top of the services, until somebody stops it or one of them ends."""

import os
import secrets
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

import assets
import services
from paths import LOCAL, PYTHON, ROOT, SetUpError, say, settings_of_this_machine

LOGS = LOCAL / "log"
# Celery finishes its task first; a task cut short is taken up again at the next start.
STOPPING_S = 8


def run(port: int) -> None:
    """Raises SetUpError when a process ends by itself."""
    LOGS.mkdir(exist_ok=True)
    given = settings_of_this_machine()
    is_private = not {"DATABASE_URL", "REDIS_URL"} <= given.keys()
    with services.running("run") if is_private else nullcontext({}) as urls:
        write_env(urls, port)
        assets.collect()
        # A database that the operator named gets no invented people.
        demo = [] if "DATABASE_URL" in given else ["--demo"]
        if subprocess.run([PYTHON, ROOT / ".make" / "prepare.py", *demo], cwd=ROOT).returncode:
            raise SetUpError("The portal could not be prepared; the message is above.")
        with processes() as running:
            running["web"] = start("web", web(port))
            wait_until_alive(running, port)
            announce(port)
            # Not earlier: on two cores they would keep the first page waiting.
            running["worker"] = start("worker", ["celery", "-A", "habitat", "worker", "--concurrency", "2"])
            running["clock"] = start("clock", ["celery", "-A", "habitat", "beat"])
            while all(process.poll() is None for process in running.values()):
                time.sleep(0.3)
            raise SetUpError(last_words(running))


def free_port() -> int:
    """That of the environment, 8000 otherwise. Raises SetUpError when it is taken."""
    port = int(os.environ.get("PORT", "8000"))
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise SetUpError(f"Port {port} is taken. Choose another: make run PORT={port + 10}") from None
    return port


def write_env(urls: dict[str, str], port: int) -> None:
    """`.local/env`: for the portal's processes and for `manage.py` in another terminal; `.env` stands above it."""
    file = LOCAL / "env"
    old = dict(line.split("=", 1) for line in file.read_text().splitlines() if "=" in line) if file.exists() else {}
    values = urls | {
        # Kept: a new key would log everybody out.
        "SECRET_KEY": old.get("SECRET_KEY") or secrets.token_urlsafe(60),
        # Plain HTTP on this machine alone.
        "INSECURE_COOKIES": "true",
        # The demo's passwords are printed anyway.
        "STRONG_SIGN_IN": "false",
        "PUBLIC_URL": f"http://localhost:{port}",
        "EMAIL_URL": "filemail:///.local/mail",
        "MEDIA_ROOT": str(LOCAL / "media"),
    }
    file.touch(mode=0o600)
    file.write_text("".join(f"{name}={value}\n" for name, value in values.items()))


def web(port: int) -> list[str]:
    workers = ["--preload", "--worker-class", "gthread", "--workers", "2", "--threads", "4"]
    return ["gunicorn", "habitat.wsgi", "--bind", f"127.0.0.1:{port}", *workers]


def start(name: str, command: list[str]) -> subprocess.Popen:
    """In a session of its own, so that its children can be found at the end and Ctrl-C reaches us alone."""
    with log_of(name).open("w") as log:
        return subprocess.Popen(
            [PYTHON, "-m", *command],
            cwd=ROOT,
            # Celery warns about root; in a laptop's container that is who we are.
            env=os.environ | {"PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=services.die_with_parent,
        )


@contextmanager
def processes() -> Iterator[dict[str, subprocess.Popen]]:
    """Whatever is put in by name is stopped at the end."""
    running: dict[str, subprocess.Popen] = {}
    try:
        yield running
    finally:
        stop(running)


def stop(running: dict[str, subprocess.Popen]) -> None:
    for process in running.values():
        process.terminate()
    deadline = time.monotonic() + STOPPING_S
    for process in running.values():
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=max(0.1, deadline - time.monotonic()))
        # Whatever is left of it and its children.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def log_of(name: str) -> Path:
    return LOGS / f"{name}.log"


def wait_until_alive(running: dict[str, subprocess.Popen], port: int, seconds: float = 180) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if any(process.poll() is not None for process in running.values()):
            raise SetUpError(last_words(running))
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=20):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise SetUpError(f"/healthz did not answer within {seconds:.0f} s; see {log_of('web')}.")


def last_words(running: dict[str, subprocess.Popen]) -> str:
    name = next(name for name, process in running.items() if process.poll() is not None)
    lines = log_of(name).read_text(errors="replace").splitlines()[-25:]
    return f"{name} ended by itself. The end of {log_of(name)}:\n" + "\n".join(lines)


def announce(port: int) -> None:
    accounts = LOCAL / "accounts.txt"
    if accounts.exists():
        say(accounts.read_text())
    say(f"The portal is at http://localhost:{port}/   (Ctrl-C stops it)")
    say("Logs: .local/log   E-mails it sent: .local/mail")
