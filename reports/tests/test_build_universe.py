"""The synthetic nation: exact to the unit at any scale, masked by INEGI's rule, the same every time, nobody else's."""

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.db.models import Count, F, Max, Min, Q, Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from polygons import services as territory
from polygons.models import Block, CensusTotal, City, HouseholdPoverty, Municipality, PolygonVersion, State
from polygons.services import sums_of
from projects.models import Action, Ceiling, Contribution, LedgerEntry, Letter, ProgressLine, ProgressReport, Project
from reports.universe.census import invent, printed
from reports.universe.totals import hand_out, totals

SCALE = 0.002


def build(*options):
    call_command("build_universe", *options, scale=SCALE, verbosity=0)


@pytest.fixture(scope="module")
def nation():
    return invent(SCALE, 2012)


def test_the_nation_is_as_large_as_the_program_was():
    held = totals()
    assert (held.cities, held.blocks, held.homes) == (384, 296_043, 6_700_000)
    assert (held.water_house, held.drainage, held.electricity) == (1_876_000, 234_500, 46_900)
    twice = totals(2)
    assert (twice.cities, twice.blocks, twice.homes, twice.water_house) == (384, 592_086, 13_400_000, 3_752_000)


# The first draw starts hypothesis itself, which a busy machine takes seconds for.
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1e6), st.integers(0, 50)), min_size=1), st.data())
def test_shares_add_up_and_keep_their_limits(rows, data):
    weights, limits = (np.array(column) for column in zip(*rows, strict=True))
    total = data.draw(st.integers(0, int(limits[weights > 0].sum())))
    shares = hand_out(weights, total, limits)
    assert shares.sum() == total
    assert ((shares >= 0) & (shares <= limits)).all()


def test_more_than_the_limits_hold_is_refused():
    with pytest.raises(ValueError, match="no room"):
        hand_out([1, 2], 10, [3, 3])


def test_totals_are_exact_in_the_database(db):
    build()
    held = totals(SCALE)
    assert (State.objects.count(), City.objects.count()) == (32, held.cities)
    whole = Block.objects.filter(vintage=2005)
    assert whole.count() == held.blocks and not whole.exclude(missing={}).exists()
    assert whole.aggregate(
        homes=Sum("households"), base=Sum("base"), water=Sum("water_house_low"), drainage=Sum("drainage_low"),
        electricity=Sum("electricity_low"),
    ) == {
        "homes": held.homes, "base": held.homes, "water": held.water_house, "drainage": held.drainage,
        "electricity": held.electricity,
    }  # fmt: skip
    assert HouseholdPoverty.objects.aggregate(poor=Sum("poor_households"))["poor"] == held.poor


def test_the_masked_copy_hides_what_inegi_hides_and_its_ranges_hold_the_truth(db):
    build()
    held, copy = totals(SCALE), Block.objects.filter(vintage=2020)
    assert copy.count() == held.blocks
    tiny = copy.filter(inhabited_dwellings__in=(1, 2))
    assert tiny.exists() and not tiny.exclude(households=None, with_water=None, women=None).exists()
    assert not copy.filter(Q(without_drainage__in=(1, 2)) | Q(women__in=(1, 2))).exists()
    assert not copy.filter(Q(population=None) | Q(dwellings=None) | Q(inhabited_dwellings=None)).exists()
    for name in ("water", "drainage", "electricity"):
        low, high = copy.aggregate(low=Sum(f"{name}_low"), high=Sum(f"{name}_high")).values()
        assert low <= getattr(held, name) <= high, name
    assert copy.filter(missing__without_drainage="*").exists()
    assert not copy.exclude(water_house_low=None).exists()


def test_municipalities_add_up_and_the_state_has_its_rural_people_too(db):
    build()
    homes = totals(SCALE).homes
    rows = CensusTotal.objects.filter(vintage=2005)
    for level in ("municipality", "locality", "ageb"):
        assert rows.filter(level=level).aggregate(homes=Sum("households"))["homes"] == homes, level
    assert rows.filter(level="state").aggregate(homes=Sum("households"))["homes"] > homes * 1.2


def test_polygons_are_published_and_keep_the_sums_of_their_blocks(db):
    build()
    versions = PolygonVersion.objects.published()
    assert versions.count() > 3
    for version in versions[:5]:
        assert {name: getattr(version, name) for name in sums_of(version)} == sums_of(version)


def test_everything_lies_in_mexico_and_cities_are_apart(nation):
    for ring in nation.rings:
        assert ((ring >= (-117.2, 14.5)) & (ring <= (-86.7, 32.8))).all()
    assert len(set(nation.keys)) == nation.held.blocks
    assert len({city.name for city in nation.cities}) == len(nation.cities)


