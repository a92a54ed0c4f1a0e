"""What is looked for in every project at work, again and again: an explicit catalogue, one `Kind` each."""

from projects.alerts.kinds import Kind
from projects.alerts.money import MONEY
from projects.alerts.society import SOCIETY
from projects.alerts.works import WORKS

KINDS: tuple[Kind, ...] = (*WORKS, *MONEY, *SOCIETY)
BY_CODE = {kind.code: kind for kind in KINDS}

__all__ = ["BY_CODE", "KINDS", "Kind"]
