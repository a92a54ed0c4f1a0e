"""Handing cases over."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy, pgettext_lazy

from habitat.accounts.absences import colleagues
from habitat.accounts.models import Role, User
from projects import services
from projects.forms.steps import remark_box
from projects.models import Project

NOTE = gettext_lazy("Note for your colleague")


class HandOverForm(forms.Form):
    """One case; `cleaned_data` is what `services.hand_over` takes."""

    to = forms.ModelChoiceField(label=pgettext_lazy("person", "To"), queryset=User.objects.none(), empty_label=None)
    note = remark_box(NOTE, required=True)

    def __init__(self, *args: Any, project: Project, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = services.receivers(project, by)
        self.fields["to"].queryset = User.objects.filter(pk__in=[user.pk for user in people]).order_by("name")


class HandOverAllForm(forms.Form):
    """Every case of one person; `cleaned_data` is what `services.hand_over_all` takes."""

    of = forms.ModelChoiceField(label=gettext_lazy("Cases of"), queryset=User.objects.none(), empty_label=None)
    to = forms.ModelChoiceField(label=pgettext_lazy("person", "To"), queryset=User.objects.none())
    note = remark_box(NOTE, required=True)

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, initial={"of": by}, **kwargs)
        team = User.objects.filter(pk=by.pk)
        if by.role == Role.DELEGATE and by.state_id:
            team |= User.objects.filter(state=by.state_id, role__in=[Role.REVIEWER, Role.DELEGATE])
        if by.role == Role.MANAGER:
            team = User.objects.in_territory(by).exclude(role__in=[Role.AUDITOR, Role.SERVICE]) | team
        self.fields["of"].queryset = team.order_by("name")
        roles = team.order_by().values("role").distinct()
        near = User.objects.in_territory(by).filter(role__in=roles, is_active=True, can_write=True)
        around = [*near.values_list("pk", flat=True), *colleagues(by).values_list("pk", flat=True)]
        others = User.objects.filter(pk__in=around).order_by("name")
        # Who has nobody's cases but their own hands them to somebody else.
        self.fields["to"].queryset = others.exclude(pk=by.pk) if len(team) == 1 else others
