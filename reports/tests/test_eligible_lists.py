import csv
import hashlib
import io

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.utils import translation
from openpyxl import load_workbook

from habitat.lib.refusals import Refused
from modalities.models import EligibilityCriterion, FiscalYear, RulesVersion
from polygons.models import Assessment, EligibleFile, EligibleList, EligiblePolygon
from polygons.services import new_draft, publish, publish_eligible

LIST = "/polygons/lists/2026-1/"


@pytest.fixture(autouse=True)
def in_english():
    """Refusals are looked for in the words of the source."""
    with translation.override("en"):
        yield


@pytest.fixture
def year(db):
    year = FiscalYear.objects.create(year=2026)
    rules = RulesVersion.objects.create(fiscal_year=year, source="Prueba", workflow="lineamientos-2012")
    for code, indicator, threshold, required in (("water", "water_share", 20, "authorise"), ("tenure", "", None, "")):
        EligibilityCriterion.objects.create(
            rules=rules, code=code, source="Prueba", name_es=code, name_en=code, indicator=indicator,
            threshold=threshold, comparator=">=" if threshold else "is", required_at=required,
        )  # fmt: skip
    rules.status = RulesVersion.Status.IN_FORCE
    rules.save(update_fields=["status"])
    return rules


@pytest.fixture
def served(polygon_version, make_block, campeche):
    """A published polygon whose dwellings have water."""
    make_block(9, without_water=1, with_water=35)
    draft = new_draft(blocks=["0400200010017009"], vintage=2020, municipality=campeche, name="Siglo Nuevo")
    publish([draft.pk], reason="prueba")
    return draft


def test_the_list_freezes_what_is_eligible_with_figures_and_verdicts(polygon_version, served, year, manager):
    published = publish_eligible(2026, reason=" Acuerdo 12. ", by=manager)
    assert (str(published), published.reason, published.by) == ("2026-1", "Acuerdo 12.", manager)
    [entry] = published.entries.all()
    assert (entry.code, entry.indicators["dwellings"], entry.indicators["water_low"]) == ("04-0017", 120, 60)
    water, tenure = entry.verdicts
    assert (water["value"], water["threshold"], water["verdict"]) == ("55.5556", "20.0000", "pass")
    assert (tenure["verdict"], tenure["value"]) == ("unknown", None)
    assert Assessment.objects.filter(version=served, verdict="fail").exists()


def test_its_files_are_the_same_bytes_for_ever(client, polygon_version, year):
    published = publish_eligible(2026, reason="Acuerdo")
    before = client.get(f"{LIST}?format=csv").content
    assert hashlib.sha256(before).hexdigest() == published.sha256
    workbook = client.get(f"{LIST}?format=xlsx").content
    polygon_version.polygon.name = "Otro nombre"
    polygon_version.polygon.save(update_fields=["name"])
    Assessment.objects.update(replaced_at=published.published_at)
    client.cookies["django_language"] = "en"
    assert client.get(f"{LIST}?format=csv").content == before
    assert client.get(f"{LIST}?format=xlsx").content == workbook
    [row] = csv.DictReader(io.StringIO(before.decode("utf-8-sig")))
    assert (row["clave"], row["nombre"], row["dwellings"]) == ("04-0017", "Bellavista", "120")
    assert (row["water umbral"], row["water dictamen"]) == ("al menos 20.0000", "cumple")
    sheet = load_workbook(io.BytesIO(workbook)).active
    assert [cell.value for cell in sheet[2]][:2] == ["04-0017", "Bellavista"]
    assert client.get(f"{LIST}?format=exe").status_code == 404


def test_a_later_list_stands_beside_the_first_and_an_equal_one_is_refused(client, polygon_version, served, year):
    publish_eligible(2026, reason="Acuerdo")
    with pytest.raises(Refused, match="2026-1"):
        publish_eligible(2026, reason="Otra vez")
    served.blocks.update(without_water=30, with_water=6)
    draft = new_draft(blocks=["0400200010017009"], vintage=2020, polygon=served.polygon)
    publish([draft.pk], reason="prueba")
    assert str(publish_eligible(2026, reason="Adenda")) == "2026-2"
    assert [entry.code for entry in EligiblePolygon.objects.filter(list__number=1)] == ["04-0017"]
    page = client.get("/polygons/lists/").content.decode()
    assert "2026-1" in page and "2026-2" in page


def test_a_list_is_never_changed(polygon_version, year):
    publish_eligible(2026, reason="Acuerdo")
    for model, field in ((EligibleList, "number"), (EligiblePolygon, "list"), (EligibleFile, "list")):
        table = model._meta.db_table
        column = model._meta.get_field(field).column
        for sql in (f"UPDATE {table} SET {column} = {column} + 1", f"DELETE FROM {table}"):
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(sql)


@pytest.mark.parametrize(("asked", "sentence"), [((2020, "x"), "2020"), ((2026, " "), "why")])
def test_without_rules_or_reason_there_is_no_list(polygon_version, year, asked, sentence):
    with pytest.raises(Refused, match=sentence):
        publish_eligible(asked[0], reason=asked[1])


def test_nothing_eligible_is_no_list(served, polygon_version, year):
    polygon_version.blocks.update(without_water=0, with_water=36)
    draft = new_draft(blocks=[f"040020001001700{n}" for n in (1, 2, 3)], vintage=2020, polygon=polygon_version.polygon)
    publish([draft.pk], reason="prueba")
    with pytest.raises(Refused, match="No published polygon"):
        publish_eligible(2026, reason="Acuerdo")
    assert not EligibleList.objects.exists() and not Assessment.objects.exists()


def test_the_command_publishes_and_can_be_tried(polygon_version, year, capsys):
    call_command("publish_eligible_polygons", year=2026, reason="Acuerdo", dry_run=True)
    assert "1 eligible polygons" in capsys.readouterr().out and not EligibleList.objects.exists()
    call_command("publish_eligible_polygons", year=2026, reason="Acuerdo")
    with pytest.raises(CommandError, match="Nothing changed"):
        call_command("publish_eligible_polygons", year=2026, reason="Acuerdo")


def test_the_program_unit_publishes_on_its_page(client, polygon_version, year, technician, make_user, campeche):
    client.force_login(make_user("technician", state=campeche.state))
    assert client.get("/polygons/lists/new/").status_code == 403
    client.force_login(technician)
    assert client.post("/polygons/lists/new/", {"reason": ""}).status_code == 400
    assert client.post("/polygons/lists/new/", {"reason": "Acuerdo"})["Location"] == LIST
    again = client.post("/polygons/lists/new/", {"reason": "Acuerdo"})
    assert again.status_code == 400 and "2026-1" in again.content.decode()


def test_the_list_filters_sorts_and_keeps_to_the_readers_territory(
    client, polygon_version, served, year, stranger, django_assert_max_num_queries
):
    served.blocks.update(without_water=30, with_water=6)
    draft = new_draft(blocks=["0400200010017009"], vintage=2020, polygon=served.polygon)
    publish([draft.pk], reason="prueba")
    publish_eligible(2026, reason="Acuerdo")

    def names(query: str = "") -> list[str]:
        with django_assert_max_num_queries(12):
            return [row.record.name for row in client.get(f"{LIST}{query}").context["table"].page]

    assert names() == ["Bellavista", "Siglo Nuevo"]
    assert names("?sort=dwellings") == ["Siglo Nuevo", "Bellavista"]
    assert names("?q=siglo") == ["Siglo Nuevo"] and names("?state=04&q=nada") == []
    client.force_login(stranger)
    assert names() == []
