"""Kept verdicts said again from what was kept with them, by the engine that spoke."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from projects import rules
from projects.models import PortfolioVerdict, Verdict


@dataclass(frozen=True)
class Replay:
    """`outcome` is None where the engine that spoke kept too little to say it again."""

    verdict: Verdict | PortfolioVerdict
    outcome: str | None

    @property
    def answer(self) -> str:
        """same, different or unknowable"""
        if self.outcome is None:
            return "unknowable"
        return "same" if self.outcome == self.verdict.outcome else "different"


def replay(verdict: Verdict | PortfolioVerdict) -> Replay:
    """From its own inputs, which hold value and threshold: neither today's facts nor today's rules are looked at."""
    try:
        outcome = rules.decide(verdict.rule_kind, verdict.rule_code, verdict.inputs, verdict.engine)
    except rules.NotReplayableError:
        return Replay(verdict, None)
    return Replay(verdict, outcome)


def replay_all(verdicts: Iterable[Verdict | PortfolioVerdict]) -> tuple[Counter[str], list[Replay]]:
    """How many answer same, different or unknowable, and those that are different."""
    counted: Counter[str] = Counter(same=0, different=0, unknowable=0)
    different = []
    for verdict in verdicts:
        said = replay(verdict)
        counted[said.answer] += 1
        if said.answer == "different":
            different.append(said)
    return counted, different
