"""The outbox: an e-mail is a row of the transaction it tells about, and goes out once, later."""

from datetime import datetime

import structlog
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import timezone

from habitat.accounts.models import OutboxMessage

MAX_ATTEMPTS = 8

log = structlog.get_logger(__name__)


def queue(*, key: str, to: str, subject: str, body: str) -> OutboxMessage:
    """Put one message aside. A second message under the same `key` is the same message."""
    message, _ = OutboxMessage.objects.get_or_create(key=key, defaults={"to": to, "subject": subject, "body": body})
    return message


def send_waiting(*, at: datetime | None = None) -> tuple[int, int]:
    """Send what waits; answers (sent, failed). Two senders at once share the rows and send none twice."""
    sent = failed = 0
    for pk in OutboxMessage.objects.filter(sent_at=None, attempts__lt=MAX_ATTEMPTS).values_list("pk", flat=True):
        outcome = _send(pk, at or timezone.now())
        sent += outcome is True
        failed += outcome is False
    return sent, failed


def _send(pk: int, at: datetime) -> bool | None:
    """True: sent; False: failed and kept for later; None: another sender has it."""
    with transaction.atomic():
        waiting = OutboxMessage.objects.select_for_update(skip_locked=True)
        message = waiting.filter(pk=pk, sent_at=None).first()
        if message is None:
            return None
        message.attempts += 1
        try:
            EmailMessage(message.subject, message.body, to=[message.to]).send()
        except OSError as error:
            # A mail server that is away must not lose a message; smtplib's errors are OSErrors.
            message.last_error = str(error)[:300]
            log.warning("outbox_send_failed", message=message.pk, attempts=message.attempts, error=message.last_error)
        else:
            message.sent_at, message.last_error = at, ""
        message.save(update_fields=["attempts", "sent_at", "last_error"])
        return message.sent_at is not None
