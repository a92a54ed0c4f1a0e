from django.contrib import admin

from habitat.accounts.models import SecurityEvent
from habitat.lib.admin import ReadOnlyAdmin


@admin.register(SecurityEvent)
class SecurityEventAdmin(ReadOnlyAdmin):
    list_display = ["at", "kind", "by", "details"]
    list_filter = ["kind"]
    list_select_related = ["by"]
