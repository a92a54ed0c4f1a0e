"""The table of who may open what: one row an address, one word a group of people.

A rule is read from left to right, the later word wins: "*200 P302 O404" means 200 for everybody, 302 for the public,
404 for those of another territory. Groups:

    P the public · L preparer and certifier · D reviewer and delegate · F technician and manager · A auditor
    V service account (reads) · O the same local and delegation roles of another state · N a reviewer without territory
    or a single person by name: certifier404
POST rules speak of an empty form, the worst one a person can send.
"""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from functools import cached_property
from typing import Any
from uuid import UUID

from habitat.tests.access_people import PEOPLE_ROWS
from habitat.tests.access_rows import Row
from habitat.tests.access_society import SOCIETY
from habitat.tests.fixtures import PDF

PEOPLE = (
    "public",
    "preparer",
    "certifier",
    "reviewer",
    "delegate",
    "technician",
    "manager",
    "auditor",
    "service",
    "other_preparer",
    "other_certifier",
    "other_reviewer",
    "other_delegate",
    "nowhere",
)
GROUPS = {
    "*": PEOPLE,
    "P": ("public",),
    "L": ("preparer", "certifier"),
    "D": ("reviewer", "delegate"),
    "F": ("technician", "manager"),
    "A": ("auditor",),
    "V": ("service",),
    "O": ("other_preparer", "other_certifier", "other_reviewer", "other_delegate"),
    "N": ("nowhere",),
}
# Pages of libraries, behind their own rules: allauth's, the admin's, drawn from no data of ours.
LEFT_TO_LIBRARIES = ("account_", "mfa_", "usersessions_", "admin:")


