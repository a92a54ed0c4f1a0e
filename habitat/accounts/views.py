from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from habitat.accounts import policies, services
from habitat.accounts.filters import InvitationFilter, PeopleFilter
from habitat.accounts.forms import AcceptForm, InvitationForm, ProfileForm, TokenForm, ValidityForm
from habitat.accounts.models import ApiToken, Invitation, User
from habitat.accounts.requests import PersonRequest
from habitat.accounts.tables import InvitationTable, PeopleTable, TokenTable
from habitat.lib.lists import Listing, listed


def _people_of(user: User):
    if not policies.sees_people(user):
        raise PermissionDenied
    return User.objects.in_territory(user).select_related("municipality", "state")


@listed
def people(request: PersonRequest) -> Listing:
    found = PeopleFilter(request.GET, queryset=_people_of(request.user))
    return Listing(
        PeopleTable(found.qs),
        _("people"),
        "accounts/people.html",
        filter=found,
        context=lambda: {
            "can_invite": bool(policies.roles_invited_by(request.user)),
            "waiting": _open_invitations(request.user).count(),
        },
    )


@listed
def invitations(request: PersonRequest) -> Listing:
    """Those that still open: the nation's for who sees it, else one's own."""
    if not policies.roles_invited_by(request.user):
        raise PermissionDenied
    waiting = _open_invitations(request.user).select_related("state", "municipality", "by")
    found = InvitationFilter(request.GET, queryset=waiting)
    return Listing(InvitationTable(found.qs), _("invitations"), "accounts/invitations.html", filter=found)


def _open_invitations(user: User):
    waiting = Invitation.objects.filter(accepted_at=None, withdrawn_at=None, expires_at__gt=timezone.now())
    return waiting if user.sees_the_nation else waiting.filter(by=user)


def invite(request: PersonRequest) -> HttpResponse:
    if not policies.roles_invited_by(request.user):
        raise PermissionDenied
    form = InvitationForm(request.POST if request.method == "POST" else None, by=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            services.invite(by=request.user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("The invitation to %s is on its way.") % form.cleaned_data["email"])
            return redirect("people:list")
    return render(request, "accounts/invite.html", {"form": form}, status=400 if form.errors else 200)


@require_POST
def withdraw(request: PersonRequest, pk: int) -> HttpResponse:
    services.withdraw(get_object_or_404(_open_invitations(request.user), pk=pk), by=request.user)
    messages.success(request, _("The invitation was withdrawn; its link no longer opens anything."))
    return redirect("people:invitations")


def detail(request: PersonRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(_people_of(request.user), pk=pk)
    can_change = policies.looks_after(request.user, person)
    form = ValidityForm(request.POST if request.method == "POST" else None, instance=person, by=request.user)
    if request.method == "POST":
        if not can_change:
            raise PermissionDenied
        if form.is_valid():
            try:
                services.set_validity(person, valid_to=form.cleaned_data["valid_to"], by=request.user)
                if "can_write" in form.cleaned_data:
                    services.grant_writing(person, can_write=form.cleaned_data["can_write"], by=request.user)
            except ValidationError as error:
                form.add_error(None, error)
            else:
                messages.success(request, _("The account was changed."))
                return redirect("people:detail", pk)
    context = {"person": person, "form": form, "can_change": can_change}
    return render(request, "accounts/person.html", context, status=400 if form.errors else 200)


@login_not_required
def accept(request: HttpRequest, token: str) -> HttpResponse:
    """The invited person's page; the link itself is the key, so tries are limited."""
    limited = ratelimit.consume_or_429(request, action="invitation")
    if limited:
        return limited
    invitation = services.open_invitation(token)
    if invitation is None:
        return render(request, "accounts/invitation_over.html", status=404)
    form = AcceptForm(request.POST if request.method == "POST" else None, initial={"name": invitation.name})
    if request.method == "POST" and form.is_valid():
        try:
            services.accept(token, name=form.cleaned_data["name"], password=form.cleaned_data["password"])
        except ValidationError as error:
            form.add_error("password", error)
        else:
            messages.success(request, _("Your account is open. Sign in with your e-mail and password."))
            return redirect("account_login")
    context = {"form": form, "invitation": invitation}
    return render(request, "accounts/accept.html", context, status=400 if form.errors else 200)


def profile(request: HttpRequest) -> HttpResponse:
    form = ProfileForm(
        request.POST if request.method == "POST" else None, instance=User.objects.get(pk=request.user.pk)
    )
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Your profile was saved."))
        return redirect("people:profile")
    return render(request, "accounts/profile.html", {"form": form}, status=400 if form.errors else 200)


def _tokens_of(user: User):
    return ApiToken.objects.filter(user__in=policies.token_owners(user)).select_related("user")


@never_cache
@listed
def tokens(request: PersonRequest) -> Listing:
    """API keys; a new one is shown in the answer to its making, and never again."""
    form = TokenForm(request.POST if request.method == "POST" else None, by=request.user)
    token = ""
    if request.method == "POST" and form.is_valid():
        try:
            token = services.issue_token(by=request.user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            form = TokenForm(by=request.user)
    return Listing(
        TokenTable(_tokens_of(request.user)),
        _("keys"),
        "accounts/tokens.html",
        context=lambda: {"form": form, "token": token},
        status=400 if form.errors else 200,
    )


@require_POST
def revoke_token(request: PersonRequest, key: str) -> HttpResponse:
    services.revoke_token(get_object_or_404(_tokens_of(request.user), token_key=key), by=request.user)
    messages.success(request, _("The key was revoked; it opens nothing any more."))
    return redirect("people:tokens")
