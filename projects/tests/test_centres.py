import datetime as dt

import pytest

from projects import services
from projects.models import Centre
from projects.refusals import StepForbidden, StepRefused


@pytest.fixture
def centre(campeche, certifier):
    return services.save_centre(
        Centre(name="CDC Bellavista", municipality=campeche, address="Calle 10"), projects=[], by=certifier
    )


def test_attendance_of_a_month_is_written_whole_and_may_be_mended(centre, certifier):
    month = dt.date(2026, 3, 1)
    services.set_attendance(centre, month, {"0-14": (10, 8)}, by=certifier)
    services.set_attendance(centre, month, {"0-14": (11, 8)}, by=certifier)
    assert centre.attendance.get().women == 11


def test_nobody_comes_in_a_month_ahead(centre, certifier):
    with pytest.raises(StepRefused):
        services.set_attendance(centre, dt.date(2999, 1, 1), {"0-14": (1, 1)}, by=certifier)


def test_a_centre_has_works_of_its_municipality_only(centre, certifier, pipe, tlaxcala):
    centre.municipality = tlaxcala
    with pytest.raises((StepRefused, StepForbidden)):
        services.save_centre(centre, projects=[pipe], by=certifier)


def test_a_stranger_writes_nothing_in_it(centre, stranger):
    with pytest.raises(StepForbidden):
        services.add_to_centre(centre, "service", by=stranger, name="Biblioteca")


def test_the_next_inspection_follows_the_rules(rules):
    assert services.next_inspection(dt.date(2026, 2, 28)) == dt.date(2027, 2, 28)


def test_two_centres_of_one_name_are_refused_in_words(centre, campeche, certifier):
    with pytest.raises(StepRefused):
        services.save_centre(Centre(name=centre.name, municipality=campeche, address="X"), projects=[], by=certifier)


@pytest.mark.parametrize("count", [1, 3])
def test_the_register_asks_as_much_for_one_centre_as_for_three(
    client, auditor, campeche, certifier, count, django_assert_num_queries
):
    for number in range(count):
        Centre.objects.create(name=f"CDC {number}", municipality=campeche, address="X", by=certifier)
    client.force_login(auditor)
    client.get("/projects/centres/")
    with django_assert_num_queries(5):
        client.get("/projects/centres/")
