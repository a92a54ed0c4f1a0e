"""axe-core in a browser page: what a machine can find of WCAG 2.2 A and AA."""

from pathlib import Path

from django.conf import settings

AXE = Path(settings.BASE_DIR) / "static" / "node_modules" / "axe-core" / "axe.min.js"
RUN = """async () => (await axe.run(document, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
})).violations.flatMap(v => v.nodes.map(n => `${v.id}: ${n.target.join(" ")} - ${n.failureSummary}`))"""


def violations(page) -> list[str]:
    """One sentence per offending element of a Playwright page; an empty list is what a test wants.

    `evaluate` is not bound by the page's own Content-Security-Policy.
    """
    page.evaluate(AXE.read_text(encoding="utf-8"))
    return page.evaluate(RUN)
