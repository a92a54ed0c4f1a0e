from django import forms
from django.utils.translation import gettext_lazy as _

from habitat.accounts import absences, notices, policies
from habitat.accounts.models import Absence, ApiToken, Delivery, Invitation, Kind, Role, User
from habitat.lib.forms import DateInput
from polygons.models import State


class InvitationForm(forms.ModelForm):
    """Offers only the roles and places the inviter may give."""

    class Meta:
        model = Invitation
        fields = ["email", "name", "role", "municipality", "state", "is_national", "language"]
        labels = {"municipality": _("Municipality"), "state": _("State"), "language": _("Language")}
        help_texts = {
            "email": _("The link is sent here and holds for a few days."),
            "municipality": _("Choose one territory only: a municipality, a state or the whole nation."),
        }

    def __init__(self, *args, by: User, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        roles = policies.roles_invited_by(by)
        self.fields["role"].choices = [("", "—"), *[(role.value, role.label) for role in Role if role in roles]]
        mine = by.municipalities().select_related("state")
        self.fields["municipality"].queryset = mine.order_by("state", "name")
        self.fields["municipality"].label_from_instance = lambda place: f"{place.name}, {place.state.name}"
        self.fields["state"].queryset = (
            State.objects.in_territory(by) if by.state_id or by.is_national else (State.objects.none())
        )
        if not by.is_national:
            del self.fields["is_national"]


class AcceptForm(forms.Form):
    name = forms.CharField(label=_("Your name"), max_length=120)
    password = forms.CharField(
        label=_("Password"),
        help_text=_("At least 12 characters; a sentence is a good one."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        strip=False,
    )
    again = forms.CharField(
        label=_("The password again"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        strip=False,
    )

    def clean(self) -> dict:
        data = super().clean()
        if data.get("password") and data.get("again") and data["password"] != data["again"]:
            self.add_error("again", _("The two passwords are not the same."))
        return data


class ValidityForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ["valid_to", "can_write"]
        labels = {"valid_to": _("Last day of the account"), "can_write": _("May write")}
        help_texts = {
            "valid_to": _("Leave it blank to keep the account open."),
            "can_write": _("Prepare proposals of its territory through the API. Without it, a service account reads."),
        }
        widgets = {"valid_to": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}

    def __init__(self, *args, by: User, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if not policies.may_grant_writing(by, self.instance):
            del self.fields["can_write"]


class ProfileForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ["name", "language", "time_zone"]

    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=[
            (zone, zone.removeprefix("America/").replace("_", " "))
            for zone in (
                "America/Mexico_City",
                "America/Cancun",
                "America/Merida",
                "America/Monterrey",
                "America/Matamoros",
                "America/Chihuahua",
                "America/Ciudad_Juarez",
                "America/Ojinaga",
                "America/Mazatlan",
                "America/Bahia_Banderas",
                "America/Hermosillo",
                "America/Tijuana",
            )
        ],
    )


class TokenForm(forms.Form):
    DAYS = (
        (30, _("30 days")),
        (90, _("90 days")),
        (365, _("one year")),
    )

    name = forms.CharField(
        label=_("What it is for"), max_length=80, help_text=_("The program or person that will use it.")
    )
    scope = forms.ChoiceField(
        label=_("What it may do"), choices=ApiToken.Scope, help_text=_("Never more than its account may.")
    )
    days = forms.TypedChoiceField(label=_("Holds for"), choices=DAYS, coerce=int, initial=90)
    owner = forms.ModelChoiceField(label=_("Account"), queryset=User.objects.none(), empty_label=None)

    def __init__(self, *args, by: User, **kwargs) -> None:
        super().__init__(*args, initial={"owner": by}, **kwargs)
        self.fields["owner"].queryset = policies.token_owners(by)


class PreferencesForm(forms.Form):
    """One question a kind of notice; `cleaned_data` is what `notices.choose` takes."""

    def __init__(self, *args, user: User, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        chosen = notices.preferences([user])
        for kind in Kind:
            self.fields[kind.value] = forms.ChoiceField(
                label=kind.label,
                choices=Delivery,
                widget=forms.RadioSelect,
                initial=chosen.get((user.pk, kind.value), notices.BY_DEFAULT.get(kind, Delivery.NOW)),
            )


class AbsenceForm(forms.ModelForm):
    """Offers the people one may say it of, and deputies of their kind: what `absences.declare` takes."""

    class Meta:
        model = Absence
        fields = ["user", "deputy", "starts_on", "ends_on", "note"]
        widgets = {"starts_on": DateInput, "ends_on": DateInput}

    def __init__(self, *args, by: User, **kwargs) -> None:
        super().__init__(*args, initial={"user": by}, **kwargs)
        team = User.objects.filter(pk=by.pk)
        if by.role in (Role.DELEGATE, Role.MANAGER):
            roles = (Role.REVIEWER, Role.DELEGATE) if by.role == Role.DELEGATE else tuple(Role)
            inside = User.objects.in_territory(by).filter(is_active=True, role__in=roles)
            team = User.objects.filter(pk__in=[by.pk, *inside.values_list("pk", flat=True)])
        self.fields["user"].queryset = team.order_by("name")
        self.fields["user"].empty_label = None
        roles_of_team = team.order_by().values("role").distinct()
        # The service checks that the deputy fits the person; here stand all that may fit one of them.
        near = absences.colleagues(by) if team.count() == 1 else User.objects.filter(role__in=roles_of_team)
        self.fields["deputy"].queryset = near.filter(is_active=True).order_by("name")

    def _post_clean(self) -> None:
        """The row itself is written and checked by the service."""
