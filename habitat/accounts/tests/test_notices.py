"""Notices: once for each person, by the channel they chose, and nothing by mail that its reader may not see."""

from threading import Barrier, Thread

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import connection, transaction

from habitat.accounts import notices
from habitat.accounts.models import Kind, Notification, OutboxMessage, User
from habitat.accounts.notices import Notice


def of(user, project=None, key="step-1", kind=Kind.STEP):
    lines = ((project.pk if project else None, "La obra está en revisión."),)
    return Notice(user, kind, key, "04-ME-0144: En revisión", "/projects/1/", lines, "projects.project")


def test_an_event_is_told_once_to_a_person_and_mailed_once(reviewer, delegate):
    assert notices.tell([of(reviewer), of(delegate), of(reviewer)]) == 2
    assert notices.tell([of(reviewer)]) == 0
    for _round in range(2):
        call_command("send_outbox")
    assert sorted(message.to[0] for message in mail.outbox) == sorted([reviewer.email, delegate.email])
    assert Notification.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_who_tell_the_same_at_once_tell_it_once(make_user):
    ana = make_user("manager", is_national=True)
    together = Barrier(2)

    def tell():
        together.wait()
        notices.tell([of(User.objects.get(pk=ana.pk))])
        connection.close()

    threads = [Thread(target=tell) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (Notification.objects.count(), OutboxMessage.objects.count()) == (1, 1)


def test_what_is_told_falls_with_what_it_tells(reviewer):
    with pytest.raises(RuntimeError), transaction.atomic():
        notices.tell([of(reviewer)])
        raise RuntimeError
    assert not Notification.objects.exists()
    assert not OutboxMessage.objects.exists()


def test_each_kind_goes_out_at_once_together_or_not_at_all(client, reviewer):
    client.force_login(reviewer)
    page = "/accounts/notices/preferences/"
    choices = dict.fromkeys(Kind.values, "now") | {Kind.STEP: "daily", Kind.RULES: "off"}
    assert client.post(page, {"step": "hourly"}).status_code == 400
    assert client.post(page, choices).status_code == 302
    told = [of(reviewer, key="a"), of(reviewer, key="b"), of(reviewer, key="c", kind=Kind.RULES)]
    assert notices.tell([*told, of(reviewer, key="d", kind=Kind.OPINION)]) == 4
    call_command("send_outbox")
    assert len(mail.outbox) == 1
    for _round in range(2):
        call_command("send_daily")
    assert len(mail.outbox) == 2
    assert mail.outbox[1].body.count("04-ME-0144: En revisión") == 2
    assert page in mail.outbox[1].body


def test_no_mail_tells_of_what_its_reader_may_no_longer_see(project, reviewer, preparer, tlaxcala):
    notices.tell([of(reviewer, project), of(preparer, project)])
    reviewer.state = tlaxcala.state
    reviewer.save()
    preparer.is_active = False
    preparer.save()
    call_command("send_outbox")
    assert not mail.outbox
    assert OutboxMessage.objects.exclude(withheld_at=None).count() == 2


def test_of_many_lines_only_those_of_ones_own_territory_leave(project, stranger, reviewer):
    mixed = Notice(
        reviewer, Kind.OPINION, "due", "2 vencen", "/projects/", ((project.pk, "uno"), (0, "dos")), "projects.project"
    )
    notices.tell([mixed])
    call_command("send_outbox")
    assert "uno" in mail.outbox[0].body
    assert "dos" not in mail.outbox[0].body


def test_the_list_shows_ones_own_filters_them_and_counts_the_unread(
    client, reviewer, delegate, django_assert_max_num_queries
):
    notices.tell([of(reviewer, key=f"step-{number}") for number in range(60)])
    notices.tell([of(reviewer, key="due-1", kind=Kind.DEADLINE), of(delegate, key="other")])
    client.force_login(reviewer)
    with django_assert_max_num_queries(8):
        page = client.get("/accounts/notices/").content.decode()
    assert 'class="count">61<' in page
    assert page.count('name="notice"') == 50
    assert client.get("/accounts/notices/?kind=deadline").content.decode().count('name="notice"') == 1
    first = Notification.objects.filter(user=reviewer).first()
    assert client.get(f"/accounts/notices/{first.pk}/").url == first.url
    assert client.get("/accounts/notices/?unread=on&kind=deadline").content.decode().count('name="notice"') == 0
    rows = b"".join(client.get("/accounts/notices/?format=csv")).decode().splitlines()
    assert len(rows) == 62
    client.post("/accounts/notices/read/")
    assert Notification.objects.filter(read_at=None).count() == 1
    assert 'class="count"' not in client.get("/accounts/notices/").content.decode()
