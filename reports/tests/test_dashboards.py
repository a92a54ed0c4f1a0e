import io
import re
from decimal import Decimal

import pytest
from pypdf import PdfReader

from polygons.services import refresh_totals
from projects.models import Project
from reports.indicators import Figures
from reports.scopes import scope_of


def footer(page: str) -> str:
    return page[page.index("<tfoot") : page.index("</tfoot")]


@pytest.fixture
def read(client):
    def get(address: str) -> str:
        answer = client.get(address)
        assert answer.status_code == 200, address
        return answer.content.decode()

    return get


LEVELS = ["", "04/", "04002/", "04-0017/"]


@pytest.mark.parametrize("place", LEVELS)
def test_every_amount_opens_rows_that_add_up_to_it(client, read, place, running_project, technician):
    client.force_login(technician)
    dashboard = read(f"/reports/dashboard/{place}?year=2026")
    links = re.findall(r'<a href="(/reports/rows/entries/[^"]+)">(\$[\d,.]+)</a>', dashboard)
    assert links
    for address, amount in links:
        rows = read(address.replace("&amp;", "&"))
        if amount != "$0.00":
            assert amount in footer(rows)


@pytest.mark.parametrize("place", LEVELS)
def test_same_frame_at_every_level_for_the_public_too(read, place, running_project):
    dashboard = read(f"/reports/dashboard/{place}?year=2026")
    for words in ("Polígonos atendidos", "Avance físico", "Viviendas sin agua", "$1,000,000.00"):
        assert words in dashboard
    assert "/reports/rows/entries/" not in dashboard


def test_paper_has_the_panels_of_the_page(client, read, running_project, technician):
    client.force_login(technician)
    address = f"/projects/{running_project.pk}/dashboard/"
    panels = re.findall(r"<h2[^>]*>([^<]+)</h2>", read(address))
    assert len(panels) >= 6
    pages = PdfReader(io.BytesIO(client.get(f"{address}?format=pdf").content)).pages
    paper = " ".join(" ".join(page.extract_text() for page in pages).split())
    assert [panel for panel in panels if panel not in paper] == []
    # Months by their names in the tables, by their initials below the lines.
    assert "Septiembre 25.0" in paper


def test_bars_of_a_work_compare_with_its_largest_moment(client, read, running_project, technician):
    """Below the municipality there is no ceiling to compare with."""
    client.force_login(technician)
    dashboard = read(f"/projects/{running_project.pk}/dashboard/")
    money = dashboard[dashboard.index('id="money"') : dashboard.index('id="modalities"')]
    assert re.findall(r'bar-fill[^>]* width="([\d.]+)"', money) == ["100.00", "40.00"]


def test_projects_figure_is_the_list_behind_it(client, read, running_project, technician):
    client.force_login(technician)
    dashboard = read("/reports/dashboard/04/?year=2026")
    address = re.search(r'href="(/projects/\?[^"]+)"', dashboard)[1].replace("&amp;", "&")
    assert running_project.folio in read(address)


def test_blocks_and_actions_open_with_their_totals(client, read, running_project):
    assert "120" in footer(read("/reports/rows/blocks/?place=04-0017&year=2026"))
    assert "$400,000.00" in footer(read("/reports/rows/actions/?year=2026"))


def test_attended_polygons_are_those_with_an_approved_project(read, running_project, polygon_version):
    assert "04-0017" in read("/reports/rows/attended/?year=2026")
    Project.objects.update(status="cancelled")
    assert "04-0017" not in read("/reports/rows/attended/?year=2026")
    assert "04-0017" in read("/reports/rows/polygons/?year=2026")


def test_the_table_of_places_is_a_list_with_files(client, read, running_project, technician):
    address = "/reports/rows/places/?year=2026"
    assert "$1,000,000.00" in read(address) and "paid" not in client.get(address).context["table"].columns.names()
    client.force_login(technician)
    assert address.replace("&", "&amp;") in read("/reports/dashboard/?year=2026")
    heading, campeche = client.get(f"{address}&format=csv").getvalue().decode("utf-8-sig").splitlines()
    assert "Techo" in heading and campeche.startswith("04,Campeche,1,1000000.00,")


def test_ledger_is_not_for_the_public(client, rules):
    assert "/accounts/login/" in client.get("/reports/rows/entries/").url


def test_officer_starts_at_home_and_finds_nothing_beyond(client, certifier, tlaxcala, rules, running_project):
    client.force_login(certifier)
    assert client.get("/reports/dashboard/?year=2026").url == "/reports/dashboard/04002/?year=2026"
    for elsewhere in ("04", "29", "29033"):
        assert client.get(f"/reports/dashboard/{elsewhere}/").status_code == 404
        assert client.get(f"/reports/rows/blocks/?place={elsewhere}").status_code == 404


@pytest.mark.parametrize(
    "address",
    [
        "/reports/dashboard/?year=1999",
        "/reports/dashboard/?year=²",
        "/reports/dashboard/99/",
        "/reports/rows/secrets/",
        "/reports/rows/entries/?moment=stolen",
        "/reports/rows/entries/?modality=%00",
    ],
)
def test_what_does_not_exist_is_not_found(client, technician, rules, address):
    client.force_login(technician)
    assert client.get(address).status_code == 404


def test_dashboard_of_the_nation_has_a_fixed_number_of_queries(
    client, technician, running_project, tlaxcala, django_assert_num_queries
):
    refresh_totals()
    client.force_login(technician)
    client.get("/reports/dashboard/?year=2026")
    with django_assert_num_queries(20):
        client.get("/reports/dashboard/?year=2026")


def test_api_tells_the_same_money(client, running_project, technician):
    client.force_login(technician)
    entries = client.get("/api/v1/ledger/?moment=approved&source=federal&fiscal_year=2026").json()["results"]
    assert sum(Decimal(entry["amount"]) for entry in entries) == Decimal(500_000)


def test_kept_sums_say_what_the_blocks_add_up_to(technician, running_project):
    of_nation = Figures(scope_of(""), 2026, technician)
    added = of_nation.need
    refresh_totals()
    kept = Figures(scope_of(""), 2026, technician)
    assert kept.need == added and kept.need.blocks == 3
