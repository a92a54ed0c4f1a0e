"""Progress told: reopened months, and what is due or overdue, one notice a municipality and period."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator

from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from habitat.accounts import notices
from habitat.accounts.models import Kind, Role, User
from habitat.accounts.notices import Line, Notice
from projects.models import ProgressPeriod, ProgressReopening, ProgressReport
from projects.notifications import PROJECT, about, people_of, valid_accounts

CAPTURERS = (Role.PREPARER, Role.CERTIFIER)
# An e-mail names so many works; the page has them all.
NAMED = 50


def tell_of_reopening(reopening: ProgressReopening, *, by: User) -> None:
    """Who may grant it when it is asked for; once decided, who asked and the municipality."""
    if reopening.is_granted is None:
        people = people_of(reopening.project, roles={Role.DELEGATE}, but=by.pk)
    else:
        people = people_of(reopening.project, roles=CAPTURERS, made_it=[reopening.asked_by_id], but=by.pk)
    notices.tell(_of_reopening(reopening, user) for user in people)


def _of_reopening(reopening: ProgressReopening, user: User) -> Notice:
    report, project = reopening.report, reopening.project
    with translation.override(user.language):
        known = {"folio": project.folio, "month": f"{report.month:02d}/{report.year}"}
        words = {
            None: _("%(folio)s: somebody asks to reopen the progress of %(month)s"),
            True: _("%(folio)s: the progress of %(month)s is open again"),
            False: _("%(folio)s: the progress of %(month)s stays closed"),
        }[reopening.is_granted]
        lines = [_("Reason: %(reason)s") % {"reason": reopening.reason}, reopening.note]
        text = words % known
    key = f"reopening-{reopening.pk}-{reopening.is_granted}"
    return about(project, user, Kind.PROGRESS, key=key, text=text, lines=[line for line in lines if line])


def of_due_progress(today: dt.date, soon: dt.date) -> Iterator[Notice]:
    """To who captures, once before the day (due up to `soon`) and once after; then also to the delegation.

    The key names period, municipality and event: however often the clock asks, a person is told once.
    """
    owed = ProgressReport.objects.to_capture().filter(period__due_on__lte=soon)
    cases: dict[tuple[ProgressPeriod, str], list[ProgressReport]] = defaultdict(list)
    for report in owed.select_related("period", "project").order_by("period__due_on", "project__folio"):
        if report.period:
            cases[report.period, report.project.municipality_id].append(report)
    if not cases:
        return
    people = list(valid_accounts().filter(role__in=[*CAPTURERS, Role.REVIEWER]))
    for (period, place), reports in cases.items():
        event = "soon" if period.due_on >= today else "overdue"
        for user in people:
            is_told = user.role in CAPTURERS or event == "overdue"
            if is_told and _holds(user, place):
                yield _of_period(event, period, place, reports, user)


def _holds(user: User, municipality: str) -> bool:
    return user.is_national or municipality == user.municipality_id or municipality[:2] == user.state_id


def _of_period(event: str, period: ProgressPeriod, place: str, reports: list[ProgressReport], user: User) -> Notice:
    count = len(reports)
    with translation.override(user.language):
        known = {
            "count": count,
            "month": f"{period.month:02d}/{period.year}",
            "day": date_format(period.due_on),
            "place": reports[0].project.municipality_id,
        }
        if event == "soon":
            words = ngettext(
                "Progress of %(month)s of %(count)s work is due on %(day)s",
                "Progress of %(month)s of %(count)s works is due on %(day)s",
                count,
            )
        else:
            words = ngettext(
                "Progress of %(month)s of %(count)s work is overdue since %(day)s",
                "Progress of %(month)s of %(count)s works is overdue since %(day)s",
                count,
            )
        text = words % known
    lines: list[Line] = [(row.project_id, f"{row.project.folio} {row.project.name}") for row in reports[:NAMED]]
    url = f"{reverse('projects:progress-list')}?period={period.year}-{period.month:02}&now=open&municipality={place}"
    key = f"progress-{event}-{period.pk}-{place}-{period.due_on:%Y%m%d}"
    return Notice(user, Kind.DEADLINE, key, text, url, tuple(lines), PROJECT)