class World:
    """A small country with one of everything; rows take their arguments from here."""

    def __init__(self, request) -> None:
        self._fixture = request.getfixturevalue
        self._people = {name: self._make(name) for name in PEOPLE}

    def __getattr__(self, name: str) -> Any:
        return self._fixture(name)

    def person(self, name: str):
        """The user who plays this part; None for the public."""
        return self._people[name]

    def _make(self, name: str):
        if name == "public":
            return None
        if name == "nowhere":
            return self.homeless
        if name == "service":
            return self.make_user("service", is_national=True, can_write=False)
        if name.startswith("other_"):
            return self._neighbour(name.removeprefix("other_"))
        return self._fixture(name)

    def _neighbour(self, role: str):
        place = self.tlaxcala
        territory = {"municipality": place} if role in {"preparer", "certifier"} else {"state": place.state}
        return self.make_user(role, **territory)

    @cached_property
    def document(self):
        from django.core.files.uploadedfile import SimpleUploadedFile

        from projects import services

        paper = SimpleUploadedFile("acta.pdf", PDF)
        return services.attach_document(self.project, "assembly_minutes", paper, by=self.preparer)

    @cached_property
    def comment(self):
        from projects.models import Comment

        return Comment.objects.create(project=self.project, text="La calle sigue abierta.")

    @cached_property
    def draft_of_rules(self):
        from modalities import services

        return services.start_draft(self.rules, self.rules.fiscal_year_id, by=self.manager)

    @cached_property
    def calendar_exception(self):
        from django.utils import timezone

        from modalities.models import CalendarException

        return CalendarException.objects.create(
            day="2026-04-02", reason="Jueves Santo", source="Prueba", by=self.manager, at=timezone.now()
        )

    @cached_property
    def exception(self):
        from django.utils import timezone

        from projects.models import RuleException

        return RuleException.objects.create(
            project=self.project, rule_kind="sharerule", rule_code="share-general", title="Parte federal",
            reason="Prueba", document=self.document, expires_on="2026-12-31", asked_by=self.reviewer,
            asked_at=timezone.now(),
        )  # fmt: skip

    @cached_property
    def integral(self):
        from projects import services

        draft = self.project
        made = services.create_integral(by=self.preparer, name="Bellavista", polygon_version=draft.polygon_version)
        draft.integral_project = made
        draft.save(update_fields=["integral_project"])
        return made

    @cached_property
    def batch(self):
        """A workbook tried without errors; the file behind it is of no matter here."""
        from projects.models import Batch

        return Batch.objects.create(
            municipality=self.campeche, fiscal_year=self.rules.fiscal_year, status="undone", original_name="x.xlsx",
            file="x", content_type="x", size=1, sha256="0" * 64,
        )  # fmt: skip

    @cached_property
    def observation(self):
        from django.utils import timezone

        from projects.models import Observation, StatusChange

        change = StatusChange.objects.create(
            project=self.project, step="observe", to_status="observed", at=timezone.now(), by=self.manager
        )
        return Observation.objects.create(project=self.project, change=change, section="funding", text="Falta firma.")

    @cached_property
    def opinion(self):
        from django.utils import timezone

        from projects.models import Opinion

        return Opinion.objects.create(
            project=self.project, modality=self.project.modality, asked_by=self.reviewer, asked_at=timezone.now()
        )

    @cached_property
    def locality(self):
        from polygons.models import Locality

        return Locality.objects.create(code="040020001", name="Campeche", municipality=self.campeche)

    @cached_property
    def city(self):
        from polygons.models import City

        city = City.objects.create(code="063", name="Campeche", kind=City.Kind.URBAN_CENTRE)
        city.localities.add(self.locality)
        return city

    @cached_property
    def index(self):
        from polygons.models import MarginalisationIndex

        return MarginalisationIndex.objects.create(
            level="ageb", year=2020, origin="published", source="CONAPO", units=0
        )

    @cached_property
    def context_indicator(self):
        from polygons.models import ContextIndicator

        place = {"level": "municipality", "code": self.campeche.pk, "state": self.campeche.state}
        what = {"concept": "violence", "name": "Homicidios", "unit": "casos", "on": "2025-12-31", "value": 3}
        return ContextIndicator.objects.create(
            municipality=self.campeche, source="SESNSP", audience="federal", **place, **what
        )

    @cached_property
    def polygon(self):
        return self.polygon_version.polygon

    @cached_property
    def criterion(self):
        """A question for a person, in the rules in force: those of the fixture ask none."""
        from modalities.models import EligibilityCriterion, RulesVersion

        year = self.rules.fiscal_year
        RulesVersion.objects.filter(pk=self.rules.pk).update(status="superseded")
        rules = RulesVersion.objects.create(fiscal_year=year, version=2, source="Prueba", workflow=self.rules.workflow)
        asked = EligibilityCriterion.objects.create(
            rules=rules, code="tenure", source="Prueba", name_es="Tenencia", name_en="Tenure", comparator="is"
        )
        RulesVersion.objects.filter(pk=rules.pk).update(status="in_force")
        return asked

    @cached_property
    def assessment_paper(self):
        from django.core.files.uploadedfile import SimpleUploadedFile

        from polygons.services import judge

        paper = SimpleUploadedFile("escritura.pdf", PDF)
        answer = {"verdict": "pass", "note": "Escritura.", "seen": None, "upload": paper, "by": self.manager}
        return judge(self.polygon_version, self.criterion, **answer).documents.get()

    @cached_property
    def list(self):
        from polygons.services import publish_eligible

        self.polygon_version  # noqa: B018 - the one polygon of the list
        return publish_eligible(self.rules.fiscal_year_id, reason="Prueba")

    @cached_property
    def block(self):
        return self.polygon_version.blocks.first()

    @cached_property
    def action(self):
        return self.project.actions.get()

    @cached_property
    def contribution(self):
        return self.action.contributions.first()

    @cached_property
    def progress(self):
        from projects.models import ProgressReport

        return ProgressReport.objects.create(project=self.project, year=2026, month=7)

    @cached_property
    def photo(self):
        from projects.models import Photo

        return Photo.objects.create(
            project=self.project, stage="before", file="x", original_name="a.jpg", content_type="image/jpeg", size=1,
            sha256="0" * 64,
        )  # fmt: skip

    @cached_property
    def alert(self):
        from django.utils import timezone

        from projects.models import Alert

        now = timezone.now()
        return Alert.objects.create(
            project=self.project, kind="end_passed", owner="certifier", facts={"end_on": "2026-09-30"},
            opened_at=now, refreshed_at=now,
        )  # fmt: skip

    @cached_property
    def entry(self):
        from projects.models import LedgerEntry

        project = self.project
        return LedgerEntry.objects.create(
            moment="approved",
            source="federal",
            amount=500_000,
            fiscal_year=project.fiscal_year,
            strand=project.strand,
            state=project.municipality.state,
            municipality=project.municipality,
            modality=project.modality,
            project=project,
            on=dt.date(2026, 6, 1),
        )

    @cached_property
    def report(self):
        """Of the whole state: the state's delegation and the federal level see it, a municipality does not."""
        from django.utils import timezone

        from reports.models import Report

        return Report.objects.create(
            kind="monthly-progress", period="2026-10", state=self.campeche.state, asked_at=timezone.now()
        )

    @cached_property
    def ceiling(self):
        from projects.models import Ceiling

        return Ceiling.objects.create(
            fiscal_year=self.project.fiscal_year, strand_id="G", amount=1_000_000, agreement=self.budget
        )

    @cached_property
    def agreement(self):
        from projects.models import Agreement

        return Agreement.objects.get(state=self.project.municipality.state)

    @cached_property
    def scenario(self):
        """Of Campeche, the program unit's: nothing is submitted there."""
        from projects import services

        year = self.project.fiscal_year
        return services.create_scenario(name="A", fiscal_year=year, state=self.campeche.state, by=self.manager)

    @cached_property
    def withdrawal(self):
        from modalities.models import Milestone
        from projects import services

        days = {"opens_on": dt.date(2026, 5, 31), "closes_on": dt.date(2026, 5, 31)}
        milestone = Milestone.objects.create(fiscal_year=self.rules.fiscal_year, kind="cut_off", **days)
        at = dt.datetime(2026, 6, 2, tzinfo=dt.UTC)
        return services.preview_withdrawal(milestone, reason="Prueba", by=self.manager, at=at)

    @cached_property
    def contract(self):
        """Registered, on a draft: never to be validated."""
        from django.utils import timezone

        from projects.models import Contract

        day = dt.date(2026, 6, 1)
        return Contract.objects.create(
            project=self.project, kind="public_tender", law="lopsrm", number="C-1", contractor="Constructora Inventada",
            contractor_rfc="CIN010203AB7", before_tax=80, amount=100, on=day, starts_on=day, ends_on=day,
            registered_by=self.person("certifier"), registered_at=timezone.now(),
        )  # fmt: skip

    def _act(self, model: str, **fields):
        from django.apps import apps
        from django.utils import timezone

        said = {"on": dt.date(2026, 6, 1), "amount": 10, "registered_at": timezone.now()}
        said |= {"project": self.project, "registered_by": self.person("certifier")}
        return apps.get_model("projects", model).objects.create(**said | fields)

    @cached_property
    def release(self):
        return self._act("Release", source="federal", reference="1")

    @cached_property
    def estimate(self):
        day = dt.date(2026, 6, 1)
        sums = {"amortised": 0, "withheld": 0, "net": 10}
        return self._act("Estimate", contract=self.contract, number=1, period_from=day, period_to=day, **sums)

    @cached_property
    def payment(self):
        return self._act("Payment", contract=self.contract, source="federal", reference="1", method="spei")

    @cached_property
    def proof(self):
        return self._act("Proof", source="federal", reference="1")

    @cached_property
    def refund(self):
        due = dt.date(2027, 1, 15)
        return self._act("Refund", source="federal", reference="1", motive="savings", due_on=due, interest=0)

    @cached_property
    def amendment(self):
        from django.utils import timezone

        from projects.models import Amendment

        return Amendment.objects.create(
            project=self.project, number=1, kind="amount", asked="Prueba", decider="manager",
            registered_by=self.person("certifier"), registered_at=timezone.now(),
        )  # fmt: skip

    @cached_property
    def version(self):
        from django.utils import timezone

        from projects import services

        return services.keep_version(self.project, by=None, at=timezone.now())

    @cached_property
    def reallocation(self):
        from habitat.tests.fixtures import agreed
        from projects import services
        from projects.models import Ceiling

        agreement = agreed(self.project.fiscal_year, self.tlaxcala.state)
        shared = {"fiscal_year": self.project.fiscal_year, "strand_id": "G", "agreement": agreement}
        target = Ceiling.objects.create(parent=self.ceiling, state=self.tlaxcala.state, amount=1, **shared)
        return services.propose_reallocation(
            source=self.ceiling, target=target, amount=Decimal(1), reason="Prueba", by=self.manager
        )

    @cached_property
    def money_paper(self):
        from django.core.files.uploadedfile import SimpleUploadedFile

        from projects.services.agreements import store_paper

        scan = SimpleUploadedFile("acuerdo.pdf", PDF)
        return store_paper(scan, by=self.manager, state=self.agreement.state, agreement=self.agreement)

    @cached_property
    def budget(self):
        from habitat.tests.fixtures import agreed

        return agreed(self.project.fiscal_year)

    @cached_property
    def letter(self):
        """An approval that lists the project, issued."""
        from django.utils import timezone

        from projects.models import Letter, LetterFile, LetterLine

        place = {"state": self.campeche.state, "fiscal_year": self.project.fiscal_year, "on": dt.date(2026, 6, 1)}
        words = {"subject": "Aprobación", "body": "{tabla}", "addressee": "X", "signed_name": "Y", "signed_post": "Z"}
        letter = Letter.objects.create(
            kind="approval", number="OA-04-2026-0001", amount=500_000, by=self.delegate, asked_at=timezone.now(),
            status="issued", issued_at=timezone.now(), **place, **words,
        )  # fmt: skip
        money = {"federal": 500_000, "state": 0, "municipal": 0, "beneficiaries": 0}
        LetterLine.objects.create(letter=letter, position=0, project=self.project, strand_id="G", label="x", **money)
        LetterFile.objects.create(letter=letter, file="x", original_name="x.pdf", size=1, sha256="0" * 64)
        return letter

    @cached_property
    def scan(self):
        """A signed copy that the reviewer sent and nobody has placed."""
        from projects.models import LetterScan

        return LetterScan.objects.create(by=self.reviewer, file="x", original_name="x.pdf", size=1, sha256="0" * 64)

    @cached_property
    def invitation(self):
        from habitat.accounts import services
        from habitat.accounts.models import Role

        return services.invite(
            email="nueva@example.org", name="Nueva", role=Role.PREPARER, municipality=self.campeche, by=self.manager
        )


