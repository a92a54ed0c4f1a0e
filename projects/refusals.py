"""How the services say no: with sentences a person can act on."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied

from habitat.lib.refusals import Refused

if TYPE_CHECKING:
    from projects.rules import Judgement


class StepRefused(Refused):
    """A step that is one's own but cannot be taken yet; `verdicts` are the rules that stand in its way."""

    def __init__(self, messages: Sequence[str], verdicts: Sequence["Judgement"] = ()) -> None:
        super().__init__(*messages)
        self.verdicts = list(verdicts)


class StepForbidden(PermissionDenied):
    """A step that is another person's."""
