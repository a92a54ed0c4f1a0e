"""Styles and scripts, built by npm and esbuild from static/ into static/dist/; translations compiled."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import python_env
from paths import LOCAL, PYTHON, ROOT, STATIC, VENV, SetUpError, Stamp, say

OLDEST_NODE = 20


def node_folder() -> Path:
    """The folder with `node` and `npm`: the system's if new enough, else that of a wheel in the environment."""
    found = shutil.which("node")
    if found and shutil.which("npm", path=str(Path(found).parent)):
        version = subprocess.run([found, "--version"], capture_output=True, text=True).stdout
        if (number := re.match(r"v(\d+)", version)) and int(number[1]) >= OLDEST_NODE:
            return Path(found).parent
    python_env.install(python_env.NODE_LOCK)
    return VENV / "bin"


def npm(*arguments: str) -> int:
    """Its exit status; run in static/."""
    folder = node_folder()
    path = f"{folder}{os.pathsep}{os.environ.get('PATH', '')}"
    command = [folder / "npm", "--no-audit", "--no-fund", "--no-update-notifier", *arguments]
    return subprocess.run(command, cwd=STATIC, env=os.environ | {"PATH": path}).returncode


def install_modules() -> None:
    modules = STATIC / "node_modules"
    stamp = Stamp(modules, "lock", [STATIC / "package-lock.json", STATIC / "package.json"])
    if stamp.is_current():
        return
    say("Installing npm packages")
    if npm("ci", "--silent"):
        raise SetUpError("npm could not install the packages of static/package-lock.json; its message is above.")
    stamp.write()


def sources() -> list[Path]:
    made = {STATIC / "dist", STATIC / "node_modules"}
    return [file for file in STATIC.rglob("*") if file.is_file() and not made & set(file.parents)]


def build() -> None:
    stamp = Stamp(STATIC / "dist", "sources", sources())
    if stamp.is_current():
        return
    install_modules()
    say("Building styles and scripts")
    if npm("run", "--silent", "build"):
        raise SetUpError("The styles and scripts could not be built; esbuild's message is above.")
    stamp.write()


def catalogues() -> list[Path]:
    """Of the apps, and of the apps inside habitat/."""
    return sorted(file for app in ("*", "*/*") for file in ROOT.glob(f"{app}/locale/*/LC_MESSAGES/*.po"))


def compile_messages() -> None:
    for source in catalogues():
        compiled = source.with_suffix(".mo")
        if compiled.exists() and compiled.stat().st_mtime >= source.stat().st_mtime:
            continue
        if subprocess.run(["msgfmt", "--check-format", "-o", compiled, source]).returncode:
            raise SetUpError(f"{source.relative_to(ROOT)} is no valid list of translations.")


def collect() -> None:
    """Gives static files their hashed, compressed names, in staticfiles/, as the portal serves them."""
    target = ROOT / "staticfiles"
    inputs = [STATIC / "dist" / ".sources", python_env.LOCK, ROOT / "habitat" / "settings.py"]
    stamp = Stamp(target, "inputs", inputs)
    if stamp.is_current():
        return
    say("Collecting static files")
    with (LOCAL / "log" / "collectstatic.log").open("w") as log:
        command = [PYTHON, "manage.py", "collectstatic", "--noinput", "--clear"]
        if subprocess.run(command, cwd=ROOT, stdout=log, stderr=log).returncode:
            raise SetUpError(f"Static files could not be collected; see {log.name}.")
    stamp.write()
