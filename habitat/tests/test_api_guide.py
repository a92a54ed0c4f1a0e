"""The guide's examples do what they say, and the description opens in a browser under the strict policy."""

import re
import shlex
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from playwright.sync_api import expect
from rest_framework.test import APIClient

from habitat.accounts.services import issue_token
from habitat.api import RESOURCES
from habitat.tests.fixtures import PDF
from projects.services import attach_document

GUIDE = Path(settings.BASE_DIR) / "docs" / "api.md"
EXAMPLES = re.findall(r"^curl .+$", GUIDE.read_text(), re.MULTILINE)


def run(command: str, values: dict[str, str]):
    """A curl command as a request: its address, method, headers and body, or the fields of its form."""
    for name, value in values.items():
        command = command.replace(f"${name}", value)
    words = iter(shlex.split(command)[1:])
    method, address, body, headers = "GET", "", "", {}
    form: dict[str, object] = {}
    for word in words:
        if word == "-X":
            method = next(words)
        elif word == "-H":
            name, value = next(words).split(": ", 1)
            headers[name] = value
        elif word == "-d":
            body = next(words)
        elif word == "-F":
            name, value = next(words).split("=", 1)
            form[name] = SimpleUploadedFile(value[1:], PDF) if value.startswith("@") else value
        else:
            address = word
    if form:
        return APIClient().generic(
            method, address, encode_multipart(BOUNDARY, form), MULTIPART_CONTENT, headers=headers
        )
    return APIClient().generic(method, address, body, headers.pop("Content-Type", ""), headers=headers)


@pytest.mark.parametrize("command", EXAMPLES)
def test_an_example_of_the_guide_works(project, certifier, preparer, command, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    keys = [issue_token(owner=who, name="guide", scope="write", days=1, by=who) for who in (certifier, preparer)]
    values = {"HABITAT": "", "TOKEN": keys[0], "PREPARER": keys[1], "PROJECT": str(project.public_id)}
    values["ACTION"] = str(project.actions.get().public_id)
    if "$DOCUMENT" in command:
        paper = attach_document(project, "other", SimpleUploadedFile("a.pdf", PDF), by=preparer)
        values["DOCUMENT"] = str(paper.public_id)
    if "$ETAG" in command:
        values["ETAG"] = etag_of_what_it_changes(command, values)
    answer = run(command, values)
    assert answer.status_code == expected(command), answer.content


def expected(command: str) -> int:
    if "-X DELETE" in command:
        return 204
    begins = re.search(r'-X POST "\$HABITAT/api/v1/(projects|actions|documents)/"', command)
    return 201 if begins else 200


def etag_of_what_it_changes(command: str, values: dict[str, str]) -> str:
    """As a client would have read it: the record's, or the list's of who pays."""
    address = re.search(r'"(\$HABITAT[^"]+?)(?:site/)?"', command)[1]
    return run(f'curl "{address}" -H "Authorization: Token $PREPARER"', values)["ETag"]


@pytest.mark.django_db(transaction=True)
def test_description_opens_without_a_complaint_of_the_browser(page, live_server):
    page.goto("/api/docs/", wait_until="commit")
    expect(page.locator(".opblock-tag")).to_have_count(len(RESOURCES), timeout=30_000)
