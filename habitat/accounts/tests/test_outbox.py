from smtplib import SMTPServerDisconnected
from threading import Barrier, Thread

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import connection

from habitat.accounts import outbox
from habitat.accounts.models import OutboxMessage


def write(key="aviso-1"):
    return outbox.queue(key=key, to="ana@example.org", subject="Aviso", body="Texto")


def test_a_message_queued_twice_goes_out_once(db):
    write()
    write()
    call_command("send_outbox")
    call_command("send_outbox")
    assert [message.to for message in mail.outbox] == [["ana@example.org"]]


def test_a_failing_mail_server_keeps_the_message(db, monkeypatch):
    def away(self, *args, **kwargs):
        raise SMTPServerDisconnected("away")

    write()
    with monkeypatch.context() as patch:
        patch.setattr("django.core.mail.EmailMessage.send", away)
        assert outbox.send_waiting() == (0, 1)
    assert OutboxMessage.objects.get().last_error == "away"
    assert outbox.send_waiting() == (1, 0)


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
