"""The technical file as a list: what the rules ask for, what is there, what else was added."""

from dataclasses import dataclass, field

from modalities.models import DocumentKind, RequiredDocument
from projects.models import Document, Project
from projects.services.documents import required_documents


@dataclass
class Paper:
    """One kind of paper: `rule` where the year's rules ask for it, `documents` from the newest to the oldest."""

    kind: DocumentKind
    rule: RequiredDocument | None = None
    documents: list[Document] = field(default_factory=list)

    @property
    def label(self) -> str:
        return str(self.kind.label)

    @property
    def outcome(self) -> str:
        return "pass" if self.documents else "fail"


def papers_of(project: Project) -> list[Paper]:
    """Required papers first, in the order of the checklist; then the others that were added. Two queries."""
    papers: dict[str, Paper] = {}
    for rule in required_documents(project):
        papers.setdefault(rule.kind, Paper(DocumentKind(rule.kind), rule))
    for document in project.documents.order_by("-uploaded_at", "-pk"):
        papers.setdefault(document.kind, Paper(DocumentKind(document.kind))).documents.append(document)
    order = list(DocumentKind)
    return sorted(papers.values(), key=lambda paper: (paper.rule is None, order.index(paper.kind)))
