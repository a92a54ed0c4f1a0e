import datetime as dt
from decimal import Decimal

import pytest
from django.contrib.gis.geos import LineString
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from habitat.tests.fixtures import PDF, YEAR, agreed, authorised_subsidies
from modalities.models import RulesVersion
from projects import services
from projects.models import Action, Ceiling, Contribution, Document, Project
from projects.tests.social import make_social

NOW = dt.datetime(YEAR, 4, 20, 16, 0, tzinfo=dt.UTC)


@pytest.fixture
def now():
    """A Monday of April, ten in the morning in Campeche."""
    return NOW


@pytest.fixture
def ceilings(rules, campeche, agreement):
    """Nation 3,000,000 → Campeche (state) 2,000,000 → Campeche 1,000,000."""
    shared = {"fiscal_year": rules.fiscal_year, "strand_id": "G"}
    nation = Ceiling.objects.create(amount=Decimal(3_000_000), agreement=agreed(rules.fiscal_year), **shared)
    shared["agreement"] = agreement
    state = Ceiling.objects.create(parent=nation, state=campeche.state, amount=Decimal(2_000_000), **shared)
    return Ceiling.objects.create(
        parent=state, state=campeche.state, municipality=campeche, amount=Decimal(1_000_000), **shared
    )


@pytest.fixture
def subsidies(rules, campeche, manager):
    """Campeche may apply its subsidies: the state's letter is issued."""
    return authorised_subsidies(rules.fiscal_year, campeche.state, manager)


@pytest.fixture
def people(preparer, certifier, reviewer, delegate, technician, manager, auditor, make_user, campeche):
    service = make_user("service", municipality=campeche)
    everybody = (preparer, certifier, reviewer, delegate, technician, manager, auditor, service)
    return {person.role: person for person in everybody}


@pytest.fixture
def second(make_user):
    """The other person of the program unit."""
    return make_user("manager", is_national=True)


@pytest.fixture
def neighbour(ceilings, tlaxcala):
    """Tlaxcala: 500,000 for the state, 100,000 of them for its capital."""
    nation = ceilings.parent.parent
    shared = {
        "fiscal_year": nation.fiscal_year,
        "strand_id": "G",
        "agreement": agreed(nation.fiscal_year, tlaxcala.state),
    }
    state = Ceiling.objects.create(parent=nation, state=tlaxcala.state, amount=500_000, **shared)
    return Ceiling.objects.create(parent=state, state=tlaxcala.state, municipality=tlaxcala, amount=100_000, **shared)


ROAD = (
    ("submit", "certifier"),
    ("authorise", "manager"),
    ("review", "reviewer"),
    ("number", "reviewer"),
    ("approve", "delegate"),
    ("start", "certifier"),
    ("finish", "certifier"),
    ("hand_over", "reviewer"),
    ("prove", "reviewer"),
    ("close", "delegate"),
)


@pytest.fixture
def lead(people, ceilings, subsidies, books, now):
    """Leads a draft along the usual road until it has taken the named step; contracted whole before its start."""

    def to(project: Project, last: str, at: dt.datetime = now) -> Project:
        services.mark_ready(project, by=people["preparer"], at=at)
        for step, role in ROAD:
            if step == "start" and not project.contracts.exists():
                day = project.municipality.local_day(at)
                books.contract(project, on=day, starts_on=day)
            services.take_step(project, step, by=people[role], at=at)
            if step == last:
                break
        project.refresh_from_db()
        return project

    return to


@pytest.fixture
def uncontracted(project, lead, people):
    """In execution since April, 400 m of pipe; its contract was reversed since, so months write what it pays."""
    lead(project, "start")
    services.reverse_act(project.contracts.get(), by=people["reviewer"], reason="Se capturó otro contrato")
    return project


# ---- The year's whole rules -----------------------------------------------------------------------------------------
@pytest.fixture
def year(whole_rules):
    return RulesVersion.objects.in_force().get(fiscal_year=YEAR)


@pytest.fixture
def pipe(year, polygon_version, preparer):
    """A draft of 400 m of water pipe under the year's whole rules, half federal, inside the polygon."""
    draft = Project.objects.create(
        folio="04-ME-0001", fiscal_year=year.fiscal_year, rules=year, strand_id="G", modality_id="ME",
        municipality=polygon_version.polygon.municipality, polygon_version=polygon_version, name="Red de agua",
        starts_on=dt.date(YEAR, 6, 1), ends_on=dt.date(YEAR, 9, 30), status_since=timezone.now(), created_by=preparer,
    )  # fmt: skip
    action = Action.objects.create(
        project=draft, action_type_id="ME01", quantity=400, women=361, men=347, explanation="Con ramales",
        geometry=LineString((-90.53, 19.8301), (-90.5278, 19.8301), srid=4326),
    )  # fmt: skip
    for source, amount in (("federal", 500_000), ("state", 200_000), ("municipal", 300_000), ("beneficiaries", 0)):
        Contribution.objects.create(action=action, source=source, amount=amount)
    return draft


@pytest.fixture
def pipe_ceilings(pipe, people, campeche):
    """A million at each level of the pipe's branch, and the state's letter of subsidies."""
    authorised_subsidies(pipe.fiscal_year, campeche.state, people["manager"])
    for place in ({}, {"state": campeche.state}, {"municipality": campeche}):
        services.set_ceiling(
            fiscal_year=pipe.fiscal_year, strand=pipe.strand, amount=Decimal(1_000_000), by=people["manager"],
            agreement=agreed(pipe.fiscal_year, campeche.state if place else None), **place,
        )  # fmt: skip


