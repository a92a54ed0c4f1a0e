"""What a letter lists and adds up: from the ledger for works, from the ceilings for a state's subsidies."""

from collections.abc import Iterable
from decimal import Decimal

from django.db.models import Q, QuerySet, Sum
from django.utils.translation import gettext as _

from modalities.models import FiscalYear, Strand
from polygons.models import State
from projects.models import Ceiling, LedgerEntry, Letter, LetterKind, LetterLine, Moment, Project, Source
from projects.refusals import Refused

# Whose pesos a letter of works states.
MOMENTS = {LetterKind.AUTHORISATION: Moment.AUTHORISED, LetterKind.APPROVAL: Moment.APPROVED}


def works_to_list(kind: str, state: State, year: FiscalYear) -> QuerySet[Project]:
    """Projects with money standing at the letter's moment that no standing letter of the kind lists."""
    listed = LetterLine.objects.filter(letter__in=Letter.objects.filter(kind=kind).standing(), project__isnull=False)
    money = Q(entries__moment=MOMENTS[LetterKind(kind)])
    return (
        Project.objects.filter(fiscal_year=year, municipality__state=state)
        .exclude(pk__in=listed.values("project"))
        .annotate(standing=Sum("entries__amount", filter=money, default=0))
        .filter(standing__gt=0)
        .order_by("municipality", "folio")
    )


def lines_of_works(kind: str, projects: Iterable[Project]) -> list[LetterLine]:
    """Unsaved, in the projects' order, with the sums of the ledger by source; a work without any is left out."""
    projects = list(projects)
    entries = LedgerEntry.objects.filter(project__in=projects, moment=MOMENTS[LetterKind(kind)])
    sums = entries.order_by().values_list("project", "source").annotate(total=Sum("amount"))
    booked = {(project, source): total for project, source, total in sums}
    lines: list[LetterLine] = []
    for project in projects:
        amounts = {source: booked.get((project.pk, source), Decimal(0)) for source in Source.values}
        if any(amounts.values()):
            place = {"project": project, "municipality_id": project.municipality_id, "modality_id": project.modality_id}
            words = {"label": project.name[:300], "file_number": project.file_number or project.folio}
            lines.append(LetterLine(position=len(lines), strand_id=project.strand_id, **place, **words, **amounts))
    return lines


def lines_of_subsidies(state: State, year: FiscalYear) -> tuple[list[LetterLine], str]:
    """Unsaved lines by strand and municipality, and the agreements they rest on; they add up to the state's ceiling.

    What the state has and no municipality was given stands in a line of its own. Raises Refused without a ceiling.
    """
    nodes = Ceiling.objects.filter(fiscal_year=year, state=state, modality=None).select_related(
        "municipality", "agreement", "strand"
    )
    tops = {node.strand_id: node for node in nodes if node.municipality_id is None}
    if not tops:
        raise Refused(_("%(state)s has no ceiling in %(year)s yet. Set it first.") % {"state": state, "year": year.pk})
    lines: list[LetterLine] = []
    for strand, top in sorted(tops.items()):
        left = top.amount
        for node in nodes.filter(strand=strand, municipality__isnull=False).order_by("municipality"):
            lines.append(_of_ceiling(len(lines), top.strand, str(node.municipality), node.amount, node.municipality_id))
            left -= node.amount
        if left:
            lines.append(_of_ceiling(len(lines), top.strand, "Por distribuir entre municipios", left))
    agreements = dict.fromkeys(top.agreement.name for top in tops.values())
    return lines, "; ".join(agreements)


def _of_ceiling(
    position: int, strand: Strand, label: str, amount: Decimal, municipality: str | None = None
) -> LetterLine:
    others = dict.fromkeys(("state", "municipal", "beneficiaries"), Decimal(0))
    return LetterLine(
        position=position, strand=strand, municipality_id=municipality, label=label, federal=amount, **others
    )
