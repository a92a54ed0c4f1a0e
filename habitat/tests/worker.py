"""A real Celery worker beside the test, on the test's own database and Redis database."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings

from habitat.celery import app


class Worker:
    def __init__(self, log: Path) -> None:
        self.log = log
        with log.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "celery", "-A", "habitat", "worker", "-c", "2", "--without-mingle"],
                cwd=settings.BASE_DIR,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def waits_for(self, words: str, seconds: float = 60) -> None:
        """Returns when the worker has logged these words."""
        wait_until(lambda: words in self.log.read_text(), seconds, lambda: f"no “{words}” in\n{self.log.read_text()}")

    def kill(self, how: signal.Signals = signal.SIGKILL) -> None:
        """The worker and its children at once, as the kernel does when memory runs out."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, how)
            self.process.wait(timeout=20)


def wait_until(is_so: Callable[[], bool], seconds: float, otherwise: Callable[[], str]) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            pytest.fail(f"Waited {seconds} s: {otherwise()}")
        time.sleep(0.05)


@pytest.fixture
def start_worker(transactional_db: None, tmp_path: Path) -> Iterator[Callable[[], Worker]]:
    """For tests that kill one worker and start another."""
    started: list[Worker] = []

    def start() -> Worker:
        worker = Worker(tmp_path / f"worker-{len(started)}.log")
        started.append(worker)
        worker.waits_for(" ready.")
        return worker

    yield start
    for worker in started:
        worker.kill(signal.SIGTERM)
    # A task left over would run in the next test's worker.
    app.control.purge()


@pytest.fixture
def worker(start_worker: Callable[[], Worker]) -> Worker:
    return start_worker()
