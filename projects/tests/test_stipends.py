"""Stipends: within the action's months and pesos, listed by one and confirmed by another, no month paid twice."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import translation

from habitat.tests.fixtures import YEAR
from modalities.models import CapRule
from projects import services
from projects.models import Contract, ProgressLine, ProgressReport, StipendList, StipendPayment
from projects.refusals import StepForbidden, StepRefused
from projects.tests.social import AT, make_social, pay_too, put_at
from projects.tests.test_people import LUIS, ROSA

MARCH, APRIL, JULY = (dt.date(YEAR, month, 1) for month in (3, 4, 7))


@pytest.fixture
def rosa(campeche, preparer):
    return services.register_person(campeche, by=preparer, **ROSA)


@pytest.fixture
def luis(campeche, preparer):
    return services.register_person(campeche, by=preparer, **LUIS)


@pytest.fixture
def engaged(social, rosa, preparer):
    return services.engage(social.providers, rosa, by=preparer, **social.terms)


@pytest.fixture
def listed(social, engaged, preparer):
    return services.list_stipends(social.providers, MARCH, amounts={engaged.pk: Decimal(1000)}, by=preparer, at=AT)[0]


def sentences(refused) -> str:
    return " ".join(refused.value.messages)


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ({"months": 7}, "6 months"),
        ({"months": 13, "ends_on": dt.date(YEAR, 12, 31)}, "lasts from"),
        ({"monthly_stipend": Decimal(2001)}, "stipends together"),
        ({"school": " "}, "school"),
        ({"starts_on": dt.date(YEAR, 9, 1)}, "end comes before"),
    ],
)
def test_an_engagement_stays_within_its_action(social, rosa, preparer, said, word):
    with translation.override("en"), pytest.raises(StepRefused) as refused:
        services.engage(social.providers, rosa, by=preparer, **social.terms | said)
    assert word in sentences(refused)


def test_all_engagements_share_the_months_of_the_action(social, engaged, luis, preparer):
    services.engage(social.providers, luis, by=preparer, **social.terms)
    with pytest.raises(StepRefused):
        services.change_engagement(engaged, by=preparer, **social.terms | {"months": 7})


def test_the_cap_of_the_year_binds_the_federal_part(social, rosa, preparer):
    cap = CapRule(rules=social.providers.project.rules, action_type_id="DS04", code="cap-ds04", basis="month")
    put_cap(cap, 499)
    with pytest.raises(StepRefused):
        services.engage(social.providers, rosa, by=preparer, **social.terms)
    put_cap(cap, 500)
    assert services.engage(social.providers, rosa, by=preparer, **social.terms).months == 6


def put_cap(cap, amount):
    """As if the year's rules had said so from the beginning."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cap.amount = amount
        cap.save()
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")


def test_a_course_pays_no_stipends(social, rosa, preparer):
    with pytest.raises(StepRefused):
        services.engage(social.lessons, rosa, by=preparer, **social.terms)


def test_a_stranger_engages_nobody(social, rosa, stranger):
    with pytest.raises(StepForbidden):
        services.engage(social.providers, rosa, by=stranger, **social.terms)


def test_the_database_keeps_people_in_their_municipality(social, tlaxcala, make_user):
    other = services.register_person(tlaxcala, by=make_user("preparer", municipality=tlaxcala), **ROSA)
    with pytest.raises(IntegrityError), transaction.atomic():
        social.providers.engagements.create(person=other, by=other.by, **social.terms)


def test_a_list_takes_the_rows_that_hold_and_says_why_not_the_others(social, engaged, luis, preparer):
    other = services.engage(social.providers, luis, by=preparer, **social.terms)
    amounts = {engaged.pk: Decimal(1001), other.pk: Decimal(900), 0: Decimal(1)}
    found, refused = services.list_stipends(social.providers, MARCH, amounts=amounts, by=preparer, at=AT)
    assert set(refused) == {engaged.pk, 0}
    assert [(row.person, row.amount) for row in found.payments.all()] == [(luis, 900)]
    services.list_stipends(social.providers, MARCH, amounts={other.pk: None}, by=preparer, at=AT)
    assert not found.payments.exists()


def test_no_month_is_paid_before_it_begins(social, engaged, preparer):
    with pytest.raises(StepRefused):
        services.list_stipends(social.providers, JULY, amounts={engaged.pk: Decimal(1)}, by=preparer, at=AT)


