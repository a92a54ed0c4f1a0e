"""Projects of one polygon prepared and submitted together; from then on each has its own fate."""

import datetime as dt
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from habitat.accounts.models import User
from polygons.models import PolygonVersion
from projects.models import IntegralProject, Project, Status
from projects.refusals import Refused, StepForbidden
from projects.services.drafts import rules_for_new_projects
from projects.services.editing import acts_in, may_prepare
from projects.services.steps import take_step


@dataclass(frozen=True)
class Submitted:
    """What came of one project; `refusal` is empty where it was submitted."""

    project: Project
    refusal: list[str]


def create_integral(*, by: User, name: str, polygon_version: PolygonVersion) -> IntegralProject:
    """An empty one, of the open year. Raises PermissionDenied outside one's territory, or ValidationError."""
    _check(by, polygon_version.polygon.municipality_id)
    rules = rules_for_new_projects()
    if rules is None:
        raise ValidationError(_("No fiscal year is open for new proposals."), code="no_open_year")
    if polygon_version.status == PolygonVersion.Status.DRAFT:
        raise ValidationError({"polygon_version": _("This polygon is not published yet.")})
    return IntegralProject.objects.create(
        name=name, polygon_version=polygon_version, fiscal_year_id=rules.fiscal_year_id
    )


@transaction.atomic
def put_into_integral(project: Project, integral: IntegralProject | None, *, by: User) -> Project:
    """Add a draft, move it from another one, or take it out with None. What is ready to be certified stays ready.

    Raises PermissionDenied, or Refused where it is no draft or of another polygon or year.
    """
    _check(by, project.municipality_id)
    locked = Project.objects.select_for_update(of=("self",)).select_related("polygon_version").get(pk=project.pk)
    if locked.status != Status.DRAFT:
        raise Refused(_("%(folio)s is no draft any more: it stays where it is.") % {"folio": locked.folio})
    if integral is not None:
        polygon = locked.polygon_version.polygon_id if locked.polygon_version else None
        if polygon != integral.polygon_version.polygon_id:
            raise Refused(_("%(folio)s is of another polygon.") % {"folio": locked.folio})
        if locked.fiscal_year_id != integral.fiscal_year_id:
            raise Refused(_("%(folio)s is of another fiscal year.") % {"folio": locked.folio})
    locked.integral_project = integral
    locked.save(update_fields=["integral_project"])
    return locked


def submit_integral(integral: IntegralProject, *, by: User, at: dt.datetime | None = None) -> list[Submitted]:
    """Submit every draft of it, each on its own: one that is refused holds back none of the others."""
    results = []
    for project in Project.objects.visible_to(by).filter(integral_project=integral, status=Status.DRAFT).order_by("pk"):
        try:
            take_step(project, "submit", by=by, at=at)
        except Refused as error:
            results.append(Submitted(project, error.messages))
        except StepForbidden as error:
            results.append(Submitted(project, [str(error)]))
        else:
            results.append(Submitted(project, []))
    return results


def _check(by: User, municipality: str) -> None:
    if not may_prepare(by) or not acts_in(by, municipality):
        raise PermissionDenied(_("Only those who prepare proposals of this municipality may change this one."))
