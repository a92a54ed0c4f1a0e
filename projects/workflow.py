"""The life of a project as a table a lawyer can read: step, from where, to where, by whom.

Stage names are those of the 2012 operating guidelines, chapter 5; their order is inferred from the chapter titles and
is not verified. So a workflow has a name, a rules version names the one its projects follow, and the database trigger
reads the pairs of that name. Buttons, API, the diagram on the help page and the tests are drawn from here.
"""

from dataclasses import dataclass, field

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from habitat.accounts.models import Role


class Status(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("project", "Draft")
    SUBMITTED = "submitted", pgettext_lazy("project", "Submitted")
    AUTHORISED = "authorised", pgettext_lazy("project", "Authorised")
    IN_REVIEW = "in_review", pgettext_lazy("project", "In review")
    OBSERVED = "observed", pgettext_lazy("project", "With observations")
    NUMBERED = "numbered", pgettext_lazy("project", "Numbered")
    APPROVED = "approved", pgettext_lazy("project", "Approved")
    IN_EXECUTION = "in_execution", pgettext_lazy("project", "In execution")
    FINISHED = "finished", pgettext_lazy("project", "Finished")
    HANDED_OVER = "handed_over", pgettext_lazy("project", "Handed over")
    PROVEN = "proven", pgettext_lazy("project", "Proven")
    CLOSED = "closed", pgettext_lazy("project", "Closed")
    REJECTED = "rejected", pgettext_lazy("project", "Rejected")
    WITHDRAWN = "withdrawn", pgettext_lazy("project", "Withdrawn")
    CANCELLED = "cancelled", pgettext_lazy("project", "Cancelled")


# From approval on a project is public (the table of what the public sees, design section 3).
PUBLIC = frozenset(
    {
        Status.APPROVED,
        Status.IN_EXECUTION,
        Status.FINISHED,
        Status.HANDED_OVER,
        Status.PROVEN,
        Status.CLOSED,
    }
)
# Ended without being done: their money is asked of nobody.
FELL = frozenset({Status.REJECTED, Status.WITHDRAWN, Status.CANCELLED})
# Nothing more happens to these.
ENDED = FELL | {Status.CLOSED}
# The usual road, for the stepper on a project's page.
MAIN_ROAD = (
    Status.DRAFT,
    Status.SUBMITTED,
    Status.AUTHORISED,
    Status.IN_REVIEW,
    Status.NUMBERED,
    Status.APPROVED,
    Status.IN_EXECUTION,
    Status.FINISHED,
    Status.HANDED_OVER,
    Status.PROVEN,
    Status.CLOSED,
)


@dataclass(frozen=True)
class Move:
    """One arrow of the diagram: from a status to a status, by one role."""

    source: Status
    target: Status
    role: Role


@dataclass(frozen=True)
class Step:
    name: str
    label: Promise
    moves: tuple[Move, ...]
    needs_reason: bool = False
    # Rules whose `required_at` is this step are evaluated and must not fail, nor be unknown.
    checks_rules: bool = False
    # Stops the work: shown apart from the steps that carry it on.
    is_exit: bool = False
    # An act of authority: the person confirms once more who they are.
    is_signed: bool = False
    # What a person should know before pressing, one sentence.
    hint: Promise | str = field(default="")

    def move_from(self, status: str) -> tuple[Move, ...]:
        return tuple(move for move in self.moves if move.source == status)


def _moves(sources: tuple[Status, ...], target: Status, role: Role) -> tuple[Move, ...]:
    return tuple(Move(source, target, role) for source in sources)


LINEAMIENTOS_2012: tuple[Step, ...] = (
    Step(
        "submit",
        _("Submit"),
        _moves((Status.DRAFT,), Status.SUBMITTED, Role.CERTIFIER),
        checks_rules=True,
        hint=_("The capture window must be open and the preparer must have marked the draft ready."),
    ),
    Step(
        "authorise",
        _("Authorise"),
        _moves((Status.SUBMITTED,), Status.AUTHORISED, Role.MANAGER),
        checks_rules=True,
        is_signed=True,
        hint=_("Authorising reserves no money."),
    ),
    Step(
        "review",
        _("Take for review"),
        _moves((Status.AUTHORISED,), Status.IN_REVIEW, Role.REVIEWER),
        hint=_("The case becomes yours."),
    ),
    Step(
        "observe",
        _("Return with observations"),
        (
            Move(Status.SUBMITTED, Status.OBSERVED, Role.MANAGER),
            Move(Status.IN_REVIEW, Status.OBSERVED, Role.REVIEWER),
        ),
        needs_reason=True,
        hint=_("The clock pauses until the municipality answers."),
    ),
    Step(
        "answer",
        _("Answer the observations"),
        (
            Move(Status.OBSERVED, Status.SUBMITTED, Role.CERTIFIER),
            Move(Status.OBSERVED, Status.IN_REVIEW, Role.CERTIFIER),
        ),
        needs_reason=True,
        hint=_("The project goes back to where it came from."),
    ),
    Step(
        "number",
        _("Assign the file number"),
        _moves((Status.IN_REVIEW,), Status.NUMBERED, Role.REVIEWER),
        checks_rules=True,
        hint=_("Opinions must be given and every rule required here must pass."),
    ),
    Step(
        "approve",
        _("Approve"),
        _moves((Status.NUMBERED,), Status.APPROVED, Role.DELEGATE),
        checks_rules=True,
        is_signed=True,
        hint=_("The federal money is taken from the ceiling."),
    ),
    Step(
        "start",
        _("Start the works"),
        _moves((Status.APPROVED,), Status.IN_EXECUTION, Role.CERTIFIER),
        checks_rules=True,
        hint=_("Its contract or agreement of own administration is validated and its committee constituted."),
    ),
    Step(
        "finish",
        _("Report as finished"),
        _moves((Status.IN_EXECUTION,), Status.FINISHED, Role.CERTIFIER),
        checks_rules=True,
        hint=_("What was measured must equal what was planned or amended."),
    ),
    Step(
        "hand_over",
        _("Hand over"),
        _moves((Status.FINISHED,), Status.HANDED_OVER, Role.REVIEWER),
        checks_rules=True,
    ),
    Step(
        "prove",
        _("Accept the proof of expenditure"),
        _moves((Status.HANDED_OVER,), Status.PROVEN, Role.REVIEWER),
        checks_rules=True,
        hint=_("What was proven and what was refunded must add up to what was released."),
    ),
    Step(
        "close",
        _("Close"),
        _moves((Status.PROVEN,), Status.CLOSED, Role.DELEGATE),
        checks_rules=True,
    ),
    Step(
        "reject",
        _("Reject"),
        _moves((Status.SUBMITTED, Status.AUTHORISED), Status.REJECTED, Role.MANAGER)
        + _moves((Status.IN_REVIEW, Status.NUMBERED), Status.REJECTED, Role.DELEGATE),
        needs_reason=True,
        is_exit=True,
    ),
    Step(
        "withdraw",
        _("Withdraw"),
        _moves(
            (
                Status.DRAFT,
                Status.SUBMITTED,
                Status.AUTHORISED,
                Status.IN_REVIEW,
                Status.OBSERVED,
                Status.NUMBERED,
            ),
            Status.WITHDRAWN,
            Role.CERTIFIER,
        ),
        is_exit=True,
        needs_reason=True,
    ),
    Step(
        "cancel",
        _("Confirm the cancellation"),
        _moves((Status.APPROVED, Status.IN_EXECUTION), Status.CANCELLED, Role.MANAGER),
        needs_reason=True,
        is_exit=True,
        hint=_("The delegate proposes it, the program unit confirms it; the money goes back to the ceiling."),
    ),
)

WORKFLOWS: dict[str, tuple[Step, ...]] = {"lineamientos-2012": LINEAMIENTOS_2012}


def steps_of(workflow: str) -> dict[str, Step]:
    return {step.name: step for step in WORKFLOWS[workflow]}


def allowed_pairs() -> list[tuple[str, str, str]]:
    """(workflow, from, to) for the database trigger, in a fixed order."""
    return sorted(
        {
            (name, move.source.value, move.target.value)
            for name, steps in WORKFLOWS.items()
            for step in steps
            for move in step.moves
        }
    )
