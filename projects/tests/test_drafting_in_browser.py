"""The form as a preparer meets it: two at once, a line that breaks."""

import gzip

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect

from habitat.tests.fixtures import PDF
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


# How many pages of proposals this computer keeps as they were typed.
COPIES = """new Promise((resolve) => {
    indexedDB.open("habitat").onsuccess = ({ target: { result } }) => {
        result.transaction("typed").objectStore("typed").count().onsuccess = (event) => resolve(event.target.result);
    };
})"""


def name_of(project: Project) -> str:
    return Project.objects.values_list("name", flat=True).get(pk=project.pk)


@pytest.mark.browser(expect=["status of 409"])
def test_two_editors_see_both_values_and_choose(desk, project, preparer, make_user, campeche):
    first, second = desk(preparer), desk(make_user("preparer", municipality=campeche))
    url = reverse("projects:edit", args=[project.pk, "work"])
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


@pytest.mark.browser(expect=["ERR_INTERNET_DISCONNECTED", "status of 403"])
def test_a_dead_line_loses_nothing_typed(desk, project, preparer):
    page = desk(preparer)
    page.goto(reverse("projects:edit", args=[project.pk, "work"]))
    page.context.set_offline(True)
    page.locator("#id_name").fill("Escrito sin línea")
    expect(page.locator("#save-state")).to_have_attribute("data-state", "network", timeout=5_000)
    other = page.context.new_page()
    # The browser dies before the line is back, or it would send what it kept; the computer still has the text.
    page.close()
    other.context.set_offline(False)
    assert name_of(project) != "Escrito sin línea"
    other.goto(reverse("projects:edit", args=[project.pk, "work"]))
    offer = other.locator("#offer")
    expect(offer).to_contain_text("Introducción de red de agua potable")
    expect(offer).to_contain_text("Escrito sin línea")
    offer.locator("[data-offer=use]").click()
    expect(other.locator("#save-state")).to_have_attribute("data-state", "saved", timeout=5_000)
    assert name_of(project) == "Escrito sin línea"
    assert other.evaluate(COPIES) == 0
    # With the session went the token of the form: that is no reason to say that the draft is another's now.
    other.context.clear_cookies()
    other.locator("#id_name").fill("Escrito sin sesión")
    expect(other.locator("#save-state")).to_have_attribute("data-state", "session", timeout=5_000)
    assert other.evaluate(COPIES) == 1