def read(rule: str) -> dict[str, int]:
    """{"public": 302, "preparer": 200, …} of a rule's words."""
    answers: dict[str, int] = {}
    for word in rule.split():
        people, status = word[:-3], int(word[-3:])
        answers |= dict.fromkeys(GROUPS.get(people, (people,)), status)
    return answers


def project(world: World) -> dict[str, Any]:
    return {"pk": world.project.pk}


def within_project(name: str, **fixed: Any) -> Callable[[World], dict[str, Any]]:
    """The project's key, and the key of something of its own."""
    return lambda world: project(world) | {name: getattr(world, name).pk} | fixed


def within(name: str) -> Callable[[World], dict[str, Any]]:
    return lambda world: {"pk": getattr(world, name).pk}


def project_action(world: World) -> dict[str, Any]:
    return project(world) | {"action": world.project.actions.get().pk}


def in_open_year(world: World) -> dict[str, Any]:
    """No arguments, but rules in force."""
    assert world.rules.fiscal_year.status == "open"
    return {}


def report(world: World) -> dict[str, Any]:
    return {"pk": world.report.pk}


def same(**fixed: Any) -> Callable[[World], dict[str, Any]]:
    return lambda world: fixed


def by_id(thing: str) -> Callable[[World], dict[str, Any]]:
    return lambda world: {"id": getattr(world, thing).public_id}


def rules_in_force(world: World) -> dict[str, Any]:
    return {"year": world.rules.fiscal_year_id, "version": world.rules.version}


def letter(world: World) -> dict[str, Any]:
    return {"pk": world.letter.pk}


def scan(world: World) -> dict[str, Any]:
    return {"pk": world.scan.pk}


SCANNERS = "*403 P302 D{0} F{0} other_reviewer{0} other_delegate{0} N{0}"

WRITES_RULES = "*403 P302 manager200"


def draft_of_rules(world: World) -> dict[str, Any]:
    return {"year": world.draft_of_rules.fiscal_year_id, "version": world.draft_of_rules.version}


def share_of_draft(world: World) -> dict[str, Any]:
    return draft_of_rules(world) | {"kind": "sharerule", "pk": world.draft_of_rules.sharerules.get().pk}


PUBLIC_RESOURCES = (
    *("states", "municipalities", "localities", "cities", "polygons", "blocks", "context-indicators"),
    *("fiscal-years", "modalities", "action-types", "rules"),
    *("projects", "actions", "contributions", "progress"),
    *("contracts", "releases", "estimates", "payments", "proofs", "refunds", "amendments"),
)
WRITTEN = {"projects", "actions", "documents"}
PRIVATE_RESOURCES = ("documents", "ledger", "ceilings", "reports")


def polygon(world: World) -> dict[str, Any]:
    return {"code": world.polygon_version.polygon.code}


def saved_view(world: World) -> dict[str, Any]:
    """A view of the preparer's, not shared."""
    from reports.models import SavedView

    view = SavedView.objects.get_or_create(owner=world.person("preparer"), name="Sin agua", query="colour=water")[0]
    return {"key": view.public_id}


def upload(world: World) -> dict[str, Any]:
    """A file nobody has read yet."""
    from django.core.files.base import ContentFile

    from polygons.models import GeometryUpload

    sent = GeometryUpload.objects.create(
        municipality=world.campeche,
        file=ContentFile(b"{}", name="x.geojson"),
        original_name="x.geojson",
        content_type="application/octet-stream",
        size=2,
        sha256="0" * 64,
    )
    return {"public_id": sent.public_id}


def tile(world: World) -> dict[str, Any]:
    """The square of zoom 13 that the polygon's blocks lie in."""
    polygon(world)
    return {"layer": "blocks", "z": 13, "x": 2035, "y": 3635}


def agreement(world: World) -> dict[str, Any]:
    return {"pk": world.agreement.pk}


def scenario(world: World) -> dict[str, Any]:
    return {"pk": world.scenario.pk}


def withdrawal(world: World) -> dict[str, Any]:
    return {"pk": world.withdrawal.pk}


def reallocation(world: World) -> dict[str, Any]:
    """Of the nation's free money to another state: that state's and the nation's."""
    return {"pk": world.reallocation.pk}


