"""Looked at here, written by services: the workflow, the ledger and the audit would not survive a form."""

from django.contrib import admin

from habitat.lib.admin import ReadOnlyAdmin
from projects.models import (
    Agreement,
    CancellationProposal,
    Ceiling,
    CeilingChange,
    Document,
    LedgerEntry,
    Observation,
    Opinion,
    ProgressReport,
    Project,
    StatusChange,
    Verdict,
)


@admin.register(Project)
class ProjectAdmin(ReadOnlyAdmin):
    list_display = ["folio", "file_number", "name", "municipality", "status", "due_on"]
    list_filter = ["fiscal_year", "status", "modality"]
    list_select_related = ["municipality"]
    search_fields = ["folio", "file_number", "name"]


@admin.register(StatusChange)
class StatusChangeAdmin(ReadOnlyAdmin):
    list_display = ["project", "step", "from_status", "to_status", "by", "at"]
    list_filter = ["step"]
    list_select_related = ["project", "by"]


@admin.register(Verdict)
class VerdictAdmin(ReadOnlyAdmin):
    list_display = ["project", "rule_kind", "rule_code", "outcome", "clause", "evaluated_at"]
    list_filter = ["outcome", "rule_kind"]
    list_select_related = ["project"]


@admin.register(Ceiling)
class CeilingAdmin(ReadOnlyAdmin):
    list_display = ["fiscal_year", "strand", "state", "municipality", "modality", "amount", "agreement"]
    list_filter = ["fiscal_year", "strand"]
    list_select_related = ["fiscal_year", "strand", "state", "municipality", "modality", "agreement"]


@admin.register(Agreement)
class AgreementAdmin(ReadOnlyAdmin):
    list_display = ["fiscal_year", "state", "kind", "name", "signed_on", "published_on", "federal"]
    list_filter = ["fiscal_year", "kind"]
    list_select_related = ["fiscal_year", "state"]


@admin.register(CeilingChange)
class CeilingChangeAdmin(ReadOnlyAdmin):
    list_display = ["ceiling", "kind", "before", "after", "by", "at"]
    list_filter = ["kind"]
    list_select_related = ["ceiling", "by"]


@admin.register(LedgerEntry)
class LedgerEntryAdmin(ReadOnlyAdmin):
    list_display = ["on", "moment", "source", "amount", "project", "reversal_of", "by", "recorded_at"]
    list_filter = ["fiscal_year", "moment", "source"]
    list_select_related = ["project", "by", "reversal_of"]


@admin.register(ProgressReport)
class ProgressReportAdmin(ReadOnlyAdmin):
    list_display = ["project", "year", "month", "status", "submitted_by", "decided_by"]
    list_filter = ["year", "month", "status"]
    list_select_related = ["project", "submitted_by", "decided_by"]


@admin.register(Document)
class DocumentAdmin(ReadOnlyAdmin):
    list_display = ["project", "kind", "original_name", "content_type", "size", "uploaded_at", "by"]
    list_filter = ["kind"]
    list_select_related = ["project", "by"]


@admin.register(Observation)
class ObservationAdmin(ReadOnlyAdmin):
    list_display = ["project", "section", "text", "answered_at"]
    list_select_related = ["project"]


@admin.register(Opinion)
class OpinionAdmin(ReadOnlyAdmin):
    list_display = ["project", "asked_by", "given_by", "is_favourable", "given_at"]
    list_select_related = ["project", "asked_by", "given_by"]


@admin.register(CancellationProposal)
class CancellationProposalAdmin(ReadOnlyAdmin):
    list_display = ["project", "by", "at", "confirmed_by", "confirmed_at"]
    list_select_related = ["project", "by", "confirmed_by"]
