"""`python3 .make run|test|bench|check|clean|lock`: what the Makefile calls. Needs Debian and Python 3.11, no more."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036
    sys.exit(f"The portal needs Python 3.11 or newer; this is {sys.version.split()[0]}.")

import ctypes
import fcntl
import os
import shlex
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import assets
import checks
import debian
import portal
import python_env
import services
from paths import LOCAL, PYTHON, ROOT, STATIC, SetUpError, say


@contextmanager
def alone(what: str, *, otherwise: str | None = None) -> Iterator[None]:
    """The only process of this checkout in the block; the kernel lets go of the lock however we end.

    Waits for the other one, or raises SetUpError with the sentence in `otherwise`.
    """
    with (LOCAL / f"{what}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (fcntl.LOCK_NB if otherwise else 0))
        except BlockingIOError:
            raise SetUpError(otherwise) from None
        yield


def set_up(packages: dict[str, str], *locks) -> None:
    debian.install(packages)
    # `make run` and `make test` may start together on a fresh checkout.
    with alone("setup"):
        python_env.install(*locks)
        assets.build()
        assets.compile_messages()


def run() -> None:
    with alone("run", otherwise="The portal already runs from this checkout; see the other terminal."):
        port = portal.free_port()
        set_up(debian.TO_RUN, python_env.LOCK)
        portal.run(port)


def test() -> int:
    with alone("test", otherwise="The tests already run from this checkout."):
        set_up(debian.TO_RUN | debian.TO_TEST, python_env.LOCK, python_env.DEV_LOCK)
        with services.running("test") as urls:
            # Tests empty what they are given: services named in `.env` are not for them, exported ones are.
            environment = {"SECRET_KEY": "only-for-tests-" + "0" * 50} | urls | os.environ
            # One by one, or the first process would have a part of all that begins with every long test.
            pytest = [PYTHON, "-m", "pytest", "-n", str(test_processes()), "--maxschedchunk", "1"]
            return attended([*pytest, *shlex.split(os.environ.get("ARGS", ""))], environment)


def test_processes() -> int:
    """Three for two cores: tests also wait, for a browser, a worker, the database."""
    return min(8, len(os.sched_getaffinity(0)) * 3 // 2)


def attended(command: list, environment: dict[str, str]) -> int:
    """Its exit status. Ctrl-C is passed on once and then waited for, so that tests can stop what they started."""
    process = subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True)
    try:
        return process.wait()
    except KeyboardInterrupt:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(timeout=20)
        raise
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)


def bench() -> int:
    """On a cluster of its own that does sync to disk, in a database that is dropped afterwards."""
    with alone("bench", otherwise="The benchmark already runs from this checkout."):
        set_up(debian.TO_RUN | debian.TO_BENCH, python_env.LOCK)
        with services.running("bench") as urls:
            environment = {"SECRET_KEY": "only-for-the-bench-" + "0" * 50, "DEBUG": "false"} | os.environ | urls
            # The whole of it belongs into the document; a person who asks for a part only wants to see.
            arguments = os.environ.get("ARGS", "") or "--write"
            return attended([PYTHON, "-m", "habitat.bench", *shlex.split(arguments)], environment)


def check() -> int:
    set_up(debian.TO_RUN, python_env.LOCK, python_env.DEV_LOCK)
    assets.install_modules()
    return checks.run()


def clean() -> None:
    """Also the private databases: what `make run` showed is made anew by the next one."""
    with (
        alone("run", otherwise="The portal runs from this checkout; stop it first (Ctrl-C in its terminal)."),
        alone("test", otherwise="The tests run from this checkout; stop them first."),
        alone("bench", otherwise="The benchmark runs from this checkout; stop it first."),
    ):
        services.remove()
        for made in (STATIC / "dist", STATIC / "node_modules", ROOT / "staticfiles", ROOT / ".venv", LOCAL):
            shutil.rmtree(made, ignore_errors=True)
        for catalogue in assets.catalogues():
            catalogue.with_suffix(".mo").unlink(missing_ok=True)


COMMANDS = {"run": run, "test": test, "bench": bench, "check": check, "clean": clean, "lock": python_env.lock}


def interrupt(number, frame) -> None:
    """One is enough: a second Ctrl-C must not disturb the stopping."""
    for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(one, signal.SIG_IGN)
    raise KeyboardInterrupt


def main(name: str) -> int:
    for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(one, interrupt)
    # When `make` itself is killed, we hear of it (PR_SET_PDEATHSIG) and stop what we started.
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)
    LOCAL.mkdir(exist_ok=True)
    # Containers often set it: then every process we start would compile all sources anew, tests' asserts included.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    try:
        return COMMANDS[name]() or 0
    except SetUpError as reason:
        say(f"\n{reason}")
        return 1
    except KeyboardInterrupt:
        say("\nStopped.")
        return 130


if __name__ == "__main__":
    if sys.argv[1:] and sys.argv[1] in COMMANDS:
        sys.exit(main(sys.argv[1]))
    sys.exit(f"Say one of: {', '.join(COMMANDS)}")
