"""A small country for the tests: places, people with a part to play, rules in force, one polygon, one project.

Loaded by pytest.ini; models are imported inside, because plugins load before Django does.
"""

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone

YEAR = 2026
# One empty page: what is sent as a paper is really read.
PDF = (
    b"%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n"
    b"3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]>>\nendobj\nxref\n0 4\n0000000000 65535 f \n"
    b"0000000009 00000 n \n0000000056 00000 n \n0000000107 00000 n \ntrailer\n<</Size 4/Root 1 0 R>>\nstartxref\n"
    b"172\n%%EOF\n"
)
PASSWORD = "una-contraseña-larga"


def square(lon: float, lat: float, metres: float = 100):
    """A square of about `metres` a side, as MultiPolygon in EPSG:4326, south-west corner at (lon, lat)."""
    from django.contrib.gis.geos import MultiPolygon, Polygon

    side = metres / 111_000
    return MultiPolygon(Polygon.from_bbox((lon, lat, lon + side, lat + side)), srid=4326)


@pytest.fixture
def campeche(db):
    from polygons.models import Municipality, State

    state = State.objects.create(code="04", name="Campeche", abbreviation="Camp.")
    return Municipality.objects.create(code="04002", name="Campeche", state=state, time_zone="America/Merida")


@pytest.fixture
def tlaxcala(db):
    """The neighbour: another municipality of another state."""
    from polygons.models import Municipality, State

    state = State.objects.create(code="29", name="Tlaxcala", abbreviation="Tlax.")
    return Municipality.objects.create(code="29033", name="Tlaxcala", state=state)


@pytest.fixture
def make_user(db):
    def make(role: str, **fields):
        from habitat.accounts.models import User

        fields.setdefault("name", role)
        fields.setdefault("valid_from", dt.date(2020, 1, 1))
        email = fields.pop("email", f"{role}-{User.objects.count()}@example.org")
        return User.objects.create_user(email, PASSWORD, role=role, **fields)

    return make


@pytest.fixture
def preparer(make_user, campeche):
    return make_user("preparer", municipality=campeche)


@pytest.fixture
def certifier(make_user, campeche):
    return make_user("certifier", municipality=campeche)


@pytest.fixture
def reviewer(make_user, campeche):
    return make_user("reviewer", state=campeche.state)


@pytest.fixture
def delegate(make_user, campeche):
    return make_user("delegate", state=campeche.state)


@pytest.fixture
def technician(make_user):
    return make_user("technician", is_national=True)


@pytest.fixture
def manager(make_user):
    return make_user("manager", is_national=True)


@pytest.fixture
def auditor(make_user):
    return make_user("auditor", is_national=True)


@pytest.fixture
def stranger(make_user, tlaxcala):
    """A certifier of another municipality."""
    return make_user("certifier", municipality=tlaxcala)


@pytest.fixture
def homeless(make_user):
    """A reviewer without territory: sees nothing."""
    return make_user("reviewer")


@pytest.fixture
def make_block(campeche):
    def make(number: int = 1, *, lon: float = -90.53, lat: float = 19.83, **counts):
        from polygons.models import Block

        geometry = square(lon + (number - 1) * 0.0012, lat)
        defaults = {"dwellings": 40, "inhabited_dwellings": 36, "known_dwellings": 36, "population": 140}
        return Block.objects.create(
            code=f"0400200010017{number:03d}",
            vintage=2020,
            geometry_vintage=2010,
            ageb_code="0400200010017",
            municipality=campeche,
            geometry=geometry,
            mercator=geometry.transform(3857, clone=True),
            **(defaults | counts),
        )

    return make


@pytest.fixture
def polygon_version(campeche, make_block):
    """A published polygon of three blocks, 20 of 36 dwellings without water in each, 36 masked for drainage."""
    from polygons.models import Polygon, PolygonVersion

    members = [make_block(n, without_water=20, with_water=16) for n in (1, 2, 3)]
    geometry = square(-90.531, 19.829, 600)
    polygon = Polygon.objects.create(code="04-0017", name="Bellavista", municipality=campeche)
    version = PolygonVersion.objects.create(
        polygon=polygon,
        number=1,
        source=PolygonVersion.Source.DELINEATED,
        status=PolygonVersion.Status.DRAFT,
        valid_from=dt.date(2026, 1, 1),
        vintage=2020,
        geometry=geometry,
        mercator=geometry.transform(3857, clone=True),
        area=360_000,
        block_count=3,
        population=420,
        dwellings=120,
        base=108,
        water_low=60,
        water_high=60,
        drainage_high=108,
        electricity_high=108,
        floor_high=108,
    )
    version.blocks.set(members)
    version.status = PolygonVersion.Status.PUBLISHED
    version.save(update_fields=["status"])
    return version