def test_the_same_seed_invents_the_same_nation(nation):
    again, other = invent(SCALE, 2012), invent(SCALE, 7)
    assert again.keys == nation.keys
    assert all((again.counts[name] == nation.counts[name]).all() for name in nation.counts)
    assert all((a == b).all() for a, b in zip(again.rings, nation.rings, strict=True))
    assert other.keys != nation.keys


def test_a_second_run_changes_nothing_and_another_scale_is_refused(db):
    build()
    before = Block.objects.aggregate(Count("pk"), Max("pk"), Max("updated_at"))
    build()
    assert Block.objects.aggregate(Count("pk"), Max("pk"), Max("updated_at")) == before
    with pytest.raises(CommandError, match=r"0\.002"):
        call_command("build_universe", scale=0.004)


def test_a_database_with_real_places_is_left_alone(db, campeche):
    Municipality.objects.create(code="04001", name="Calkiní", state=campeche.state)
    with pytest.raises(CommandError, match="--force"):
        build()
    assert not Block.objects.filter(vintage=2005).exists()
    build("--force")
    assert Block.objects.filter(vintage=2005).exists()


def test_it_may_stand_beside_the_demo(db, campeche):
    counted = CensusTotal.objects.create(level="state", code="04", vintage=2020, name="Campeche", missing={})
    build("--dry-run")
    assert not City.objects.filter(code__gte="501").exists()
    build()
    assert City.objects.filter(code__gte="501").exists()
    assert CensusTotal.objects.get(level="state", code="04", vintage=2020) == counted


def test_too_small_a_universe_is_refused(db):
    with pytest.raises(CommandError, match="500 blocks"):
        call_command("build_universe", scale=0.0001)


def test_actions_have_their_money_and_their_months(db):
    build("--actions", "--progress")
    assert (Project.objects.count(), Action.objects.count(), ProgressLine.objects.count()) == (100, 200, 2_400)
    assert not Action.objects.filter(geometry=None).exists()
    assert not Action.objects.filter(touched=None).exists()
    promised = Contribution.objects.filter(action__project__in=Project.objects.approved())
    entries = LedgerEntry.objects.filter(moment="approved")
    assert entries.aggregate(total=Sum("amount")) == promised.aggregate(total=Sum("amount"))
    assert entries.aggregate(Min("amount"))["amount__min"] > 0
    finished = Action.objects.filter(project__status__in=("finished", "closed"))
    assert finished.exists()
    assert not finished.annotate(measured=Sum("progress_lines__quantity")).exclude(measured=F("quantity")).exists()
    paid, told = LedgerEntry.objects.filter(moment="paid"), ProgressReport.objects.filter(status="accepted")
    assert paid.aggregate(total=Sum("amount"))["total"] == told.aggregate(total=Sum("spending__amount"))["total"]
    budgets = Ceiling.objects.filter(modality=None).exclude(municipality=None).values_list("fiscal_year", "state")
    letters = Letter.objects.filter(kind="subsidy", lines__strand="G").values_list("fiscal_year", "state")
    assert set(letters) == set(budgets), "what was authorised had the letter of its state's subsidies"


def test_works_leave_the_audit_rows_their_triggers_would_have(db):
    build("--actions", "--progress")
    for model in (Project, Action, Contribution, ProgressReport):
        event = model._meta.apps.get_model(model._meta.app_label, f"{model.__name__}Event")
        assert event.objects.filter(pgh_label="insert").count() == model.objects.count()
    work = Project.objects.first()
    before = model_events(work)
    Project.objects.filter(pk=work.pk).update(name="Otra")
    assert model_events(work) == before + 1


def model_events(work) -> int:
    event = Project._meta.apps.get_model("projects", "ProjectEvent")
    return event.objects.filter(pgh_obj_id=work.pk).count()


def test_the_masked_copy_comes_in_by_the_real_importers_as_it_was_made(db, tmp_path, nation):
    build("--files", str(tmp_path))
    assert not Block.objects.exists()
    territory.import_states(tmp_path / "estados.json")
    territory.import_municipalities(tmp_path / "municipios.json")
    territory.import_cities(tmp_path / "ciudades.csv")
    run = territory.import_blocks(census=tmp_path / "censo-2020.csv", geometry=tmp_path / "manzanas.gpkg", vintage=2020)
    assert (run.counts["blocks_inserted"], run.counts["rejected"]) == (nation.held.blocks, 0)
    assert (run.counts["without_polygon"], run.counts["without_census"]) == (0, 0)
    counts = printed(nation, 2020)
    masked = Block.objects.aggregate(told=Sum("without_drainage"), hidden=Count("pk", filter=Q(without_drainage=None)))
    told = counts["without_drainage"]
    assert (masked["told"], masked["hidden"]) == (told[told >= 0].sum(), (told < 0).sum())
    assert Block.objects.filter(city=None).count() == 0
