from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from polygons.models import Municipality, State
from projects.models import Project
from reports.catalog import CATALOGUE
from reports.periods import Month
from reports.scopes import Scope, home_of, scope_of

MONTHS_OFFERED = 18


def months_offered() -> list[tuple[str, str]]:
    """The running month and those before it, newest first, as ("2026-10", "October 2026")."""
    month = Month.of(timezone.localdate())
    months = []
    for _step in range(MONTHS_OFFERED):
        months.append((str(month), month.label))
        month = month.previous
    return months


def places_offered(user) -> list[tuple[str, str]]:
    """The reader's whole territory, then the states and municipalities inside it that have projects."""
    home = home_of(user)
    at_work = Municipality.objects.visible_to(user).filter(pk__in=Project.objects.approved().values("municipality"))
    states = State.objects.visible_to(user).filter(pk__in=at_work.values("state"))
    narrower = [] if home.municipality else [(place.pk, place.name) for place in at_work]
    whole_states = [] if home.code else [(state.pk, state.name) for state in states]
    return [(home.code, home.label), *whole_states, *narrower]


class AskForm(forms.Form):
    """A report within the reader's territory; `place` is cleaned into a Scope."""

    kind = forms.ChoiceField(label=_("Report"))
    period = forms.ChoiceField(label=_("Month"), help_text=_("A month still open gives a preliminary report."))
    place = forms.ChoiceField(label=_("Place"), required=False)

    def __init__(self, *args, user, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(kind, report.title) for kind, report in CATALOGUE.items()]
        self.fields["period"].choices = months_offered()
        self.fields["period"].initial = str(Month.of(timezone.localdate()).previous)
        self.fields["place"].choices = places_offered(user)

    def clean_place(self) -> Scope:
        # The nation's key is empty, and an empty answer passes a choice field that is not required.
        code = self.cleaned_data["place"]
        if code not in dict(self.fields["place"].choices):
            raise forms.ValidationError(_("Choose a place of your territory."))
        return scope_of(code)
