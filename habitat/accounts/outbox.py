"""The outbox: an e-mail is a row of the transaction it tells about, and goes out once, later.

Rows that share a `parcel` are one e-mail. It is fixed before it is handed over and is its Message-ID, so that what had
to be sent again, because we were killed between the mail server's yes and our note of it, is the same e-mail.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from smtplib import SMTPException, SMTPResponseException, SMTPServerDisconnected
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import structlog
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone, translation

from habitat.accounts import notices
from habitat.accounts.models import OutboxMessage, User

# Of one e-mail that the mail server does not take: some two days, the last waits being the longest.
MAX_ATTEMPTS = 20
LONGEST_WAIT = timedelta(hours=4)

log = structlog.get_logger(__name__)


class MailServerAwayError(Exception):
    """Nothing was refused: nobody answered, or stopped answering."""


def queue(*, key: str, to: str, subject: str, body: str) -> OutboxMessage:
    """Put one message aside. A second message under the same `key` is the same message."""
    defaults = {"to": to, "subject": subject, "body": body, "parcel": uuid4()}
    message, _ = OutboxMessage.objects.get_or_create(key=key, defaults=defaults)
    return message


def waiting() -> QuerySet[OutboxMessage]:
    return OutboxMessage.objects.filter(sent_at=None, withheld_at=None, attempts__lt=MAX_ATTEMPTS)


def send_waiting(*, at: datetime | None = None) -> tuple[int, int]:
    """Send what waits; answers (sent, failed). Two senders at once share the parcels and send none twice.

    A mail server that is away ends the round and counts against no message.
    """
    at = at or timezone.now()
    due = waiting().filter(Q(retry_at=None) | Q(retry_at__lte=at)).values_list("parcel", flat=True)
    # Several rows of a parcel were made at different moments: once each, the oldest first. Daily ones may have none.
    parcels = list(dict.fromkeys(parcel for parcel in due if parcel))
    sent = failed = 0
    if not parcels:
        return sent, failed
    try:
        with _mail_server() as server:
            for parcel in parcels:
                outcome = _send(parcel, at, server)
                sent += outcome is True
                failed += outcome is False
    except MailServerAwayError as error:
        log.warning("mail_server_away", waiting=len(parcels) - sent - failed, error=str(error)[:300])
    return sent, failed


def send_daily(*, at: datetime | None = None) -> tuple[int, int]:
    """Put together what waits for the day's message, one parcel a person, and send; answers (sent, failed).

    Where the mail server is away the parcels go with the next round, not with the next day.
    """
    loose = waiting().filter(is_daily=True, parcel=None)
    for user in list(loose.order_by().values_list("notification__user", flat=True).distinct()):
        with transaction.atomic():
            mine = loose.filter(notification__user=user).select_for_update(skip_locked=True)
            OutboxMessage.objects.filter(pk__in=[message.pk for message in mine]).update(parcel=uuid4())
    return send_waiting(at=at)


@contextmanager
def _mail_server() -> Iterator[BaseEmailBackend]:
    """One connection for a whole round."""
    server = get_connection()
    try:
        server.open()
    except OSError as error:
        raise MailServerAwayError(error) from error
    try:
        yield server
    finally:
        server.close()


@transaction.atomic
def _send(parcel: UUID, at: datetime, server: BaseEmailBackend) -> bool | None:
    """True: sent; False: refused and kept for later; None: another's, or not to be told. Raises MailServerAwayError."""
    rows = waiting().filter(parcel=parcel)
    found = list(rows.select_for_update(of=("self",), skip_locked=True).select_related("notification__user"))
    if not found:
        return None
    written, error = _composed(found)
    if written:
        error = _hand_over(parcel, *written, server)
    is_withheld = not written and not error
    for message in found:
        message.attempts += 1
        message.withheld_at = at if is_withheld else None
        message.sent_at = None if is_withheld or error else at
        message.last_error = error
        message.retry_at = at + min(timedelta(minutes=2**message.attempts), LONGEST_WAIT) if error else None
    OutboxMessage.objects.bulk_update(found, ["attempts", "sent_at", "withheld_at", "last_error", "retry_at"])
    if error:
        told = log.error if found[0].attempts >= MAX_ATTEMPTS else log.warning
        told("outbox_send_failed", message=found[0].pk, attempts=found[0].attempts, error=error)
    return None if is_withheld else not error


def _hand_over(parcel: UUID, to: str, subject: str, body: str, server: BaseEmailBackend) -> str:
    """To the mail server; what is wrong with this one message, where something is."""
    headers = {"Message-ID": f"<{parcel}@{urlsplit(settings.PUBLIC_URL).hostname}>"}
    try:
        # A header holds no line break, whatever a project is called.
        EmailMessage(" ".join(subject.split()), body, to=[to], headers=headers, connection=server).send()
    except SMTPServerDisconnected as error:
        raise MailServerAwayError(error) from error
    except SMTPResponseException as error:
        return f"{error.smtp_code} {error.smtp_error!r}"[:300]
    # Of the message: recipients refused, an address that no header takes. It must not keep the others waiting.
    except (SMTPException, ValueError) as error:
        return f"{type(error).__name__}: {error}"[:300]
    except OSError as error:
        raise MailServerAwayError(error) from error
    return ""


def _composed(messages: list[OutboxMessage]) -> tuple[tuple[str, str, str] | None, str]:
    """What `_written` answers, and what went wrong. A fault in our own words must not keep the others waiting."""
    try:
        # Its own savepoint: what was asked of the database may be the fault, and the row still notes it.
        with transaction.atomic():
            return _written(messages), ""
    except Exception as error:
        log.exception("outbox_compose_failed", message=messages[0].pk)
        return None, f"{type(error).__name__}: {error}"[:300]


def _written(messages: list[OutboxMessage]) -> tuple[str, str, str] | None:
    """(to, subject, body); None where the reader may no longer see any of it."""
    told = [message.notification for message in messages if message.notification]
    if not told:
        return messages[0].to, messages[0].subject, messages[0].body
    user: User = told[0].user
    with translation.override(user.language), timezone.override(user.time_zone):
        composed = notices.compose(user, told)
    return (user.email, *composed) if composed else None
