"""The periodic reports that exist, one class each, in the order in which they are offered."""

from reports.catalog.base import Kind
from reports.catalog.closure import AnnualClosure
from reports.catalog.control import DataQuality, Exceptions
from reports.catalog.desks import DeskDigest
from reports.catalog.federation import QuarterlyCongress, QuarterlyShcp, ResultsMatrix
from reports.catalog.people import Beneficiaries, SocialAudit
from reports.catalog.places import Coverage, PlaceSheet, PolygonSheet
from reports.catalog.progress import MonthlyProgress

CATALOGUE: dict[str, Kind] = {
    report.kind: report
    for report in (
        MonthlyProgress(),
        DeskDigest(),
        QuarterlyShcp(),
        QuarterlyCongress(),
        ResultsMatrix(),
        AnnualClosure(),
        Beneficiaries(),
        SocialAudit(),
        PlaceSheet(),
        PolygonSheet(),
        Coverage(),
        Exceptions(),
        DataQuality(),
    )
}