def test_a_month_begins_on_the_municipalitys_own_clocks(social, engaged, preparer, campeche):
    """Past midnight in the capital, the last hour of June in Tijuana."""
    campeche.time_zone = "America/Tijuana"
    campeche.save(update_fields=["time_zone"])
    amounts, night = {engaged.pk: Decimal(1)}, dt.datetime(YEAR, 7, 1, 6, 30, tzinfo=dt.UTC)
    with pytest.raises(StepRefused):
        services.list_stipends(social.providers, JULY, amounts=amounts, by=preparer, at=night)
    assert not services.list_stipends(
        social.providers, JULY, amounts=amounts, by=preparer, at=night + dt.timedelta(hours=1)
    )[1]


def test_nothing_is_paid_before_the_start(social, engaged, preparer):
    put_at(social.providers.project, "approved")
    with pytest.raises(StepRefused):
        services.list_stipends(social.providers, MARCH, amounts={engaged.pk: Decimal(1)}, by=preparer, at=AT)


def test_no_month_is_paid_twice_in_whatever_action(social, engaged, listed, rosa, preparer, rules, polygon_version):
    social.providers.project.folio = "04-DS-0009"
    social.providers.project.save(update_fields=["folio"])
    social.lessons.project.folio = "04-DS-0008"
    social.lessons.project.save(update_fields=["folio"])
    again = make_social(rules, polygon_version, preparer).providers
    second = services.engage(again, rosa, by=preparer, **social.terms)
    amounts = {second.pk: Decimal(1000)}
    found, refused = services.list_stipends(again, MARCH, amounts=amounts, by=preparer, at=AT)
    assert list(refused) == [second.pk]
    with pytest.raises(IntegrityError), transaction.atomic():
        StipendPayment.objects.create(
            list=found, engagement=second, person=rosa, month=APRIL, amount=1, by=preparer, at=AT
        )


def test_what_was_approved_is_never_passed(social, engaged, listed, preparer):
    """1,500 pesos are contracted of what a person is engaged for."""
    Contract.objects.create(
        project=social.providers.project, kind="public_tender", law="laassp", number="C-1", contractor="X",
        contractor_rfc="CIN010203AB7", before_tax=80, amount=Decimal(1500), on=MARCH, starts_on=MARCH, ends_on=JULY,
        registered_by=preparer, registered_at=AT,
    )  # fmt: skip
    amounts = {engaged.pk: Decimal(1000)}
    assert services.list_stipends(social.providers, APRIL, amounts=amounts, by=preparer, at=AT)[1]
    assert services.left_of(social.providers) == 500


def test_who_listed_does_not_confirm(listed, preparer, certifier, engaged, social):
    with pytest.raises(StepForbidden):
        services.confirm_stipends(listed, by=preparer)
    april, _ = services.list_stipends(social.providers, APRIL, amounts={engaged.pk: Decimal(1)}, by=certifier, at=AT)
    with pytest.raises(StepForbidden):
        services.confirm_stipends(april, by=certifier)
    with pytest.raises(IntegrityError), transaction.atomic():
        StipendList.objects.filter(pk=april.pk).update(status="confirmed", confirmed_by=certifier, confirmed_at=AT)


