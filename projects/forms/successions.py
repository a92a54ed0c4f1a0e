from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from habitat.accounts.models import Role, User
from habitat.lib.forms import DateInput
from polygons.models import Municipality
from projects import services
from projects.forms.steps import remark_box


class SuccessionForm(forms.Form):
    """Who leaves and who takes over in one government; `answers` is what `services.succeed` takes."""

    leavers = forms.ModelMultipleChoiceField(
        User.objects.none(), label=gettext_lazy("Accounts to close"), widget=forms.CheckboxSelectMultiple
    )
    preparer = forms.ModelChoiceField(
        User.objects.none(),
        label=gettext_lazy("Who takes over from the preparers"),
        empty_label=gettext_lazy("Nobody"),
        required=False,
    )
    certifier = forms.ModelChoiceField(
        User.objects.none(),
        label=gettext_lazy("Who takes over from the certifiers"),
        empty_label=gettext_lazy("Nobody"),
        required=False,
    )
    last_day = forms.DateField(
        label=gettext_lazy("Last day of the accounts"),
        help_text=gettext_lazy("They can still enter on that day; a day that has passed closes them at once."),
        widget=DateInput,
    )
    reason = remark_box(gettext_lazy("Reason"), required=True)

    def __init__(self, *args: Any, municipality: Municipality, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = services.local_people(municipality)
        self.fields["leavers"].queryset = people
        self.fields["leavers"].label_from_instance = lambda person: f"{person} · {person.get_role_display()}"
        for role in (Role.PREPARER, Role.CERTIFIER):
            self.fields[role.value].queryset = people.filter(role=role)

    @property
    def answers(self) -> dict[str, Any]:
        said = dict(self.cleaned_data)
        chosen = {role.value: said.pop(role.value) for role in (Role.PREPARER, Role.CERTIFIER)}
        heirs = {role: heir for role, heir in chosen.items() if heir}
        return said | {"leavers": list(said["leavers"]), "heirs": heirs}
