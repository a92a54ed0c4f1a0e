import csv
import re

import pytest
from django.test import Client

from modalities import services
from modalities.models import RULE_KINDS, RulesVersion
from projects.workflow import Status, steps_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def years(whole_rules):
    """The whole catalogue; 2012 and its copies for 2025 and 2026."""


@pytest.fixture
def english(client) -> Client:
    client.cookies["django_language"] = "en"
    return client


def text(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def rows_of(response) -> list[list[str]]:
    lines = b"".join(response.streaming_content).decode("utf-8-sig").splitlines()
    return list(csv.reader(lines))


def test_anybody_reads_the_catalogue_in_a_fixed_number_of_queries(client, years, django_assert_num_queries):
    # Modalities and lines of the two filters, the types, their count (which decides on the files too), the year.
    with django_assert_num_queries(6):
        page = client.get("/modalities/")
    assert "49 tipos de obra o acción de 49" in text(page)
    assert "Mejoramiento del Entorno Urbano" in text(page)


def test_words_are_found_without_accents_in_either_language(client, years):
    assert "ME12" in text(client.get("/modalities/?q=pavimentacion"))
    assert "ME12" in text(client.get("/modalities/?q=PAVING"))
    assert "Ningún tipo coincide" in text(client.get("/modalities/?q=aeropuerto"))


def test_filters_narrow_together(client, years):
    page = text(client.get("/modalities/?modality=ME&basis=serving_polygon&priority=1"))
    assert "2 tipos de obra o acción de 49" in page
    assert "ME04" in page
    assert "ME06" in page


def test_a_filter_that_does_not_exist_is_said_at_its_field(client, years):
    page = client.get("/modalities/?modality=XX")
    assert page.status_code == 200
    assert "field-error" in page.content.decode()


def test_names_follow_the_readers_language(english, years):
    page = text(english.get("/modalities/ME12/"))
    assert "Paving" in page
    assert "square metre" in page


def test_a_type_shows_the_rules_that_touch_it(client, years, django_assert_num_queries):
    # The type, the rules of the year, three kinds of rules, the versions that fund it.
    with django_assert_num_queries(6):
        page = text(client.get("/modalities/ME10/"))
    assert "Validación de la CFE" in page
    assert "parte federal a lo más 50" in page
    assert "Validación del organismo operador de agua" not in page


def test_an_unknown_type_is_not_found(client, years):
    assert client.get("/modalities/ME99/").status_code == 404


def test_years_come_newest_first(client, years):
    years_shown = re.findall(r"(\d{4}), versión 1", text(client.get("/modalities/rules/")))
    assert years_shown == ["2026", "2025", "2012"]


def count_of(year):
    return sum(kind._default_manager.filter(rules__fiscal_year=year).count() for kind in RULE_KINDS)


def test_a_copy_says_it_is_one_and_every_rule_of_it_is_unverified(client, years, django_assert_num_queries):
    # The version and what it came from, its types, its dates, eight kinds of rules, the exempt strands.
    with django_assert_num_queries(13):
        page = client.get("/modalities/rules/2026/1/")
    assert "Esta es una copia." in text(page)
    rules = page.content.decode().split("Calendario")[0]
    assert rules.count('class="unverified"') == count_of(2026)


def test_the_original_is_no_copy_and_has_verified_rules(client, years):
    page = client.get("/modalities/rules/2012/1/")
    assert "Esta es una copia." not in text(page)
    assert page.content.decode().split("Calendario")[0].count('class="unverified"') == count_of(2012) - 2
    assert "30/11/2012" in text(page)


def test_a_draft_is_read_by_those_who_write_rules_and_found_by_nobody_else(client, years, manager, certifier):
    services.copy_rules(RulesVersion.objects.get(fiscal_year=2026), 2026, by=manager)
    assert client.get("/modalities/rules/2026/2/").status_code == 404
    client.force_login(certifier)
    assert client.get("/modalities/rules/2026/2/").status_code == 404
    client.force_login(manager)
    assert client.get("/modalities/rules/2026/2/").status_code == 200


def test_files_hold_the_same_rows_as_the_pages(client, years):
    types = rows_of(client.get("/modalities/?modality=PD&format=csv"))
    assert [row[0] for row in types] == ["Clave", *(f"PD{n:02}" for n in (1, 2, 7, 8, 3, 4, 5, 9, 6, 10, 11))]
    rules = rows_of(client.get("/modalities/rules/2012/1/rules.csv"))
    assert len(rules) == count_of(2012) + 1
    assert {row[6] for row in rules[1:]} == {"sí", "no"}


def test_pages_are_light(client, years):
    for path in ("/modalities/", "/modalities/rules/2026/1/"):
        assert len(client.get(path).content) < 100_000


def test_the_words_of_steps_and_states_are_those_of_the_workflow():
    from modalities.models import RequiredAt, TimedState

    assert list(RequiredAt) == [step.name for step in steps_of("lineamientos-2012").values() if step.checks_rules]
    assert set(TimedState) <= set(Status)


def test_the_admin_looks_at_rules_and_changes_nothing(client, years, manager):
    manager.is_staff = manager.is_superuser = True
    manager.save(update_fields=["is_staff", "is_superuser"])
    client.force_login(manager)
    version = RulesVersion.objects.get(fiscal_year=2026)
    assert client.get(f"/admin/modalities/rulesversion/{version.pk}/change/").status_code == 200
    assert client.get("/admin/modalities/fiscalyear/2026/change/").status_code == 200
    assert client.get("/admin/modalities/rulesversion/add/").status_code == 403
    assert client.post(f"/admin/modalities/rulesversion/{version.pk}/change/", {"source": "otra"}).status_code == 403
    assert client.post(f"/admin/modalities/rulesversion/{version.pk}/delete/", {"post": "yes"}).status_code == 403
