import io
from datetime import date
from decimal import Decimal

import openpyxl
import pytest

from habitat.lib.spreadsheets import csv_response, safe_cell, write_xlsx


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_formula_becomes_text(text):
    assert safe_cell(text) == f"'{text}"


def test_numbers_stay_numbers():
    assert [safe_cell(value) for value in (-5, Decimal("-1.50"), None)] == [-5, Decimal("-1.50"), ""]


def test_csv_keeps_accents_and_neutralises_formulas():
    body = b"".join(csv_response("obras", ["Obra"], [["Introducción"], ["=cmd"]]))
    assert body.decode("utf-8-sig").splitlines() == ["Obra", "Introducción", "'=cmd"]


def test_xlsx_holds_amounts_dates_and_text_that_looks_like_a_formula():
    buffer = io.BytesIO()
    write_xlsx(buffer, "Obras", ["Obra", "Monto", "Fecha"], [["=1+1", Decimal("1234.50"), date(2026, 11, 22)]])
    sheet = openpyxl.load_workbook(buffer).active
    name, amount, day = sheet[2]
    assert (name.value, name.data_type, amount.value, day.value.date()) == ("=1+1", "s", 1234.5, date(2026, 11, 22))
