"""Publishing the eligible polygons of a year: frozen with figures and verdicts, for the list cannot be made again."""

import hashlib
import io
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from habitat.lib.refusals import Refused
from habitat.lib.spreadsheets import csv_lines, write_xlsx
from modalities.models import EligibilityCriterion, FiscalYear, RulesVersion
from polygons.models import Assessment, EligibleFile, EligibleList, EligiblePolygon, PolygonVersion
from polygons.policy import may_publish_lists
from polygons.services.assessment import FAIL, PASS, assess
from polygons.services.sums import SUMS

# A file is one document whatever the reader's language: its words are Spanish.
PLACES = (
    "clave",
    "nombre",
    "cve_ent",
    "entidad",
    "cve_mun",
    "municipio",
    "ciudad",
    "version",
    "censo",
    "superficie_m2",
)
VERDICTS = {"pass": "cumple", "fail": "no cumple", "unknown": "por determinar"}


@transaction.atomic
def publish_eligible(year: int, *, reason: str, by: Any = None, at: datetime | None = None) -> EligibleList:
    """Judge the published polygons by the year's rules in force and freeze those that are eligible.

    Eligible is what fails no criterion and passes those that the rules require at some step; others may still be
    open, and the list says so. Raises PermissionDenied, or Refused: no rules, nothing eligible, no reason, or the
    very list published last.
    """
    if by and not may_publish_lists(by):
        raise PermissionDenied(_("Only the program unit publishes lists of eligible polygons."))
    if not reason.strip():
        raise Refused(_("Say why the list is published."))
    at = at or timezone.now()
    # Two lists of one year take their numbers one after the other.
    fiscal_year = FiscalYear.objects.select_for_update().filter(pk=year).first()
    rules = RulesVersion.objects.in_force().filter(fiscal_year=fiscal_year).first() if fiscal_year else None
    if fiscal_year is None or rules is None:
        raise Refused(_("No rules are in force for %(year)s.") % {"year": year})
    assess(rules, at=at)
    entries = list(_entries(rules))
    if not entries:
        raise Refused(_("No published polygon meets the criteria of %(year)s.") % {"year": year})
    header, rows = columns_of(rules), [row_of(entry) for entry in entries]
    text = "".join(csv_lines(header, rows)).encode()
    sha256 = hashlib.sha256(text).hexdigest()
    earlier = EligibleList.objects.filter(fiscal_year=fiscal_year)
    last = earlier.order_by("-number").first()
    if last and last.sha256 == sha256:
        raise Refused(_("Nothing changed since list %(list)s.") % {"list": last})
    published = EligibleList.objects.create(
        fiscal_year=fiscal_year,
        rules=rules,
        number=(earlier.aggregate(last=Max("number"))["last"] or 0) + 1,
        published_at=at,
        by=by,
        reason=reason.strip(),
        sha256=sha256,
    )
    for entry in entries:
        entry.list = published
    EligiblePolygon.objects.bulk_create(entries, batch_size=500)
    _keep(published, EligibleFile.Format.CSV, text)
    _keep(published, EligibleFile.Format.XLSX, _workbook(published, header, rows))
    return published


def _keep(published: EligibleList, format_: str, content: bytes) -> None:
    sha256 = hashlib.sha256(content).hexdigest()
    EligibleFile.objects.create(list=published, format=format_, content=content, sha256=sha256)


def _workbook(published: EligibleList, header: list[str], rows: list[list[Any]]) -> bytes:
    target = io.BytesIO()
    write_xlsx(target, str(published), header, rows)
    return target.getvalue()


def _entries(rules: RulesVersion) -> Iterator[EligiblePolygon]:
    """In the order of their codes."""
    criteria = list(rules.eligibilitycriterions.order_by("pk"))
    judged: dict[int, dict[str, Assessment]] = defaultdict(dict)
    counting = Assessment.objects.counting().filter(fiscal_year=rules.fiscal_year, version__status="published")
    for row in counting.select_related("criterion"):
        judged[row.version_id][row.criterion.code] = row
    versions = PolygonVersion.objects.published().select_related("polygon__municipality__state", "polygon__city")
    for version in versions.defer("geometry", "mercator").order_by("polygon__code"):
        if not is_eligible(criteria, judged[version.pk]):
            continue
        yield EligiblePolygon(
            version=version,
            code=version.polygon.code,
            name=version.polygon.name,
            municipality=version.polygon.municipality,
            indicators={name: getattr(version, name) for name in SUMS},
            verdicts=[_verdict(criterion, judged[version.pk].get(criterion.code)) for criterion in criteria],
        )


def is_eligible(criteria: list[EligibilityCriterion], judged: dict[str, Assessment]) -> bool:
    """Fails none, and passes what the rules require at some step."""
    verdicts = {criterion: judged[criterion.code].verdict for criterion in criteria if criterion.code in judged}
    required = (criterion for criterion in criteria if criterion.required_at)
    return FAIL not in verdicts.values() and all(verdicts.get(criterion) == PASS for criterion in required)


def _verdict(criterion: EligibilityCriterion, row: Assessment | None) -> dict[str, Any]:
    """What the list says of one criterion; notes and documents stay with the assessment."""
    return {
        "code": criterion.code,
        "name_es": criterion.name_es,
        "name_en": criterion.name_en,
        "clause": criterion.clause,
        "comparator": criterion.comparator,
        "threshold": _text(criterion.threshold),
        "value": _text(row.value) if row else None,
        "value_high": row.evidence.get("value_high") if row else None,
        "verdict": row.verdict if row else "unknown",
        "evidence": row.evidence if row else {},
        "judged_at": row.at.isoformat() if row else None,
    }


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def columns_of(rules: RulesVersion) -> list[str]:
    codes = [criterion.code for criterion in rules.eligibilitycriterions.order_by("pk")]
    asked = [f"{code} {what}" for code in codes for what in ("umbral", "valor minimo", "valor maximo", "dictamen")]
    return [*PLACES, *SUMS, *asked]


def row_of(entry: EligiblePolygon) -> list[Any]:
    """In the order of `columns_of`."""
    version, polygon = entry.version, entry.version.polygon
    place = entry.municipality
    cells: list[Any] = [
        entry.code,
        entry.name,
        place.state_id,
        place.state.name,
        place.pk,
        place.name,
        polygon.city.name if polygon.city else "",
        version.number,
        version.vintage,
        round(version.area),
        *entry.indicators.values(),
    ]
    for verdict in entry.verdicts:
        comparator = f"{verdict['comparator']} {verdict['threshold']}" if verdict["threshold"] else ""
        # A comparator at the head of a cell would be taken for a formula.
        cells += [
            comparator.replace(">=", "al menos").replace("<=", "a lo más"),
            verdict["value"],
            verdict["value_high"],
            VERDICTS[verdict["verdict"]],
        ]
    return cells
