"""Letters asked for, made anew, cancelled. The file itself is a worker's: `projects.letters.making`."""

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import partial
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from habitat.accounts.models import Role, User
from habitat.lib.tasks import enqueue
from modalities.models import FiscalYear
from polygons.models import State
from projects import tasks
from projects.letters.lines import lines_of_subsidies, lines_of_works, works_to_list
from projects.letters.texts import words_in_force
from projects.models import Letter, LetterKind, LetterLine, Project
from projects.refusals import Refused

# Federal letters are the program unit's; the delegation's head signs approvals (design, section 3).
SIGNERS = {
    LetterKind.SUBSIDY: Role.MANAGER,
    LetterKind.AUTHORISATION: Role.MANAGER,
    LetterKind.APPROVAL: Role.DELEGATE,
}
# Leads the number; the layout is ours (domain report, 4.2, names the letters and no numbering).
SERIES = {LetterKind.SUBSIDY: "OAS", LetterKind.AUTHORISATION: "OAP", LetterKind.APPROVAL: "OA"}


def kinds_signed_by(user: User) -> list[LetterKind]:
    if not user.is_authenticated or not user.can_write or not user.is_valid_today:
        return []
    return [kind for kind, role in SIGNERS.items() if role == user.role]


@transaction.atomic
def issue_letter(
    kind: str,
    *,
    by: User,
    state: State,
    fiscal_year: FiscalYear,
    addressee: str,
    post: str,
    projects: Iterable[Project] = (),
    at: dt.datetime | None = None,
) -> Letter:
    """Number and contents now, the file by a worker. Raises PermissionDenied for another's letter or territory, Refused
    where there is nothing to list, or a work is listed by another letter that stands.
    """
    _need_signer(kind, by, state)
    # One letter of a state at a time: its number, and no work in two letters.
    State.objects.select_for_update(no_key=True).get(pk=state.pk)
    if kind == LetterKind.SUBSIDY:
        standing = Letter.objects.filter(kind=kind, state=state, fiscal_year=fiscal_year).standing().first()
        if standing:
            raise Refused(_("%(number)s stands for this state and year. Reissue that one.") % {"number": standing})
        lines, agreement = lines_of_subsidies(state, fiscal_year)
    else:
        agreement = ""
        lines = lines_of_works(kind, _free_works(kind, state, fiscal_year, projects))
    words = {"addressee": addressee, "signed_post": post, "agreement": agreement}
    return _write(kind, lines, by=by, state=state, fiscal_year=fiscal_year, at=at, **words)


@transaction.atomic
def reissue_letter(letter: Letter, *, by: User, reason: str, at: dt.datetime | None = None, **words: str) -> Letter:
    """A new letter with a new number on today's figures and words, in the place of one that stands.

    `words` may be another addressee or post. Raises PermissionDenied or Refused.
    """
    _need_signer(letter.kind, by, letter.state)
    State.objects.select_for_update(no_key=True).get(pk=letter.state_id)
    old = Letter.objects.select_for_update(of=("self",)).get(pk=letter.pk)
    if not old.is_valid:
        raise Refused(_("Only a letter that is in force is reissued."))
    if not reason.strip():
        raise Refused(_("Give the reason."))
    if old.kind == LetterKind.SUBSIDY:
        lines, agreement = lines_of_subsidies(old.state, old.fiscal_year)
    else:
        agreement = ""
        listed = Project.objects.filter(letter_lines__letter=old).order_by("letter_lines__position")
        lines = lines_of_works(old.kind, listed)
    kept = {"addressee": words.get("addressee") or old.addressee, "signed_post": words.get("post") or old.signed_post}
    place = {"state": old.state, "fiscal_year": old.fiscal_year, "agreement": agreement}
    if Letter.objects.filter(replaces=old).exists():
        raise Refused(_("It is being reissued already: open the newer letter."))
    return _write(old.kind, lines, by=by, at=at, replaces=old, reason=reason.strip(), **place, **kept)


