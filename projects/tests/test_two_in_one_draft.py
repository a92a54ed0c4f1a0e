"""Two people in one draft: nobody overwrites the other, and what was typed is never lost."""

import json
import re
from decimal import Decimal

import pytest
from django.core import signing
from django.test import Client
from django.urls import reverse

from projects import services
from projects.models import Project, Typing
from projects.services.merging import mark, merge
from projects.views.set_aside import SALT


@pytest.fixture
def colleague(make_user, campeche):
    return make_user("preparer", municipality=campeche, name="Rosa Uc")


@pytest.fixture
def desks(preparer, colleague):
    """Two browsers, one for each."""
    pair = Client(), Client()
    pair[0].force_login(preparer)
    pair[1].force_login(colleague)
    return pair


def page(project: Project, name: str) -> str:
    return reverse("projects:edit", args=[project.pk, name])


def fields(response) -> dict[str, str]:
    """What a browser would send of the page it shows."""
    forms = response.context.get("forms") or [response.context["form"]]
    sent: dict[str, str] = {"seen": response.context["marks"]}
    for form in forms:
        for name in form.fields:
            box = form[name]
            value = box.field.widget.format_value(box.value())
            if value != []:
                sent[box.html_name] = value[0] if isinstance(value, list) else value or ""
    return sent


def autosave(client: Client, url: str, sent: dict) -> dict:
    response = client.post(url, sent, headers={"X-Autosave": "1"})
    assert response.status_code == 200
    return response.json()


MERGES = [
    # now, typed, seen, together -> written, in conflict
    ({"a": 1}, {"a": 2}, {"a": 1}, False, {"a": 2}, {}),
    ({"a": 2}, {"a": 1}, {"a": 1}, False, {}, {}),
    ({"a": 2}, {"a": 3}, {"a": 1}, False, {"a": 3}, {"a": 2}),
    ({"a": 2}, {"a": 2}, {"a": 1}, False, {}, {}),
    ({"a": Decimal("400.00")}, {"a": Decimal(400)}, {"a": 400}, False, {}, {}),
    ({"a": None}, {"a": ""}, {"a": ""}, False, {}, {}),
    ({"a": 2, "b": 1}, {"a": 1, "b": 3}, {"a": 1, "b": 1}, False, {"b": 3}, {}),
    ({"a": 2, "b": 1}, {"a": 1, "b": 3}, {"a": 1, "b": 1}, True, {"b": 3}, {"a": 2, "b": 1}),
    ({"a": 2}, {"a": 3}, None, True, {"a": 3}, {}),
]


@pytest.mark.parametrize(("now", "typed", "seen", "together", "written", "conflict"), MERGES)
def test_what_each_has_seen_decides_what_each_may_write(now, typed, seen, together, written, conflict):
    marks = seen and {name: mark(value) for name, value in seen.items()}
    assert merge(now, typed, marks, together=together) == (written, conflict)


def test_two_who_change_different_answers_both_keep_theirs(desks, project):
    first, second = (fields(desk.get(page(project, "work"))) for desk in desks)
    assert desks[0].post(page(project, "work"), first | {"name": "Agua, calle 14"}).status_code == 302
    assert desks[1].post(page(project, "work"), second | {"description": "Tubería"}).status_code == 302
    project.refresh_from_db()
    assert (project.name, project.description) == ("Agua, calle 14", "Tubería")


@pytest.mark.parametrize(("choice", "kept"), [("theirs", "De la primera"), ("mine", "Del segundo")])
def test_the_second_sees_both_values_and_chooses(desks, project, preparer, choice, kept):
    url = page(project, "work")
    first, second = (fields(desk.get(url)) for desk in desks)
    desks[0].post(url, first | {"name": "De la primera"})
    shown = desks[1].post(url, second | {"name": "Del segundo", "description": "Tubería"})
    assert shown.status_code == 409
    assert "De la primera" in shown.text
    assert "Del segundo" in shown.text
    assert str(preparer) in shown.text
    again = fields(shown)
    assert desks[1].post(url, again).status_code == 409, "a choice is asked, not assumed"
    values = re.findall(r'name="keep-name"[^>]*value="([^"]+)"', shown.text)
    answer = next(value for value in values if value.startswith(choice))
    assert desks[1].post(url, again | {"keep-name": answer}).status_code == 302
    project.refresh_from_db()
    assert (project.name, project.description) == (kept, "Tubería")


