"""The virtual environment, exactly as locked."""

import shutil
import subprocess
import sys

from paths import PYTHON, ROOT, VENV, SetUpError, Stamp, say

LOCK, DEV_LOCK = ROOT / "requirements.txt", ROOT / "requirements-dev.txt"
NODE_LOCK = ROOT / ".make" / "requirements-node.txt"


def install(*locks) -> None:
    """Raises SetUpError if a package cannot be had or is not the one that was locked."""
    wanted = [lock for lock in locks if not Stamp(VENV, lock.name, [lock]).is_current()]
    if PYTHON.exists() and not wanted:
        return
    if not works():
        say("Making the virtual environment in .venv")
        shutil.rmtree(VENV, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", VENV], check=True)
    say(f"Installing Python packages of {', '.join(lock.name for lock in wanted)}")
    pip = [PYTHON, "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--no-warn-script-location"]
    files = [argument for lock in wanted for argument in ("--requirement", lock)]
    if subprocess.run([*pip, "--require-hashes", *files]).returncode:
        raise SetUpError("pip could not install the packages; its message is above.")
    for lock in wanted:
        Stamp(VENV, lock.name, [lock]).write()


def works() -> bool:
    """False also for an environment whose Python was removed or whose folder was moved."""
    return PYTHON.exists() and subprocess.run([PYTHON, "-m", "pip", "--version"], capture_output=True).returncode == 0


def lock() -> None:
    """Compiles pyproject.toml anew; versions that still fit are kept."""
    install(DEV_LOCK)
    uv = [PYTHON, "-m", "uv", "pip", "compile", "--quiet", "--generate-hashes"]
    uv += ["--python-version", "3.11.2", "--no-emit-index-url", "--no-header"]
    subprocess.run([*uv, "pyproject.toml", "-o", LOCK.name], cwd=ROOT, check=True)
    subprocess.run(
        [*uv, "--group", "dev", "-c", LOCK.name, "-o", DEV_LOCK.name],
        cwd=ROOT,
        check=True,
    )
    say("Locked. `make test` installs and tries the new versions.")
