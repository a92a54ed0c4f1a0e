import pytest

from polygons.comparison import compare
from polygons.models import Block, CensusTotal, KeyChange, Municipality
from polygons.services import import_blocks, refresh_totals
from polygons.tests.inegi_files import key, row, totals, write_census
from polygons.tests.test_import_blocks import country

__all__ = ["country"]

AGEB = "0400200010022"


@pytest.fixture
def three_censuses(campeche, tmp_path):
    """The same AGEB of two blocks in 2005, 2010 and 2020; drainage is masked in one block of 2020."""
    for vintage, lacking in ((2005, 12), (2010, 8), (2020, 4)):
        inside = {"VP_AGUADV": 10, "VP_AGUAFV": 26}
        rows = [
            *totals(2, VPH_NODREN=2 * lacking, VP_AGUADV=20, VP_AGUAFV=52),
            row(VPH_NODREN=lacking, **inside),
            row(mza="002", VPH_NODREN="*" if vintage == 2020 else lacking, **inside),
        ]
        census = write_census(tmp_path / f"{vintage}.csv", rows, vintage)
        import_blocks(census=census, vintage=vintage)


def figures(**asked):
    return {figure.vintage.year: figure for figure in compare(**asked).figures}


def test_an_ageb_shows_what_its_blocks_add_up_to_beside_its_own_row(three_censuses):
    found = figures(level="ageb", code=AGEB, indicator="drainage")
    assert [(year, f.low, f.high, f.base, f.total) for year, f in found.items()] == [
        (2005, 24, 24, 72, 24),
        (2010, 16, 16, 72, 16),
        (2020, 4, 10, 72, 8),  # one block hides its figure: 36 less 30 at most; the row gives it back
    ]
    assert [f.column for f in found.values()] == ["VPH_NODREN", "VPH_NODREN", "VPH_NODREN"]
    assert found[2020].masked == 1 and found[2020].vintage.denominator == "VIVPARH_CV"


@pytest.mark.parametrize(("indicator", "refused"), [("water", {2005}), ("water_house", {2010, 2020})])
def test_water_inside_the_house_and_on_the_plot_are_never_compared(three_censuses, indicator, refused):
    found = figures(level="ageb", code=AGEB, indicator=indicator)
    assert {year for year, figure in found.items() if figure.refusal} == refused
    assert all("2005" in figure.refusal and "2010" in figure.refusal for y, figure in found.items() if y in refused)


def test_blocks_are_refused_without_an_equivalence_and_compared_with_one(three_censuses):
    found = figures(level="block", code=key(1), indicator="drainage")
    assert "2010" in found[2010].refusal and key(1) in found[2010].refusal
    assert found[2020].low == 4
    KeyChange.objects.create(
        level="block", old_code=key(2), new_code=key(1), kind="renamed", valid_from="2020-03-15", source="INEGI"
    )
    found = figures(level="block", code=key(1), indicator="drainage")
    assert (found[2010].low, found[2010].codes) == (8, (key(2),))
    assert found[2005].refusal


def change(old, new, kind, day="2015-01-01", level="municipality"):
    KeyChange.objects.create(level=level, old_code=old, new_code=new, kind=kind, valid_from=day, source="INEGI")


def test_a_municipality_that_was_divided_is_not_the_same_territory(three_censuses):
    change("04002", "04099", "split")
    found = figures(level="municipality", code="04002", indicator="drainage")
    assert "04099" in found[2010].refusal and found[2020].is_known


def test_a_municipality_made_of_two_adds_up_both(three_censuses, campeche):
    Municipality.objects.create(code="04098", name="Nuevo", state=campeche.state)
    change("04002", "04098", "merged")
    change("04097", "04098", "merged")
    CensusTotal.objects.filter(level="municipality", vintage=2020).update(code="04098")
    Block.objects.filter(vintage=2020).update(municipality="04098")
    refresh_totals([2020])
    found = figures(level="municipality", code="04098", indicator="drainage")
    assert found[2010].codes == ("04002", "04097")
    assert (found[2010].low, found[2010].total) == (16, None)  # no row of 04097 has come in


def test_a_split_part_cannot_be_told_from_the_rest(three_censuses, campeche):
    Municipality.objects.create(code="04098", name="Nuevo", state=campeche.state)
    change("04002", "04098", "split")
    CensusTotal.objects.filter(level="municipality", vintage=2020).update(code="04098")
    found = figures(level="municipality", code="04098", indicator="drainage")
    assert "04002" in found[2010].refusal and "01/01/2015" in found[2010].refusal


def test_a_polygon_is_its_blocks_at_home_and_what_lies_in_it_elsewhere(polygon_version, make_block):
    older = make_block(77, without_drainage=9, with_drainage=27)
    inside = polygon_version.blocks.first()
    Block.objects.filter(pk=older.pk).update(vintage=2010, geometry=inside.geometry, mercator=inside.mercator)
    found = {
        figure.vintage.year: figure
        for figure in compare(level="polygon", code="04-0017", indicator="drainage", version=polygon_version).figures
    }
    assert found[2020].blocks == 3 and found[2010].blocks == 1
    assert found[2005].refusal


def test_one_census_alone_is_no_comparison(campeche, tmp_path):
    import_blocks(census=write_census(tmp_path / "c.csv", [*totals(1), row()]), vintage=2020)
    comparison = compare(level="ageb", code=AGEB, indicator="floor")
    assert len(comparison.comparable) == 1 and len(comparison.notes) == 1


@pytest.mark.real_data
def test_every_real_total_row_lies_within_what_its_blocks_say(country, data_dir):
    folder = data_dir / "hecelchakan"
    import_blocks(census=next(folder.glob("RESAGEBURB*.csv")), vintage=2020)
    agebs = CensusTotal.objects.filter(level="ageb").values_list("code", flat=True)
    recovered = 0
    for ageb in agebs:
        for indicator in ("water", "drainage", "electricity", "floor"):
            found = figures(level="ageb", code=ageb, indicator=indicator)[2020]
            if found.total is not None and found.blocks:
                assert found.low <= found.total <= found.high, (ageb, indicator)
                recovered += found.low < found.total
    assert len(agebs) and recovered
