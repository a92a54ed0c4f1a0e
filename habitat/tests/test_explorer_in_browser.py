"""The explorer in Chromium: one set on map and in the table, by mouse and by keyboard, there and back."""

import re

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from habitat.tests.accessibility import violations
from polygons.models import Polygon
from polygons.services import recompute

pytestmark = pytest.mark.django_db(transaction=True)
expect.set_options(timeout=30_000)
READY = ".map[data-ready]"
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def neighbour(polygon_version, campeche, make_block):
    """A second published polygon, two kilometres to the east of the first."""
    polygon = Polygon.objects.create(code="04-0031", name="Siglo Nuevo", municipality=campeche)
    block = make_block(9, lon=-90.51, without_water=1, with_water=35)
    version = polygon.versions.create(
        number=1, source="drawn", vintage=2020, geometry=block.geometry, mercator=block.mercator, area=1
    )
    version.blocks.add(block)
    recompute(version)
    version.status = "published"
    version.save(update_fields=["status"])
    return polygon


def rows(page: Page) -> list[str]:
    return page.locator("#x-table tbody a.main").all_inner_texts()


def test_the_colour_changes_without_a_new_page_and_back_brings_the_old_one(page, neighbour):
    page.goto("/polygons/", timeout=90_000)
    page.wait_for_selector(READY)
    page.evaluate("window.stayed = true")
    page.locator("#bar-colour").select_option("approved")
    expect(page.locator(".legend-title")).to_contain_text("Pesos aprobados desde siempre")
    assert "colour=approved" in page.url and page.locator("#x-set").get_attribute("data-ramp") == "spend"
    page.get_by_role("link", name="Sin drenaje").first.click()
    expect(page.locator(".legend-title")).to_contain_text("Viviendas sin drenaje")
    page.go_back()
    expect(page.locator(".legend-title")).to_contain_text("Pesos aprobados desde siempre")
    assert page.evaluate("window.stayed") is True
    with page.expect_download() as kept:
        page.get_by_role("button", name="Descargar este mapa como imagen").click()
    assert kept.value.suggested_filename == "mapa-habitat.png"
    with Image.open(kept.value.path()) as picture:
        stage = page.locator(".map").bounding_box()
        assert picture.format == "PNG" and picture.width > stage["width"] and picture.height > stage["height"]
        # The map's colours and the legend's are in it, not one plain sheet.
        assert len(picture.convert("RGB").getcolors(1 << 20)) > 50


def test_the_keyboard_shows_a_row_on_the_map_moves_it_and_reads_a_block(page, neighbour):
    page.goto("/polygons/?sort=name")
    page.wait_for_selector(READY)
    page.get_by_role("button", name="Mostrar Bellavista en el mapa").focus()
    page.keyboard.press("Enter")
    expect(page.locator("tr.is-selected a.main")).to_have_text("Bellavista")
    page.wait_for_url(re.compile("bbox="))
    page.wait_for_selector(READY)
    first = page.url
    page.locator(".map canvas").focus()
    page.keyboard.press("Enter")
    panel = page.locator(".map-panel")
    expect(panel).to_be_visible()
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    page.keyboard.press("Enter")
    # The panel's links come after the map's tools, and Escape leads back to the map.
    for _tool in range(5):
        page.keyboard.press("Tab")
    expect(panel.get_by_role("link", name="Bellavista")).to_be_focused()
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(page.locator(".map canvas")).to_be_focused()
    steps = page.evaluate("history.length")
    # The blocks lie to the south of the polygon's middle.
    page.keyboard.press("ArrowDown")
    page.wait_for_function("address => window.location.href !== address", arg=first)
    page.keyboard.press("Enter")
    expect(panel.get_by_role("link", name="Página de la manzana")).to_have_attribute(
        "href", "/polygons/places/block/0400200010017002/"
    )
    # Moving the map tells the address where it is; Back undoes what was chosen, not each move.
    assert page.evaluate("history.length") == steps
    page.go_back()
    assert page.url.endswith("/polygons/?sort=name")


def test_only_what_the_map_shows_follows_the_map(page, neighbour):
    page.goto("/polygons/")
    page.wait_for_selector(READY)
    assert len(rows(page)) == 2
    page.get_by_label("Solo lo que muestra el mapa").check()
    page.wait_for_url(re.compile("inside=1"))
    page.get_by_role("button", name="Mostrar Siglo Nuevo en el mapa").click()
    expect(page.locator("#x-table tbody a.main")).to_have_count(1)
    assert rows(page) == ["Siglo Nuevo"]


def test_a_place_is_chosen_among_suggestions_by_keyboard(page, neighbour):
    page.goto("/polygons/?colour=floor")
    box = page.get_by_role("combobox", name="Ir a un lugar o clave")
    box.fill("siglo")
    page.wait_for_selector("[role=option]")
    assert violations(page) == []
    box.press("ArrowDown")
    assert box.get_attribute("aria-activedescendant") == "place-1"
    box.press("Enter")
    page.wait_for_url(re.compile("selected=04-0031"))
    assert "colour=floor" in page.url and "bbox=" in page.url


def test_without_script_the_page_still_works(new_context, neighbour):
    page = new_context(java_script_enabled=False).new_page()
    page.goto("/polygons/")
    expect(page.locator(".map-fallback")).to_be_visible()
    page.locator("#x-bar").get_by_role("link", name="Manzanas").click()
    expect(page.get_by_text("Elija una ciudad o un municipio")).to_be_visible()
    page.goto("/polygons/search/?q=siglo")
    page.get_by_role("link", name="Siglo Nuevo").click()
    assert "selected=04-0031" in page.url


@pytest.mark.parametrize("query", ["", "colour=water&against=approved&patterns=1", "grain=blocks&municipality=04002"])
def test_a_machine_finds_no_barrier_and_nothing_sticks_out(page, neighbour, query):
    for width, scheme in [(1280, "light"), (320, "dark")]:
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)
        page.goto(f"/polygons/?{query}")
        page.wait_for_selector(READY)
        assert violations(page) == [], f"{scheme} at {width}"
        assert page.evaluate(SIDEWAYS) == 0, f"{scheme} at {width}"
