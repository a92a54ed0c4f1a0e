import csv
from io import StringIO

import pytest
from django.core.management import call_command

from modalities import catalogue
from modalities.models import ActionLine, ActionType, Modality, Strand

# The codes of OC4IDS 0.9.5 the catalogue uses, so that the check also runs where the standard's files are absent.
SECTORS = {
    "cultureSportsAndRecreation",
    "education",
    "energy",
    "governance",
    "health",
    "naturalResources",
    "naturalResources.floodProtection",
    "transport.road",
    "transport.urban",
    "waterAndWaste",
}
TYPES = {"construction", "rehabilitation", "replacement", "expansion", "decommissioning"}


def run(*options: str) -> str:
    out = StringIO()
    call_command("import_catalogue", *options, stdout=out)
    return out.getvalue()


def test_the_catalogue_has_27_works_11_social_actions_and_11_plans():
    codes = [row.code for row in catalogue.ACTION_TYPES]
    expected = [f"{m}{n:02}" for m, last in (("ME", 27), ("DS", 11), ("PD", 11)) for n in range(1, last + 1)]
    assert codes == expected


def test_every_line_and_type_belongs_to_one_modality():
    lines = {line.code: line.modality for line in catalogue.LINES}
    assert all(lines[row.line] == row.modality for row in catalogue.ACTION_TYPES)
    assert set(lines) == {row.line for row in catalogue.ACTION_TYPES}, "a line without types"


def test_names_are_given_in_both_languages():
    rows = (*catalogue.MODALITIES, *catalogue.STRANDS, *catalogue.LINES, *catalogue.ACTION_TYPES)
    assert all(row.name_es and row.name_en for row in rows)
    same = [row.code for row in rows if row.name_es == row.name_en]
    assert same == ["G"], "only General reads the same in both"


def test_oc4ids_codes_are_of_the_standard():
    assert {row.sector for row in catalogue.ACTION_TYPES} <= SECTORS
    assert {row.work for row in catalogue.ACTION_TYPES} <= TYPES | {""}


@pytest.mark.real_data
def test_oc4ids_codes_are_in_the_published_code_lists(data_dir):
    published = {
        name: {
            row["Code"] for row in csv.DictReader((data_dir / f"oc4ids/codelists/{name}.csv").open(encoding="utf-8"))
        }
        for name in ("projectSector", "projectType")
    }
    assert published["projectSector"] >= SECTORS
    assert published["projectType"] == TYPES


@pytest.mark.django_db
def test_import_writes_every_row_once():
    run()
    counts = [model.objects.count() for model in (Modality, Strand, ActionLine, ActionType)]
    assert counts == [3, 3, 15, 49]
    before = list(ActionType.objects.values_list("code", "updated_at"))
    assert run().count(" 0 added, 0 changed") == 4
    assert list(ActionType.objects.values_list("code", "updated_at")) == before


@pytest.mark.django_db
def test_import_mends_only_what_differs():
    run()
    ActionType.objects.filter(pk="ME12").update(unit="m", name_es="Pavimento")
    assert "ActionType: 0 added, 1 changed, 48 as before" in run()
    paving = ActionType.objects.get(pk="ME12")
    assert (paving.unit, paving.name_es) == ("m2", "Pavimentación")


@pytest.mark.django_db
def test_dry_run_writes_nothing():
    assert "49 added" in run("--dry-run")
    assert not ActionType.objects.exists()
