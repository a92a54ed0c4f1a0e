"""The workbench as a technician meets it: preview, save, choose by key, under the cross and with the lasso."""

import os
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect

from habitat.tests.worker import wait_until
from polygons.models import PolygonVersion

CHOICE = "?place=04002&vintage=2020&variable=water&kind=value&threshold=20&gap=60&min_dwellings=100"
# Where to keep pictures, for whoever wants to look at them.
SHOTS = os.environ.get("WORKBENCH_SHOTS")


def shoot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


@pytest.fixture
def street(make_block):
    """Six blocks in a row; the fourth has water."""
    lacking = {"without_water": 20, "with_water": 16}
    served = {"without_water": 0, "with_water": 36}
    return [make_block(number, **(served if number == 4 else lacking)) for number in range(1, 7)]


@pytest.fixture
def bench(new_context, live_server, technician, street):
    """Opens a window of a technician who is logged in."""

    def open_window(**options) -> Page:
        client = Client()
        client.force_login(technician)
        context = new_context(**options)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
        return context.new_page()

    return open_window


def ready(page: Page) -> None:
    page.locator(".map[data-ready]").wait_for()


@pytest.mark.long
def test_a_technician_previews_saves_and_adjusts_a_polygon(bench, street):
    page = bench(viewport={"width": 1280, "height": 900}, locale="en")
    page.goto(f"/polygons/workbench/{CHOICE}")
    ready(page)
    shoot(page, "preview-1280-light")
    page.locator("[data-zoom=in]").click()
    wait_until(lambda: page.evaluate("'workbench:04002' in sessionStorage"), 20, lambda: "the map did not move")
    page.locator("#id_threshold").fill("50")
    page.locator("#choice button[type=submit]").click()
    page.wait_for_url("**threshold=50*")
    expect(page.locator("#workbench-said")).to_contain_text("3")
    # The map still looks where it did.
    extent = page.locator(".map").get_attribute("data-extent")
    assert extent and extent != page.locator(".map").get_attribute("data-bounds")
    page.locator("#preview form button").click()
    page.locator("#drafts tbody a").first.click()
    ready(page)
    said = page.locator("#draft-said")

    page.locator(".map canvas").focus()
    page.keyboard.press("Enter")
    expect(said).to_contain_text("Una manzana elegida")
    assert page.locator("#draft-keys").input_value() == street[1].code
    expect(page.locator(f"input[value='{street[1].code}']")).to_be_checked()
    shoot(page, "draft-1280-light")

    page.locator("[data-choose=none]").click()
    page.locator("#lasso").click()
    box = page.locator(".map canvas").bounding_box()
    corners = [(0.02, 0.02), (0.9, 0.02), (0.9, 0.95), (0.02, 0.95), (0.02, 0.1)]
    at = [(box["x"] + box["width"] * x, box["y"] + box["height"] * y) for x, y in corners]
    page.mouse.move(*at[0])
    page.mouse.down()
    for point in at[1:]:
        page.mouse.move(*point, steps=4)
    page.mouse.up()
    chosen = set(page.locator("#draft-keys").input_value().split())
    assert {block.code for block in street[:3]} <= chosen
    with page.expect_navigation():
        page.locator("button[value=add]").click()
    held = set(PolygonVersion.objects.get().blocks.values_list("code", flat=True))
    assert held == chosen | {block.code for block in street[:3]}


def test_a_draft_is_adjusted_with_the_keyboard_alone(bench, street):
    page = bench(viewport={"width": 320, "height": 700}, color_scheme="dark")
    page.goto(f"/polygons/workbench/{CHOICE}")
    shoot(page, "preview-320-dark")
    page.locator("#preview form button").focus()
    page.keyboard.press("Enter")
    page.locator("#drafts tbody a").first.focus()
    page.keyboard.press("Enter")
    ready(page)
    page.locator("#blocks .segments a").last.focus()
    page.keyboard.press("Enter")
    ready(page)
    page.locator(f"input[value='{street[3].code}']").focus()
    page.keyboard.press("Space")
    expect(page.locator("#draft-said")).to_contain_text("Una manzana elegida")
    shoot(page, "draft-320-dark")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.locator("button[value=add]").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert PolygonVersion.objects.get().block_count == 4
