from collections.abc import Iterator

from django.utils.translation import gettext as _

from habitat.lib.templatetags.portal import money
from projects.models import Source, Status
from projects.rules.decisions import decide
from projects.rules.facts import Facts
from projects.rules.judgements import Judgement, plain
from projects.workflow import PUBLIC


def ceiling(facts: Facts) -> Iterator[Judgement]:
    """Whether the tightest node of the project's branch holds its federal part; decided when it is approved."""
    if facts.project.status in PUBLIC:
        return
    wanted = facts.paid_by(Source.FEDERAL)
    has_own = any(node.municipality_id for node in facts.branch)
    tightest = min(facts.branch, key=lambda node: node.balance) if has_own else None
    left = tightest.balance if tightest else None
    if left is None:
        words = _("The municipality has no ceiling of this strand and year yet.")
    elif facts.project.status == Status.NUMBERED:
        words = _("%(left)s federal are left; the project asks for %(wanted)s.")
    else:
        words = _("%(left)s federal are left; it is decided at approval.")
    is_decided = facts.project.status == Status.NUMBERED
    inputs = {"wanted": plain(wanted), "left": None if left is None else plain(left), "is_decided": is_decided}
    yield Judgement(
        kind="ceiling",
        code="ceiling",
        outcome=decide("ceiling", "ceiling", inputs),
        title=_("The municipality's ceiling holds the federal part"),
        detail=words % {"left": money(left or 0), "wanted": money(wanted)},
        clause=tightest.agreement.name if tightest else "",
        required_at="approve",
        inputs=inputs,
    )
