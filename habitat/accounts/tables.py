import django_tables2 as tables
from django.utils.translation import gettext_lazy as _

from habitat.accounts.models import Invitation, User


class PeopleTable(tables.Table):
    name = tables.Column(linkify=("people:detail", {"pk": tables.A("pk")}), attrs={"td": {"scope": "row"}})
    email = tables.Column()
    role = tables.Column()
    territory = tables.Column(
        accessor="territory_name",
        verbose_name=_("Territory"),
        order_by=("is_national", "state__name", "municipality__name"),
    )
    valid_to = tables.DateColumn(short=True, verbose_name=_("Last day"), default="—")

    class Meta:
        model = User
        fields = ("name", "email", "role", "territory", "valid_to")
        attrs = {"caption": _("People with an account")}
        empty_text = _("Nobody matches these filters")
        order_by = "name"


class InvitationTable(tables.Table):
    action = tables.TemplateColumn(template_name="accounts/_withdraw.html", verbose_name=_("Withdraw"), orderable=False)

    class Meta:
        model = Invitation
        fields = ("email", "name", "role", "expires_at", "action")
        attrs = {"caption": _("Open invitations")}
        prefix = "inv-"
        empty_text = _("No invitation is waiting")