ROWS: tuple[Row, ...] = (
    *SOCIETY,
    *PEOPLE_ROWS,
    Row("polygons:list", get="*200"),
    Row("polygons:search", get="*200"),
    Row("polygons:save-view", get="*405 P302", post="*302"),
    Row("polygons:view", get="*404 preparer302", arguments=saved_view),
    Row("polygons:change-view", get="*405 P302", post="*404 P302 preparer302", arguments=saved_view),
    Row("polygons:delete-view", get="*405 P302", post="*404 P302 preparer302", arguments=saved_view),
    Row("polygons:detail", get="*200 O404 N404", arguments=polygon),
    Row(
        "polygons:uploads",
        get="*403 P302 preparer200 other_preparer200 F200",
        post="*403 P302 preparer400 other_preparer400 F400",
    ),
    Row("polygons:upload", get="*404 P302 preparer200 F200", post="*404 P302 preparer403 F403", arguments=upload),
    Row("polygons:workbench", get="*403 P302 F200", post="*403 P302 F200"),
    # In force and without a draft: offered to start one.
    Row("polygons:drafts", get="*403 P302 F200"),
    Row("polygons:draft", get="*403 P302 F200", post="*403 P302 F302", arguments=polygon),
    Row("polygons:draft_blocks", get="*403 P302 F404", arguments=polygon),
    Row("polygons:compare", get="*200"),
    Row("polygons:equivalences", get="*200"),
    Row("polygons:unresolved", get="*200"),
    Row(
        "polygons:place",
        get="*200 O404 N404",
        arguments=lambda world: {"level": "block", "code": world.block.code},
    ),
    Row("polygons:version", get="*200 O404 N404", arguments=lambda world: polygon(world) | {"number": 1}),
    Row("polygons:blocks", get="*200 O404 N404", arguments=lambda world: polygon(world) | {"number": 1}),
    Row("polygons:dossier", get="*200 O404 N404", arguments=polygon),
    Row("polygons:version-dossier", get="*200 O404 N404", arguments=lambda world: polygon(world) | {"number": 1}),
    Row(
        "polygons:judge",
        get="*403 P302 O404 N404 F200",
        post="*403 P302 O404 N404 F400",
        arguments=lambda world: polygon(world) | {"criterion": world.criterion.code},
    ),
    # Governments and service accounts do not read what a verdict rests on.
    Row(
        "polygons:paper",
        get="*404 P302 D410 F410 A410",
        arguments=lambda world: {"pk": world.assessment_paper.pk},
    ),
    Row("polygons:eligible-lists", get="*200"),
    # Published, so that everybody's; its rows are narrowed to the reader's territory.
    Row("polygons:eligible-list", get="*200", arguments=lambda world: {"year": 2026, "number": world.list.number}),
    Row("polygons:publish-list", get="*403 P302 F200", post="*403 P302 F400"),
    Row("polygons:tile", get="*200 O204 N204", arguments=tile),
    Row("polygons:layer", get="*200", arguments=same(layer="blocks")),
    Row("verify", get="*200"),
    Row("verify-letter", get="*200", arguments=lambda world: {"code": world.letter.code}),
    Row("projects:letters", get="*200 P302"),
    Row("projects:letter", get="*200 P302 O404 N404", arguments=letter),
    Row("projects:letter-file", get="*410 P302 O404 N404", arguments=letter),
    Row(
        "projects:cancel-letter",
        get="*403 P302 O404 N404 delegate200",
        post="*403 P302 O404 N404 delegate400",
        arguments=letter,
    ),
    Row(
        "projects:reissue-letter",
        get="*403 P302 O404 N404 delegate200",
        post="*403 P302 O404 N404 delegate400",
        arguments=letter,
    ),
    Row("projects:retry-letter", get="*405 P302", post="*403 P302 O404 N404 delegate302", arguments=letter),
    Row(
        "projects:new-letter",
        get="*403 P302 delegate200 other_delegate200",
        post="*403 P302 delegate400 other_delegate400",
        arguments=same(kind="approval"),
    ),
    Row("projects:letter-inbox", get=SCANNERS.format(200), post=SCANNERS.format(400)),
    # What nobody has placed yet is seen by who sent it and by the program unit.
    Row("projects:letter-scan", get="*404 P302 reviewer410 manager410", arguments=scan),
    Row("projects:attach-scan", get="*405 P302", post="*404 P302 reviewer400 manager400", arguments=scan),
    Row("projects:letter-texts", get="*403 P302 F200 A200"),
    Row(
        "projects:letter-text",
        get="*403 P302 F200 A200",
        post="*403 P302 manager400",
        arguments=same(kind="approval"),
    ),
    Row("projects:letter-sample", get="*403 P302 F200 A200", arguments=same(kind="approval")),
    Row("healthz", get="*200"),
    Row("readyz", get="*503"),
    Row("set_language", get="*302", post="*302"),
    Row("people:accept", get="*404", post="*404", arguments=same(token="unknown")),
    Row("people:list", get="*403 P302 D200 other_reviewer200 other_delegate200 manager200 A200 N200"),
    Row(
        "people:invite",
        get="*403 P302 D200 other_reviewer200 other_delegate200 manager200 N200",
        post="*403 P302 D400 other_reviewer400 other_delegate400 manager400 N400",
    ),
    Row("people:invitations", get="*403 P302 D200 other_reviewer200 other_delegate200 manager200 N200"),
    Row(
        "people:withdraw",
        get="*405 P302",
        post="*404 P302 F403 A403 V403 manager302",
        arguments=lambda world: {"pk": world.invitation.pk},
    ),
    Row(
        "people:detail",
        get="*403 P302 D200 manager200 A200 other_reviewer404 other_delegate404 N404",
        post="*403 P302 D302 manager302 other_reviewer404 other_delegate404 N404",
        arguments=lambda world: {"pk": world.preparer.pk},
    ),
    Row("people:profile", get="*200 P302", post="*400 P302"),
    Row("people:absences", get="*200 P302", post="*400 P302"),
    Row("people:end-absence", get="*405 P302", post="*404 P302", arguments=same(pk=1)),
    Row(
        "projects:desk",
        get="*200 P302 technician404 A404 V404",
        arguments=same(kind="unassigned"),
    ),
    Row("projects:decisions", get="*200 P302"),
    Row("projects:decision", get="*404 P302", arguments=same(pk=1)),
    Row("projects:confirm-decision", get="*405 P302", post="*404 P302", arguments=same(pk=1)),
    Row("projects:stop-decision", get="*405 P302", post="*404 P302", arguments=same(pk=1)),
    Row(
        "projects:decide",
        get="*405 P302",
        post="*404 P302 reviewer302 delegate302 manager302 other_reviewer302 other_delegate302 N302",
        arguments=same(kind="unassigned"),
    ),
    # A draft that nobody has in hand: those who write or certify it may take it; the program unit may assign it.
    Row("projects:take", get="*405 P302", post="*403 P302 O404 N404 L302", arguments=project),
    Row("projects:hand-over", get="*403 P302 O404 N404", post="*403 P302 O404 N404", arguments=project),
    Row(
        "projects:hand-over-all",
        get="*200 P302 technician403 A403 V403",
        post="*400 P302 technician403 A403 V403",
    ),
    Row("people:files", get="*200 P302"),
    # An address that is no list.
    Row("people:ask-file", get="*404 P302", post="*404 P302"),
    # Somebody else's file is nobody's.
    Row("people:file", get="*404 P302", arguments=same(pk=1)),
    Row("people:open-file", get="*404 P302", arguments=same(pk=1)),
    Row("people:cancel-file", get="*405 P302", post="*404 P302", arguments=same(pk=1)),
    Row("people:retry-file", get="*405 P302", post="*404 P302", arguments=same(pk=1)),
    Row("people:notices", get="*200 P302"),
    Row("people:open-notice", get="*404 P302", arguments=same(pk=1)),
    Row("people:notice-preferences", get="*200 P302", post="*400 P302"),
    Row("people:mark-read", get="*405 P302", post="*302 P302"),
    Row("projects:list", get="*200"),
    Row("polygons:equity", get="*200 N404"),
    Row("polygons:gaps", get="*200 N404"),
    Row("polygons:indices", get="*200"),
    Row("polygons:index", get="*200", arguments=lambda world: {"pk": world.index.pk}),
    Row(
        "polygons:use-index",
        get="*405 P302",
        post="*403 P302 F302",
        arguments=lambda world: {"pk": world.index.pk},
    ),
    Row("projects:workflow", get="*200"),
    Row(
        "projects:return-to-preparer",
        get="*403 P302 O404 N404 certifier200",
        post="*403 P302 O404 N404 certifier400",
        arguments=project,
    ),
    Row(
        "projects:certify-scan",
        get="*403 P302 O404 N404 certifier200",
        post="*403 P302 O404 N404 certifier400",
        arguments=project,
    ),
    Row("projects:succession", get="*403 P302 D200 manager200 other_reviewer200 other_delegate200 nowhere200"),
    Row("projects:exceptions", get="*200 P302"),
    Row(
        "projects:ask-exception",
        get="*403 P302 O404 N404 D200 manager200",
        post="*403 P302 O404 N404 D400 manager400",
        arguments=project,
    ),
    Row(
        "projects:exception",
        get="*200 P302 O404 N404",
        post="*403 P302 O404 N404 manager400",
        arguments=within_project("exception"),
    ),
    Row("projects:integrals", get="*200 P302"),
    Row(
        "projects:new-integral",
        get="*403 P302 preparer200 other_preparer200",
        post="*403 P302 preparer400 other_preparer400",
    ),
    Row(
        "projects:integral",
        get="*200 P302 O404 N404",
        post="*403 P302 O404 N404 preparer400",
        arguments=within("integral"),
    ),
    Row(
        "projects:submit-integral",
        get="*405 P302",
        post="*403 P302 O404 N404 certifier200",
        arguments=within("integral"),
    ),
    Row(
        "projects:leave-integral",
        get="*405 P302",
        post="*403 P302 O404 N404 preparer302",
        arguments=lambda world: within("integral")(world) | {"project": world.project.pk},
    ),
    Row("projects:batches", get="*200 P302", post="*403 P302 preparer400 other_preparer400", arguments=in_open_year),
    # The other preparer's municipality is theirs alone; the address asks for none, so both are led back to choose.
    Row("projects:workbook", get="*403 P302 preparer302 other_preparer302", arguments=in_open_year),
    Row("projects:batch", get="*200 P302 O404 N404", arguments=within("batch")),
    Row("projects:create-batch", get="*405 P302", post="*403 P302 O404 N404 preparer302", arguments=within("batch")),
    Row("projects:undo-batch", get="*405 P302", post="*403 P302 O404 N404 preparer302", arguments=within("batch")),
    Row("projects:ceilings", get="*200 P302"),
    Row("projects:portfolios", get="*200 P302"),
    Row("projects:new-ceiling", get="*403 P302 manager200", post="*403 P302 manager400"),
    # National: whoever has a territory sees what is above it.
    Row("projects:ceiling", get="*200 P302 N404", arguments=lambda world: {"pk": world.ceiling.pk}),
    Row(
        "projects:change-ceiling",
        get="*403 P302 N404 manager200",
        post="*403 P302 N404 manager400",
        arguments=lambda world: {"pk": world.ceiling.pk},
    ),
    Row(
        "projects:new-reallocation",
        get="*403 P302 manager200",
        post="*403 P302 manager400",
        arguments=lambda world: {"pk": world.ceiling.pk},
    ),
    Row("projects:reallocations", get="*200 P302"),
    Row("projects:reallocation", get="*404 P302 O200 F200 A200 V200", arguments=reallocation),
    # Refused on its page: who proposed it does not confirm it.
    Row(
        "projects:decide-reallocation",
        get="*405 P302",
        post="*404 P302 O403 technician403 A403 V403 manager302",
        arguments=lambda world: reallocation(world) | {"answer": "confirm"},
    ),
    # Governments do not read how their proposals are weighed.
    Row(
        "projects:scenarios",
        get="*403 P302 D200 F200 A200 other_reviewer200 other_delegate200 N200",
        post="*403 P302 D400 F400 A400 other_reviewer400 other_delegate400 N400",
    ),
    Row(
        "projects:compare-scenarios",
        get="*403 P302 D200 F200 A200 other_reviewer200 other_delegate200 N200",
    ),
    Row(
        "projects:scenario",
        get="*404 P302 D200 F200 A200",
        post="*404 P302 D403 F403 A403 manager302",
        arguments=scenario,
    ),
    Row(
        "projects:commit-scenario",
        get="*404 P302 D403 F403 A403 manager200",
        post="*404 P302 D403 F403 A403 manager409",
        arguments=scenario,
    ),
    Row("projects:copy-scenario", get="*405 P302", post="*404 P302 D302 F302 A403", arguments=scenario),
    Row("projects:refresh-scenario", get="*405 P302", post="*404 P302 D403 F403 A403 manager302", arguments=scenario),
    Row("projects:withdrawals", get="*200 P302"),
    Row(
        "projects:new-withdrawal",
        get="*403 P302 manager200",
        post="*403 P302 manager400",
        arguments=lambda world: {"milestone": world.withdrawal.milestone_id},
    ),
    # Everybody reads that a cut-off took money back, and of its lines their own.
    Row("projects:withdrawal", get="*200 P302 N404", arguments=withdrawal),
    # Refused on its page: who previewed it does not confirm it.
    Row(
        "projects:decide-withdrawal",
        get="*405 P302",
        post="*403 P302 N404 manager302",
        arguments=lambda world: withdrawal(world) | {"answer": "confirm"},
    ),
    Row("projects:agreements", get="*200 P302"),
    Row("projects:new-agreement", get="*403 P302 manager200", post="*403 P302 manager400"),
    Row("projects:agreement", get="*200 P302 O404 N404", arguments=agreement),
    # Signed: an empty form adds no publication, and changes nothing.
    Row(
        "projects:change-agreement",
        get="*403 P302 O404 N404 manager200",
        post="*403 P302 O404 N404 manager302",
        arguments=agreement,
    ),
    Row(
        "projects:money-paper",
        get="*200 P302 O404 N404",
        arguments=lambda world: {"key": world.money_paper.public_id},
    ),
    Row(
        "projects:new",
        get="*403 P302 preparer200 other_preparer200",
        post="*403 P302 preparer400 other_preparer400",
        arguments=in_open_year,
    ),
    # A draft: the public does not know of it.
    Row("projects:detail", get="*200 P404 O404 N404", arguments=project),
    Row("projects:comment-list", get="*200 P302", post="*405 P302"),
    Row("projects:comment-state", get="*200", post="*405", arguments=same(key=UUID(int=1))),
    Row("projects:comments", get="*404", post="*404", arguments=project),
    Row(
        "projects:comment",
        get="*200 P302 L404 O404 N404",
        post="*403 P302 L404 O404 N404 D400",
        arguments=lambda world: {"pk": world.comment.project_id, "comment": world.comment.pk},
    ),
    Row(
        "projects:comment-photo",
        get="*404",
        arguments=lambda world: {"pk": world.comment.project_id, "comment": world.comment.pk},
    ),
    Row("projects:ph01", get="*200 P404 O404 N404", arguments=project),
    Row(
        "projects:edit",
        get="*403 P302 O404 N404 preparer200",
        post="*403 P302 O404 N404 preparer400",
        arguments=lambda world: project(world) | {"page": "work"},
    ),
    Row(
        "projects:site",
        get="*403 P302 O404 N404 preparer200",
        post="*403 P302 O404 N404 preparer302",
        arguments=project_action,
    ),
    Row(
        "projects:send-site",
        get="*405 P302",
        post="*403 P302 O404 N404 preparer302",
        arguments=project_action,
    ),
    Row(
        "projects:use-site",
        get="*405 P302",
        post="*403 P302 O404 N404 preparer404",
        arguments=lambda world: project_action(world) | {"file": UUID(int=0)},
    ),
    Row(
        "projects:ages",
        get="*403 P302 O404 N404 preparer200",
        post="*403 P302 O404 N404 preparer302",
        arguments=project_action,
    ),
    Row(
        "projects:schedule",
        get="*403 P302 O404 N404 preparer200",
        post="*403 P302 O404 N404 preparer302",
        arguments=project_action,
    ),
    Row(
        "projects:add-action",
        get="*403 P302 O404 N404 preparer200",
        post="*403 P302 O404 N404 preparer400",
        arguments=project,
    ),
    Row(
        "projects:remove-action",
        get="*405 P302",
        post="*403 P302 O404 N404 preparer302",
        arguments=project_action,
    ),
    # Without a key that was made for who asks, a link to a file is an expired one.
    Row("projects:cofunding", get="*200 P404 O404 N404", arguments=project),
    # Empty boxes: everything is paid in the fiscal year.
    Row(
        "projects:years",
        get="*403 P302 O404 N404 preparer200",
        post="*403 P302 O404 N404 preparer302",
        arguments=project_action,
    ),
    Row("projects:document", get="*410 P302 O404 N404", arguments=within_project("document")),
    Row(
        "projects:attach",
        get="*403 P302 O404 N404 preparer200",
        post="*403 P302 O404 N404 preparer400",
        arguments=project,
    ),
    Row("projects:calendar", get="*200 P302"),
    Row("projects:add-calendar-exception", get="*403 P302 manager200", post="*403 P302 manager400"),
    Row(
        "projects:remove-calendar-exception",
        get="*403 P302 manager200",
        post="*403 P302 manager302",
        arguments=lambda world: {"pk": world.calendar_exception.pk},
    ),
    Row("projects:windows", get="*200 P302", arguments=lambda world: {"year": world.rules.fiscal_year_id}),
    Row(
        "projects:country-window",
        get="*403 P302 manager200",
        post="*403 P302 manager400",
        arguments=lambda world: {"year": world.rules.fiscal_year_id},
    ),
    Row(
        "projects:state-window",
        get="*403 P302 manager200",
        post="*403 P302 manager400",
        arguments=lambda world: {"year": world.rules.fiscal_year_id, "state": world.campeche.state_id},
    ),
    Row("projects:begin-upload", get="*405 P302", post="*403 P302 O404 N404 preparer400", arguments=project),
    Row(
        "projects:upload",
        get="*405 P302",
        post="*404 P302",
        arguments=lambda world: {"pk": world.project.pk, "upload": UUID(int=0)},
    ),
    Row(
        "projects:remove-document",
        get="*405 P302",
        post="*403 P302 O404 N404 preparer302",
        arguments=within_project("document"),
    ),
    Row(
        "projects:observation",
        get="*403 P302 O404 N404 L200",
        post="*403 P302 O404 N404 L400",
        arguments=within_project("observation"),
    ),
    Row(
        "projects:ledger",
        get="*200 P302 O404 N404",
        arguments=project,
    ),
    Row(
        "projects:register-act",
        get="*403 P302 O404 N404 certifier200",
        post="*403 P302 O404 N404 certifier400",
        arguments=lambda world: project(world) | {"kind": "contract"},
    ),
    Row(
        "projects:money-act",
        get="*200 P302 O404 N404",
        post="*403 P302 O404 N404 D409",
        arguments=lambda world: project(world) | {"kind": "contract", "act": world.contract.pk},
    ),
    Row(
        "projects:add-guarantee",
        get="*403 P302 O404 N404 certifier200",
        post="*403 P302 O404 N404 certifier400",
        arguments=within_project("contract"),
    ),
    Row(
        "projects:new-amendment",
        get="*403 P302 O404 N404 certifier200",
        post="*403 P302 O404 N404 certifier400",
        arguments=lambda world: project(world) | {"kind": "time"},
    ),
    Row(
        "projects:amendment",
        get="*200 P302 O404 N404",
        post="*403 P302 O404 N404 manager409",
        arguments=within_project("amendment"),
    ),
    Row("projects:versions", get="*200 P302 O404 N404", arguments=project),
    Row(
        "projects:version",
        get="*200 P302 O404 N404",
        arguments=lambda world: project(world) | {"number": world.version.number},
    ),
    Row("projects:contracts", get="*200 P302"),
    Row("projects:late-releases", get="*200 P302"),
    Row("projects:arrears", get="*200 P302"),
    Row("projects:refunds-due", get="*200 P302"),
    Row(
        "projects:ask-opinion",
        get="*403 P302 O404 N404 reviewer200",
        post="*403 P302 O404 N404 reviewer400",
        arguments=project,
    ),
    # Nothing overlaps there.
    Row(
        "projects:overlap",
        get="*403 P302 O404 N404 reviewer404",
        post="*403 P302 O404 N404 reviewer404",
        arguments=project_action,
    ),
    Row(
        "projects:opinion",
        get="*403 P302 O404 N404 technician200",
        post="*403 P302 O404 N404 technician400",
        arguments=within_project("opinion"),
    ),
    Row(
        "projects:propose-cancellation",
        get="*403 P302 O404 N404 delegate200",
        post="*403 P302 O404 N404 delegate400",
        arguments=project,
    ),
    Row(
        "projects:step",
        get="*403 P302 O404 N404 certifier200",
        post="*403 P302 O404 N404 certifier409",
        arguments=lambda world: project(world) | {"step": "submit"},
    ),
    # A draft has no progress.
    Row(
        "projects:progress",
        get="*404",
        post="*404",
        arguments=lambda world: project(world) | {"year": 2026, "month": 7},
    ),
    Row(
        "projects:photos",
        get="*200 P404 O404 N404",
        post="*403 P404 O404 N404 L400 D400",
        arguments=project,
    ),
    Row(
        "projects:photo",
        get="*200 P404 O404 N404",
        post="*409 P404 O404 N404",
        arguments=within_project("photo"),
    ),
    Row(
        "projects:picture",
        get="*404",
        arguments=lambda world: within_project("photo")(world) | {"size": "copy"},
    ),
    Row("projects:alerts", get="*200 P302"),
    Row(
        "projects:alert",
        get="*200 P302 O404 N404",
        post="*403 P302 O404 N404 certifier409 manager409",
        arguments=within("alert"),
    ),
    Row("projects:progress-list", get="*200 P302"),
    Row(
        "projects:capture-progress",
        get="*403 P302 L200 other_preparer200 other_certifier200",
        post="*403 P302 L200 other_preparer200 other_certifier200",
        arguments=same(period="2026-07"),
    ),
    Row("people:tokens", get="*200 P302", post="*400 P302"),
    Row("people:revoke-token", get="*405 P302", post="*404 P302", arguments=same(key="unknown")),
    Row("modalities:list", get="*200"),
    Row("modalities:detail", get="*200", arguments=lambda world: {"code": world.rules.action_types.first().code}),
    Row("modalities:rules", get="*200"),
    Row("modalities:version", get="*200", arguments=lambda world: rules_in_force(world)),
    Row("modalities:version-csv", get="*200", arguments=lambda world: rules_in_force(world)),
    Row("modalities:comparison", get="*200", arguments=lambda world: rules_in_force(world)),
    Row("modalities:new-draft", get="*403 P302 manager200", post="*403 P302 manager400"),
    Row("modalities:head", get=WRITES_RULES, post="*403 P302 manager400", arguments=draft_of_rules),
    # No type ticked, nothing taken away: an empty form changes nothing.
    Row("modalities:draft-types", get=WRITES_RULES, post="*403 P302 manager302", arguments=draft_of_rules),
    Row("modalities:discard", get=WRITES_RULES, post="*403 P302 manager400", arguments=draft_of_rules),
    Row(
        "rules:preview",
        get="*403 P302 F200 A200",
        post="*403 P302 manager302",
        arguments=draft_of_rules,
    ),
    Row("rules:publish", get=WRITES_RULES, post="*403 P302 manager400", arguments=draft_of_rules),
    Row(
        "modalities:add-rule",
        get=WRITES_RULES,
        post="*403 P302 manager400",
        arguments=lambda world: draft_of_rules(world) | {"kind": "caprule"},
    ),
    Row("modalities:change-rule", get=WRITES_RULES, post="*403 P302 manager400", arguments=share_of_draft),
    # An empty form has not seen the rule: it is sent back to look at it.
    Row("modalities:remove-rule", get=WRITES_RULES, post="*403 P302 manager302", arguments=share_of_draft),
    Row("api-schema", get="*200", post="*405"),
    Row("api-docs", get="*200", post="*405"),
    Row("api-v1:api-root", get="*200", post="*405 V403"),
    *(
        Row(f"api-v1:{resource}-list", get="*200", post="*405 V403")
        for resource in PUBLIC_RESOURCES
        if resource not in WRITTEN
    ),
    *(
        Row(f"api-v1:{resource}-list", get="*200 P401", post="*405 V403 P401")
        for resource in PRIVATE_RESOURCES
        if resource not in WRITTEN
    ),
    # Nothing is asked for yet, so that everybody who may write at all hears what is missing.
    *(Row(f"api-v1:{resource}-list", get="*200", post="*400 P401 V403") for resource in ("projects", "actions")),
    Row("api-v1:documents-list", get="*200 P401", post="*400 P401 V403"),
    Row(
        "api-v1:projects-ready",
        get="*405",
        post="*403 P401 O404 N404 preparer200",
        arguments=by_id("project"),
    ),
    Row("api-v1:actions-site", get="*405", post="*405 P401 V403", arguments=by_id("action")),
    *(
        Row(f"api-v1:actions-{table}", get="*200 P404 O404 N404", post="*405 P401 V403", arguments=by_id("action"))
        for table in ("contributions", "ages", "schedule")
    ),
    Row("api-v1:states-detail", get="*200 O404 N404", arguments=lambda world: {"pk": world.campeche.state_id}),
    Row("api-v1:municipalities-detail", get="*200 O404 N404", arguments=lambda world: {"pk": world.campeche.pk}),
    Row("api-v1:localities-detail", get="*200 O404 N404", arguments=lambda world: {"pk": world.locality.pk}),
    Row("api-v1:cities-detail", get="*200 O404 N404", arguments=lambda world: {"pk": world.city.pk}),
    Row("api-v1:polygons-detail", get="*200 O404 N404", arguments=lambda world: {"code": world.polygon.code}),
    # Meant for federal staff.
    Row(
        "api-v1:context-indicators-detail",
        get="*404 F200 A200",
        arguments=lambda world: {"pk": world.context_indicator.pk},
    ),
    Row("api-v1:blocks-detail", get="*200 O404 N404", arguments=lambda world: {"id": f"{world.block.code}-2020"}),
    Row("api-v1:fiscal-years-detail", get="*200", arguments=lambda world: {"pk": world.rules.fiscal_year_id}),
    Row("api-v1:modalities-detail", get="*200", arguments=lambda world: {"pk": world.project.modality_id}),
    Row("api-v1:action-types-detail", get="*200", arguments=lambda world: {"pk": world.action.action_type_id}),
    Row("api-v1:rules-detail", get="*200", arguments=by_id("rules")),
    Row("api-v1:projects-detail", get="*200 P404 O404 N404", arguments=by_id("project")),
    Row("api-v1:projects-cofunding", get="*200 P404 O404 N404", arguments=by_id("project")),
    Row("api-v1:projects-steps", get="*200 P401 O404 N404", arguments=by_id("project")),
    # A draft that nobody marked ready: the certifier is told why not, the others that it is not theirs.
    Row(
        "api-v1:projects-take-step",
        get="*405 P401",
        post="*403 P401 O404 N404 certifier409",
        arguments=lambda world: {"id": world.project.public_id, "step": "submit"},
    ),
    Row("api-v1:actions-detail", get="*200 P404 O404 N404", arguments=by_id("action")),
    Row("api-v1:contributions-detail", get="*200 P404 O404 N404", arguments=by_id("contribution")),
    Row("api-v1:documents-detail", get="*200 P401 O404 N404", arguments=by_id("document")),
    Row("api-v1:documents-file", get="*200 P401 O404 N404", arguments=by_id("document")),
    Row("api-v1:progress-detail", get="*200 P404 O404 N404", arguments=by_id("progress")),
    Row("api-v1:contracts-detail", get="*200 P404 O404 N404", arguments=by_id("contract")),
    *(
        Row(f"api-v1:{name}s-detail", get="*200 P404 O404 N404", arguments=by_id(name))
        for name in ("release", "estimate", "payment", "proof", "refund", "amendment")
    ),
    Row("api-v1:ledger-detail", get="*200 P401 O404 N404", arguments=by_id("entry")),
    Row("api-v1:ceilings-detail", get="*200 P401 N404", arguments=by_id("ceiling")),
    Row("api-v1:reports-detail", get="*404 P401 D200 F200 A200 V200", arguments=by_id("report")),
    Row(
        "api-v1:reports-file",
        get="*404 P401",
        arguments=lambda world: {"id": world.report.public_id, "file_format": "pdf"},
    ),
    Row(
        "api-v1:reports-part",
        get="*404 P401",
        arguments=lambda world: {"id": world.report.public_id, "part": "financial"},
    ),
    Row("reports:desk", get="*200", post="*405"),
    Row("reports:index", get="*200 P302", post="*405"),
    Row("reports:ask", get="*405 P302", post="*400 P302 V403 N403"),
    Row("reports:kind", get="*200 P302", arguments=same(name="coverage")),
    Row("reports:subscribe", get="*405 P302", post="*302 V403 N403", arguments=same(name="coverage")),
    Row("reports:unsubscribe", get="*405 P302", post="*404 P302", arguments=same(pk=1)),
    Row("reports:report", get="*404 P302 D200 F200 A200 V200", arguments=report),
    Row("reports:later", get="*404 P302", arguments=report),
    Row("reports:cancel", get="*405 P302", post="*404 P302 D403 F403 A403 V403 manager302", arguments=report),
    Row("reports:retry", get="*405 P302", post="*404 P302 D403 F403 A403 V403 manager302", arguments=report),
    # The report is Campeche's and waits: nobody downloads what is not made.
    Row("reports:download", get="*404 P302", arguments=lambda world: report(world) | {"form": "pdf"}),
    Row("reports:download-part", get="*404 P302", arguments=lambda world: report(world) | {"form": "csv", "part": "x"}),
    Row("verify-report", get="*404", arguments=same(code="ABCDEFGH23456")),
    Row("reports:nation", get="*302 P200 F200 A200 V200 N404"),
    Row("reports:dashboard", get="*200 O404 L404 N404", arguments=same(code="04")),
    Row("accessibility", get="*200", post="*405"),
    Row("privacy", get="*200", post="*405"),
    Row("reports:open-data", get="*200", post="*405"),
    Row("reports:open-file", get="*404", post="*405", arguments=same(name="works.csv")),
    Row("reports:equity-part", get="*404 P200 F200 A200 V200"),
    Row("works:dashboard", get="*200 P404 O404 N404", arguments=project),
    Row("reports:rows", get="*200 P302 N404", arguments=same(name="entries")),
)
