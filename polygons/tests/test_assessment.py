from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command

from modalities.models import EligibilityCriterion, FiscalYear, RulesVersion
from polygons.models import Assessment, City
from polygons.services import assess


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
    return dict(Assessment.objects.values_list("criterion__code", "verdict"))


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


def test_a_persons_verdict_is_left_alone(polygon_version, year_with_criteria, technician):
    assess(year_with_criteria)
    Assessment.objects.filter(criterion__code="tenure").update(verdict="pass", by=technician)
    assess(year_with_criteria)
    assert verdicts()["tenure"] == "pass"


def test_the_command_needs_rules_in_force(polygon_version, year_with_criteria, capsys):
    call_command("assess_polygons", year=2026, dry_run=True)
    assert "pass: 2" in capsys.readouterr().out
    assert not Assessment.objects.exists()
    with pytest.raises(CommandError):
        call_command("assess_polygons", year=2020)