@transaction.atomic
def cancel_letter(letter: Letter, *, by: User, reason: str, at: dt.datetime | None = None) -> Letter:
    """The letter stays, with its file; its page of verification says that it was cancelled, and when.

    Raises PermissionDenied or Refused.
    """
    _need_signer(letter.kind, by, letter.state)
    locked = Letter.objects.select_for_update(of=("self",)).get(pk=letter.pk)
    if locked.cancelled_at or locked.replaced_by:
        raise Refused(_("This letter is no longer in force."))
    if locked.is_at_work:
        raise Refused(_("This letter is being made. Wait until it is issued."))
    if not reason.strip():
        raise Refused(_("Give the reason."))
    locked.cancelled_at, locked.cancelled_by, locked.cancel_reason = at or timezone.now(), by, reason.strip()
    locked.save(update_fields=["cancelled_at", "cancelled_by", "cancel_reason"])
    return locked


@transaction.atomic
def retry_letter(letter: Letter, *, by: User) -> Letter:
    """One that could not be made is tried again, with its number and contents. Raises PermissionDenied or Refused."""
    _need_signer(letter.kind, by, letter.state)
    locked = Letter.objects.select_for_update(of=("self",)).get(pk=letter.pk)
    if locked.status != Letter.Status.FAILED or locked.cancelled_at:
        raise Refused(_("This letter does not wait to be made again."))
    locked.status, locked.attempts, locked.lease_until = Letter.Status.WAITING, 0, None
    locked.save(update_fields=["status", "attempts", "lease_until"])
    transaction.on_commit(partial(enqueue, tasks.make_letter, locked.pk))
    return locked


def _need_signer(kind: str, by: User, state: State) -> None:
    inside = by.sees_the_nation or (by.is_valid_today and by.state_id == state.pk)
    if kind not in kinds_signed_by(by) or not inside:
        raise PermissionDenied(
            _("This letter is signed by: %(role)s.") % {"role": Role(SIGNERS[LetterKind(kind)]).label}
        )


def _free_works(kind: str, state: State, year: FiscalYear, projects: Iterable[Project]) -> Sequence[Project]:
    asked = [project.pk for project in projects]
    if not asked:
        raise Refused(_("Choose at least one project."))
    if kind == LetterKind.AUTHORISATION and len(asked) > 1:
        raise Refused(_("A project authorisation names one project."))
    free = list(works_to_list(kind, state, year).filter(pk__in=asked))
    if missing := set(asked) - {project.pk for project in free}:
        folios = Project.objects.filter(pk__in=missing).order_by("folio").values_list("folio", flat=True)
        raise Refused(
            _("Not to be listed now, or listed by another letter: %(folios)s.") % {"folios": ", ".join(folios[:10])}
        )
    return free


def _write(kind: str, lines: list[LetterLine], *, by: User, at: dt.datetime | None, **fields) -> Letter:
    if not lines:
        raise Refused(_("There is no money to state: nothing was authorised or approved, or it was taken back."))
    at = at or timezone.now()
    words = words_in_force(kind)
    letter = Letter.objects.create(
        kind=kind,
        number=_next_number(kind, fields["state"], fields["fiscal_year"]),
        on=timezone.localdate(at, ZoneInfo(by.time_zone)),
        amount=sum((line.federal for line in lines), Decimal(0)),
        subject=words.subject,
        body=words.body,
        text=words.text,
        signed_name=by.name,
        by=by,
        asked_at=at,
        **fields,
    )
    for line in lines:
        line.letter = letter
    LetterLine.objects.bulk_create(lines)
    transaction.on_commit(partial(enqueue, tasks.make_letter, letter.pk))
    return letter


def _next_number(kind: str, state: State, year: FiscalYear) -> str:
    """OAS-04-2026-0001: consecutive by kind, state and year, under the state's lock; a reissue has its own."""
    series = f"{SERIES[LetterKind(kind)]}-{state.pk}-{year.pk}-"
    given = Letter.objects.filter(number__startswith=series).values_list("number", flat=True)
    return f"{series}{max((int(number.removeprefix(series)) for number in given), default=0) + 1:04d}"
