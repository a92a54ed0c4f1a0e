"""Debian's Chromium under strict conditions: any script error, policy violation or outside request fails the test."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, sync_playwright

from habitat.tests.environment import BASE_DIR

CHROMIUM = Path("/usr/bin/chromium")
BUNDLE = BASE_DIR / "static" / "dist"
FLAGS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    # Nothing outside this machine has an address.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
    # Maps draw with WebGL, here without a graphics card.
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
]


# Drawing a map in software costs more than all the rest of a page.
NO_WEBGL = """
    const { getContext } = HTMLCanvasElement.prototype;
    HTMLCanvasElement.prototype.getContext = function (kind, ...more) {
        return kind.startsWith("webgl") ? null : getContext.call(this, kind, ...more);
    };
"""


def why_not() -> str | None:
    if not CHROMIUM.exists():
        return f"{CHROMIUM} is missing: apt-get install chromium"
    if not BUNDLE.is_dir():
        return "static/dist is not built: make test builds it"
    return None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if {"page", "browser", "new_context"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.skipif(why_not() is not None, reason=why_not() or ""))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    # Playwright keeps an event loop in this thread, in which Django would refuse to touch the database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    # Chromium's own sandbox refuses root.
    flags = FLAGS + (["--no-sandbox"] if os.geteuid() == 0 else [])
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield chromium
        chromium.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


class StrictContexts:
    """Opens browser windows and keeps what went wrong in any of them."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.browser, self.address = browser, address
        self.open: list[BrowserContext] = []
        self.problems: list[str] = []

    def __call__(self, *, draws_maps: bool = True, **options: Any) -> BrowserContext:
        """Another person at another machine: `new_context(locale="en", color_scheme="dark")`.

        One that draws no maps has no WebGL: pages say so and work with their tables.
        """
        context = self.browser.new_context(**{"base_url": self.address, "locale": "es-MX"} | options)
        context.set_default_timeout(30_000)
        context.on("console", self.note_console)
        context.on("weberror", lambda error: self.problems.append(str(error.error)))
        # Watched, not routed: a routed context fetches every file anew for every page.
        context.on("request", self.note_outside)
        if not draws_maps:
            context.add_init_script(NO_WEBGL)
        self.open.append(context)
        return context

    def note_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.problems.append(f"{message.text} ({message.location.get('url')})")

    def note_outside(self, request: Request) -> None:
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.problems.append(f"asked an outside server: {request.url}")


@pytest.fixture
def new_context(browser: Browser, live_server, request: pytest.FixtureRequest) -> Iterator[StrictContexts]:
    """Pages may only do what `@pytest.mark.browser(expect=["status of 404"])` names."""
    contexts = StrictContexts(browser, live_server.url)
    yield contexts
    for context in contexts.open:
        context.close()
    marker = request.node.get_closest_marker("browser")
    expected = tuple(marker.kwargs.get("expect", ())) if marker else ()
    unexpected = [problem for problem in contexts.problems if not any(words in problem for words in expected)]
    assert not unexpected, "The browser complained:\n" + "\n".join(unexpected)


@pytest.fixture
def page(new_context: StrictContexts) -> Page:
    return new_context().new_page()
