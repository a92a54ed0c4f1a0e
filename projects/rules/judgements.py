"""What one rule says of one project, in words and as data."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from modalities.models.rules import Rule
from projects.models import RuleException, Verdict
from projects.rules.decisions import ENGINE, decide

Outcome = Verdict.Outcome

# Approval closes the book on what was required before it: later steps judge only what is required later.
UNTIL_APPROVAL = ("submit", "authorise", "number", "approve")


@dataclass(frozen=True)
class Judgement:
    """`title` is the rule as a statement, `detail` the value and threshold found; both in the active language.

    `required_at` is empty where the rule only informs: it then blocks nothing. `rule` is the row's stable id; None for
    the ceiling, which is no row of the rules.
    """

    kind: str
    code: str
    outcome: str
    title: str
    detail: str = ""
    clause: str = ""
    is_verified: bool = True
    required_at: str = ""
    inputs: dict[str, object] = field(default_factory=dict)
    rule: UUID | None = None
    # By which the project may leave the rule for now; it then stops nothing, whatever the outcome.
    exception: RuleException | None = None

    @property
    def sentence(self) -> str:
        return f"{self.title.rstrip('.')}. {self.detail}".strip()

    def blocks(self, step: str) -> bool:
        """A fail blocks every step of its phase; an unknown only the step that requires the rule."""
        if self.exception:
            return False
        if self.outcome == Outcome.FAIL:
            return bool(self.required_at) and (step in UNTIL_APPROVAL or self.required_at not in UNTIL_APPROVAL)
        return self.outcome == Outcome.UNKNOWN and self.required_at == step


# Words that depend on the verdict.
Words = str | Callable[[str], str]


def judge(
    rule: Rule, title: str, words: Words, inputs: Mapping[str, object] | None = None, *, binds: bool = True
) -> Judgement:
    """The verdict follows from `inputs` alone. With `binds=False` it informs and never blocks: an amount nobody set."""
    kind = rule._meta.model_name or ""
    kept = {name: plain(value) for name, value in (inputs or {}).items()}
    outcome = decide(kind, rule.code, kept)
    return Judgement(
        kind=kind,
        code=rule.code,
        outcome=outcome,
        title=title,
        detail=words if isinstance(words, str) else words(outcome),
        clause=rule.clause,
        is_verified=rule.is_verified,
        required_at=rule.required_at if binds else "",
        inputs=kept,
        rule=rule.public_id,
    )


def plain(value: object) -> object:
    """As JSON keeps it: amounts as text, to the cent."""
    if isinstance(value, Decimal | dt.date):
        return str(value)
    if isinstance(value, list | tuple | set):
        return [plain(item) for item in value]
    return value


__all__ = ["ENGINE", "Judgement", "Outcome", "Words", "judge", "plain"]
