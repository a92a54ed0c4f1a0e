"""Being away: from a day to a day, with a deputy of the same role whose territory holds one's own."""

from datetime import date, datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from habitat.accounts import notices, policies
from habitat.accounts.models import Absence, Kind, User
from habitat.accounts.notices import Notice


def colleagues(user: User) -> QuerySet[User]:
    """Valid accounts of the same role whose territory holds this user's."""
    today = timezone.localdate()
    valid = User.objects.filter(role=user.role, is_active=True, valid_from__lte=today).exclude(valid_to__lt=today)
    state = user.municipality.state_id if user.municipality else user.state_id
    around = Q(is_national=True)
    if state:
        around |= Q(state=state)
    if user.municipality_id:
        around |= Q(municipality=user.municipality_id)
    return valid.filter(around).exclude(pk=user.pk).order_by("name", "pk")


def may_declare(by: User, user: User) -> bool:
    """For oneself; a delegate for the delegation, and whoever looks after the account."""
    if not (by.is_valid_today and by.can_write):
        return False
    return by.pk == user.pk or policies.looks_after(by, user) or leads(by, user)


def leads(by: User, user: User) -> bool:
    """The delegate leads the state's delegation; the program unit leads everybody."""
    if by.role == "manager":
        return by.covers(user)
    return by.role == "delegate" and user.is_delegation and by.covers(user)


def visible_to(user: User) -> QuerySet[Absence]:
    """One's own, those one stands in for, and those of the people one leads."""
    own = Q(user=user) | Q(deputy=user)
    if user.role in ("manager", "auditor"):
        return Absence.objects.filter(own | Q(user__in=User.objects.in_territory(user)))
    if user.role == "delegate" and user.state_id:
        return Absence.objects.filter(own | Q(user__state=user.state_id))
    return Absence.objects.filter(own)


@transaction.atomic
def declare(
    user: User, *, deputy: User, starts_on: date, ends_on: date, by: User, note: str = "", at: datetime | None = None
) -> Absence:
    """The deputy is told. Raises PermissionDenied, or ValidationError for days or a deputy that cannot be."""
    if not may_declare(by, user):
        raise PermissionDenied(_("You cannot say that this person is away."))
    if ends_on < starts_on:
        raise ValidationError({"ends_on": _("The end comes before the start.")})
    if ends_on < timezone.localdate(at):
        raise ValidationError({"ends_on": _("That day has passed.")})
    if not colleagues(user).filter(pk=deputy.pk).exists():
        raise ValidationError({"deputy": _("A deputy has the same role, and a territory that holds the person's.")})
    # Two who declare at once: one of them finds the other's days.
    User.objects.select_for_update(of=("self",)).get(pk=user.pk)
    if Absence.objects.filter(user=user, starts_on__lte=ends_on, ends_on__gte=starts_on).exists():
        raise ValidationError(_("This person is away on some of these days already."))
    absence = Absence.objects.create(
        user=user, deputy=deputy, starts_on=starts_on, ends_on=ends_on, note=note.strip(), by=by
    )
    _tell(absence)
    return absence


@transaction.atomic
def end(absence: Absence, *, by: User, at: datetime | None = None) -> None:
    """Back earlier: the last day is yesterday; one that had not begun is taken back. Raises PermissionDenied."""
    locked = Absence.objects.select_for_update(of=("self",)).get(pk=absence.pk)
    if not may_declare(by, locked.user):
        raise PermissionDenied(_("You cannot say that this person is away."))
    today = timezone.localdate(at)
    if locked.starts_on >= today:
        locked.delete()
    elif locked.ends_on >= today:
        locked.ends_on = date.fromordinal(today.toordinal() - 1)
        locked.save(update_fields=["ends_on"])


def _tell(absence: Absence) -> None:
    deputy = absence.deputy
    with translation.override(deputy.language):
        known = {
            "who": absence.user,
            "from": date_format(absence.starts_on),
            "until": date_format(absence.ends_on),
        }
        text = _("You stand in for %(who)s from %(from)s until %(until)s") % known
        lines = [_("Meanwhile their cases are on your desk and you may take them.")]
        lines += [absence.note] if absence.note else []
    told = tuple((None, line) for line in lines)
    notices.tell([Notice(deputy, Kind.ASSIGNMENT, f"absence-{absence.pk}", text, "/projects/desk/mine/", told)])
