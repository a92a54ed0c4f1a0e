from collections.abc import Iterator

from django.utils.translation import gettext as _

from habitat.lib.templatetags.portal import money
from projects.models import Ceiling, Source, Status
from projects.rules.facts import Facts
from projects.rules.judgements import Judgement, Outcome
from projects.workflow import PUBLIC


def ceiling(facts: Facts) -> Iterator[Judgement]:
    """Whether the tightest node of the project's branch holds its federal part; decided when it is approved."""
    if facts.project.status in PUBLIC:
        return
    wanted = facts.paid_by(Source.FEDERAL)
    branch = list(Ceiling.objects.branch(facts.project).with_taken())
    has_own = any(node.municipality_id for node in branch)
    tightest = min(branch, key=lambda node: node.balance) if has_own else None
    left = tightest.balance if tightest else None
    enough = left is not None and wanted <= left
    if left is None:
        words = _("The municipality has no ceiling of this strand and year yet.")
    elif facts.project.status == Status.NUMBERED:
        words = _("%(left)s federal are left; the project asks for %(wanted)s.")
    else:
        words = _("%(left)s federal are left; it is decided at approval.")
    decided = left is not None and facts.project.status == Status.NUMBERED
    yield Judgement(
        kind="ceiling",
        code="ceiling",
        outcome=Outcome.PASS if enough else Outcome.FAIL if decided else Outcome.UNKNOWN,
        title=_("The municipality's ceiling holds the federal part"),
        detail=words % {"left": money(left or 0), "wanted": money(wanted)},
        clause=tightest.agreement if tightest else "",
        required_at="approve",
        inputs={"wanted": str(wanted), "left": None if left is None else str(left)},
    )
