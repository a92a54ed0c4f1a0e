"""The alerts of a work are looked at again as soon as something is written of it; the clock finds what this misses."""

from functools import partial

from django.core.cache import cache
from django.db import transaction

from habitat.lib.tasks import enqueue, run_command
from projects.models import Project, Status

# Those that alerts are about (`alerts.kinds.AT_WORK`), and one that has just ceased to be.
WATCHED = frozenset(
    {
        Status.APPROVED,
        Status.IN_EXECUTION,
        Status.FINISHED,
        Status.HANDED_OVER,
        Status.PROVEN,
        Status.CLOSED,
        Status.CANCELLED,
    }
)
# Seconds after which a look that nobody began is asked for again.
PATIENCE_S = 60


def look_after(*projects: Project) -> None:
    """Have them looked at once what is being written is kept."""
    for project in projects:
        if project.status in WATCHED:
            transaction.on_commit(partial(_ask, project.pk), robust=True)


def _ask(pk: int) -> None:
    """One look is enough for all that is written before it begins."""
    key = key_of(pk)
    # A cache that is away says yes and keeps nothing; the queue lives in the same Redis.
    if not cache.add(key, 1, PATIENCE_S) or cache.get(key) is None:
        return
    enqueue(run_command, "raise_alerts", "--project", str(pk))


def begin(pk: int) -> None:
    """What is written from here on asks for another look."""
    cache.delete(key_of(pk))


def key_of(pk: int) -> str:
    return f"alerts-of-{pk}"
