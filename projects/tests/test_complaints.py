import pytest

from projects import services
from projects.models import Complaint
from projects.refusals import StepForbidden, StepRefused


@pytest.fixture
def sent(pipe, campeche):
    return services.send_complaint(text="Pidieron dinero", state=campeche.state, contact="vecina@example.org")


def test_anybody_sends_one_and_reads_its_answer_with_folio_and_key(client, campeche, manager):
    page = client.post("/complaints/", {"text": "La zanja sigue abierta"}).content.decode()
    complaint = Complaint.objects.get()
    assert complaint.folio in page
    with pytest.raises(StepRefused):
        services.answer_complaint(complaint, answer="Ya se cerró.", by=manager)
    services.route_complaint(complaint, "oic", note="", by=manager)
    services.answer_complaint(complaint, answer="Ya se cerró.", by=manager)
    key = next(word for word in page.replace("<", ">").split(">") if word.count("-") == 3 and len(word) == 19)
    answer = client.post("/complaints/look/", {"folio": complaint.folio.lower(), "secret": key})
    assert "Ya se cerró." in answer.content.decode()


def test_the_folio_alone_opens_nothing(client, sent):
    answer = client.post("/complaints/look/", {"folio": sent[0].folio, "secret": "AAAA"})
    assert answer.status_code == 400


def test_the_key_is_kept_by_nobody(sent):
    complaint, secret = sent
    assert secret not in str(Complaint.objects.values().get(pk=complaint.pk))


def test_more_than_ten_an_hour_from_one_place_wait(client, db):
    answers = [client.post("/complaints/", {"text": "Nadie regó"}) for _number in range(11)]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429]
    assert "Nadie regó" in answers[-1].content.decode()


def test_no_government_reads_it(sent, certifier, preparer, manager):
    services.route_complaint(sent[0], "delegation", note="", by=manager)
    for person in (certifier, preparer):
        assert not Complaint.objects.visible_to(person).exists()


def test_a_delegation_reads_only_what_was_sent_to_it(sent, delegate, manager):
    assert not Complaint.objects.visible_to(delegate).exists()
    services.route_complaint(sent[0], "delegation", note="Turno", by=manager)
    assert Complaint.objects.visible_to(delegate).get() == sent[0]
    with pytest.raises(StepForbidden):
        services.route_complaint(sent[0], "oic", note="", by=delegate)


def test_who_looks_at_the_contact_leaves_a_trace(client, sent, manager):
    client.force_login(manager)
    page = client.get(f"/projects/complaints/{sent[0].pk}/").content.decode()
    assert "vecina@example.org" not in page
    page = client.post(f"/projects/complaints/{sent[0].pk}/contact/").content.decode()
    assert "vecina@example.org" in page
    assert sent[0].moves.get(what="contact").by == manager


def test_its_history_holds_neither_key_nor_contact():
    columns = {field.name for field in Complaint.pgh_event_model._meta.get_fields()}
    assert not columns & {"secret", "contact"}


def test_numbers_follow_each_other(sent, db):
    assert int(services.send_complaint(text="Otra")[0].folio[-5:]) == int(sent[0].folio[-5:]) + 1
