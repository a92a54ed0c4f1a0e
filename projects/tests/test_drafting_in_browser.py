"""The form as a preparer meets it: two at once, a line that breaks."""

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect

from projects.models import Project


@pytest.fixture
def desk(new_context, live_server):
    """Opens a window of a person who is logged in."""

    def open_window(person, **options) -> Page:
        client = Client()
        client.force_login(person)
        context = new_context(**{"locale": "en"} | options)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
        return context.new_page()

    return open_window


def name_of(project: Project) -> str:
    return Project.objects.values_list("name", flat=True).get(pk=project.pk)


@pytest.mark.browser(expect=["status of 409"])
def test_two_editors_see_both_values_and_choose(desk, project, preparer, make_user, campeche):
    first, second = desk(preparer), desk(make_user("preparer", municipality=campeche))
    url = f"/projects/{project.pk}/edit/work/"
    for page in (first, second):
        page.goto(url)
    first.locator("#id_name").fill("De la primera")
    expect(first.locator("#save-state")).to_have_attribute("data-state", "saved", timeout=5_000)
    second.locator("#id_name").fill("Del segundo")
    expect(second.locator("#save-state")).to_have_attribute("data-state", "conflict", timeout=5_000)
    assert name_of(project) == "De la primera"
    second.locator("#answers .btn-primary").click()
    conflict = second.locator("#conflict")
    expect(conflict).to_contain_text("De la primera")
    expect(conflict).to_contain_text("Del segundo")
    conflict.locator("input[value^=mine]").check()
    second.locator("#answers .btn-primary").click()
    second.wait_for_url("**/edit/place/")
    assert name_of(project) == "Del segundo"


@pytest.mark.browser(expect=["ERR_INTERNET_DISCONNECTED"])
def test_a_dead_line_loses_nothing_typed(desk, project, preparer):
    page = desk(preparer)
    page.goto(f"/projects/{project.pk}/edit/work/")
    page.context.set_offline(True)
    page.locator("#id_name").fill("Escrito sin línea")
    expect(page.locator("#save-state")).to_have_attribute("data-state", "network", timeout=5_000)
    other = page.context.new_page()
    page.context.set_offline(False)
    page.close()  # the browser dies; the computer still has the text
    assert name_of(project) != "Escrito sin línea"
    other.goto(f"/projects/{project.pk}/edit/work/")
    offer = other.locator("#offer")
    expect(offer).to_contain_text("Introducción de red de agua potable")
    expect(offer).to_contain_text("Escrito sin línea")
    offer.locator("[data-offer=use]").click()
    expect(other.locator("#save-state")).to_have_attribute("data-state", "saved", timeout=5_000)
    assert name_of(project) == "Escrito sin línea"
    assert other.evaluate("Object.keys(localStorage).length") == 0
