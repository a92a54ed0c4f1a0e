"""What only a person can judge: land tenure, risk, occupied lots, plans; with a note and a document."""

from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from habitat.lib.documents import inspect
from habitat.lib.refusals import Refused
from modalities.models import EligibilityCriterion
from polygons.models import Assessment, AssessmentDocument, PolygonVersion
from polygons.policy import require_drawer
from polygons.services.assessment import UNKNOWN


@transaction.atomic
def judge(
    version: PolygonVersion,
    criterion: EligibilityCriterion,
    *,
    verdict: str,
    note: str,
    seen: int | None,
    by: Any,
    upload: UploadedFile | None = None,
    title: str = "",
    issued_on: date | None = None,
    at: datetime | None = None,
) -> Assessment:
    """A person's verdict on one criterion of a version in force. The earlier one is kept beside it.

    `seen` is the pk of the assessment the person had before them, None where there was none: another one by now
    refuses. Every verdict needs a note, "passes" and "fails" a document, told by its content. Raises PermissionDenied,
    Refused, or ValidationError with a sentence about the file or the date.
    """
    at = at or timezone.now()
    locked = PolygonVersion.objects.select_for_update(of=("self",)).select_related("polygon").get(pk=version.pk)
    require_drawer(by, [locked.polygon.municipality_id])
    if locked.status != PolygonVersion.Status.PUBLISHED:
        raise Refused(_("Only the version in force is judged; %(version)s is not.") % {"version": locked})
    _check(verdict, note, upload, issued_on, timezone.localdate(at))
    year = criterion.rules.fiscal_year
    rows = Assessment.objects.counting().filter(version=locked, fiscal_year=year, criterion__code=criterion.code)
    before = rows.first()
    if (before.pk if before else None) != seen:
        raise Refused(_("Somebody else judged this criterion meanwhile. Read it, then judge again if you must."))
    facts = inspect(upload) if upload else None
    rows.update(replaced_at=at)
    judged = Assessment.objects.create(
        version=locked,
        fiscal_year=year,
        criterion=criterion,
        # The figure stays in sight beside the person's verdict.
        value=before.value if before else None,
        threshold=criterion.threshold,
        verdict=verdict,
        evidence=before.evidence if before else {},
        note=note.strip(),
        at=at,
        by=by,
    )
    if upload and facts:
        AssessmentDocument.objects.create(
            assessment=judged,
            title=title.strip() or facts.name,
            issued_on=issued_on,
            by=by,
            **facts.columns,
        )
    return judged


def _check(verdict: str, note: str, upload: UploadedFile | None, issued_on: date | None, today: date) -> None:
    if verdict not in Assessment.Verdict.values:
        raise ValueError(verdict)
    if not note.strip():
        raise ValidationError({"note": _("Say what the verdict rests on.")})
    if verdict != UNKNOWN and upload is None:
        raise ValidationError({"file": _("A verdict needs the document it rests on.")})
    if issued_on and issued_on > today:
        raise ValidationError({"issued_on": _("The document cannot be issued in the future.")})
