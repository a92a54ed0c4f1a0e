"""Many proposals from one workbook: tried, created all or none, undone while nobody touched them."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from habitat.accounts.models import User
from habitat.lib.documents import XLSX, inspect
from modalities.models import RulesVersion
from polygons.models import Municipality
from projects.batches.lists import Lists, lists_of
from projects.batches.reader import NotOurs, Plan, Row, read_workbook
from projects.batches.workbook import write_workbook
from projects.models import Action, Batch, BatchProject, Contribution, Document, Project, Source, Status, StatusChange
from projects.refusals import Refused
from projects.services.documents import watching
from projects.services.drafts import next_folios, rules_for_new_projects
from projects.services.editing import acts_in, may_prepare
from projects.services.publication import hold_rules_still
from projects.services.sites import check_kind, store_location
from projects.services.steps import withdraw_untouched


def empty_workbook(municipality: Municipality, *, by: User) -> tuple[str, bytes]:
    """File name and XLSX with the drop-downs of the open year. Raises PermissionDenied, or ValidationError."""
    rules = _open_rules(municipality, by)
    return f"propuestas-{rules.fiscal_year_id}-{municipality.pk}.xlsx", write_workbook(lists_of(rules, municipality))


def try_workbook(upload: UploadedFile, *, municipality: Municipality, by: User, at: dt.datetime | None = None) -> Batch:
    """Keep the workbook and everything that is wrong with it; no draft remains of the trial.

    Raises PermissionDenied outside one's territory, ValidationError where it is no workbook of this year and place.
    """
    rules = _open_rules(municipality, by)
    with watching(by, upload.name or ""):
        facts = inspect(upload)
    if facts.content_type != XLSX:
        raise ValidationError(_("Upload the workbook as XLSX."), code="not_xlsx")
    plan = _read(facts.content, lists_of(rules, municipality))
    if not plan.errors:
        _attempt(plan, rules, municipality, by, at or timezone.now())
    return Batch.objects.create(
        municipality=municipality,
        fiscal_year_id=rules.fiscal_year_id,
        status=Batch.Status.REFUSED if plan.errors else Batch.Status.TRIED,
        projects_count=len(plan.projects),
        actions_count=plan.actions,
        errors=plan.errors,
        by=by,
        **facts.columns,
    )


def create_drafts(batch: Batch, *, by: User, at: dt.datetime | None = None) -> Batch:
    """All drafts of a tried workbook, or none: then `errors` say what came to be wrong since it was tried.

    Raises PermissionDenied, or Refused where it was created already.
    """
    at = at or timezone.now()
    rules = _open_rules(batch.municipality, by)
    with transaction.atomic():
        locked = Batch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
        if locked.status != Batch.Status.TRIED:
            raise Refused(_("The workbook is “%(status)s” now.") % {"status": locked.get_status_display()})
        hold_rules_still()
        with locked.file.open("rb") as file:
            plan = _read(file, lists_of(rules, locked.municipality))
        made = [] if plan.errors else _attempt(plan, rules, locked.municipality, by, at, keep=True)
        locked.errors = plan.errors
        locked.status = Batch.Status.REFUSED if plan.errors else Batch.Status.CREATED
        if made:
            locked.created_by, locked.drafts_at = by, at
            BatchProject.objects.bulk_create(
                BatchProject(batch=locked, project=project, row=row.at + 1) for row, project in made
            )
        locked.save(update_fields=["errors", "status", "created_by", "drafts_at"])
    return locked


@transaction.atomic
def undo_batch(batch: Batch, *, by: User, at: dt.datetime | None = None) -> Batch:
    """Withdraw every draft that the workbook made. Refused once one of them was touched, and named then.

    Raises PermissionDenied or Refused.
    """
    _check_person(batch.municipality, by)
    at = at or timezone.now()
    locked = Batch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    if locked.status != Batch.Status.CREATED:
        raise Refused(_("The workbook is “%(status)s” now.") % {"status": locked.get_status_display()})
    drafts = Project.objects.filter(batch_row__batch=locked)
    withdraw_untouched(drafts, touched(drafts), by=by, at=at, reason=_("The workbook it came from was undone."))
    locked.status, locked.undone_by, locked.undone_at = Batch.Status.UNDONE, by, at
    locked.save(update_fields=["status", "undone_by", "undone_at"])
    return locked


def touched(drafts: QuerySet[Project]) -> QuerySet[Project]:
    """Of drafts that a workbook made, those that somebody changed, completed or moved on since.

    A row that nobody changed keeps the moment of its creation as that of its last change; the batch's own last change
    came after all rows of its drafts.
    """
    changed = ~Q(updated_at=F("created_at"))
    actions = Action.objects.filter(project__in=drafts)
    moved = actions.filter(changed | Q(created_at__gt=F("project__batch_row__batch__updated_at")))
    paid = Contribution.objects.filter(changed, action__in=actions)
    papers = Document.objects.filter(project__in=drafts)
    found = Q(pk__in=drafts.filter(changed).values("pk")) | Q(pk__in=moved.values("project"))
    return drafts.filter(found | Q(pk__in=paid.values("action__project")) | Q(pk__in=papers.values("project")))


# ---- One trial ------------------------------------------------------------------------------------------------------
def _check_person(municipality: Municipality, by: User) -> None:
    if not may_prepare(by) or not acts_in(by, municipality.pk):
        raise PermissionDenied(_("Only those who prepare proposals of this municipality may begin one."))


def _open_rules(municipality: Municipality, by: User) -> RulesVersion:
    _check_person(municipality, by)
    rules = rules_for_new_projects()
    if rules is None:
        raise ValidationError(_("No fiscal year is open for new proposals."), code="no_open_year")
    return rules


def _read(file, lists: Lists) -> Plan:
    file.seek(0)
    try:
        return read_workbook(file, lists)
    except NotOurs as error:
        raise ValidationError(str(error), code="not_ours") from error


class _Undone(Exception):  # noqa: N818 - the way out of a trial, not an error
    pass


def _attempt(
    plan: Plan, rules: RulesVersion, municipality: Municipality, by: User, at: dt.datetime, keep: bool = False
) -> list[tuple[Row, Project]]:
    """Write everything as it would be written; undone again where a cell is wrong, or unless it is to be kept."""
    made: list[tuple[Row, Project]] = []
    try:
        with transaction.atomic():
            made = _Writing(plan, rules, municipality, by, at).write()
            if plan.errors or not keep:
                raise _Undone
    except _Undone:
        return []
    return made


@dataclass
class _Writing:
    plan: Plan
    rules: RulesVersion
    municipality: Municipality
    by: User
    at: dt.datetime

    def write(self) -> list[tuple[Row, Project]]:
        """Five bulk inserts, and three queries for each site."""
        rows = self.plan.projects
        modalities = [row.actions[0].values["type"].modality_id for row in rows]
        folios = {
            modality: next_folios(self.municipality.state_id, modality, count)
            for modality, count in sorted(Counter(modalities).items())
        }
        projects = [self._project(row, code, next(folios[code])) for row, code in zip(rows, modalities, strict=True)]
        Project.objects.bulk_create(projects)
        StatusChange.objects.bulk_create(
            StatusChange(project=project, step="draft", to_status=Status.DRAFT, by=self.by, at=self.at)
            for project in projects
        )
        for project in projects:
            project.municipality = self.municipality
        made = list(zip(rows, projects, strict=True))
        self._write_actions(made)
        return made

    def _project(self, row: Row, modality: str, folio: str) -> Project:
        values = row.values
        return Project(
            folio=folio,
            fiscal_year_id=self.rules.fiscal_year_id,
            rules=self.rules,
            strand=values["strand"],
            modality_id=modality,
            municipality=self.municipality,
            polygon_version=values["polygon"],
            name=values["name"],
            description=values["description"] or "",
            neighbourhood=values["neighbourhood"] or "",
            execution_form=values["execution_form"],
            starts_on=values["starts_on"],
            ends_on=values["ends_on"],
            status_since=self.at,
            created_by=self.by,
        )

    def _write_actions(self, made: list[tuple[Row, Project]]) -> None:
        pairs = [(row, self._action(row, project)) for parent, project in made for row in parent.actions]
        Action.objects.bulk_create(action for _row, action in pairs)
        Contribution.objects.bulk_create(
            Contribution(action=action, source=source, amount=row.values[source])
            for row, action in pairs
            for source in Source.values
        )
        for row, action in pairs:
            if action.geometry is not None:
                self._place(row, action)

    def _action(self, row: Row, project: Project) -> Action:
        values = row.values
        return Action(
            project=project,
            action_type=values["type"],
            description=values["description"] or "",
            quantity=values["quantity"],
            unit_price=values["unit_price"],
            women=values["women"],
            men=values["men"],
            households=values["households"],
            geometry=values["site"],
            explanation=values["explanation"] or "",
        )

    def _place(self, row: Row, action: Action) -> None:
        try:
            check_kind(row.values["site"], action.action_type)
        except ValidationError as error:
            self.plan.wrong(row, "site", " ".join(error.messages))
            return
        location = store_location(action)
        if location.municipality not in (None, self.municipality.pk):
            self.plan.wrong(row, "site", _("The site lies in another municipality. Check the coordinates."))
