"""Rows `proposals`: lists, the panel of rules and many authorisations at once, among the nation's works."""

from collections.abc import Iterator

from django.db import connection
from django.utils import timezone

from habitat.accounts.models import User
from habitat.bench import nation
from habitat.bench.frame import Bench, Row, processor
from habitat.bench.pages import page
from habitat.lib.progress import SILENT
from projects import services
from projects.letters.making import make_letter
from projects.models import BulkDecision, BulkRow, Letter, Project
from projects.workers import deciding
from reports.universe.building import has_progress
from reports.universe.works import program_unit, write_works

LIST_MS, PANEL_MS, MANY_S, MANY = 300.0, 150.0, 60, 1_000
# Each page is asked for so often a run.
TIMES = 2
LISTS = {
    "desk": "/",
    "projects": "/projects/",
    "unassigned": "/projects/desk/unassigned/",
    "others": "/projects/desk/others/",
    "overdue": "/projects/desk/overdue/",
    "ceilings": "/projects/ceilings/",
    "contracts": "/projects/contracts/",
    "refunds": "/projects/refunds/due/",
    "progress": "/projects/progress/",
    "alerts": "/projects/alerts/",
    "letters": "/projects/letters/",
    "API": "/api/v1/projects/",
}
# What the papers of a proposal and its sites would say, had people written it.
COMPLETE = """
    INSERT INTO projects_document (public_id, project_id, kind, file, original_name, size, sha256, content_type)
    SELECT gen_random_uuid(), project.id, paper.kind, '', paper.kind || '.pdf', 1, repeat('0', 64), 'application/pdf'
    FROM projects_project AS project
    JOIN (SELECT DISTINCT rules_id, kind FROM modalities_requireddocument WHERE required_at = 'submit') AS paper
      USING (rules_id)
    WHERE project.id = ANY (%(ids)s);
    UPDATE projects_action SET explanation = 'Inventada' WHERE project_id = ANY (%(ids)s);
    UPDATE projects_contribution AS part SET amount = amount + CASE source WHEN 'federal' THEN -1 ELSE 1 END
    FROM projects_action AS action
    WHERE action.id = part.action_id AND action.project_id = ANY (%(ids)s) AND source IN ('federal', 'municipal')
"""


def rows(bench: Bench) -> Iterator[Row]:
    nation.stand_up(bench)
    if not has_progress():
        write_works(max(bench.scale, nation.SMALLEST), with_progress=True, progress=SILENT)
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
    manager = program_unit(timezone.localdate())
    yield from _pages(manager, bench.runs * TIMES)
    yield from _authorisations(manager)


def _pages(manager: User, times: int) -> Iterator[Row]:
    count = f"{Project.objects.count():,} projects"
    for name, address in LISTS.items():
        yield page(f"list/{name}", f"{address} of {count}", address, times, LIST_MS, manager)
    for pk in _submitted()[:1]:
        yield page("panel", "a proposal's page with all its rules", f"/projects/{pk}/", times, PANEL_MS, manager)


def _submitted() -> list[int]:
    found = Project.objects.filter(status="submitted", polygon_version__isnull=False).order_by("pk")
    return list(found.values_list("pk", flat=True)[:MANY])


def _authorisations(manager: User) -> Iterator[Row]:
    """Processor time of the worker and its database session, for a thousand. What cannot pass is looked at alone."""
    ids = _submitted()
    with connection.cursor() as cursor:
        cursor.execute(COMPLETE, {"ids": ids})
    _make_letters()
    decision = BulkDecision.objects.create(step="authorise", total=len(ids), asked_by=manager, asked_at=timezone.now())
    BulkRow.objects.bulk_create(BulkRow(decision=decision, project_id=pk) for pk in ids)
    yield _taken("look", "looked at", decision, len(ids))
    decision.refresh_from_db()
    if free := services.counts_of(decision.rows.all())["free"]:
        BulkDecision.objects.filter(pk=decision.pk).update(status="running", confirmed_at=timezone.now(), total=free)
        yield _taken("authorise", "authorised", decision, free)


def _taken(name: str, what: str, decision: BulkDecision, count: int) -> Row:
    begun = processor()
    deciding.run_decision(decision.pk)
    seconds = (processor() - begun) * MANY / max(count, 1)
    return Row(
        f"many/{name}", f"{MANY:,} proposals {what} by the job, from {count}", f"{MANY_S} s", seconds / MANY_S,
        at_most=1, value=f"{seconds:.0f} s of CPU",
    )  # fmt: skip


def _make_letters() -> None:
    """Of the subsidies of each state, that the nation's builder asked for: nothing is authorised without."""
    for letter in Letter.objects.unmade(timezone.now()):
        make_letter(letter.pk)
