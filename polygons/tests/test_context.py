import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
from rest_framework.test import APIClient

from polygons.models import ContextIndicator, KeyChange, Polygon
from polygons.services import import_context

HEADER = "nivel,clave,concepto,nombre,unidad,fecha,valor,fuente,audiencia\n"


def write(path: Path, *lines: str) -> Path:
    path.write_text(HEADER + "\n".join(lines) + "\n")
    return path


@pytest.fixture
def figures(campeche, tlaxcala, tmp_path):
    """One figure of each audience in Campeche, one for staff in Tlaxcala, one of the state of Campeche."""
    return write(
        tmp_path / "contexto.csv",
        "municipio,4002,precio del suelo,Valor catastral,pesos por m²,31/12/2024,1450.50,Catastro,public",
        "ageb,0400200010022,investment,FAIS,pesos,2024-12-31,1200000,Bienestar,staff",
        "municipio,04002,violencia,Homicidios,casos,2024-12-31,3,SESNSP,federal",
        f"municipio,{tlaxcala.pk},violencia,Homicidios,casos,2024-12-31,5,SESNSP,staff",
        "estado,4,resultado,Satisfacción,por ciento,2024-12-31,71.25,Encuesta,staff",
    )


def seen(user=None) -> set[tuple[str, str]]:
    client = APIClient()
    if user:
        client.force_authenticate(user)
    return {(row["code"], row["audience"]) for row in client.get("/api/v1/context-indicators/").data["results"]}


def test_figures_come_in_once_with_place_day_and_audience(figures):
    run = import_context(figures)
    assert (run.counts["figures_inserted"], run.counts["rejected"]) == (5, 0)
    row = ContextIndicator.objects.get(concept="land_price")
    assert (row.code, row.municipality_id, row.state_id, row.on) == ("04002", "04002", "04", dt.date(2024, 12, 31))
    assert row.value == Decimal("1450.5")
    state = ContextIndicator.objects.get(level="state")
    assert (state.state_id, state.municipality_id) == ("04", None)
    again = import_context(figures)
    assert (again.counts["figures_inserted"], again.counts["figures_updated"]) == (0, 0)


def test_nobody_sees_what_is_not_for_them(figures, preparer, reviewer, technician, auditor, stranger, homeless):
    import_context(figures)
    public = {("04002", "public")}
    mine = public | {("0400200010022", "staff"), ("04", "staff")}
    everything = mine | {("04002", "federal"), (stranger.municipality_id, "staff")}
    assert seen() == public
    assert seen(preparer) == seen(reviewer) == mine
    assert seen(technician) == seen(auditor) == everything
    assert seen(stranger) == {(stranger.municipality_id, "staff")}
    assert seen(homeless) == set()


def test_a_figure_about_a_draft_polygon_does_not_tell_its_code(
    polygon_version, tmp_path, preparer, reviewer, technician, auditor
):
    Polygon.objects.create(code="04-0099", name="Por publicar", municipality=polygon_version.polygon.municipality)
    import_context(
        write(
            tmp_path / "c.csv",
            "polygon,04-0017,violence,Riñas,casos,2024-12-31,1,SSP,public",
            "polygon,04-0099,violence,Riñas,casos,2024-12-31,1,SSP,public",
        )
    )
    published = {("04-0017", "public")}
    assert seen() == seen(preparer) == seen(reviewer) == published
    assert seen(technician) == seen(auditor) == published | {("04-0099", "public")}


def test_bad_figures_are_refused_and_none_is_public_by_omission(campeche, polygon_version, tmp_path):
    path = write(
        tmp_path / "c.csv",
        "colonia,04002,violence,x,y,2024-12-31,1,z,public",
        "municipality,0400X2,violence,x,y,2024-12-31,1,z,public",
        "municipality,04002,weather,x,y,2024-12-31,1,z,public",
        "municipality,04002,violence,x,y,2024-12-31,1,z,",
        "municipality,04002,violence,x,y,ayer,1,z,public",
        "municipality,04002,violence,x,y,2024-12-31,muchos,z,public",
        "municipality,04002,violence,x,y,2024-12-31,1,,public",
        "municipality,04098,violence,Robos,y,2024-12-31,1,z,public",
        "polygon,nowhere,violence,x,y,2024-12-31,1,z,public",
        "polygon,04-0017,violence,x,y,2024-12-31,1,z,public",
    )
    run = import_context(path)
    assert [reject["reason"] for reject in run.rejects] == [
        "bad_level", "bad_key", "bad_kind", "bad_audience", "bad_date", "bad_value", "bad_words",
        "unknown_municipality", "unknown_polygon",
    ]  # fmt: skip
    assert ContextIndicator.objects.get().municipality == campeche
    told = {"kind": "renamed", "valid_from": "2021-01-01", "source": "INEGI"}
    KeyChange.objects.create(level="municipality", old_code="04098", new_code="04002", **told)
    assert "se conoce como 04002" in import_context(path).rejects[7]["detail"]
    import_context(path, apply_equivalences=True)
    assert ContextIndicator.objects.get(level="municipality").code == "04002"
