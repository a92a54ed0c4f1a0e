"""One request can be followed through the logs, from the page into the tasks it started."""

import json
import subprocess
import sys

import pytest
from django.conf import settings
from structlog.contextvars import bound_contextvars

from habitat.lib.tasks import run_command

LOG_A_PAGE = """
import django; django.setup()
from django.test import Client
Client(SERVER_NAME="localhost").get("/healthz")
"""


def json_lines(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def test_page_leaves_json_under_one_request_id():
    outcome = subprocess.run(
        [sys.executable, "-c", LOG_A_PAGE], cwd=settings.BASE_DIR, capture_output=True, text=True, check=True
    )
    started, finished = json_lines(outcome.stderr)
    assert (started["event"], finished["event"], finished["code"]) == ("request_started", "request_finished", 200)
    assert started["request_id"] == finished["request_id"] != ""


@pytest.mark.worker
def test_request_id_reaches_the_worker(worker):
    with bound_contextvars(request_id="req-8"):
        run_command.delay("check")
    worker.waits_for("task_succeeded")
    events = {line["event"]: line for line in json_lines(worker.log.read_text())}
    assert events["task_started"]["request_id"] == "req-8"
    assert events["task_succeeded"]["request_id"] == "req-8"
