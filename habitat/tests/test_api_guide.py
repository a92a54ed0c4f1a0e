"""The guide's examples do what they say, and the description opens in a browser under the strict policy."""

import re
import shlex
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import expect
from rest_framework.test import APIClient

from habitat.accounts.services import issue_token
from habitat.api import RESOURCES

GUIDE = Path(settings.BASE_DIR) / "docs" / "api.md"
EXAMPLES = re.findall(r"^curl .+$", GUIDE.read_text(), re.MULTILINE)


def run(command: str, values: dict[str, str]):
    """A curl command as a request: its address, method, headers and body."""
    for name, value in values.items():
        command = command.replace(f"${name}", value)
    words = iter(shlex.split(command)[1:])
    method, address, body, headers = "GET", "", "", {}
    for word in words:
        if word == "-X":
            method = next(words)
        elif word == "-H":
            name, value = next(words).split(": ", 1)
            headers[name] = value
        elif word == "-d":
            body = next(words)
        else:
            address = word
    return APIClient().generic(method, address, body, headers.pop("Content-Type", ""), headers=headers)


@pytest.mark.parametrize("command", EXAMPLES)
def test_an_example_of_the_guide_works(project, certifier, command):
    token = issue_token(owner=certifier, name="guide", scope="write", days=1, by=certifier)
    values = {"HABITAT": "", "TOKEN": token, "PROJECT": str(project.public_id)}
    assert run(command, values).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_description_opens_without_a_complaint_of_the_browser(page, live_server):
    page.goto("/api/docs/", wait_until="commit")
    expect(page.locator(".opblock-tag")).to_have_count(len(RESOURCES), timeout=30_000)
