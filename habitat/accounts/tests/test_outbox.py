from datetime import timedelta
from smtplib import SMTPDataError, SMTPServerDisconnected
from threading import Barrier, Thread

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from habitat.accounts import outbox
from habitat.accounts.models import OutboxMessage


def write(key="aviso-1", to="ana@example.org", subject="Aviso"):
    return outbox.queue(key=key, to=to, subject=subject, body="Texto")


@pytest.fixture
def server(monkeypatch):
    """The mail server: `server(error)` makes it answer each message with that, `server(None)` mends it."""
    whole = EmailBackend.send_messages

    def answer(error):
        def send(self, messages):
            if error and "ana@" in messages[0].to[0]:
                raise error
            return whole(self, messages)

        monkeypatch.setattr(EmailBackend, "send_messages", send)

    return answer


def test_a_message_queued_twice_goes_out_once(db):
    write()
    write()
    call_command("send_outbox")
    call_command("send_outbox")
    assert [message.to for message in mail.outbox] == [["ana@example.org"]]


def test_a_mail_server_that_is_away_for_long_loses_nothing(db, server):
    write()
    server(SMTPServerDisconnected("away"))
    for _round in range(outbox.MAX_ATTEMPTS + 1):
        assert outbox.send_waiting() == (0, 0)
    assert OutboxMessage.objects.get().attempts == 0
    server(None)
    assert outbox.send_waiting() == (1, 0)


@pytest.mark.parametrize("fault", [{"subject": "Aviso\nBcc: todos@example.org"}, {"to": "ana\n@example.org"}])
def test_a_message_that_cannot_be_written_keeps_no_other_waiting(db, fault):
    write(**fault)
    write("aviso-2", to="beto@example.org")
    outbox.send_waiting()
    assert mail.outbox[-1].to == ["beto@example.org"]
    assert all("\n" not in message.subject for message in mail.outbox)


def test_a_message_whose_composing_fails_keeps_no_other_waiting(db, monkeypatch):
    write()
    write("aviso-2", to="beto@example.org")
    whole = outbox._written

    def written(messages):
        if messages[0].to == "ana@example.org":
            connection.cursor().execute("SELECT 1 / 0")
        return whole(messages)

    monkeypatch.setattr(outbox, "_written", written)
    assert outbox.send_waiting() == (1, 1)
    assert [message.to for message in mail.outbox] == [["beto@example.org"]]
    kept = OutboxMessage.objects.get(sent_at=None)
    assert (kept.attempts, kept.withheld_at) == (1, None)
    assert "division by zero" in kept.last_error
    monkeypatch.undo()
    assert outbox.send_waiting(at=kept.retry_at) == (1, 0)


def test_a_refused_message_is_tried_again_later_and_keeps_no_other_waiting(db, server):
    write()
    write("aviso-2", to="beto@example.org")
    server(SMTPDataError(451, b"not now"))
    now = timezone.now()
    assert outbox.send_waiting(at=now) == (1, 1)
    assert "451" in OutboxMessage.objects.get(sent_at=None).last_error
    server(None)
    assert outbox.send_waiting(at=now + timedelta(minutes=1)) == (0, 0)
    assert outbox.send_waiting(at=now + timedelta(minutes=2)) == (1, 0)


def test_what_was_sent_and_not_noted_goes_again_as_the_same_message(db, monkeypatch):
    write()

    def killed(*args, **kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("django.db.models.query.QuerySet.bulk_update", killed)
        outbox.send_waiting()
    outbox.send_waiting()
    first, again = (message.message()["Message-ID"] for message in mail.outbox)
    assert first == again


@pytest.mark.django_db(transaction=True)
def test_two_senders_at_once_send_none_twice():
    for number in range(6):
        write(f"aviso-{number}")
    together = Barrier(2)

    def send():
        together.wait()
        outbox.send_waiting()
        connection.close()

    senders = [Thread(target=send) for _ in range(2)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert len(mail.outbox) == 6
    assert OutboxMessage.objects.filter(sent_at=None).count() == 0
