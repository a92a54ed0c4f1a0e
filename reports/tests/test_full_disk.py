"""A disk that is really full, and the same report from a process that has nothing in its memory."""

import os
import resource
import subprocess
import sys

import pytest
from django.conf import settings

from reports.models import Report

pytestmark = [pytest.mark.long, pytest.mark.django_db(transaction=True)]
MAKE = [sys.executable, "manage.py", "run_report", "monthly-progress", "--period", "2026-10"]


def run(command: list[str], room: int | None = None) -> subprocess.CompletedProcess[str]:
    """Beside the test, on its own database; no file may grow beyond `room` bytes."""

    def fill() -> None:
        if room is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

    # Python would cut short the compiled modules that it keeps beside their sources.
    quiet = {"LOG_LEVEL": "CRITICAL", "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        command, cwd=settings.BASE_DIR, env=os.environ | quiet, capture_output=True, text=True, timeout=120,
        preexec_fn=fill,
    )  # fmt: skip


def test_full_disk_is_a_failure_that_says_so_and_is_made_again_elsewhere_byte_by_byte(running_project):
    full = run(MAKE, room=2_000)
    failed = Report.objects.get()
    assert full.returncode != 0
    assert (failed.status, failed.files.count()) == (Report.Status.FAILED, 0)
    assert failed.error in full.stderr
    folder = settings.MEDIA_ROOT / f"reports.reportfile/{failed.public_id}"
    assert not folder.exists() or not list(folder.iterdir())

    digests = []
    for _process in range(2):
        made = run(MAKE)
        assert made.returncode == 0, made.stderr
        report = Report.objects.get(status=Report.Status.DONE)
        digests.append({file.format: file.sha256 for file in report.files.all()})
        Report.objects.filter(pk=report.pk).update(status=Report.Status.FAILED)
    assert digests[0] == digests[1]
    assert set(digests[0]) == {"csv", "pdf", "xlsx"}
