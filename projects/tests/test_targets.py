"""What is written of an action agrees with itself and with what is drawn, or says why not."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import translation

from projects import rules, services
from projects.models import AgeCount, Project, SchedulePart
from projects.refusals import StepRefused


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def action(project):
    """400 m, 361 women, 347 men, 1,000,000 pesos, June to September."""
    return project.actions.select_related("project", "action_type").get()


MONTHS = {dt.date(2026, 6, 1): (Decimal(150), Decimal(400_000)), dt.date(2026, 9, 1): (Decimal(250), Decimal(600_000))}
AMOUNTS = {"federal": Decimal(500_000), "state": Decimal(200_000), "municipal": Decimal(300_000)}


def test_quantity_times_price_is_the_cost_to_the_cent(action, preparer):
    services.set_contributions(action, by=preparer, amounts=AMOUNTS, unit_price=Decimal(2500))
    with pytest.raises(ValidationError, match=r"1,000,004\.00"):
        services.set_contributions(action, by=preparer, amounts=AMOUNTS, unit_price=Decimal("2500.01"))
    odd = AMOUNTS | {"municipal": Decimal("299999.99")}
    services.set_contributions(action, by=preparer, amounts=odd, unit_price=Decimal("2499.999975"))
    action.refresh_from_db()
    assert action.unit_price == Decimal("2499.999975")


@pytest.mark.parametrize(("months", "words"), [
    ({dt.date(2026, 6, 1): (Decimal(400), Decimal(999_999))}, r"\$999,999\.00 of a cost of \$1,000,000\.00"),
    ({dt.date(2026, 6, 1): (Decimal(399), Decimal(1_000_000))}, r"399\.00 of 400\.00"),
    ({dt.date(2026, 10, 1): (Decimal(400), Decimal(1_000_000))}, "October 2026"),
])  # fmt: skip
def test_a_schedule_adds_up_inside_the_dates_or_is_refused(action, preparer, months, words):
    services.set_schedule(action, by=preparer, months=MONTHS)
    with pytest.raises(ValidationError, match=words):
        services.set_schedule(action, by=preparer, months=months)
    assert SchedulePart.objects.filter(action=action).count() == 2


def test_equal_months_add_up_to_the_cent(action, preparer):
    action.quantity = Decimal("100.01")
    spread = services.spread_evenly(action, Decimal("1000000.01"))
    assert len(spread) == 4
    assert sum(pair[0] for pair in spread.values()) == Decimal("100.01")
    assert sum(pair[1] for pair in spread.values()) == Decimal("1000000.01")


def test_age_groups_add_up_to_the_people(action, preparer):
    services.set_ages(action, by=preparer, counts={"0-14": (161, 147), "60+": (200, 200)})
    with pytest.raises(ValidationError, match="360 women and 347 men; 361 women"):
        services.set_ages(action, by=preparer, counts={"0-14": (160, 147), "60+": (200, 200)})
    assert AgeCount.objects.filter(action=action).count() == 2


def test_what_came_to_contradict_itself_is_not_marked_ready(project, action, preparer):
    services.set_contributions(action, by=preparer, amounts=AMOUNTS, unit_price=Decimal(2500))
    services.set_schedule(action, by=preparer, months=MONTHS)
    services.set_ages(action, by=preparer, counts={"0-14": (361, 347)})
    assert services.contradictions(project) == []
    services.change_action(action, by=preparer, quantity=Decimal(500), women=1, men=1)
    project = services.update_draft(project, by=preparer, ends_on=dt.date(2026, 8, 30))
    with pytest.raises(StepRefused) as refused:
        services.mark_ready(project, by=preparer)
    assert len(refused.value.messages) == 4
    assert "September 2026" in refused.value.messages[2]


def test_the_boxes_keep_what_was_typed_and_say_what_is_wrong(client, project, action, preparer):
    client.force_login(preparer)
    client.cookies["django_language"] = "en"
    url = reverse("projects:schedule", args=[project.pk, action.pk])
    assert 'value="100.00"' in client.get(url + "?even").text
    typed = {"quantity-2026-06": "150", "amount-2026-06": "1,000,000"}
    refused = client.post(url, typed)
    assert refused.status_code == 400
    assert "150.00 of 400.00" in refused.text
    assert 'value="1,000,000"' in refused.text
    assert client.post(url, typed | {"quantity-2026-06": "400"}).status_code == 302
    ages = reverse("projects:ages", args=[project.pk, action.pk])
    assert client.post(ages, {"women-0-14": "1"}).status_code == 400
    assert client.post(ages, {"women-0-14": "361", "men-60+": "347"}).status_code == 302
    assert client.get(reverse("projects:ph01", args=[project.pk])).status_code == 200


@pytest.mark.parametrize(("quantity", "explanation", "outcome"), [
    (230, "", "pass"), (400, "", "fail"), (100, "", "fail"), (400, "Con tomas que no se dibujan", "pass"),
])  # fmt: skip
def test_a_length_that_is_not_the_one_drawn_is_explained_or_refused(pipe, now, quantity, explanation, outcome):
    pipe.actions.update(quantity=quantity, explanation=explanation)
    verdicts = rules.evaluate(Project.objects.get(pk=pipe.pk), now)
    found = next(row for row in verdicts if row.code == "quantity_drawn")
    assert found.outcome == outcome
    assert (explanation or "drawn") in found.sentence
    assert found.blocks("submit") == (outcome == "fail")


def test_an_area_bounds_what_is_built_in_it(pipe, now, polygon_version):
    pipe.actions.update(geometry=polygon_version.blocks.first().geometry)
    pipe.actions.update(action_type_id="ME14", explanation="")
    for quantity, outcome in ((500, "pass"), (11_000, "pass"), (20_000, "fail")):
        pipe.actions.update(quantity=quantity)
        verdicts = rules.evaluate(Project.objects.get(pk=pipe.pk), now)
        assert next(row for row in verdicts if row.code == "quantity_drawn").outcome == outcome
