"""The outbox: an e-mail is a row of the transaction it tells about, and goes out once, later."""

from datetime import datetime

import structlog
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone, translation

from habitat.accounts import notices
from habitat.accounts.models import OutboxMessage, User

MAX_ATTEMPTS = 8

log = structlog.get_logger(__name__)


def queue(*, key: str, to: str, subject: str, body: str) -> OutboxMessage:
    """Put one message aside. A second message under the same `key` is the same message."""
    message, _ = OutboxMessage.objects.get_or_create(key=key, defaults={"to": to, "subject": subject, "body": body})
    return message


def waiting() -> QuerySet[OutboxMessage]:
    return OutboxMessage.objects.filter(sent_at=None, withheld_at=None, attempts__lt=MAX_ATTEMPTS)


def send_waiting(*, at: datetime | None = None) -> tuple[int, int]:
    """Send what waits; answers (sent, failed). Two senders at once share the rows and send none twice."""
    sent = failed = 0
    for pk in list(waiting().filter(is_daily=False).values_list("pk", flat=True)):
        outcome = _send(waiting().filter(pk=pk), at or timezone.now())
        sent += outcome is True
        failed += outcome is False
    return sent, failed


def send_daily(*, at: datetime | None = None) -> tuple[int, int]:
    """One e-mail a person with all that waits for the day's message; answers (sent, failed)."""
    sent = failed = 0
    mine = waiting().filter(is_daily=True)
    for user in list(mine.order_by().values_list("notification__user", flat=True).distinct()):
        outcome = _send(mine.filter(notification__user=user), at or timezone.now())
        sent += outcome is True
        failed += outcome is False
    return sent, failed


def _send(rows: QuerySet[OutboxMessage], at: datetime) -> bool | None:
    """The rows as one e-mail. True: sent; False: failed and kept for later; None: another's, or not to be told."""
    with transaction.atomic():
        found = list(rows.select_for_update(of=("self",), skip_locked=True).select_related("notification__user"))
        if not found:
            return None
        written = _written(found)
        for message in found:
            message.attempts += 1
            message.last_error = ""
            message.withheld_at = None if written else at
        error = _hand_over(found[0], *written) if written else ""
        for message in found:
            message.sent_at = at if written and not error else None
            message.last_error = error
        OutboxMessage.objects.bulk_update(found, ["attempts", "sent_at", "withheld_at", "last_error"])
    return None if not written else not error


def _hand_over(message: OutboxMessage, to: str, subject: str, body: str) -> str:
    """To the mail server; what went wrong, where something did."""
    try:
        EmailMessage(subject, body, to=[to]).send()
    except OSError as error:
        # A mail server that is away must not lose a message; smtplib's errors are OSErrors.
        log.warning("outbox_send_failed", message=message.pk, attempts=message.attempts, error=str(error)[:300])
        return str(error)[:300] or type(error).__name__
    return ""


def _written(messages: list[OutboxMessage]) -> tuple[str, str, str] | None:
    """(to, subject, body); None where the reader may no longer see any of it."""
    told = [message.notification for message in messages if message.notification]
    if not told:
        return messages[0].to, messages[0].subject, messages[0].body
    user: User = told[0].user
    with translation.override(user.language), timezone.override(user.time_zone):
        composed = notices.compose(user, told)
    return (user.email, *composed) if composed else None
