"""Every component of `templates/components` once, with sample data: what the tests render and look at."""

from datetime import UTC, datetime
from decimal import Decimal

import django_filters
import django_tables2 as tables
from django import forms

from habitat.lib.charts import Bar, BarChart, LineChart, SourceSplit, Spark
from habitat.lib.forms import DateInput, MoneyField
from habitat.lib.plots import Curve, Histogram
from polygons.models import State

ROWS = [
    {"code": "04-0017", "name": "Bellavista", "dwellings": 2318, "low": 970, "high": 1182, "money": Decimal("6412800")},
    {"code": "04-0031", "name": "Siglo Nuevo", "dwellings": 1967, "low": 610, "high": 747, "money": Decimal("4120350")},
    {"code": "04-0023", "name": "La Ribera", "dwellings": 1502, "low": 406, "high": 406, "money": None},
]
WATER = "{% load portal %}{% range_bar record.low record.high record.dwellings 20 %}"
MONEY = "{% load portal %}{{ value|money }}"
MONTHS = list("EFMAMJJASOND")


class PolygonTable(tables.Table):
    name = tables.TemplateColumn(
        '<a class="main" href="#">{{ value }}</a><span class="sub key">{{ record.code }}</span>',
        verbose_name="Polígono",
        attrs={"td": {"scope": "row"}},
    )
    dwellings = tables.Column(verbose_name="Viviendas", attrs={"cell": {"class": "num"}}, footer="5,787")
    low = tables.TemplateColumn(WATER, verbose_name="Sin agua")
    money = tables.TemplateColumn(MONEY, verbose_name="Aprobado", attrs={"cell": {"class": "num"}})

    class Meta:
        attrs = {"caption": "Polígonos"}
        empty_text = "Ningún polígono con estos filtros."


class MoneyForm(forms.Form):
    federal = MoneyField(label="Aportación federal", help_text="Hasta $1,575,000.00, que es la mitad del costo.")
    starts_on = forms.DateField(label="Inicio", widget=DateInput, required=False)
    strand = forms.ChoiceField(label="Vertiente", choices=[("G", "General"), ("H", "Centros Históricos")])
    mode = forms.ChoiceField(
        label="Cómo se hará", choices=[("c", "Por contrato"), ("a", "Por administración")], widget=forms.RadioSelect
    )
    sources = forms.MultipleChoiceField(
        label="Quién aporta",
        choices=[("f", "Federal"), ("e", "Estatal")],
        widget=forms.CheckboxSelectMultiple,
        help_text="Elija todas.",
    )
    reason = forms.CharField(label="Razón", widget=forms.Textarea(attrs={"rows": 3}))
    agreed = forms.BooleanField(label="Declaro que los datos son ciertos")
    budget = forms.FileField(label="Presupuesto", required=False)


class PolygonFilter(django_filters.FilterSet):
    name = django_filters.CharFilter(label="Nombre o clave")
    strand = django_filters.ChoiceFilter(label="Vertiente", choices=[("G", "General")], empty_label="Todas")
    attended = django_filters.ChoiceFilter(
        label="Atención",
        choices=[("1", "Con proyectos"), ("0", "Sin proyectos")],
        widget=forms.RadioSelect,
        empty_label="Todos",
    )


def context(request) -> dict[str, object]:
    """What `gallery.html` needs; a page of two rows of three, a form refused, a chart of each kind."""
    table = PolygonTable(ROWS, order_by="-low", request=request)
    table.paginate(page=1, per_page=2)
    empty_table = PolygonTable([], prefix="empty-")
    moment = datetime(2026, 11, 6, 16, 4, tzinfo=UTC)
    return {
        "table": table,
        "empty_table": empty_table,
        "form": MoneyForm({"federal": "$1,732,500.005", "strand": "X", "mode": "c"}),
        "fresh_form": MoneyForm(initial={"federal": Decimal("1732500")}, auto_id="fresh_%s"),
        "filter": PolygonFilter({}, queryset=State.objects.none(), prefix="filter"),
        "steps": [
            {"label": "Presentado", "state": "past", "when": "19/10/2026"},
            {"label": "En revisión", "state": "now", "when": "desde 06/11/2026"},
            {"label": "Numerado", "state": "next"},
            {"label": "Aprobado", "state": "next"},
        ],
        "events": [
            {"label": "En revisión", "by": "Revisora, Delegación Campeche", "at": moment},
            {"label": "Observado", "by": "Unidad del programa", "at": moment, "reason": "Falta la firma."},
        ],
        "verdicts": [
            {"outcome": "pass", "title": "El polígono es elegible este año.", "clause": "4.2", "is_verified": True},
            {"outcome": "fail", "title": "La parte federal no pasa del máximo.", "detail": "55 %", "clause": "3.4"},
            {"outcome": "unknown", "title": "Monto máximo por tipo de obra."},
        ],
        "split": SourceSplit({"federal": Decimal("1234150"), "state": Decimal("493660"), "municipal": Decimal(740490)}),
        "spark": Spark([0, 2, 3, 7, 9]),
        "bars": BarChart(
            "Viviendas sin servicio",
            [Bar("Agua en la casa", 27.4, "27.4–29.1", 29.1), Bar("Drenaje", 3.4, "3.4–4.2", 4.2)],
            unit=" %",
        ),
        "lines": [
            LineChart(name, MONTHS, [0, 0, 2, 6, 12, 19, 27, 36, 45, 53], range(0, 108, 9), maximum=100, note=note)
            for name, note in (("Mejoramiento", "techo $2,832,665,500.00"), ("Desarrollo Social", ""))
        ],
        "histogram": Histogram(
            "Unidades por índice", [1, 0, 4, 9, 14, 8, 2], 21.4, 62.4, (44, 51), ("Alto", "Medio", "Bajo")
        ),
        "curve": Curve("Concentración", [(0, 0), (0.2, 0.5), (0.6, 0.8), (1, 1)], "Viviendas", "Gasto"),
        "tiles": [
            {"code": "04", "abbreviation": "CAMP", "name": "Campeche", "value": 47, "step": 3, "url": "#"},
            {"code": "29", "abbreviation": "TLAX", "name": "Tlaxcala", "value": None, "step": 1, "url": "#"},
        ],
        "exports": [{"label": "CSV", "url": "#"}, {"label": "GeoJSON", "url": "#"}],
        "families": ["draft", "transit", "attention", "good", "done", "stop"],
        "days": [-2, -1, 0, 1, 4, None],
    }