def test_the_parts_of_a_cost_are_agreed_to_whole(desks, project):
    action = project.actions.get()
    url, prefix = page(project, "funding"), f"action-{project.actions.get().pk}"
    first, second = (fields(desk.get(url)) for desk in desks)
    moved = {f"{prefix}-federal": "400,000", f"{prefix}-municipal": "390,000"}
    assert desks[0].post(url, first | moved).status_code == 302
    shown = desks[1].post(url, second | {f"{prefix}-state": "190,000", f"{prefix}-beneficiaries": "20,000"})
    assert shown.status_code == 409
    names = {pair.name.removeprefix(f"{prefix}-") for pair in shown.context["sheet"].pairs}
    assert names == {"federal", "state", "municipal", "beneficiaries"}
    assert action.contributions.get(source="state").amount == Decimal(200_000)
    chosen = {f"keep-{prefix}-{name}": "theirs" for name in names}
    assert desks[1].post(url, fields(shown) | chosen).status_code == 302
    assert action.contributions.get(source="federal").amount == Decimal(400_000)


def test_the_ages_of_an_action_are_one_statement_too(desks, project):
    url = reverse("projects:ages", args=[project.pk, project.actions.get().pk])
    first, second = (fields(desk.get(url)) for desk in desks)
    boxes = [name for name in first if name.startswith(("women-", "men-"))]
    women, men = boxes[:2]
    assert desks[0].post(url, first | {women: "361", men: "347"}).status_code == 302
    other_women, other_men = boxes[2:4]
    assert desks[1].post(url, second | {other_women: "361", other_men: "347"}).status_code == 409
    assert desks[1].post(url, second).status_code == 302, "untouched: theirs stands"
    counted = [(row.women, row.men) for row in project.actions.get().ages.all() if row.women or row.men]
    assert counted == [(361, 347)]


def test_an_action_removed_meanwhile_is_told_with_what_was_typed(desks, project, preparer):
    added = services.add_action(
        project, by=preparer, action_type=project.actions.get().action_type, quantity=Decimal(5)
    )
    url = page(project, "targets")
    shown = desks[1].get(url)
    services.remove_action(added, by=preparer)
    answer = desks[1].post(url, fields(shown) | {f"action-{added.pk}-quantity": "77"})
    assert answer.status_code == 409
    assert ">77<" in answer.text
    assert desks[1].post(url, fields(answer)).status_code == 302


def test_an_action_changed_meanwhile_is_not_removed(desks, project, preparer):
    action = project.actions.get()
    services.add_action(project, by=preparer, action_type=action.action_type, quantity=Decimal(5))
    shown = dict(desks[1].get(page(project, "targets")).context["removals"])
    services.change_action(action, by=preparer, women=400)
    desks[1].post(reverse("projects:remove-action", args=[project.pk, action.pk]), {"seen": shown[action]})
    assert project.actions.filter(pk=action.pk).exists()


def test_a_site_moved_meanwhile_stays(desks, project):
    action = project.actions.get()
    url = reverse("projects:site", args=[project.pk, action.pk])
    first, second = (fields(desk.get(url)) for desk in desks)
    desks[0].post(url, first | {"place": "19.8301, -90.5300\n19.8301, -90.5290"})
    both = desks[1].post(url, second | {"place": "19.8301, -90.5300\n19.8301, -90.5270"})
    assert both.status_code == 409
    (pair,) = both.context["sheet"].pairs
    assert (pair.theirs[-21:], pair.yours[-21:]) == ("19.830100, -90.529000", "19.830100, -90.527000")
    (pair,) = desks[1].get(url).context["unsaved"]
    assert pair.yours == "19.830100, -90.530000\n19.830100, -90.527000", "as one types it, not as it is stored"
    assert desks[1].post(url, second).status_code == 302, "untouched: theirs stands"
    action.refresh_from_db()
    assert action.geometry.coords[-1] == (-90.529, 19.8301)


