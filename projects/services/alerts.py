"""Alerts raised and ended by what the rows say, closed by people with a reason; a fixed number of statements."""

import datetime as dt
from collections import defaultdict

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from habitat.accounts.models import User
from projects import alert_notices
from projects.alerts import KINDS, Kind
from projects.models import Alert, Project
from projects.refusals import Refused, StepForbidden

BATCH = 2_000
REFRESHED = ["facts", "refreshed_at", "owner"]
ENDED = ["ended_at", "closed_at", "refreshed_at"]


def raise_alerts(*, at: dt.datetime | None = None, only: Project | None = None) -> dict[str, int]:
    """Look at all projects at work, or at one: open what is new, renew the facts, end what is over.

    Answers how many were opened and ended. Two at once wait for each other, and open and tell nothing twice.
    """
    at = at or timezone.now()
    today = timezone.localdate(at)
    with transaction.atomic():
        # One look at a time: of two that find the same, the second would tell of it again.
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('alerts'))")
        found = {kind.code: kind.find(today, only.pk if only else None) for kind in KINDS}
        standing = Alert.objects.filter(ended_at=None, **({"project": only} if only else {}))
        known = {(row.kind, row.project_id): row for row in standing.select_for_update(of=("self",))}
        opened = _open(found, known, at)
        _refresh(found, known, at)
        ended = _end(found, known, at)
        alert_notices.tell_of_alerts(opened)
    return {"opened": len(opened), "ended": ended}


Found = dict[str, dict[int, dict]]
Known = dict[tuple[str, int], Alert]


def _open(found: Found, known: Known, at: dt.datetime) -> list[Alert]:
    new = [
        (kind, project, facts)
        for kind in KINDS
        for project, facts in found[kind.code].items()
        if (kind.code, project) not in known
    ]
    before = _times([project for _kind, project, _facts in new])
    rows = [_row(kind, project, facts, before[kind.code, project] + 1, at) for kind, project, facts in new]
    Alert.objects.bulk_create(rows, batch_size=BATCH, ignore_conflicts=True)
    return rows


def _row(kind: Kind, project: int, facts: dict, times: int, at: dt.datetime) -> Alert:
    return Alert(
        project_id=project, kind=kind.code, facts=facts, owner=kind.owner, times=times, opened_at=at, refreshed_at=at
    )


def _times(projects: list[int]) -> dict[tuple[str, int], int]:
    """How often each has been raised on them so far."""
    count: dict[tuple[str, int], int] = defaultdict(int)
    rows = Alert.objects.filter(project__in=set(projects)) if projects else Alert.objects.none()
    for kind, project in rows.order_by().values_list("kind", "project"):
        count[kind, project] += 1
    return count


def _refresh(found: Found, known: Known, at: dt.datetime) -> None:
    """Only what has changed is written: each write leaves an audit row."""
    changed = []
    for (kind, project), row in known.items():
        facts = found.get(kind, {}).get(project)
        if facts is not None and facts != row.facts:
            row.facts, row.refreshed_at = facts, at
            changed.append(row)
    Alert.objects.bulk_update(changed, REFRESHED, batch_size=BATCH)


def _end(found: Found, known: Known, at: dt.datetime) -> int:
    over = [row for (kind, project), row in known.items() if project not in found.get(kind, {})]
    for row in over:
        row.ended_at = row.refreshed_at = at
        row.closed_at = row.closed_at or at
    Alert.objects.bulk_update(over, ENDED, batch_size=BATCH)
    return len(over)


def may_close(alert: Alert, user: User) -> bool:
    """Its owner's role, and the program unit."""
    writes = user.is_authenticated and user.can_write and user.is_valid_today
    return bool(writes and user.role in (alert.owner, "manager") and alert.closed_at is None)


@transaction.atomic
def close_alert(alert: Alert, *, reason: str, by: User, at: dt.datetime | None = None) -> Alert:
    """It stays closed while the condition lasts. Raises StepForbidden, or Refused without a reason or once closed."""
    locked = Alert.objects.visible_to(by).select_for_update(of=("self",)).get(pk=alert.pk)
    if locked.closed_at is not None:
        raise Refused(_("This alert has been closed already."))
    if not may_close(locked, by):
        raise StepForbidden(_("This alert is closed by its owner or the program unit."))
    if not reason.strip():
        raise Refused(_("Give the reason."))
    locked.closed_at, locked.closed_by, locked.reason = at or timezone.now(), by, reason.strip()
    locked.save(update_fields=["closed_at", "closed_by", "reason"])
    return locked
