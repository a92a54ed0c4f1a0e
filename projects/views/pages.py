"""The questions of a proposal, one a page, in their order."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects import rules
from projects.models import Project


@dataclass(frozen=True)
class Page:
    """A question of the form; `judges` names the kinds or codes of the rules shown beside it."""

    name: str
    label: Promise
    question: Promise
    judges: frozenset[str] = frozenset()


PAGES = (
    Page(
        "work",
        gettext_lazy("Work or action"),
        gettext_lazy("What will be done?"),
        frozenset({"capture_window", "works_inside_dates"}),
    ),
    Page(
        "place",
        gettext_lazy("Place"),
        gettext_lazy("Where will it be done?"),
        frozenset({"eligibilitycriterion", "location_basis", "overlaps_answered"}),
    ),
    Page(
        "targets",
        gettext_lazy("Targets and people"),
        gettext_lazy("How much, and for whom?"),
        frozenset({"one_modality", "types_of_the_year", "people_counted", "quantity_drawn"}),
    ),
    Page(
        "funding",
        gettext_lazy("Funding"),
        gettext_lazy("Who pays for it?"),
        frozenset({"funding_complete", "sharerule", "caprule", "mixrule", "ceiling"}),
    ),
    Page(
        "documents",
        gettext_lazy("Documents"),
        gettext_lazy("Which papers go with it?"),
        frozenset({"requireddocument"}),
    ),
    Page("summary", gettext_lazy("Summary and sending"), gettext_lazy("Is everything right?")),
)
BY_NAME = {page.name: page for page in PAGES}


def steps_of(current: Page, project: Project | None = None) -> list[dict[str, object]]:
    """The six questions for the stepper; those of an existing draft can be opened in any order."""
    reached = PAGES.index(current)
    steps = []
    for number, page in enumerate(PAGES):
        state = "past" if number < reached else "now" if number == reached else "next"
        when = _("%(number)s of %(count)s") % {"number": number + 1, "count": len(PAGES)} if state == "now" else ""
        url = reverse("projects:edit", args=[project.pk, page.name]) if project and state != "now" else ""
        steps.append({"label": page.label, "state": state, "when": when, "url": url})
    return steps


def concerns(page: Page, verdict: rules.Judgement) -> bool:
    """Beside a question stand its own rules; beside the papers and the summary, what stands in the way."""
    if page.name in ("documents", "summary"):
        own = not page.judges or verdict.kind in page.judges
        return own and (verdict.outcome == "fail" or verdict.blocks("submit"))
    return bool({verdict.kind, verdict.code} & page.judges)
