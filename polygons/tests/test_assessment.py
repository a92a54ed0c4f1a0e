import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import translation

from habitat.lib.refusals import Refused
from habitat.tests.fixtures import PDF
from modalities.models import EligibilityCriterion, FiscalYear, RulesVersion
from polygons.models import Assessment, City, PolygonVersion
from polygons.services import assess, judge

AT = dt.datetime(2026, 5, 1, 18, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def in_english():
    """Refusals are looked for in the words of the source."""
    with translation.override("en"):
        yield


@pytest.fixture
def year_with_criteria(db):
    year = FiscalYear.objects.create(year=2026)
    version = RulesVersion.objects.create(fiscal_year=year, source="Prueba", workflow="lineamientos-2012")

    def criterion(code: str, indicator: str = "", threshold: int | None = None, comparator: str = ">=") -> None:
        EligibilityCriterion.objects.create(
            rules=version, code=code, clause="2.2", source="Prueba", name_es=code, name_en=code,
            indicator=indicator, threshold=threshold, comparator=comparator,
        )  # fmt: skip

    criterion("water", "water_share", 20)
    criterion("drainage", "drainage_share", 20)
    criterion("little-water", "water_share", 20, "<=")
    criterion("worst", "service_deficit", 20)
    criterion("city", "city_population", 15000)
    criterion("tenure", comparator="is")
    version.status = RulesVersion.Status.IN_FORCE
    version.save(update_fields=["status"])
    return version


def verdicts() -> dict[str, str]:
    return dict(Assessment.objects.counting().values_list("criterion__code", "verdict"))


def test_figures_judge_and_what_they_leave_open_stays_open(polygon_version, year_with_criteria):
    assess(year_with_criteria)
    assert verdicts() == {
        "water": "pass",  # 56 % lack it for certain
        "drainage": "unknown",  # masked: 0 to 100 %
        "little-water": "fail",
        "worst": "pass",
        "city": "unknown",  # of no city of the urban system
        "tenure": "unknown",
    }
    water = Assessment.objects.get(criterion__code="water")
    assert (water.value, water.threshold) == (Decimal("55.5556"), Decimal(20))
    assert water.evidence == {
        "deficit": "water", "low": 60, "high": 60, "base": 108, "vintage": 2020, "value_high": "55.5556",
    }  # fmt: skip


def test_judging_again_writes_only_what_changed(polygon_version, year_with_criteria):
    assess(year_with_criteria)
    assert sum(assess(year_with_criteria).values()) == 0
    polygon = polygon_version.polygon
    polygon.city = City.objects.create(code="063", name="Campeche", kind="conurbation", population=258_594)
    polygon.save(update_fields=["city"])
    assert assess(year_with_criteria) == {"pass": 1, "fail": 0, "unknown": 0}


@pytest.fixture
def tenure(year_with_criteria):
    return year_with_criteria.eligibilitycriterions.get(code="tenure")


def said(by, **changes) -> dict:
    paper = SimpleUploadedFile("constancia.pdf", PDF)
    return {"verdict": "pass", "note": "Escrituras.", "seen": None, "upload": paper, "by": by, "at": AT} | changes


def test_a_persons_verdict_keeps_its_paper_and_is_never_overwritten(
    polygon_version, year_with_criteria, tenure, manager
):
    assess(year_with_criteria)
    waiting = Assessment.objects.get(criterion=tenure)
    judged = judge(polygon_version, tenure, **said(manager, seen=waiting.pk, issued_on=AT.date(), title="Constancia"))
    assert sum(assess(year_with_criteria).values()) == 0
    assert verdicts()["tenure"] == "pass"
    waiting.refresh_from_db()
    assert (waiting.verdict, waiting.replaced_at) == ("unknown", AT)
    paper = judged.documents.get()
    assert (paper.title, paper.original_name, paper.by) == ("Constancia", "constancia.pdf", manager)


def test_a_figure_that_changes_stands_beside_the_earlier_one(polygon_version, year_with_criteria):
    assess(year_with_criteria)
    polygon = polygon_version.polygon
    for people, verdict in ((258_594, "pass"), (9_000, "fail")):
        polygon.city, _made = City.objects.update_or_create(
            code="063", defaults={"name": "Campeche", "kind": "conurbation", "population": people}
        )
        polygon.save(update_fields=["city"])
        assess(year_with_criteria)
        assert verdicts()["city"] == verdict
    assert Assessment.objects.filter(criterion__code="city").count() == 3


def test_a_person_may_decide_what_figures_leave_open_and_hand_it_back(polygon_version, year_with_criteria, manager):
    assess(year_with_criteria)
    drainage = year_with_criteria.eligibilitycriterions.get(code="drainage")
    before = Assessment.objects.counting().get(criterion=drainage)
    judged = judge(polygon_version, drainage, **said(manager, seen=before.pk))
    assert (judged.evidence, judged.threshold) == (before.evidence, before.threshold)
    judge(polygon_version, drainage, **said(manager, seen=judged.pk, verdict="unknown", upload=None))
    assert verdicts()["drainage"] == "unknown"


def test_two_people_do_not_judge_over_each_other(polygon_version, tenure, manager, technician):
    judge(polygon_version, tenure, **said(manager))
    with pytest.raises(Refused, match="Somebody else"):
        judge(polygon_version, tenure, **said(technician, verdict="fail"))


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"note": " "}, "note"),
        ({"upload": None}, "file"),
        ({"issued_on": dt.date(2026, 5, 2)}, "issued_on"),
        ({"upload": SimpleUploadedFile("a.pdf", b"MZ not a paper")}, None),
    ],
)
def test_a_verdict_without_ground_is_refused(polygon_version, tenure, manager, wrong, field):
    with pytest.raises(ValidationError) as refusal:
        judge(polygon_version, tenure, **said(manager, **wrong))
    assert field is None or list(refusal.value.message_dict) == [field]
    assert not Assessment.objects.exists()


@pytest.mark.parametrize("role", ["preparer", "reviewer", "auditor"])
def test_only_the_program_unit_judges(polygon_version, tenure, request, role):
    with pytest.raises(PermissionDenied):
        judge(polygon_version, tenure, **said(request.getfixturevalue(role)))


def test_history_and_drafts_are_not_judged(polygon_version, tenure, manager):
    PolygonVersion.objects.filter(pk=polygon_version.pk).update(status="superseded")
    with pytest.raises(Refused, match="in force"):
        judge(polygon_version, tenure, **said(manager))


def test_an_assessment_is_never_changed_by_sql_either(polygon_version, year_with_criteria):
    assess(year_with_criteria)
    for attempt in (lambda: Assessment.objects.update(verdict="pass"), lambda: Assessment.objects.all().delete()):
        with pytest.raises(IntegrityError), transaction.atomic():
            attempt()


def test_the_command_needs_rules_in_force(polygon_version, year_with_criteria, capsys):
    call_command("assess_polygons", year=2026, dry_run=True)
    assert "pass: 2" in capsys.readouterr().out
    assert not Assessment.objects.exists()
    with pytest.raises(CommandError):
        call_command("assess_polygons", year=2020)
