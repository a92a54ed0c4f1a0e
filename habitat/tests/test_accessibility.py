"""Every component, and the pages before login, in Chromium: light and dark, wide and at 320 pixels."""

import gzip

import pytest

from habitat.tests.accessibility import violations

SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
PAGES = ["/gallery/", "/accounts/login/", "/accounts/password/reset/", "/accounts/signup/"]
SCREENS = [(1280, "light"), (1280, "dark"), (320, "light"), (320, "dark")]

pytestmark = [pytest.mark.urls("habitat.tests.gallery_urls"), pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("address", PAGES)
def test_a_machine_finds_no_barrier_and_nothing_sticks_out(page, address):
    for width, scheme in SCREENS:
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)
        page.goto(address)
        assert violations(page) == [], f"{scheme} at {width}"
        assert page.evaluate(SIDEWAYS) == 0, f"{scheme} at {width}"


def test_the_language_switch_sticks(page):
    page.goto("/accounts/login/?next=/accounts/profile/")
    assert page.locator("html").get_attribute("lang") == "es-mx"
    page.get_by_role("button", name="English").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Sign in"
    assert "next=/accounts/profile/" in page.url
    page.goto("/accounts/password/reset/")
    assert page.locator("html").get_attribute("lang") == "en"
    assert "Queda prohibido" in page.locator("footer").inner_text()


def test_the_keyboard_skips_to_the_content(page):
    page.goto("/accounts/login/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"


def test_a_refused_form_gives_the_focus_to_what_is_to_correct(page):
    page.goto("/accounts/login/")
    page.get_by_role("button", name="Entrar").click()
    assert "Corrija 2 datos" in page.evaluate("document.activeElement.innerText")
    page.locator(".error-summary a").first.click()
    assert page.evaluate("document.activeElement.name") == "login"


def test_a_page_without_map_weighs_less_than_200_kilobytes(page):
    """Uncompressed style sheets and scripts weigh more; served ones are compressed, so their gzip size counts."""
    weights = []
    page.on("response", lambda response: weights.append(len(gzip.compress(response.body()))))
    page.goto("/gallery/")
    page.wait_for_load_state("networkidle")
    assert sum(weights) < 200_000
