"""The strictness of the browser fixture itself: a check that cannot fail is none."""

import pytest

from habitat.tests.browser import StrictContexts


@pytest.fixture
def strict(browser, live_server):
    contexts = StrictContexts(browser, live_server.url)
    yield contexts
    for context in contexts.open:
        context.close()


@pytest.mark.parametrize(
    ("deed", "complaint"),
    [
        ("console.error('something broke')", "something broke"),
        ("setTimeout(() => { throw new Error('nobody caught it') })", "nobody caught it"),
        ("document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">')", "Content Security Policy"),
        ("fetch('/healthz/nothing-here')", "404"),
    ],
)
def test_a_page_that_misbehaves_is_found_out(strict, deed, complaint):
    page = strict().new_page()
    page.goto("/accounts/login/")
    assert strict.problems == []
    page.evaluate(deed)
    page.wait_for_timeout(300)
    assert complaint in "\n".join(strict.problems)


def test_no_outside_server_is_asked(strict):
    page = strict(bypass_csp=True).new_page()
    page.goto("/accounts/login/")
    page.evaluate("fetch('https://tiles.example/1.png').catch(() => null)")
    assert "asked an outside server: https://tiles.example/1.png" in strict.problems
