import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from habitat.accounts.models import Invitation, Kind, Notification, Role, User


class PeopleFilter(django_filters.FilterSet):
    text = django_filters.CharFilter(label=_("Name or e-mail"), method="by_text")
    role = django_filters.ChoiceFilter(label=_("Role"), choices=Role)
    valid = django_filters.ChoiceFilter(
        label=_("Account"),
        method="by_validity",
        choices=[("yes", _("Open")), ("no", _("Ended"))],
    )

    class Meta:
        model = User
        fields: list[str] = []

    def by_text(self, people: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        return people.filter(Q(name__plain__contains=value) | Q(email__icontains=value))

    def by_validity(self, people: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        ended = Q(is_active=False) | Q(valid_to__lt=timezone.localdate())
        return people.exclude(ended) if value == "yes" else people.filter(ended)


class InvitationFilter(django_filters.FilterSet):
    text = django_filters.CharFilter(label=_("Name or e-mail"), method="by_text")
    role = django_filters.ChoiceFilter(label=_("Role"), choices=Role)

    class Meta:
        model = Invitation
        fields: list[str] = []

    def by_text(self, rows: QuerySet[Invitation], name: str, value: str) -> QuerySet[Invitation]:
        return rows.filter(Q(name__icontains=value) | Q(email__icontains=value))


class NoticeFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label=_("Folio or words"), field_name="text", lookup_expr="icontains")
    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=Kind)
    unread = django_filters.BooleanFilter(label=_("Unread only"), method="only_unread", widget=forms.CheckboxInput)

    class Meta:
        model = Notification
        fields: tuple[str, ...] = ()

    def only_unread(self, rows: QuerySet[Notification], name: str, value: bool) -> QuerySet[Notification]:
        return rows.filter(read_at=None) if value else rows
