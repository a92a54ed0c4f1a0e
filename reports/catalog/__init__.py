"""The periodic reports that exist, one class each, in the order in which they are offered."""

from reports.catalog.base import Kind
from reports.catalog.progress import MonthlyProgress

CATALOGUE: dict[str, Kind] = {report.kind: report for report in (MonthlyProgress(),)}
