"""The worker's half of a scenario: row by row, each step in a transaction of its own with what came of it."""

import datetime as dt

from django.db import transaction
from django.db.models import QuerySet
from django.utils import translation

from habitat.lib import jobs
from projects.models import Scenario
from projects.services.scenarios import take_row


def waiting_scenarios(at: dt.datetime) -> QuerySet[Scenario]:
    return jobs.waiting(Scenario, at)


def run_scenario(pk: int) -> None:
    """To the end, unless somebody else is at it."""
    owner = Scenario.objects.select_related("owner").get(pk=pk).owner
    with translation.override(owner.language):
        jobs.run(Scenario, pk, _next)


@transaction.atomic
def _next(pk: int) -> bool:
    scenario = Scenario.objects.select_for_update(of=("self",)).get(pk=pk)
    if scenario.status != Scenario.Status.RUNNING:
        return False
    row = scenario.rows.exclude(choice="").filter(is_done=None).select_related("project").order_by("pk").first()
    if row is not None:
        take_row(row, scenario)
    jobs.renew(scenario, is_over=row is None)
    return row is not None
