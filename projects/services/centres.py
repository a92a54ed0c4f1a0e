"""Community Development Centres: the register, written by the municipality and the delegation."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from habitat.accounts.models import User
from modalities.models import FiscalYear
from projects.models import (
    Centre,
    CentreAttendance,
    CentreCost,
    CentreEquipment,
    CentreInspection,
    CentreProject,
    CentreService,
    CentreSpace,
    Project,
)
from projects.months import months_after
from projects.refusals import StepForbidden, StepRefused
from projects.services.committees import keeps_committees, number_of

# What hangs on a centre: the name of its page → the table.
PARTS: dict[str, type[models.Model]] = {
    "space": CentreSpace,
    "equipment": CentreEquipment,
    "service": CentreService,
    "cost": CentreCost,
    "inspection": CentreInspection,
}
SIGNED = {"cost", "inspection"}


def keeps_centres(user: User) -> bool:
    """The same people who keep the committees of a place."""
    return keeps_committees(user)


@transaction.atomic
def save_centre(centre: Centre, *, projects: Iterable[Project], by: User) -> Centre:
    """A new one, or one changed; its works are exactly these, of its municipality."""
    _need_keeper(centre, by)
    wanted = {project.pk: project for project in projects}
    if any(project.municipality_id != centre.municipality_id for project in wanted.values()):
        raise StepRefused([_("A centre has works of its own municipality.")])
    if centre.pk is None:
        centre.by = by
    try:
        with transaction.atomic():
            centre.save()
    except IntegrityError as error:
        raise StepRefused([_("The municipality has a centre of this name already.")]) from error
    centre.works.exclude(project__in=wanted).delete()
    known = set(centre.works.values_list("project", flat=True))
    CentreProject.objects.bulk_create(
        CentreProject(centre=centre, project=project) for pk, project in wanted.items() if pk not in known
    )
    return centre


@transaction.atomic
def add_to_centre(centre: Centre, what: str, *, by: User, at: dt.datetime | None = None, **fields: Any) -> models.Model:
    """A space, a piece of equipment, a service, a month's cost, an inspection."""
    _need_keeper(centre, by)
    day = fields.get("on") or fields.get("month")
    if day and day > centre.municipality.local_day(at):
        raise StepRefused([_("The day lies ahead.")])
    signed = {"by": by} if what in SIGNED else {}
    return PARTS[what]._default_manager.create(centre=centre, **fields, **signed)


@transaction.atomic
def remove_from_centre(centre: Centre, what: str, pk: int, *, by: User) -> None:
    """A space, equipment or service that is not there any more; the audit rows keep it."""
    _need_keeper(centre, by)
    PARTS[what]._default_manager.filter(centre=centre, pk=pk).delete()


@transaction.atomic
def set_attendance(
    centre: Centre,
    month: dt.date,
    counts: Mapping[str, tuple[int, int]],
    *,
    by: User,
    at: dt.datetime | None = None,
) -> None:
    """Age group → women and men who came in a month, written whole."""
    _need_keeper(centre, by)
    if month > centre.municipality.local_day(at):
        raise StepRefused([_("The day lies ahead.")])
    for group, (women, men) in counts.items():
        CentreAttendance.objects.update_or_create(
            centre=centre, month=month.replace(day=1), group=group, defaults={"women": women, "men": men, "by": by}
        )


def next_inspection(last: dt.date | None) -> dt.date | None:
    """A year, or what the rules say, after the last one; None before the first."""
    if last is None:
        return None
    year = FiscalYear.objects.filter(status=FiscalYear.Status.OPEN).order_by("-pk").first()
    return months_after(last, number_of(year, "inspection_months")) if year else None


def _need_keeper(centre: Centre, by: User) -> None:
    inside = by.sees_the_nation or by.municipalities().filter(pk=centre.municipality_id).exists()
    if not keeps_centres(by) or not inside:
        raise StepForbidden(_("This is not yours to do."))