@pytest.mark.browser(expect=["ERR_FAILED"])
def test_an_upload_goes_on_after_the_line_broke(desk, project, preparer, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    page = desk(preparer)
    broken = []

    def line(route):
        if route.request.method == "PATCH" and not broken:
            broken.append(route.request.url)
            return route.abort()
        return route.fallback()

    page.route("**/documents/uploads/**", line)
    page.goto(f"/projects/{project.pk}/edit/documents/")
    page.locator("#id_file").set_input_files({"name": "acta.pdf", "mimeType": "application/pdf", "buffer": PDF})
    with page.expect_navigation():
        page.locator("form[enctype] button:not([type])").click()
    expect(page.locator("#file")).to_contain_text("acta.pdf")
    assert (len(broken), project.documents.get().original_name) == (1, "acta.pdf")


# ---- Without script, on a telephone's width, and with the keyboard alone ------------------------------------------
MOST_BYTES = 200_000


def test_a_proposal_is_written_without_script_at_320_pixels(desk, rules, polygon_version, preparer, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    page = desk(preparer, java_script_enabled=False, viewport={"width": 320, "height": 700})
    weights: list[int] = []
    page.on("response", lambda answer: weights.append(len(gzip.compress(answer.body())) if answer.ok else 0))

    def light(address: str) -> None:
        """The page as it stands is the one awaited, no wider than the screen, and light."""
        assert address in page.url
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        assert sum(weights) < MOST_BYTES, f"{page.url}: {sum(weights)} bytes"
        weights.clear()

    def send() -> None:
        page.locator("#answers .btn-primary").click()

    page.goto("/projects/new/")
    light("/projects/new/")
    page.locator("#id_action_type").select_option("ME01")
    page.locator("#id_quantity").fill("12.50")
    page.locator("#id_name").fill("Agua en la calle 14")
    send()
    light("/edit/place/")
    page.locator("#id_polygon_version").select_option(str(polygon_version.pk))
    send()
    page.locator("input[name=blocks]").first.check()
    light("/edit/place/")
    send()
    light("/edit/targets/")
    action = Project.objects.get().actions.get()
    for name in ("women", "men", "households"):
        page.locator(f"#id_action-{action.pk}-{name}").fill("10")
    send()
    light("/edit/funding/")
    for name, value in {
        "cost": "1000",
        "federal": "500",
        "state": "0",
        "municipal": "500",
        "beneficiaries": "0",
    }.items():
        page.locator(f"#id_action-{action.pk}-{name}").fill(value)
    send()
    light("/edit/documents/")
    page.locator("#id_file").set_input_files({"name": "acta.pdf", "mimeType": "application/pdf", "buffer": PDF})
    page.locator("form[enctype] button:not([type])").click()
    page.locator("form[enctype] .btn-primary").click()
    light("/edit/summary/")
    send()
    project = Project.objects.get()
    assert project.ready_by == preparer
    assert (project.documents.count(), action.contributions.count(), action.touched.count() > 0) == (1, 4, True)


class Keyboard:
    """A person without a mouse: goes by Tab to what has a name, or is the page's button."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def to(self, name: str) -> "Keyboard":
        for _step in range(90):
            self.page.keyboard.press("Tab")
            if self.page.evaluate("document.activeElement.name || document.activeElement.className") == name:
                return self
        raise AssertionError(f"the keyboard does not reach {name} on {self.page.url}")

    def write(self, name: str, text: str) -> None:
        self.to(name).page.keyboard.type(text)

    def press(self, key: str, waited: str = "") -> None:
        self.page.keyboard.press(key)
        if waited:
            self.page.wait_for_url(waited)

    def send(self, waited: str) -> None:
        self.to("btn btn-primary").press("Enter", waited)


@pytest.mark.long
def test_a_proposal_is_written_and_sent_with_the_keyboard_alone(
    desk, rules, polygon_version, preparer, certifier, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    page = desk(preparer, draws_maps=False)
    keys = Keyboard(page)
    page.goto("/projects/new/")
    keys.to("action_type")
    while page.locator("#id_action_type").input_value() != "ME01":
        keys.press("ArrowDown")
    keys.write("quantity", "240")
    keys.write("name", "Agua en la calle 14")
    expect(page.locator("#save-state")).to_have_attribute("data-state", "kept", timeout=5_000)
    keys.send("**/edit/place/")
    project = Project.objects.get()
    action = project.actions.get()
    keys.to("polygon_version").press("ArrowDown")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    keys.send(f"**/edit/place/{action.pk}/")
    # The map weighs more than all the rest: it comes when it is asked for.
    assert not any("/build/map" in url and url.endswith(".js") for url in asked)
    with page.expect_response("**/build/map*.js"):
        keys.to("btn btn-quiet").press("Enter")
    expect(page.locator(".map-frame")).to_be_visible()
    keys.write("place", "19.8301, -90.5300")
    keys.press("Enter")
    page.keyboard.type("19.8301, -90.5278")
    keys.send("**/edit/targets/")
    for name in ("women", "men", "households"):
        keys.write(f"action-{action.pk}-{name}", "10")
    keys.send("**/edit/funding/")
    for name, value in {
        "cost": "1000",
        "federal": "500",
        "state": "0",
        "municipal": "500",
        "beneficiaries": "0",
    }.items():
        keys.write(f"action-{action.pk}-{name}", value)
    keys.send("**/edit/documents/")
    with page.expect_file_chooser() as chosen:
        keys.to("file").press("Enter")
    chosen.value.set_files({"name": "acta.pdf", "mimeType": "application/pdf", "buffer": PDF})
    with page.expect_navigation():
        keys.to("btn btn-quiet").press("Enter")
    keys.send("**/edit/summary/")
    with page.expect_navigation():
        keys.to("btn btn-primary").press("Enter")
    project.refresh_from_db()
    assert (project.ready_by, project.documents.count(), action.touched.count()) == (preparer, 1, 2)
    keys = Keyboard(desk(certifier, draws_maps=False))
    keys.page.goto(f"/projects/{project.pk}/")
    keys.send(f"**/projects/{project.pk}/steps/submit/")
    keys.send(f"**/projects/{project.pk}/")
    project.refresh_from_db()
    assert project.status == "submitted"