@pytest.fixture
def catalogue(db):
    """Modalities, one strand, and three action types: a pipe, a course, a plan."""
    from modalities.models import ActionLine, ActionType, Modality, Strand

    for code, name in (("DS", "Desarrollo Social y Comunitario"), ("ME", "Mejoramiento del Entorno Urbano")):
        Modality.objects.create(code=code, name_es=name, name_en=name)
    Modality.objects.create(code="PD", name_es="Promoción del Desarrollo Urbano", name_en="Urban Development")
    Strand.objects.create(code="G", name_es="General", name_en="General")
    rows = (
        ("ME01", "ME", "m", "line", "in_polygon"),
        ("DS01", "DS", "curso", "point", "serving_polygon"),
        ("PD01", "PD", "plan", "none", "municipality_wide"),
    )
    for code, modality, unit, kind, basis in rows:
        line = ActionLine.objects.create(code=f"{modality}-1", modality_id=modality, name_es="Línea", name_en="Line")
        ActionType.objects.create(
            code=code,
            modality_id=modality,
            line=line,
            name_es=f"Tipo {code}",
            name_en=f"Type {code}",
            unit=unit,
            priority=1,
            geometry_kind=kind,
            location_basis=basis,
        )
    return ActionType.objects.all()


@pytest.fixture
def rules(catalogue):
    """Rules of 2026 in force: federal share at most half; nothing else. Capture is open all year."""
    from modalities.models import FiscalYear, Milestone, RulesVersion, ShareRule

    year = FiscalYear.objects.create(year=YEAR, status=FiscalYear.Status.OPEN)
    Milestone.objects.create(
        fiscal_year=year, kind="capture", opens_on=dt.date(YEAR, 1, 1), closes_on=dt.date(YEAR, 12, 31)
    )
    version = RulesVersion.objects.create(
        fiscal_year=year, version=1, source="Prueba", workflow="lineamientos-2012", published_on=dt.date(2025, 12, 31)
    )
    version.action_types.set(catalogue)
    ShareRule.objects.create(
        rules=version,
        code="share-general",
        clause="3.4",
        source="Prueba",
        federal_max_pct=Decimal(50),
        local_min_pct=Decimal(50),
        required_at="submit",
    )
    version.status = RulesVersion.Status.IN_FORCE
    version.save(update_fields=["status"])
    return version


def agreed(year, state=None, name="Acuerdo de Coordinación 2026", **fields):
    """The signed agreement of a state and year, with its paper; without a state the federal budget."""
    from projects.models import Agreement, MoneyPaper

    fields = {"signed_on": dt.date(2026, 1, 20), "federal": 10_000_000} | fields
    kind = Agreement.Kind.AGREEMENT if state else Agreement.Kind.BUDGET
    found, is_new = Agreement.objects.get_or_create(
        fiscal_year=year, state=state, name=name, defaults={"kind": kind, **fields}
    )
    if is_new:
        MoneyPaper.objects.create(
            agreement=found, state=state, file="x", original_name="acuerdo.pdf", content_type="application/pdf",
            size=1, sha256="0" * 64,
        )  # fmt: skip
    return found


def authorised_subsidies(year, state, by, *strands, **fields):
    """The issued letter that lets a state apply subsidies of these strands (G), of the day of the agreement."""
    from projects.models import Letter, LetterLine

    fields = {"on": dt.date(year.pk, 1, 20), "status": "issued", "issued_at": timezone.now(), "amount": 0} | fields
    fields = {"number": f"OAS-{state.pk}-{year.pk}-0000", "asked_at": timezone.now(), "by": by} | fields
    letter = Letter.objects.create(kind="subsidy", fiscal_year=year, state=state, **fields)
    money = dict.fromkeys(("federal", "state", "municipal", "beneficiaries"), 0)
    for position, strand in enumerate(strands or ["G"]):
        LetterLine.objects.create(letter=letter, position=position, strand_id=strand, label=state.name, **money)
    return letter


@pytest.fixture
def agreement(rules, campeche):
    """Of Campeche, signed."""
    return agreed(rules.fiscal_year, campeche.state)


@pytest.fixture
def project(rules, polygon_version, preparer, agreement):
    """A draft of 400 m of water pipe for 1,000,000 pesos, half of them federal."""
    from django.contrib.gis.geos import LineString

    from projects.models import Action, Contribution, Project

    draft = Project.objects.create(
        folio="04-ME-0144",
        fiscal_year=rules.fiscal_year,
        rules=rules,
        strand_id="G",
        modality_id="ME",
        municipality=polygon_version.polygon.municipality,
        polygon_version=polygon_version,
        name="Introducción de red de agua potable",
        starts_on=dt.date(YEAR, 6, 1),
        ends_on=dt.date(YEAR, 9, 30),
        status_since=timezone.now(),
        created_by=preparer,
    )
    action = Action.objects.create(
        project=draft,
        action_type_id="ME01",
        quantity=400,
        geometry=LineString((-90.53, 19.8301), (-90.5278, 19.8301), srid=4326),
        women=361,
        men=347,
        households=186,
    )
    for source, amount in (("federal", 500_000), ("state", 200_000), ("municipal", 290_000), ("beneficiaries", 10_000)):
        Contribution.objects.create(action=action, source=source, amount=amount)
    return draft
