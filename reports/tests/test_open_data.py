"""Open data: what the public sees and no more, the same in every file and as the ledger, and an OC4IDS package."""

import csv
import datetime as dt
import io
import json
import os
from decimal import Decimal
from pathlib import Path

import jsonschema
import pytest

from reports.open_data import TABLES, publish

AT = dt.datetime(2026, 11, 2, 12, tzinfo=dt.UTC)


@pytest.fixture
def files(running_project, client) -> dict[str, bytes]:
    """Name → content, as anybody downloads them."""
    release = publish(AT)
    return {file.name: client.get(f"/open-data/{file.name}").getvalue() for file in release.files.all()}


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode())))


def test_the_dictionary_tells_every_column_of_every_file(files):
    told = [(row["file"], row["column"]) for row in rows(files["dictionary.csv"])]
    for table in TABLES:
        header = files[f"{table.name}.csv"].decode().splitlines()[0].split(",")
        assert [column for file, column in told if file == f"{table.name}.csv"] == header
        assert all(list(record) == header for record in json.loads(files[f"{table.name}.json"]))


def test_what_was_paid_is_what_the_ledger_says_whichever_road_it_took(running_project, client, enter):
    # Of a contract: a payment without progress.
    enter(running_project, "paid", "state", Decimal("70000.40"))
    files = {file.name: file.file.read() for file in publish(AT).files.all()}
    ledger = sum(entry.amount for entry in running_project.entries.filter(moment="paid"))
    (work,) = rows(files["works.csv"])
    assert Decimal(work["paid"]) == ledger == Decimal("270000.55")
    assert sum(Decimal(row["paid"]) for row in rows(files["money.csv"])) == ledger
    assert "$270,000.55" in client.get(f"/projects/{running_project.pk}/").text
    (package,) = json.loads(files["oc4ids.json"])["projects"]
    assert [row["observations"][0]["measure"] for row in package["metrics"]] == ["40.0", "27.0"]


def test_drafts_and_names_stay_inside(files, project, preparer):
    everything = b"".join(files.values()).decode()
    assert preparer.name not in everything and preparer.email not in everything
    assert len(rows(files["works.csv"])) == 1


def test_made_again_without_a_change_there_is_no_new_release(files):
    assert publish(AT + dt.timedelta(1)) is None


# ---- The package against its standard -------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def standard(data_dir) -> Path:
    """Where the schemas and code lists of OC4IDS 0.9.5 lie, on machines that have them."""
    folder = Path(os.environ.get("OC4IDS_SCHEMA_DIR", data_dir / "oc4ids"))
    if not (folder / "project-package-schema.json").is_file():
        pytest.skip(f"The schemas of OC4IDS are not in {folder} (OC4IDS_SCHEMA_DIR)")
    return folder


def read(path: Path) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))


def test_the_package_holds_by_the_schemas_of_the_standard(files, standard):
    package, shape = json.loads(files["oc4ids.json"]), read(standard / "project-package-schema.json")
    of_project = read(standard / "project-schema.json")
    shape["properties"]["projects"]["items"] = {"type": "object"}
    for schema, value in ((shape, package), *((of_project, project) for project in package["projects"])):
        checker = jsonschema.Draft4Validator(schema, format_checker=jsonschema.Draft4Validator.FORMAT_CHECKER)
        assert [error.message for error in checker.iter_errors(value)] == []


def test_the_package_uses_the_fields_and_codes_of_the_standard(files, standard):
    schema = read(standard / "project-schema.json")
    lists = {
        path.name: {row["Code"] for row in csv.DictReader(path.open(encoding="utf-8"))}
        for path in (standard / "codelists").glob("*.csv")
    }
    (project,) = json.loads(files["oc4ids.json"])["projects"]
    # INEGI's keys are no gazetteer of the list, which is open.
    assert list(strange(project, schema, schema["definitions"], lists)) == ["gazetteer.scheme: MX-INEGI"]


def strange(value, shape: dict, definitions: dict, lists: dict[str, set[str]], path: str = ""):
    """Fields that the schema does not know, and codes that are not in the list it names."""
    while "$ref" in shape:
        shape = definitions[shape["$ref"].rpartition("/")[2]]
    if isinstance(value, dict):
        for name, part in value.items():
            here = f"{path.rpartition('.')[2]}.{name}".strip(".")
            if name in shape["properties"]:
                yield from strange(part, shape["properties"][name], definitions, lists, here)
            else:
                yield f"{here}: unknown"
    elif isinstance(value, list):
        of_each = {"codelist": shape.get("codelist")} | shape.get("items", {})
        for part in value:
            yield from strange(part, of_each, definitions, lists, path)
    elif shape.get("codelist") and value not in lists[shape["codelist"]]:
        yield f"{path}: {value}"
