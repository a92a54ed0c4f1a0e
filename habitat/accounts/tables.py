from datetime import date

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from habitat.accounts.models import Absence, ApiToken, Export, Invitation, Notification, User
from habitat.lib.lists import Value, detail
from habitat.lib.templatetags.portal import badge


class PeopleTable(tables.Table):
    name = tables.Column(linkify=("people:detail", {"pk": tables.A("pk")}), attrs={"td": {"scope": "row"}})
    email = tables.Column()
    role = tables.Column()
    territory = tables.Column(
        accessor="territory_name",
        verbose_name=_("Territory"),
        order_by=("is_national", "state__name", "municipality__name"),
    )
    valid_from = detail(_("Valid from"), "valid_from", "date")
    valid_to = tables.DateColumn(short=True, verbose_name=_("Last day"), default="—")

    begins = _("A person comes in by invitation, sent from this page by whoever looks after the territory.")

    class Meta:
        model = User
        fields = ("name", "email", "role", "territory", "valid_from", "valid_to")
        attrs = {"caption": _("People with an account")}
        empty_text = _("Nobody matches these filters")
        order_by = "name"


class InvitationTable(tables.Table):
    email = tables.Column(attrs={"td": {"scope": "row"}})
    state = detail(_("State"), "state__name")
    municipality = detail(_("Municipality"), "municipality__name")
    by = tables.Column(verbose_name=_("Invited by"), order_by="by__name")
    created_at = detail(_("Sent"), "created_at", "moment")
    expires_at = Value("moment")
    action = tables.TemplateColumn(
        template_name="accounts/_withdraw.html", verbose_name=_("Withdraw"), orderable=False, exclude_from_export=True
    )

    class Meta:
        model = Invitation
        fields = ("email", "name", "role", "state", "municipality", "by", "created_at", "expires_at", "action")
        order_by = ("-created_at", "-pk")
        attrs = {"caption": _("Open invitations")}
        empty_text = _("No invitation is waiting")


class TokenTable(tables.Table):
    name = tables.Column(attrs={"td": {"scope": "row"}})
    token_key = tables.Column(verbose_name=_("Begins with"), orderable=False)
    user = tables.Column(verbose_name=_("Account"))
    expiry = tables.DateTimeColumn(verbose_name=_("Expires"), short=True)
    last_used_at = tables.DateTimeColumn(short=True, default=_("Never"))
    action = tables.TemplateColumn(
        template_name="accounts/_revoke.html", verbose_name=_("Revoke"), orderable=False, exclude_from_export=True
    )

    class Meta:
        model = ApiToken
        fields = ("name", "token_key", "user", "scope", "expiry", "last_used_at", "action")
        attrs = {"caption": _("API keys")}
        empty_text = _("No key has been issued yet")

    def render_token_key(self, value: str) -> str:
        return f"{value[:8]}…"


class NoticeTable(tables.Table):
    created_at = tables.DateTimeColumn(short=True)
    text = tables.Column(attrs={"td": {"scope": "row"}}, orderable=False)
    kind = tables.Column()
    url = detail(_("Address"), "url")
    read_at = tables.TemplateColumn(
        template_name="accounts/_notice_read.html", verbose_name=_("Read"), order_by=("read_at",)
    )

    begins = _("The portal tells you here when something of yours moves or waits.")

    class Meta:
        model = Notification
        fields = ("created_at", "text", "kind", "url", "read_at")
        attrs = {"caption": _("Notices")}
        empty_text = _("No notice fits these filters")
        row_attrs = {"class": lambda record: "" if record.read_at else "unread"}

    def render_text(self, value: str, record: Notification) -> str:
        return format_html('<a href="{}">{}</a>', reverse("people:open-notice", args=[record.pk]), value)


class AbsenceTable(tables.Table):
    user = tables.Column(attrs={"td": {"scope": "row"}}, order_by="user__name")
    deputy = tables.Column(order_by="deputy__name")
    starts_on = tables.DateColumn(short=True)
    ends_on = tables.DateColumn(short=True)
    action = tables.TemplateColumn(
        template_name="accounts/_end_absence.html",
        verbose_name=pgettext_lazy("absence", "End"),
        orderable=False,
        exclude_from_export=True,
    )

    class Meta:
        model = Absence
        fields = ("user", "deputy", "starts_on", "ends_on", "note", "action")
        attrs = {"caption": _("Absences")}
        empty_text = _("Nobody is away")

    def __init__(self, *args, today: date, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.today = today


FAMILIES = {
    Export.Status.WAITING: "transit",
    Export.Status.RUNNING: "transit",
    Export.Status.DONE: "good",
    Export.Status.FAILED: "stop",
    Export.Status.CANCELLED: "stop",
    Export.Status.EXPIRED: "done",
}


class ExportTable(tables.Table):
    title = tables.Column(linkify=("people:file", {"pk": tables.A("pk")}), attrs={"td": {"scope": "row"}})
    asked_at = Value("moment", verbose_name=_("Asked on"))
    rows = Value("count", verbose_name=_("Rows"), accessor="rows")
    expires_at = Value("moment", verbose_name=_("Expires"), default="—")

    class Meta:
        model = Export
        fields = ("title", "format", "status", "rows", "asked_at", "expires_at")
        attrs = {"caption": _("My files")}
        empty_text = _("No file yet. Lists of many rows are made here, in the background.")

    def render_status(self, record: Export) -> str:
        return badge(FAMILIES[Export.Status(record.status)], record.get_status_display())
