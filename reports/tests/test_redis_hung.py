"""A Redis that accepts and never answers: the page goes on, the wish is kept."""

import os
import socket
import subprocess
import sys
import threading

import pytest
from django.conf import settings

from reports.models import Report

# What a person presses, in a process of its own: its broker and cache are the hung Redis from the first moment.
PRESS = """
import django
django.setup()
from django.test import Client
from habitat.accounts.models import User
client = Client(SERVER_NAME="localhost")
client.force_login(User.objects.get(role="technician"))
client.get("/healthz")
answer = client.post("/reports/ask/", {"kind": "monthly-progress", "period": "2026-10", "place": ""})
print(answer.status_code)
"""


@pytest.fixture
def hung_redis(tmp_path):
    """The address of a socket that takes connections and says nothing."""
    held = []
    path = tmp_path / "hung.sock"
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(path))
    server.listen(16)

    def accept() -> None:
        while True:
            try:
                held.append(server.accept()[0])
            except OSError:
                return

    threading.Thread(target=accept, daemon=True).start()
    yield f"unix://{path}?db=0"
    server.close()
    for connection in held:
        connection.close()


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_page_answers_all_the_same_and_the_wish_is_kept(hung_redis, rules, technician):
    environment = os.environ | {
        "REDIS_URL": hung_redis,
        "DJANGO_SETTINGS_MODULE": "habitat.settings",
        "LOG_LEVEL": "ERROR",
    }
    pressed = subprocess.run(
        [sys.executable, "-c", PRESS],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert pressed.returncode == 0, pressed.stderr
    # A hung Redis answers never: that the page did is what counts, and it gave up long before the limit above.
    assert pressed.stdout.split()[-1] == "302"
    assert list(Report.objects.values_list("status", "lease_until")) == [("waiting", None)]
