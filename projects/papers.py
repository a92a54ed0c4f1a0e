"""The technical file as a list: what the rules ask for, what is there, what else was added."""

from dataclasses import dataclass, field

from modalities.models import DocumentKind, RequiredDocument
from projects.models import Document, Project
from projects.rules import Judgement, Outcome
from projects.services.documents import required_documents


@dataclass
class Paper:
    """One kind of paper: `rule` where the year's rules ask for it, `documents` from the newest to the oldest.

    `outcome` is pass where it is there, fail where the next step lacks it, unknown where a later one asks for it.
    """

    kind: DocumentKind
    rule: RequiredDocument | None = None
    outcome: str = Outcome.PASS
    documents: list[Document] = field(default_factory=list)

    @property
    def label(self) -> str:
        return str(self.kind.label)


def papers_of(project: Project, verdicts: list[Judgement]) -> list[Paper]:
    """Required papers first, in the order of the checklist; then the others that were added. Two queries."""
    judged = {verdict.code: verdict.outcome for verdict in verdicts if verdict.kind == "requireddocument"}
    papers: dict[str, Paper] = {}
    for rule in required_documents(project):
        outcome = judged.get(rule.code, Outcome.UNKNOWN)
        papers.setdefault(rule.kind, Paper(DocumentKind(rule.kind), rule, outcome))
    for document in project.documents.order_by("-uploaded_at", "-pk"):
        papers.setdefault(document.kind, Paper(DocumentKind(document.kind))).documents.append(document)
    order = list(DocumentKind)
    return sorted(papers.values(), key=lambda paper: (paper.rule is None, order.index(paper.kind)))
