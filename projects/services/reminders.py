import datetime as dt

from django.db import transaction
from django.utils import timezone

from habitat.lib.calendar import add_business_days, is_business_day
from projects import notifications
from projects.models import Project
from projects.workflow import WORKFLOWS

# A reminder comes when a case is due within so many business days, and every business day once it is overdue.
NOTICE_DAYS = 2


def remind(*, at: dt.datetime | None = None, is_dry_run: bool = False) -> list[tuple[str, int]]:
    """Tell everybody, once a business day, of the cases that wait for them; answers (e-mail, cases)."""
    today = timezone.localdate(at)
    if not is_business_day(today):
        return []
    due = Project.objects.open().filter(due_on__lte=add_business_days(today, NOTICE_DAYS)).order_by("due_on", "pk")
    told = []
    for user in notifications.valid_accounts().filter(role__in=turns()):
        cases = list(due.in_territory(user).filter(status__in=turns()[user.role]))
        if cases and not notifications.has_been_told(user, today):
            told.append((user.email, len(cases)))
            if not is_dry_run:
                with transaction.atomic():
                    notifications.tell_what_is_due(user, cases, today)
    return told


def turns() -> dict[str, set[str]]:
    """Role → the statuses from which it carries a project on."""
    found: dict[str, set[str]] = {}
    for steps in WORKFLOWS.values():
        for move in (move for step in steps if not step.is_exit for move in step.moves):
            found.setdefault(move.role, set()).add(move.source)
    return found
