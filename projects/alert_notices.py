"""Alerts told: one notice a person and look, whatever the number of alerts that are theirs."""

from collections import defaultdict

from django.urls import reverse
from django.utils import translation
from django.utils.translation import ngettext

from habitat.accounts import notices
from habitat.accounts.models import Kind, User
from habitat.accounts.notices import Line, Notice
from projects.alerts import BY_CODE
from projects.models import Alert, Project
from projects.notifications import PROJECT, valid_accounts

# An e-mail names so many; the list has them all.
NAMED = 50


def tell_of_alerts(alerts: list[Alert]) -> None:
    """The people of the owner's role whose territory holds the project."""
    if not alerts:
        return
    places = dict(Project.objects.filter(pk__in={row.project_id for row in alerts}).values_list("pk", "municipality"))
    folios = dict(Project.objects.filter(pk__in=places).values_list("pk", "folio"))
    by_owner: dict[str, list[Alert]] = defaultdict(list)
    for row in alerts:
        by_owner[row.owner].append(row)
    told = []
    for user in valid_accounts().filter(role__in=by_owner):
        mine = [row for row in by_owner[user.role] if _holds(user, places[row.project_id])]
        if mine:
            told.append(_of_alerts(mine, folios, user))
    notices.tell(told)


def _holds(user: User, municipality: str) -> bool:
    return user.is_national or municipality == user.municipality_id or municipality[:2] == user.state_id


def _of_alerts(alerts: list[Alert], folios: dict[int, str], user: User) -> Notice:
    with translation.override(user.language):
        count = len(alerts)
        text = ngettext("%(count)s new alert is yours", "%(count)s new alerts are yours", count) % {"count": count}
        lines: list[Line] = [
            (row.project_id, f"{folios[row.project_id]}: {kind.title}. {kind.sentence(row.facts)}")
            for row in alerts[:NAMED]
            for kind in [BY_CODE[row.kind]]
        ]
    url = f"{reverse('projects:alerts')}?owner={alerts[0].owner}"
    key = f"alerts-{alerts[0].owner}-{alerts[0].opened_at:%Y%m%d%H%M%S%f}"
    return Notice(user, Kind.DEADLINE, key, text, url, tuple(lines), PROJECT)
