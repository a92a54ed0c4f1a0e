"""Each component with sample data, the figures of both languages, the menu of each role."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from unittest import mock

import pytest
from django import forms
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.checks import run_checks
from django.template import Context, Template
from django.template.loader import render_to_string
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import override

from habitat.accounts.models import Role
from habitat.lib.charts import Bar, BarChart, LineChart, SourceSplit, nice_ceiling
from habitat.lib.forms import MoneyField
from habitat.navigation import LEGEND, menu_for
from habitat.tests import gallery_urls

TEMPLATES = Path(settings.BASE_DIR) / "templates"


def render(source: str, **values: object) -> str:
    return Template("{% load portal %}" + source).render(Context(values))


@pytest.fixture
def page(rf) -> str:
    """The gallery of all components, as a visitor gets it."""
    request = rf.get("/polygons/", {"sort": "-low"})
    request.user = AnonymousUser()
    return gallery_urls.show(request).content.decode()


def test_every_component_renders_with_sample_data(page):
    assert "Bellavista" in page
    assert LEGEND in page
    assert page.count("<h1>") == 1


def test_no_page_carries_inline_styles_or_scripts(page):
    assert "style=" not in page
    assert not re.search(r"<script(?![^>]*(src=|application/json))", page)
    assert not re.search(r"\son[a-z]+=", page)


def test_a_sorted_column_says_so_and_the_last_page_is_offered(page):
    assert 'aria-sort="descending"' in page
    assert "page=2" in page


def test_an_error_stands_at_its_field_and_in_the_summary(page):
    assert 'href="#id_federal"' in page
    assert 'id="id_federal_error"' in page
    tied = r'name="federal"[^>]*aria-invalid="true"[^>]*aria-describedby="id_federal_helptext id_federal_error"'
    assert re.search(tied, page)


def test_every_icon_named_in_a_template_is_in_the_sprite():
    sprite = (Path(settings.BASE_DIR) / "static" / "icons.json").read_text(encoding="utf-8")
    named = {
        name
        for path in TEMPLATES.rglob("*.html")
        for name in re.findall(r'{% icon "([a-z-]+)"', path.read_text("utf-8"))
    }
    assert {name for name in named if f'"{name}"' not in sprite} == set()


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("{{ v|money }}", "$1,234,567.00"),
        ("{{ v|number }}", "1,234,567"),
        ("{{ 50|percent }}", "50\N{NO-BREAK SPACE}%"),
        ("{{ 12|percent_of:40 }}", "30\N{NO-BREAK SPACE}%"),
        ("{% percent_range 42 51 100 %}", "42–51\N{NO-BREAK SPACE}%"),
        ("{% number_range 10 1030 %}", "10–1,030"),
        ("{% number_range 18 18 %}", "18"),
        ("{% percent_range 5 5 100 %}", "5\N{NO-BREAK SPACE}%"),
    ],
)
@pytest.mark.parametrize("language", ["es-mx", "en"])
def test_figures_read_alike_in_both_languages(source, shown, language):
    with override(language):
        assert render(source, v=Decimal("1234567")) == shown


def test_dates_are_day_month_year_in_both_languages():
    for language in ("es-mx", "en"):
        with override(language):
            assert date_format(date(2026, 11, 22), "SHORT_DATE_FORMAT") == "22/11/2026"


def test_months_are_named_in_lower_case_in_spanish():
    with override("es-mx"):
        assert date_format(date(2026, 11, 22), "YEAR_MONTH_FORMAT") == "noviembre de 2026"


def test_one_man_is_no_men():
    with override("es-mx"):
        shown = render('{% include "components/women_and_men.html" %}', women=1234, men=1)
    assert shown == "1,234 mujeres, 1 hombre"


def test_a_missing_figure_is_never_zero():
    for source in (
        "{{ v|money }}",
        "{{ v|number }}",
        "{{ v|percent }}",
        "{% percent_range v v 10 %}",
        "{{ 3|percent_of:0 }}",
    ):
        shown = render(source, v=None)
        assert "0" not in shown
        assert "—" in shown


def test_pesos_are_understood_as_they_are_written():
    with override("es-mx"):
        assert MoneyField().clean("$1,234,567.50") == Decimal("1234567.50")


def test_a_range_is_drawn_from_its_certain_end():
    drawn = render("{% range_bar 42 51 100 20 %}")
    assert 'width="42.00"' in drawn
    assert 'x="42.00" y="1" width="9.00"' in drawn


def test_money_is_always_split_in_the_same_order_and_fills_the_bar():
    split = SourceSplit({"municipal": Decimal(1), "federal": Decimal(3)})
    assert [part["source"] for part in split.parts] == ["federal", "state", "municipal", "beneficiaries"]
    assert [part["width"] for part in split.parts] == ["750.0", "0.0", "250.0", "0.0"]
    assert split.total == 4


def test_an_axis_ends_on_a_round_number_above_the_data():
    assert [nice_ceiling(value) for value in (0, 29.1, 100, 137)] == [4, 40, 100, 200]


def test_a_line_stops_where_the_figures_stop():
    chart = LineChart("Avance", ["E", "F", "M"], [0, 50], maximum=100)
    assert chart.actual_path == "M34.0 128.0 153.0 73.0"
    assert chart.table == [("E", 0, None), ("F", 50, None), ("M", None, None)]


def test_lines_on_one_scale_share_axes_that_are_drawn_once_a_language():
    charts = [LineChart(name, ["E", "F"], [reached], maximum=10_000) for name, reached in (("Uno", 10), ("Dos", 50))]
    with mock.patch("habitat.lib.templatetags.portal.render_to_string", wraps=render_to_string) as drawing:
        drawn = [render("{{ chart|axes }}", chart=chart) for chart in charts]
        with override("en"):
            render("{{ chart|axes }}", chart=charts[0])
    assert drawn[0] == drawn[1]
    assert ("10,000" in drawn[0], drawn[0].count("<text")) == (True, 5)
    assert drawing.call_count == 2


def test_a_bar_chart_without_data_still_has_an_axis():
    chart = BarChart("Nada", [])
    assert len(chart.ticks) == 5
    assert BarChart("Agua", [Bar("Agua", 10, "10 %")], maximum=20).rows[0]["low"] == "150.0"


@pytest.mark.parametrize("role", [role for role in Role.values if role != Role.SERVICE])
def test_each_role_finds_its_desk_and_at_most_one_place_is_current(role):
    menu = menu_for(role, "/projects/12/")
    assert menu[0]["url"] == "/"
    assert [entry["url"] for entry in menu if entry["current"]] == ["/projects/"]


def test_the_public_is_not_offered_ceilings_or_people():
    assert {entry["url"] for entry in menu_for("public", "/")} == {
        "/",
        "/polygons/",
        "/projects/",
        "/modalities/",
        "/reports/",
    }


def test_missing_assets_are_told_by_the_checks(settings, tmp_path):
    settings.BASE_DIR = tmp_path
    assert "habitat.W001" in {message.id for message in run_checks()}


def forms_of_ours(above: type = forms.ModelForm):
    for form in above.__subclasses__():
        yield from forms_of_ours(form)
        if form.__module__.partition(".")[0] in {"habitat", "modalities", "polygons", "projects", "reports"}:
            yield form


def test_no_field_of_a_form_is_called_by_its_name_in_the_code():
    """A key without a verbose name would read “Action type” in both languages; a translated label is no plain text."""
    unnamed = [
        f"{form.__name__}.{name}"
        for form in forms_of_ours()
        for name, field in form.base_fields.items()
        if type(field.label) is str and field.label == capfirst(name.replace("_", " "))
    ]
    assert not unnamed
