from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils.translation import override

from habitat.tests.fixtures import YEAR
from modalities import parameters, services
from modalities.comparison import compare
from modalities.models import Parameter, RulesVersion
from modalities.parameters import CATALOGUE, ENTRIES

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(rules, manager):
    return services.start_draft(rules, YEAR, by=manager)


@pytest.fixture
def desk(client, manager):
    client.force_login(manager)
    client.cookies["django_language"] = "en"
    return client


def test_a_version_without_the_row_goes_by_the_working_value(rules):
    assert not rules.parameters.exists()
    assert parameters.value(rules, "reminder_days") == CATALOGUE["reminder_days"].value
    assert parameters.values(rules) == {entry.code: entry.value for entry in ENTRIES}


def test_a_code_that_is_not_in_the_catalogue_is_a_mistake_of_ours(rules):
    with pytest.raises(KeyError):
        parameters.value(rules, "no_such_number")


def test_each_entry_is_named_once_in_both_languages():
    assert len(CATALOGUE) == len(ENTRIES)
    assert all(entry.name_es != entry.name_en and entry.clause and entry.source for entry in ENTRIES)


def test_a_draft_names_every_parameter_and_none_is_verified(draft, rules):
    assert set(draft.parameters.values_list("code", flat=True)) == set(CATALOGUE)
    assert not draft.parameters.filter(is_verified=True).exists()
    assert compare(rules, draft) == []


def test_a_row_changed_in_a_draft_is_what_that_version_says_and_the_other_does_not(desk, rules, draft):
    row = draft.parameters.get(code="escalation_days")
    url = f"/modalities/rules/{YEAR}/2/parameter/{row.pk}/"
    answers = {"value": "5", "clause": "5.4", "source": "DOF", "seen": services.fingerprint(row)}
    assert desk.post(url, answers).status_code == 302
    assert parameters.value(draft, "escalation_days") == 5
    assert parameters.value(rules, "escalation_days") == 3
    with override("en"):
        (found,) = compare(rules, draft)
    part = next(part for part in found.parts if part.field == "value")
    assert (part.old, part.new, found.is_citation) == ("3 business days", "5 business days", False)


@pytest.mark.parametrize(("typed", "told"), [("-1", "Not below zero"), ("2.5", "whole number"), ("", "required")])
def test_a_number_that_cannot_be_is_refused_in_words(desk, draft, typed, told):
    row = draft.parameters.get(code="reminder_days")
    answers = {"value": typed, "clause": "5.4", "source": "DOF", "seen": services.fingerprint(row)}
    page = desk.post(f"/modalities/rules/{YEAR}/2/parameter/{row.pk}/", answers)
    assert page.status_code == 400
    assert told in page.content.decode()


def test_the_database_takes_no_number_below_zero(draft):
    with pytest.raises(IntegrityError), transaction.atomic():
        Parameter.objects.filter(rules=draft).update(value=Decimal(-1))


def test_the_page_of_rules_and_the_api_show_working_values_too(client, rules):
    version = RulesVersion.objects.get()
    page = client.get(f"/modalities/rules/{YEAR}/1/").content.decode()
    assert "Días de anticipación con que se recuerda un plazo: 2 días hábiles." in page
    told = client.get(f"/api/v1/rules/{version.public_id}/").json()["parameters"]
    assert {(row["code"], row["unit"], row["is_verified"]) for row in told} == {
        (entry.code, entry.measure, False) for entry in ENTRIES
    }
