"""Leads one project along its road, each event by the person whose it is, at the moment it is said to have happened."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, Decimal
from functools import partial

from habitat.accounts.models import User
from modalities.models import ActionType, DocumentKind, GeometryKind, LocationBasis, RulesVersion, Strand
from polygons.models import PolygonVersion
from projects import services
from projects.models import Action, AgeGroup, ProgressReport, Project, Source
from projects.rules.neighbours import PAVING
from reports.demo import register, society
from reports.demo.calendar import months
from reports.demo.papers import paper
from reports.demo.people import Team
from reports.demo.purse import CHEAPER, HALF, WHOLE, Purse
from reports.demo.sites import Site, site_of
from reports.demo.works import Work

CENT = Decimal("0.01")
PEOPLE_PER_HOUSEHOLD = 3.7
# Invented, near the census: parts of the people in each age group but the last, which has the rest.
AGES = {AgeGroup.CHILDREN: 0.27, AgeGroup.YOUNG: 0.25, AgeGroup.ADULTS: 0.36}
OBSERVED = "El presupuesto no está firmado por quien lo elaboró y falta el desglose de precios unitarios."
ANSWERED = "Se anexa el presupuesto firmado, con sus precios unitarios."
OPINION = "El proyecto cumple con las especificaciones técnicas aplicables."
REJECTED = "Las calles propuestas ya cuentan con el servicio, según el organismo operador."
WITHDRAWN = "El cabildo destinó los recursos propios a otra obra."
EXPLAINED = "La meta incluye ramales y cruces de calle; el trazo dibujado es solo el eje principal."
OVERLAPPED = "Son tramos distintos de la misma calle, según el plano; no se paga dos veces lo mismo."
CANCELLED = "El predio tiene un litigio que impide iniciar la obra este año."


def ages_of(women: int, men: int) -> dict[str, tuple[int, int]]:
    """Age group → women and men, which add up to all; empty where there is nobody."""
    if not women + men:
        return {}
    found = {group.value: (int(women * part), int(men * part)) for group, part in AGES.items()}
    rest = (women - sum(pair[0] for pair in found.values()), men - sum(pair[1] for pair in found.values()))
    return found | {AgeGroup.OLDER.value: rest}


@dataclass(frozen=True)
class Book:
    """The rules of one fiscal year with their catalogue at hand."""

    rules: RulesVersion
    types: dict[str, ActionType]
    strands: dict[str, Strand]


@dataclass
class Story:
    """`at` is the moment of the event being told, `moments` that of each event of the road."""

    work: Work
    team: Team
    book: Book
    version: PolygonVersion | None
    project: Project = field(init=False)
    at: dt.datetime = field(init=False)
    moments: dict[str, dt.datetime] = field(init=False)

    def tell(self, moments: list[dt.datetime]) -> Project:
        self.moments = dict(zip(self.work.events, moments, strict=True))
        for event, at in self.moments.items():
            self.at = at
            self.happens(event)
        return self.project

    def happens(self, event: str) -> None:
        EVENTS[event](self)

    def site(self, action: Action) -> Site | None:
        return site_of(self.work, action, self.version)

    # ---- What the events do -----------------------------------------------------------------------------------------
    def propose(self) -> None:
        work, by = self.work, self.team.preparer
        needs_polygon = self._type.location_basis in (LocationBasis.IN_POLYGON, LocationBasis.SERVING_POLYGON)
        starts_on, ends_on = self._dates()
        self.project = services.create_draft(
            by=by,
            municipality=by.municipality,
            modality=self._type.modality,
            strand=self.book.strands[work.kind.strand],
            name=work.name,
            rules=self.book.rules,
            at=self.at,
            polygon_version=self.version if needs_polygon else None,
            neighbourhood=work.spot.name,
            description=f"{work.name}. Proyecto inventado para la demostración.",
            execution_form=work.dice.choice(("contract", "contract", "own_administration")),
            starts_on=starts_on,
            ends_on=ends_on,
        )
        self._describe(services.add_action(self.project, by=by, action_type=self._type, **self._targets()))
        self._hand_in("submit", by)
        if work.is_complete or "number" in work.events:
            self._hand_in("number", by)

    def mark_ready(self) -> None:
        services.mark_ready(self.project, by=self.team.preparer, at=self.at)

    def step(self, name: str, role: str, reason: str = "", remarks: tuple[tuple[str, str], ...] = ()) -> None:
        by = getattr(self.team, role)
        if name in ("number", "approve"):
            self._answer_overlaps()
        services.take_step(self.project, name, by=by, at=self.at, reason=reason, remarks=remarks)
        self.project.refresh_from_db()

    def _answer_overlaps(self) -> None:
        for overlap in services.overlaps_of(self.project):
            if not overlap.is_answered:
                services.answer_overlap(
                    self.project, overlap.action, text=OVERLAPPED, by=self.team.reviewer, at=self.at
                )

    def observe(self) -> None:
        role = "manager" if self.project.status == "submitted" else "reviewer"
        self.step("observe", role, "Falta completar el expediente técnico.", (("documents", OBSERVED),))

    def answer(self) -> None:
        self._attach(DocumentKind.BUDGET, self.team.preparer)
        self.step("answer", "certifier", ANSWERED)

    def give_opinion(self) -> None:
        opinion = services.ask_opinion(self.project, by=self.team.reviewer, at=self.at)
        services.give_opinion(opinion, is_favourable=True, text=OPINION, by=self.team.technician, at=self.at)

    def start(self) -> None:
        self._hand_in("start", self.team.certifier)
        society.constitute(self)
        purse = self.purse
        purse.sign(self.at)
        self.step("start", "certifier")
        purse.release(HALF, self.at)
        purse.advance(self.at)

    def do_work(self) -> None:
        """Progress month by month; what goes on to be finished reaches its whole target, the rest a part of it."""
        is_whole = "finish" in self.work.events
        reached = Decimal(1) if is_whole else Decimal(self.work.dice.randint(15, 85)) / 100
        if not is_whole and reached > HALF:
            self.purse.extend(14, self.at)
        stretch = months(self.moments["start"].date(), self.at.date())
        if is_whole or reached > HALF:
            self.purse.release(WHOLE, self.at)
        self.purse.estimate(reached * HALF, self.at)
        # The last one on this road is built and owed: nobody has paid its second estimate.
        is_paid = not is_whole or "hand_over" in self.work.events
        price = CHEAPER if is_whole and self.work.dice.random() < 0.3 else WHOLE
        self.purse.estimate(reached, self.at, price=price, is_paid=is_paid)
        for number, (year, month0) in enumerate(stretch):
            before, after = (reached * part / len(stretch) for part in (number, number + 1))
            self._report(year, month0 + 1, before, after, is_last=not is_whole and number == len(stretch) - 1)
        self._attach(DocumentKind.PHOTO, self.team.certifier)
        society.visit(self)
        register.serve(self)

    def finish(self) -> None:
        self.step("finish", "certifier")

    def hand_over(self) -> None:
        society.certify(self)
        self.step("hand_over", "reviewer")

    def prove(self) -> None:
        self._hand_in("prove", self.team.certifier)
        self.purse.return_savings(self.at)
        self.purse.prove(self.at)
        self.step("prove", "reviewer")

    def close(self) -> None:
        society.say(self)
        self.step("close", "delegate")
        society.verify(self)

    def propose_cancellation(self) -> None:
        services.propose_cancellation(self.project, reason=CANCELLED, by=self.team.delegate, at=self.at)

    # ---- Its parts --------------------------------------------------------------------------------------------------
    @property
    def _type(self) -> ActionType:
        return self.book.types[self.work.kind.code]

    def _dates(self) -> tuple[dt.date, dt.date]:
        """Near what came of it; works yet to come begin in some weeks. Within the fiscal year, as the rules ask."""
        dice, last = self.work.dice, dt.date(self.book.rules.fiscal_year_id, 12, 31)
        soon = max(self.moments.values()) + dt.timedelta(dice.randint(15, 40))
        starts_on = min(self.moments.get("start", soon).date(), last - dt.timedelta(15))
        ends = self.moments.get("finish", soon + dt.timedelta(dice.randint(60, 120))).date()
        return starts_on, min(max(ends, starts_on), last)

    def _targets(self) -> dict[str, object]:
        households = max(round(float(self.work.quantity) * self.work.kind.households), 12)
        if self.work.kind.code.startswith("PD"):
            households = 0
        people = round(households * PEOPLE_PER_HOUSEHOLD)
        women = round(people * self.work.dice.uniform(0.49, 0.55))
        return {
            "quantity": self.work.quantity, "households": households, "women": women, "men": people - women,
            "explanation": EXPLAINED if self._type.geometry_kind == GeometryKind.LINE else "",
        }  # fmt: skip

    def _describe(self, action: Action) -> None:
        by, dice, cost = self.team.preparer, self.work.dice, self.work.cost
        site = self.site(action)
        if site:
            services.set_site(action, by=by, **site)
        shares = {
            Source.FEDERAL: self.work.federal_share,
            Source.STATE: Decimal(dice.randint(18, 28)) / 100,
            Source.BENEFICIARIES: Decimal(dice.choice((0, 0, 1, 2))) / 100,
        }
        amounts = {source: (cost * share).quantize(CENT, ROUND_DOWN) for source, share in shares.items()}
        amounts[Source.MUNICIPAL] = cost - sum(amounts.values())
        services.set_contributions(action, by=by, amounts=amounts, unit_price=Decimal(self.work.kind.price))
        services.set_schedule(action, by=by, months=services.spread_evenly(action, cost))
        services.set_ages(action, by=by, counts=ages_of(action.women, action.men))

    def _hand_in(self, step: str, by: User) -> None:
        for kind in services.required_documents(self.project).filter(required_at=step).values_list("kind", flat=True):
            self._attach(kind, by)
        if step == "submit" and self._type.pk in PAVING:
            # The census of these blocks does not say that the networks are there: the water operator does.
            self._attach(DocumentKind.WATER_VALIDATION, by)

    def _attach(self, kind: str, by: User) -> None:
        heading = f"{self.project.folio} {self.project.name}"
        services.attach_document(self.project, kind, paper(kind, heading), by=by)

    @property
    def purse(self) -> Purse:
        return Purse(self.project, self.team, self.work.dice)

    def _report(self, year: int, month: int, before: Decimal, after: Decimal, *, is_last: bool) -> None:
        """One month's part of the target; the last one of works still going on may be sent only, or a draft."""
        action = self.project.actions.get()
        sent_at = min(dt.datetime(year + month // 12, month % 12 + 1, 5, 17, tzinfo=dt.UTC), self.at)
        report = services.save_progress(
            self.project,
            year,
            month,
            quantities={action.pk: _part(action.quantity, before, after)},
            spending={},
            by=self.team.preparer,
            at=sent_at,
        )
        if is_last and self.work.dice.random() < 0.3:
            return
        services.submit_progress(report, by=self.team.certifier, at=sent_at)
        if is_last and self.work.dice.random() < 0.7:
            return
        services.accept_progress(ProgressReport.objects.get(pk=report.pk), by=self.team.reviewer, at=sent_at)


def _part(whole: Decimal, before: Decimal, after: Decimal) -> Decimal:
    """What lies between two shares of a whole, so that all parts together make it exactly."""
    return (whole * after).quantize(CENT) - (whole * before).quantize(CENT)


def _step(name: str, role: str, reason: str = "") -> Callable[[Story], None]:
    return partial(_take, name=name, role=role, reason=reason)


def _take(story: Story, *, name: str, role: str, reason: str) -> None:
    story.step(name, role, reason)


EVENTS: dict[str, Callable[[Story], None]] = {
    "propose": Story.propose,
    "ready": Story.mark_ready,
    "submit": _step("submit", "certifier"),
    "authorise": _step("authorise", "manager", "Oficio de autorización"),
    "review": _step("review", "reviewer"),
    "observe": Story.observe,
    "answer": Story.answer,
    "opinion": Story.give_opinion,
    "number": _step("number", "reviewer"),
    "approve": _step("approve", "delegate", "Oficio de aprobación"),
    "start": Story.start,
    "work": Story.do_work,
    "finish": Story.finish,
    "hand_over": Story.hand_over,
    "prove": Story.prove,
    "close": Story.close,
    "reject": _step("reject", "manager", REJECTED),
    "withdraw": _step("withdraw", "certifier", WITHDRAWN),
    "propose_cancellation": Story.propose_cancellation,
    "cancel": _step("cancel", "manager", CANCELLED),
}