# ---- What is typed saves itself -------------------------------------------------------------------------------------
def test_a_page_that_holds_saves_itself_and_goes_on(desks, project):
    url = page(project, "work")
    sent = fields(desks[0].get(url))
    reply = autosave(desks[0], url, sent | {"name": "Agua"})
    assert reply["state"] == "saved"
    assert reply["rules"].strip()
    reply = autosave(desks[0], url, sent | {"name": "Agua y drenaje", "seen": json.dumps(reply["seen"])})
    assert reply["state"] == "saved"
    project.refresh_from_db()
    assert project.name == "Agua y drenaje"
    assert not Typing.objects.exists()


def test_what_does_not_hold_is_kept_and_shown_on_another_machine(desks, project, preparer):
    url = page(project, "targets")
    name = f"action-{project.actions.get().pk}-women"
    sent = fields(desks[0].get(url)) | {name: "trescientas"}
    assert autosave(desks[0], url, sent)["state"] == "kept"
    elsewhere = Client()
    elsewhere.force_login(preparer)
    shown = elsewhere.get(url)
    assert 'value="trescientas"' in shown.text
    assert [(pair.theirs, pair.yours) for pair in shown.context["unsaved"]] == [("361", "trescientas")]
    assert "trescientas" not in desks[1].get(url).text, "a rough copy is its writer's"
    summary = elsewhere.get(page(project, "summary"))
    assert [left.name for left in summary.context["unfinished"]] == ["targets"]
    assert elsewhere.post(url, {"discard": "1"}).url == url
    assert 'value="361"' in elsewhere.get(url).text


def test_autosave_does_not_overwrite_either(desks, project):
    url = page(project, "work")
    first, second = (fields(desk.get(url)) for desk in desks)
    assert autosave(desks[0], url, first | {"name": "De la primera"})["state"] == "saved"
    assert autosave(desks[1], url, second | {"name": "Del segundo"})["state"] == "conflict"
    project.refresh_from_db()
    assert project.name == "De la primera"
    assert desks[1].post(url, fields(desks[1].get(url))).status_code == 409


def test_the_first_page_is_kept_before_there_is_a_draft(desks, rules):
    sent = fields(desks[0].get("/projects/new/")) | {"name": "Agua", "quantity": "12"}
    assert autosave(desks[0], "/projects/new/", sent)["state"] == "kept"
    assert not Project.objects.exists()
    again = fields(desks[0].get("/projects/new/"))
    assert (again["name"], again["quantity"]) == ("Agua", "12")


@pytest.mark.parametrize("back_as", ["preparer", "colleague"])
def test_a_session_that_ends_brings_its_writer_back_to_the_text(project, preparer, colleague, back_as):
    browser = Client()
    url = page(project, "work")
    sent = {"name": "Escrito sin sesión", "strand": "G", "execution_form": "contract"}
    whose = signing.dumps(preparer.pk, salt=SALT)
    assert browser.post(url, sent, headers={"X-Autosave": "1"}).status_code == 401
    assert browser.post(url, sent | {"whose": whose}).url == f"/accounts/login/?next={url}"
    browser.force_login({"preparer": preparer, "colleague": colleague}[back_as])
    assert ("Escrito sin sesión" in browser.get(url).text) is (back_as == "preparer")
    project.refresh_from_db()
    assert project.name == "Introducción de red de agua potable"


def test_nothing_is_set_aside_for_whoever_the_form_was_not_drawn_for(project):
    browser = Client()
    browser.post(page(project, "work"), {"name": "x" * 1000, "whose": "1"})
    assert "set_aside" not in browser.session


def test_the_years_of_two_writers_do_not_overwrite_each_other(project, desks):
    """Untouched years stay as the colleague wrote them; where both changed them, the second is asked."""
    first, second = desks
    action = project.actions.get()
    url = reverse("projects:years", args=[project.pk, action.pk])
    shown, colleagues = fields(first.get(url)), fields(second.get(url))
    assert second.post(url, colleagues | {"state-1": "50000"}).status_code == 302
    assert first.post(url, shown).status_code == 302
    later = action.contributions.filter(years_later__gt=0)
    assert list(later.values_list("source", "years_later", "amount")) == [("state", 1, 50_000)]
    answer = first.post(url, shown | {"municipal-2": "7000"})
    assert answer.status_code == 409
    assert "50,000.00" in answer.text
    assert later.get().source == "state"