@pytest.fixture
def attach(pipe):
    """Puts papers of these kinds into the pipe's file."""

    def add(*kinds):
        for kind in kinds:
            Document.objects.create(
                project=pipe, kind=kind, file="x", original_name="x.pdf", content_type="application/pdf", size=1,
                sha256="0" * 64,
            )  # fmt: skip

    return add


# ---- The money of works ---------------------------------------------------------------------------------------------
class Books:
    """Registers by the certifier and validates by the reviewer, with a paper, on the days that `lead` played."""

    def __init__(self, people) -> None:
        self.people = people

    def _kept(self, register, about, **said):
        return self.validated(self._registered(register, about, **said))

    def _registered(self, register, about, **said):
        paper = SimpleUploadedFile("papel.pdf", PDF, "application/pdf")
        return register(about, by=self.people["certifier"], upload=paper, **said)

    def validated(self, act):
        return services.validate_act(act, by=self.people["reviewer"])

    def contract(self, project, amount="1000000", **said):
        return self.validated(self.registered(project, amount, **said))

    def registered(self, project, amount="1000000", **said):
        """A contract that waits for the delegation."""
        fields = {
            "kind": "public_tender", "law": "lopsrm", "number": "C-1", "contractor": "Constructora Inventada",
            "contractor_rfc": "CIN010203AB7", "before_tax": Decimal(amount) / Decimal("1.25"), "on": NOW.date(),
            "starts_on": NOW.date(), "ends_on": dt.date(YEAR, 9, 30),
        }  # fmt: skip
        return self._registered(services.register_contract, project, **fields | {"amount": Decimal(amount)} | said)

    def release(self, project, amount, source="federal", on=dt.date(YEAR, 6, 15), **said):
        fields = {"reference": "Oficio 1", "late_reason": "documents"} | said
        return self._kept(
            services.register_release, project, source=source, amount=Decimal(amount), on=on, **fields
        )  # fmt: skip

    def estimate(self, contract, amount, quantity=0, on=dt.date(YEAR, 6, 20), **said):
        fields = {"period_from": contract.starts_on, "period_to": on} | said
        quantities = {contract.lines.first().action_id: Decimal(quantity)}
        return self._kept(
            services.register_estimate, contract, amount=Decimal(amount), quantities=quantities, on=on, **fields
        )  # fmt: skip

    def payment(self, contract, amount, estimate=None, source="federal", on=dt.date(YEAR, 6, 25), **said):
        fields = {"method": "spei", "reference": "SPEI 1"} | said
        fields |= {"estimate": estimate, "source": source, "amount": Decimal(amount), "on": on}
        return self._kept(services.register_payment, contract, **fields)

    def proof(self, project, amount, source="federal", on=dt.date(YEAR, 6, 30)):
        return self._kept(
            services.register_proof, project, source=source, amount=Decimal(amount), on=on, reference="Factura 1"
        )

    def refund(self, project, amount, source="federal", on=dt.date(YEAR, 7, 1), motive="savings"):
        return self._kept(
            services.register_refund, project, source=source, amount=Decimal(amount), on=on, motive=motive,
            reference="0012345678",
        )  # fmt: skip


@pytest.fixture
def books(people):
    return Books(people)


# ---- Social audit and the end of a work -----------------------------------------------------------------------------
@pytest.fixture
def paper():
    """A new empty page each time."""
    return lambda name="hoja.pdf": SimpleUploadedFile(name, PDF, "application/pdf")


@pytest.fixture
def constituted(certifier, paper, now):
    """A committee that watches a work, with its minutes and a member."""

    def make(project: Project, **fields):
        known = {"name": "Comité Bellavista", "constituted_on": now.date() - dt.timedelta(10), "polygon": None}
        made = services.constitute_committee(
            by=certifier, projects=[project], minutes=paper(), municipality=project.municipality,
            fiscal_year=project.fiscal_year, **known | fields,
        )  # fmt: skip
        services.add_member(
            made, by=certifier, name="Rosa Uc", sex="woman", post="president", joined_on=now.date(),
            is_no_official=True,
        )  # fmt: skip
        return made

    return make


@pytest.fixture
def certificate(now, reviewer):
    """Issues the handover certificate of a finished work."""

    def issue(project: Project, **fields):
        words = {
            "place": "Bellavista", "delivers_name": "A", "delivers_post": "Contratista", "receives_name": "B",
            "receives_post": "Director", "state_of_work": "Bien.", "maintainer": "Municipio",
            "warranty_until": dt.date(YEAR + 1, 12, 31), "maintained_until": dt.date(YEAR + 3, 12, 31),
            "maintenance_budget": Decimal(10_000), "on": now.date(),
        }  # fmt: skip
        return services.issue_handover(project, by=reviewer, at=now, **(words | fields))

    return issue


@pytest.fixture
def handed_over(certificate, reviewer, paper):
    """The certificate with its signed copy."""
    return lambda project: services.attach_signed_handover(certificate(project), paper(), by=reviewer)


# ---- People behind social actions -----------------------------------------------------------------------------------
@pytest.fixture
def social(rules, polygon_version, preparer):
    return make_social(rules, polygon_version, preparer)