def test_what_is_confirmed_stays(listed, certifier, engaged):
    services.confirm_stipends(listed, by=certifier)
    for change in (
        lambda: listed.payments.update(amount=1),
        lambda: listed.payments.all().delete(),
        lambda: engaged.payments.create(list=listed, person=engaged.person, month=MARCH, amount=1, by=certifier, at=AT),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_a_confirmed_list_is_reopened_by_the_delegate_with_a_reason(
    social, listed, certifier, delegate, preparer, engaged
):
    services.confirm_stipends(listed, by=certifier)
    with pytest.raises(StepForbidden):
        services.return_stipends(listed, reason="Error", by=certifier)
    assert services.return_stipends(listed, reason="Error", by=delegate).status == "returned"
    amounts = {engaged.pk: Decimal(800)}
    found, refused = services.list_stipends(social.providers, MARCH, amounts=amounts, by=preparer, at=AT)
    assert (found, found.status, refused) == (listed, "listed", {})
    assert services.confirm_stipends(found, by=certifier).payments.get().amount == 800


def test_an_emptied_list_goes_and_stands_in_no_ones_way(social, listed, certifier, delegate, luis, preparer):
    services.confirm_stipends(listed, by=certifier)
    late = services.engage(social.providers, luis, by=preparer, **social.terms)
    for amount in (Decimal(1000), None):
        services.list_stipends(social.providers, MARCH, amounts={late.pk: amount}, by=preparer, at=AT)
    assert StipendList.objects.get() == listed
    assert services.return_stipends(listed, reason="Error", by=delegate).status == "returned"
    with pytest.raises(DatabaseError), transaction.atomic():
        StipendList.objects.create(
            action=social.providers, month=APRIL, status="confirmed", confirmed_by=certifier, confirmed_at=AT
        ).delete()


def test_nobody_confirms_another_list_than_the_one_they_saw(social, listed, engaged, certifier, preparer):
    seen = services.mark_of_list(listed)
    services.list_stipends(social.providers, MARCH, amounts={engaged.pk: Decimal(900)}, by=preparer, at=AT)
    with pytest.raises(StepRefused):
        services.confirm_stipends(listed, by=certifier, seen=seen)
    confirmed = services.confirm_stipends(listed, by=certifier, seen=services.mark_of_list(listed))
    assert confirmed.status == "confirmed"


def test_of_two_stale_pages_the_second_overwrites_nothing(social, listed, engaged, luis, preparer, certifier):
    """Both opened while Rosa was listed with 1,000 and Luis not at all."""
    other = services.engage(social.providers, luis, by=preparer, **social.terms)
    seen = {str(engaged.pk): services.mark(Decimal(1000)), str(other.pk): services.mark(None)}

    def write(by, rosa, luis) -> dict[int, str]:
        amounts = {engaged.pk: rosa and Decimal(rosa), other.pk: luis and Decimal(luis)}
        return services.list_stipends(social.providers, MARCH, amounts=amounts, by=by, seen=seen, at=AT)[1]

    assert write(preparer, 900, 500) == {}
    with translation.override("en"):
        # Rosa untouched: theirs stands. Luis changed by both: both amounts are told.
        assert write(certifier, 1000, 600) == {
            other.pk: "Meanwhile somebody else listed $500.00; you wrote $600.00. Save what holds."
        }
    # An empty box that was empty before takes nobody off.
    assert write(certifier, 1000, None) == {}
    assert services.listed_in(listed) == {engaged.pk: 900, other.pk: 500}


def test_the_same_curp_paid_in_two_municipalities_is_found(
    social, listed, rosa, luis, tlaxcala, make_user, polygon_version
):
    by = make_user("preparer", municipality=tlaxcala)
    other = pay_too(social, tlaxcala, ROSA, by=by, version=polygon_version)
    assert services.paid_elsewhere([rosa, luis], [MARCH, APRIL]) == {(rosa.curp, MARCH): [tlaxcala]}
    StipendList.objects.filter(pk=other.pk).update(status="returned")
    assert services.paid_elsewhere([rosa], [MARCH]) == {}


def test_who_comes_late_stands_in_the_next_list_of_the_month(social, listed, certifier, luis, preparer):
    services.confirm_stipends(listed, by=certifier)
    late = services.engage(social.providers, luis, by=preparer, **social.terms)
    amounts = {late.pk: Decimal(1000)}
    assert services.list_stipends(social.providers, MARCH, amounts=amounts, by=preparer, at=AT)[0].number == 2


def test_nobody_is_paid_after_leaving(social, engaged, listed, preparer):
    with pytest.raises(StepRefused):
        services.end_engagement(engaged, left_on=dt.date(YEAR, 2, 1), reason="Se fue", by=preparer)
    services.end_engagement(engaged, left_on=dt.date(YEAR, 3, 20), reason="Se fue", by=preparer)
    refused = services.list_stipends(social.providers, APRIL, amounts={engaged.pk: Decimal(1)}, by=preparer, at=AT)[1]
    assert list(refused) == [engaged.pk]


def test_months_reported_above_those_confirmed_are_shown(social, listed, certifier):
    services.confirm_stipends(listed, by=certifier)
    report = ProgressReport.objects.create(project=social.providers.project, year=YEAR, month=3)
    ProgressLine.objects.create(report=report, action=social.providers, quantity=3)
    told = services.reported_of(social.providers.project)[0]
    assert (told.reported, told.registered, told.gap) == (3, 1, 2)
