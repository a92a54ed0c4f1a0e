"""Looked at here, written by services: rules in force are immutable, and the catalogue comes from import_catalogue."""

from django.contrib import admin

from habitat.lib.admin import ReadOnlyAdmin
from modalities.models import RULE_KINDS, ActionLine, ActionType, FiscalYear, Milestone, Modality, RulesVersion, Strand


class MilestoneInline(admin.TabularInline):
    model = Milestone
    extra = 0


@admin.register(Modality, Strand, ActionLine)
class NamedAdmin(ReadOnlyAdmin):
    list_display = ["code", "name_es", "name_en"]


@admin.register(ActionType)
class ActionTypeAdmin(ReadOnlyAdmin):
    list_display = ["code", "name_es", "modality", "unit", "location_basis"]
    list_filter = ["modality", "location_basis"]
    search_fields = ["code", "name_es", "name_en"]


@admin.register(FiscalYear)
class FiscalYearAdmin(ReadOnlyAdmin):
    list_display = ["year", "status"]
    inlines = [MilestoneInline]


@admin.register(RulesVersion)
class RulesVersionAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "status", "published_on", "source", "copied_from"]
    list_select_related = ["copied_from"]


@admin.register(*RULE_KINDS)
class RuleAdmin(ReadOnlyAdmin):
    list_display = ["code", "rules", "required_at", "clause", "is_verified"]
    list_filter = ["rules", "required_at", "is_verified"]
    list_select_related = ["rules"]
