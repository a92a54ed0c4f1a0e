"""A draft of the rules tried on every open proposal: which verdicts would come out otherwise, and why.

Nothing of a proposal is written. The preview's own rows are, a chunk and its place in one transaction: a worker that
dies loses one chunk, and who goes on after it repeats none.
"""

import datetime as dt
from collections.abc import Iterator

import structlog
from django.db import transaction
from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone, translation

from modalities.comparison import Difference, compare
from modalities.models import RulesVersion
from projects import rules
from projects.models import Action, Document, PreviewedChange, Project, RulesPreview
from projects.querysets.works import ProjectQuerySet
from projects.rules import Facts, Judgement, Outcome

logger = structlog.get_logger(__name__)

CHUNK = 100
LEASE = dt.timedelta(seconds=60)
MAX_ATTEMPTS = 3


def waiting_previews(at: dt.datetime) -> QuerySet[RulesPreview]:
    """Not begun, or begun by a worker that is gone."""
    unheld = Q(lease_until=None) | Q(lease_until__lt=at)
    return RulesPreview.objects.filter(unheld, status__in=["waiting", "running"])


def run_preview(pk: int) -> None:
    """To the end, unless somebody else is at it. May be killed at any moment and run again."""
    preview = _claim(pk)
    if preview is None:
        return
    try:
        with translation.override(preview.asked_by.language):
            draft = Draft(preview.rules)
            while _chunk(preview.pk, draft):
                pass
    except Exception:
        logger.exception("preview_failed", preview=pk)
        RulesPreview.objects.filter(pk=pk, attempts__gte=MAX_ATTEMPTS).update(status=RulesPreview.Status.FAILED)
        RulesPreview.objects.filter(pk=pk).update(lease_until=None)


def _claim(pk: int) -> RulesPreview | None:
    now = timezone.now()
    with transaction.atomic():
        found = waiting_previews(now).select_for_update(of=("self",), skip_locked=True)
        preview = found.filter(pk=pk).select_related("rules", "asked_by").first()
        if preview is None:
            return None
        preview.attempts += 1
        preview.status, preview.lease_until = RulesPreview.Status.RUNNING, now + LEASE
        if preview.attempts > MAX_ATTEMPTS:
            preview.status = RulesPreview.Status.FAILED
        preview.save(update_fields=["attempts", "status", "lease_until"])
    return preview if preview.status == RulesPreview.Status.RUNNING else None


class Draft:
    """The version tried, with its rules and what makes it differ from each version that proposals follow."""

    def __init__(self, version: RulesVersion) -> None:
        self.version = version
        self.book = rules.RuleBook(version.pk)
        self._reasons: dict[int, dict[tuple[str, str], str]] = {}

    def why(self, old: RulesVersion, kind: str, code: str) -> str:
        if old.pk not in self._reasons:
            found = compare(old, self.version)
            reasons = {(row.kind, row.code): _said(row) for row in found if not row.is_citation}
            types = ", ".join(f"{row.label}: {row.code}" for row in found if row.kind == "types")
            if types:
                reasons.setdefault(("conductrule", "types_of_the_year"), types)
            self._reasons[old.pk] = reasons
        return self._reasons[old.pk].get((kind, code), "")


def _said(row: Difference) -> str:
    parts = [f"{part.label}: {part.old} → {part.new}" for part in row.parts]
    return "; ".join(parts) or f"{row.label}: {row.new or row.old}"


@transaction.atomic
def _chunk(pk: int, draft: Draft) -> bool:
    """The next projects; False at the end. One transaction: the rows found and the place reached."""
    preview = RulesPreview.objects.select_for_update(of=("self",)).get(pk=pk)
    if preview.status != RulesPreview.Status.RUNNING:
        return False
    open_ = Project.objects.until_approval().filter(fiscal_year=draft.version.fiscal_year_id)
    projects = list(_judged(open_.filter(pk__gt=preview.last_pk))[:CHUNK])
    for facts in facts_of(projects, at=preview.asked_at):
        found = list(changes(facts, draft))
        for row in found:
            row.preview = preview
        PreviewedChange.objects.bulk_create(found)
        preview.changed += bool(found)
    preview.done += len(projects)
    preview.last_pk = projects[-1].pk if projects else preview.last_pk
    preview.lease_until = timezone.now() + LEASE
    is_over = len(projects) < CHUNK
    if is_over:
        preview.status, preview.finished_at = RulesPreview.Status.DONE, timezone.now()
    preview.save(update_fields=["done", "changed", "last_pk", "lease_until", "status", "finished_at"])
    return not is_over


def _judged(projects: ProjectQuerySet) -> QuerySet[Project]:
    return (
        projects.order_by("pk")
        .for_judging()
        .prefetch_related(Prefetch("documents", Document.objects.only("project", "kind")), "opinions")
    )


def facts_of(projects: list[Project], *, at: dt.datetime) -> Iterator[Facts]:
    """Facts of many, with their actions and sites read at once."""
    mine: dict[int, list[Action]] = {project.pk: [] for project in projects}
    actions = Action.objects.filter(project__in=mine).defer("geometry").select_related("action_type")
    for action in actions.prefetch_related("contributions").order_by("pk"):
        mine[action.project_id].append(action)
    sites = set(Action.objects.filter(project__in=mine, geometry__isnull=False).values_list("pk", flat=True))
    for project in projects:
        facts = Facts(project, at)
        facts.actions = mine[project.pk]
        facts.sites = sites & {action.pk for action in facts.actions}
        yield facts


def changes(facts: Facts, draft: Draft) -> Iterator[PreviewedChange]:
    """Unsaved; the same facts judged by both. A rule that one side lacks counts where the other does not pass it."""
    old = {(found.kind, found.code): found for found in rules.judge_facts(facts)}
    new = {(found.kind, found.code): found for found in rules.judge_facts(facts.under(draft.version, draft.book))}
    for key in sorted(old | new):
        before, after = old.get(key), new.get(key)
        if _weight(before) == _weight(after):
            continue
        said = after or before
        if said is None:
            continue
        yield PreviewedChange(
            project=facts.project,
            rule_kind=said.kind,
            rule_code=said.code,
            title=said.title[:300],
            why=draft.why(facts.project.rules, *key),
            **_side("before", before),
            **_side("after", after),
        )


def _weight(judged: Judgement | None) -> tuple[str, str]:
    """What a verdict does: a passed rule does nothing, another keeps a step from being taken, or informs."""
    if judged is None or judged.outcome == Outcome.PASS:
        return "", ""
    return judged.outcome, judged.required_at


def _side(name: str, judged: Judgement | None) -> dict[str, object]:
    if judged is None:
        return {}
    stops = judged.required_at if judged.outcome != Outcome.PASS else ""
    return {
        name: judged.outcome,
        f"stops_{name}": stops,
        f"words_{name}": judged.detail,
        f"inputs_{name}": judged.inputs,
    }
