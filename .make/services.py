"""A private PostgreSQL with PostGIS and a private Redis: Unix sockets only, one pair to run and one to test."""

import ctypes
import glob
import hashlib
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from paths import LOCAL, ROOT, SetUpError, say

# The kernel refuses longer socket paths.
LONGEST_SOCKET = 107
CONFIG = """
listen_addresses = ''
unix_socket_directories = '{folder}'
# Only the user it runs as, and root: authentication is by that alone.
unix_socket_permissions = 0700
max_connections = 100
shared_buffers = 256MB
work_mem = 32MB
maintenance_work_mem = 256MB
max_wal_size = 2GB
random_page_cost = 1.1
jit = off
"""
# Losing the test databases in a power cut costs seconds.
FORGETFUL = """
fsync = off
synchronous_commit = off
full_page_writes = off
"""


def die_with_parent() -> None:
    """In a new child: when set-up is killed, the kernel stops what it started (PR_SET_PDEATHSIG, here SIGINT)."""
    ctypes.CDLL(None).prctl(1, signal.SIGINT)


def owner() -> str | None:
    """PostgreSQL refuses root; Debian's package makes the user `postgres` for it."""
    return "postgres" if os.geteuid() == 0 else None


def folder() -> Path:
    """A short folder that the owner can enter even when the checkout lies in root's home; named by the checkout."""
    name = f"habitat-{hashlib.sha256(str(ROOT).encode()).hexdigest()[:10]}"
    # A person without a home, as in some containers, still has /var/tmp; what lies there must be ours.
    of_a_person = [Path.home() / ".local" / "share", Path("/var/tmp")]  # noqa: S108
    places = [Path("/var/lib")] if os.geteuid() == 0 else of_a_person
    for place in places:
        try:
            (place / name).mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if (place / name).stat().st_uid == os.geteuid() and len(str(place / name)) + 40 < LONGEST_SOCKET:
            return place / name
    raise SetUpError(f"No folder for the private database: tried {', '.join(map(str, places))}.")


@contextmanager
def running(purpose: str) -> Iterator[dict[str, str]]:
    """Both services for as long as the block lasts; gives DATABASE_URL and REDIS_URL."""
    home = folder() / purpose
    home.mkdir(exist_ok=True)
    home.parent.chmod(0o711)
    link = LOCAL / "services"
    link.unlink(missing_ok=True)
    link.symlink_to(home.parent)
    with ExitStack() as stack:
        user = stack.enter_context(postgres(home / "pg", forgetful=purpose == "test"))
        stack.enter_context(redis(home))
        yield {
            "DATABASE_URL": f"postgis://{user}@/habitat?host={home / 'pg'}",
            "REDIS_URL": f"unix://{home / 'redis.sock'}?db=0",
        }


@contextmanager
def postgres(home: Path, *, forgetful: bool) -> Iterator[str]:
    """Gives the name of the database superuser: that of the Unix user it runs as."""
    programs = Path(sorted(glob.glob("/usr/lib/postgresql/*/bin/postgres"))[-1]).parent
    user = owner() or pwd.getpwuid(os.geteuid()).pw_name
    data = home / "data"
    if not (data / "postgresql.auto.conf").exists():
        create_cluster(programs, home, user, forgetful=forgetful)
    clear_leftovers(data / "postmaster.pid", home / ".s.PGSQL.5432.lock")
    ready = [programs / "pg_isready", "--quiet", "--host", home]
    with child([programs / "postgres", "-D", data], home.parent / "postgres.log", user=owner()) as process:
        wait_for(process, lambda: subprocess.run(ready).returncode == 0, home.parent / "postgres.log")
        psql = [programs / "psql", "-h", home, "-U", user, "-d", "postgres", "-Atqc"]
        known = subprocess.run([*psql, "SELECT datname FROM pg_database"], capture_output=True, text=True, check=True)
        if "habitat" not in known.stdout.split():
            subprocess.run([*psql, "CREATE DATABASE habitat"], check=True)
        yield user


def create_cluster(programs: Path, home: Path, user: str, *, forgetful: bool) -> None:
    """An interrupted attempt is thrown away: nobody has data in it."""
    say("Creating the private database")
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(mode=0o711)
    if owner():
        shutil.chown(home, user)
    draft = home / "draft"
    initdb = [programs / "initdb", "-D", draft, "-U", user, "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"]
    made = subprocess.run(initdb, user=owner(), cwd="/", capture_output=True, text=True)
    if made.returncode:
        raise SetUpError(f"initdb failed:\n{made.stderr}")
    with (draft / "postgresql.conf").open("a") as config:
        config.write(CONFIG.format(folder=home) + (FORGETFUL if forgetful else ""))
    draft.rename(home / "data")


def clear_leftovers(pid_file: Path, *others: Path) -> None:
    """After a power cut or `kill -9`: stops a server of ours that outlived its parent, or forgets the dead one.

    A number in an old pid file may by now be some other program's, so its command line decides.
    """
    if not pid_file.exists():
        return
    pid = pid_file.read_text().split("\n")[0].strip()
    command = Path("/proc") / pid / "cmdline"
    if pid.isdigit() and command.exists() and str(pid_file.parent) in command.read_text():
        os.kill(int(pid), signal.SIGINT)
        deadline = time.monotonic() + 20
        while command.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
    for file in (pid_file, *others):
        file.unlink(missing_ok=True)


@contextmanager
def redis(home: Path) -> Iterator[None]:
    """Keeps nothing on disk: what must survive is in the database. Its pid file lies beside its socket."""
    socket, log = home / "redis.sock", home / "redis.log"
    clear_leftovers(home / "redis.pid", socket)
    command = ["redis-server", "--port", "0", "--unixsocket", socket, "--unixsocketperm", "700", "--dir", home]
    command += ["--save", "", "--appendonly", "no", "--pidfile", home / "redis.pid", "--daemonize", "no"]
    ping = ["redis-cli", "-s", socket, "ping"]
    with child(command, log) as process:
        wait_for(process, lambda: b"PONG" in subprocess.run(ping, capture_output=True).stdout, log)
        yield


@contextmanager
def child(command: list, log: Path, user: str | None = None) -> Iterator[subprocess.Popen]:
    """A server in a session of its own, so that Ctrl-C reaches set-up alone and things stop in order."""
    with log.open("w") as output:
        process = subprocess.Popen(
            command,
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            cwd="/",
            user=user,
            group=user,
            extra_groups=[] if user else None,
            start_new_session=True,
            preexec_fn=die_with_parent,
        )
    try:
        yield process
    finally:
        # SIGINT: PostgreSQL's fast shutdown, which does not wait for idle connections.
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for(process: subprocess.Popen, is_ready: Callable[[], bool], log: Path, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not is_ready():
        if process.poll() is not None or time.monotonic() > deadline:
            raise SetUpError(f"{Path(process.args[0]).name} did not start:\n{log.read_text()[-2000:]}")
        time.sleep(0.05)


def remove() -> None:
    shutil.rmtree(folder())
