from datetime import datetime

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from polygons.models import Municipality, State
from projects.models import Project
from reports.catalog.base import Kind
from reports.periods import Month, Period, Quarter, Week, Year
from reports.scopes import Scope, home_of, scope_of

# The running period and those before it.
OFFERED: dict[type[Period], int] = {Month: 18, Quarter: 8, Year: 5, Week: 26}


def periods_offered(kind: type[Period]) -> list[tuple[str, str]]:
    """The running period and those before it, newest first, as ("2026-10", "October 2026")."""
    period = kind.of(timezone.localdate())
    periods = []
    for _step in range(OFFERED[kind]):
        periods.append((str(period), period.label))
        period = period.previous
    return periods


def places_offered(user) -> list[tuple[str, str]]:
    """The reader's whole territory, then the states and municipalities inside it that have projects."""
    home = home_of(user)
    at_work = Municipality.objects.visible_to(user).filter(pk__in=Project.objects.approved().values("municipality"))
    states = State.objects.visible_to(user).filter(pk__in=at_work.values("state"))
    narrower = [] if home.municipality else [(place.pk, place.name) for place in at_work]
    whole_states = [] if home.code else [(state.pk, state.name) for state in states]
    return [(home.code, home.label), *whole_states, *narrower]


class SubscribeForm(forms.Form):
    """A place within the reader's territory, cleaned into a Scope."""

    place = forms.ChoiceField(label=_("Place"), required=False)

    def __init__(self, *args, user, **kwargs) -> None:
        super().__init__(*args, auto_id="subscribe-%s", **kwargs)
        self.fields["place"].choices = places_offered(user)

    def clean_place(self) -> Scope:
        return offered(self, self.cleaned_data["place"])


def offered(form: forms.Form, code: str) -> Scope:
    """The nation's key is empty, and an empty answer passes a choice field that is not required."""
    if code not in dict(form.fields["place"].choices):  # type: ignore[attr-defined]
        raise forms.ValidationError(_("Choose a place of your territory."))
    return scope_of(code)


class AskForm(forms.Form):
    """A report of one kind within the reader's territory; `place` is cleaned into a Scope, `as_at` into a moment."""

    kind = forms.ChoiceField(label=_("Report"), widget=forms.HiddenInput)
    period = forms.ChoiceField(label=_("Period"), help_text=_("A period still open gives a preliminary report."))
    place = forms.ChoiceField(label=_("Place"), required=False)
    as_at = forms.DateTimeField(
        label=_("As known at"),
        required=False,
        help_text=_("Leave it empty for the report itself. A past moment tells what the portal knew then."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def __init__(self, *args, user, kind: Kind, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(kind.kind, kind.title)]
        self.fields["kind"].initial = kind.kind
        self.fields["period"].label = kind.period.noun
        self.fields["period"].choices = periods_offered(kind.period)
        self.fields["period"].initial = str(kind.period.of(timezone.localdate()).previous)
        self.fields["place"].choices = places_offered(user)

    def clean_place(self) -> Scope:
        return offered(self, self.cleaned_data["place"])

    def clean_as_at(self) -> datetime | None:
        as_at = self.cleaned_data["as_at"]
        if as_at and as_at > timezone.now():
            raise forms.ValidationError(_("Nobody knows yet what will be known then: give a past moment."))
        return as_at
