"""Debian packages that the portal needs, told apart from those already there by a file each of them brings."""

import glob
import importlib.util
import os
import shutil
import subprocess

from paths import SetUpError, say

# Package → a file that shows it, or its like of another release, is installed.
TO_RUN = {
    "postgresql-postgis": "/usr/share/postgresql/*/extension/postgis.control",
    "redis-server": "/usr/bin/redis-server",
    "gdal-bin": "/usr/lib/*/libgdal.so.*",
    "binutils": "/usr/bin/objdump",  # GeoDjango finds libgdal with it
    "gettext": "/usr/bin/msgfmt",
    "libpango-1.0-0": "/usr/lib/*/libpango-1.0.so.0",
    "libpangoft2-1.0-0": "/usr/lib/*/libpangoft2-1.0.so.0",
    "libharfbuzz-subset0": "/usr/lib/*/libharfbuzz-subset.so.0",
    "fonts-noto-core": "/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf",
}
TO_BENCH = {
    # libgdal alone, which others bring too, is not enough: ogr2ogr is what the import is measured against.
    "gdal-bin": "/usr/bin/ogr2ogr",
}
TO_TEST = {
    "chromium": "/usr/bin/chromium",
    "poppler-utils": "/usr/bin/pdftotext",
}


def missing(packages: dict[str, str]) -> list[str]:
    names = [name for name, shown_by in packages.items() if not glob.glob(shown_by)]
    return names if importlib.util.find_spec("ensurepip") else ["python3-venv", *names]


def install(packages: dict[str, str]) -> None:
    names = missing(packages)
    if not names:
        return
    command = f"apt-get install --no-install-recommends {' '.join(names)}"
    if os.geteuid() == 0:
        become = []
    elif shutil.which("sudo"):
        become = ["sudo"]
    else:
        raise SetUpError(
            f"These Debian packages are missing, and only an administrator can install them:\n\n  {command}\n"
        )
    say(f"Installing {len(names)} Debian packages: {', '.join(names)}")
    # env, because sudo drops what it inherits; --yes, because the person asked for this by `make`.
    apt = [*become, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-o", "Dpkg::Use-Pty=0"]
    for arguments in (["update"], ["install", "--yes", "--no-install-recommends", *names]):
        if subprocess.run([*apt, *arguments], stdout=subprocess.DEVNULL).returncode:
            raise SetUpError(f"apt-get {arguments[0]} failed. When it is mended, or by hand:\n\n  {command}\n")
    if still := missing(packages):
        raise SetUpError(f"Installed and yet not found: {', '.join(still)}. This set-up knows Debian 12.")
