"""Telling people: a line in the portal and, as each of them chose, an e-mail at once, once a day, or none.

Called inside the transaction of what is told: neither told without the event, nor the event without being told.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from django.apps import apps
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from habitat.accounts.models import Delivery, Kind, Notification, NotificationPreference, OutboxMessage, User

# What nobody chose otherwise goes out at once; deadlines come in many on one morning.
BY_DEFAULT = {Kind.DEADLINE: Delivery.DAILY}

# A sentence, and the id of the row of `Notice.about` it tells of; None: for every reader.
Line = tuple[int | None, str]


@dataclass(frozen=True)
class Notice:
    """One event for one person, in their language. `key` names the event: the same key is never told twice."""

    user: User
    kind: Kind
    key: str
    text: str
    url: str
    lines: tuple[Line, ...] = ()
    about: str = ""


@transaction.atomic
def tell(notices: Iterable[Notice]) -> int:
    """Write what is new of these, whatever their number in a few queries; answers how many were new."""
    new = untold(notices)
    if not new:
        return 0
    rows = [
        Notification(
            user=notice.user,
            kind=notice.kind,
            key=notice.key,
            text=notice.text[:300],
            lines=[list(line) for line in notice.lines],
            about=notice.about,
            url=notice.url,
        )
        for notice in new
    ]
    # Two transactions may tell the same at once: the second writes nothing and finds the first's rows below.
    Notification.objects.bulk_create(rows, batch_size=1_000, ignore_conflicts=True)
    told = {(notice.user.pk, notice.key) for notice in new}
    keys, people = {key for _user, key in told}, {user for user, _key in told}
    _queue(Notification.objects.filter(key__in=keys, user__in=people).select_related("user"), told)
    return len(new)


def untold(notices: Iterable[Notice]) -> list[Notice]:
    """Those whose person was not told of them yet, each once. One query."""
    wanted = {(notice.user.pk, notice.key): notice for notice in notices}
    keys, people = {key for _user, key in wanted}, {user for user, _key in wanted}
    known = set(Notification.objects.filter(key__in=keys, user__in=people).values_list("user", "key"))
    return [notice for name, notice in wanted.items() if name not in known]


def _queue(notifications: Iterable[Notification], new: set[tuple[int, str]]) -> None:
    rows = [row for row in notifications if (row.user_id, row.key) in new]
    chosen = preferences([row.user for row in rows])
    messages = []
    for row in rows:
        delivery = chosen.get((row.user_id, row.kind), BY_DEFAULT.get(Kind(row.kind), Delivery.NOW))
        if delivery == Delivery.OFF:
            continue
        is_daily = delivery == Delivery.DAILY
        key = f"{row.key}-{row.user_id}"
        parcel = None if is_daily else uuid4()
        messages.append(OutboxMessage(key=key, to=row.user.email, notification=row, is_daily=is_daily, parcel=parcel))
    OutboxMessage.objects.bulk_create(messages, batch_size=1_000, ignore_conflicts=True)


def preferences(users: Iterable[User]) -> dict[tuple[int, str], str]:
    """(user, kind) → delivery, where somebody chose one."""
    rows = NotificationPreference.objects.filter(user__in={user.pk for user in users})
    return {(user, kind): delivery for user, kind, delivery in rows.values_list("user", "kind", "delivery")}


@transaction.atomic
def choose(user: User, choices: dict[str, str]) -> None:
    """Kind → delivery. What waits already goes out as it was chosen when it happened."""
    for kind, delivery in choices.items():
        NotificationPreference.objects.update_or_create(user=user, kind=kind, defaults={"delivery": delivery})


def mark_read(user: User, *, pk: int | None = None, at: datetime | None = None) -> int:
    """One notice of this person, or all of them; answers how many were unread."""
    unread = Notification.objects.filter(user=user, read_at=None)
    return (unread if pk is None else unread.filter(pk=pk)).update(read_at=at or timezone.now())


# ---- What leaves the portal -----------------------------------------------------------------------------------------
def sentences_for(user: User, notification: Notification) -> list[str] | None:
    """What this person may read of it now; None: nothing of it."""
    if not user.is_valid_today:
        return None
    asked = {pk for pk, _words in notification.lines if pk is not None}
    if not asked:
        return [words for _pk, words in notification.lines]
    rows = apps.get_model(notification.about)._default_manager.visible_to(user)  # type: ignore[attr-defined]
    seen = set(rows.filter(pk__in=asked).values_list("pk", flat=True))
    return [words for pk, words in notification.lines if pk is None or pk in seen] if seen else None


def compose(user: User, notifications: list[Notification]) -> tuple[str, str] | None:
    """Subject and body of one e-mail, in the active language; None where nothing may be told."""
    told = [(row, sentences_for(user, row)) for row in notifications]
    kept = [(row, words) for row, words in told if words is not None]
    if not kept:
        return None
    parts = []
    for row, words in kept:
        heading = [row.text] if len(kept) > 1 else []
        parts.append("\n\n".join([*heading, *words, f"{settings.PUBLIC_URL}{row.url}"]))
    subject = (
        kept[0][0].text if len(kept) == 1 else _("Your day in the portal: %(count)s notices") % {"count": len(kept)}
    )
    foot = _("Choose what you receive: %(address)s") % {
        "address": settings.PUBLIC_URL + reverse("people:notice-preferences")
    }
    return subject[:200], "\n\n---\n\n".join([*parts, foot]) + "\n"
