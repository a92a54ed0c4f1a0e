"""The lives of the works of a played year: the demo's road, and what goes wrong on it."""

import datetime as dt
import random
from decimal import Decimal
from itertools import pairwise

from django.contrib.gis.geos import LineString

from projects import services
from projects.models import Action, Moment, Project, Source
from reports.demo import society
from reports.demo.places import PLACES, Spot
from reports.demo.purse import CENT, HALF
from reports.demo.sites import Site
from reports.demo.story import Story
from reports.demo.works import ROAD, Kind, Work

PIPE = Kind("ME01", "Introducción de red de agua potable", 1180, 0.3)
# What befalls a work, by the name its road has in the plan; works take turns.
FATES = {
    "closed": ROAD,
    "dearer": (*ROAD[:8], "grow", *ROAD[8:]),
    "smaller": (*ROAD[:8], "shrink", *ROAD[8:]),
    "mistaken": (*ROAD[:9], "mend_payment", "reopen"),
    "abandoned": (*ROAD[:7], "begin", "refund", "propose_cancellation", "cancel"),
    "refused": (*ROAD[:3], "reject"),
}
# Month and day on which each event happens, within the windows that the year opens.
DAYS = {
    "propose": (3, 3), "ready": (3, 9), "submit": (3, 12), "authorise": (3, 19), "review": (3, 23), "number": (4, 1),
    "approve": (4, 13), "start": (4, 27), "begin": (4, 27), "grow": (5, 18), "shrink": (5, 18), "refund": (6, 8),
    "propose_cancellation": (6, 10), "cancel": (6, 17), "reject": (3, 24), "work": (8, 20), "mend_payment": (8, 24),
    "reopen": (8, 27), "finish": (8, 31), "hand_over": (9, 10), "prove": (9, 24), "close": (10, 8),
}  # fmt: skip
FIRST, LAST = (3, 1), (4, 30)
METRES_OF_A_DEGREE = 105_000


class Life(Story):
    """At a site of the invented nation, on the year's own days."""

    def happens(self, event: str) -> None:
        own = OWN.get(event)
        return own(self) if own else super().happens(event)

    def site(self, action: Action) -> Site | None:
        """Across the middle of a block of the polygon."""
        block = self.work.dice.choice(list(self.version.blocks.exclude(geometry=None).order_by("code")[:40]))
        middle, half = block.geometry.point_on_surface, min(float(self.work.quantity), 40) / 2 / METRES_OF_A_DEGREE
        return {"geometry": LineString((middle.x - half, middle.y), (middle.x + half, middle.y), srid=4326)}

    # ---- What the demo does not tell --------------------------------------------------------------------------------
    def prepare(self) -> None:
        """A criterion that the invented ground does not meet, as the cities of a small nation do not, is excepted."""
        self.mark_ready()
        for judged in services.exceptable(self.project, self.at):
            if judged.kind == "eligibilitycriterion":
                asked = services.ask_exception(
                    self.project, (judged.kind, judged.code), reason="Terreno inventado", by=self.team.reviewer,
                    upload=society.scan("excepcion", judged.code), at=self.at,
                    expires_on=dt.date(self.project.fiscal_year_id, 12, 31),
                )  # fmt: skip
                services.decide_exception(asked, is_granted=True, note="Año jugado", by=self.team.manager, at=self.at)

    def begin(self) -> None:
        """By own administration, so that nothing is paid before the first estimate."""
        if self.project.execution_form != Project.ExecutionForm.OWN_ADMINISTRATION:
            self.amend("executor", {"execution_form": Project.ExecutionForm.OWN_ADMINISTRATION})
        self._hand_in("start", self.team.certifier)
        society.constitute(self)
        self.purse.sign(self.at)
        self.step("start", "certifier")
        self.purse.release(HALF, self.at)

    def grow(self) -> None:
        """The municipality pays for a twentieth more, and the contract grows by as much."""
        (action,) = self.project.actions.all()
        more = (action.contributions.get(source=Source.MUNICIPAL).amount / 20).quantize(CENT)
        wanted = action.contributions.get(source=Source.MUNICIPAL).amount + more
        self.amend(
            "amount", {"contributions": {str(action.pk): {Source.MUNICIPAL: str(wanted)}}},
            contract=self.purse.contract, contract_change=more,
        )  # fmt: skip

    def shrink(self) -> None:
        """A twentieth of the pipe is not needed."""
        (action,) = self.project.actions.all()
        self.amend("quantity", {"quantities": {str(action.pk): str((action.quantity * 95 / 100).quantize(CENT))}})

    def mend_payment(self) -> None:
        """A payment was registered under a wrong reference: reversed, and registered anew."""
        wrong = self.project.payments.validated().order_by("-on", "-pk").first()
        services.reverse_act(wrong, by=self.team.reviewer, reason="Referencia equivocada", at=self.at)
        self.purse.keep(
            services.register_payment, wrong.contract, self.at, estimate=wrong.estimate, source=wrong.source,
            amount=wrong.amount, on=self.at.date(), method=wrong.method, reference=f"{wrong.reference}-bis",
        )  # fmt: skip

    def reopen(self) -> None:
        """An accepted month said too much: opened by two persons, captured with less, accepted again."""
        report = self.project.progress.accepted().order_by("year", "month").first()
        asked = services.ask_reopening(report, reason="Se midió de más", by=self.team.certifier, at=self.at)
        services.decide_reopening(asked, is_granted=True, note="Procede", by=self.team.delegate, at=self.at)
        quantities = {line.action_id: (line.quantity * 9 / 10).quantize(CENT) for line in report.lines.all()}
        again = services.save_progress(
            self.project, report.year, report.month, quantities=quantities, spending={}, by=self.team.preparer,
            at=self.at,
        )  # fmt: skip
        again = services.submit_progress(again, by=self.team.certifier, at=self.at)
        services.accept_progress(again, by=self.team.reviewer, at=self.at)

    def refund(self) -> None:
        """All that was released goes back."""
        for source in Source.values:
            if left := self.purse.balances.at(Moment.RELEASED, source):
                self.purse.keep(
                    services.register_refund, self.project, self.at, source=source, amount=left, on=self.at.date(),
                    motive="cancelled", reference=f"0027{self.project.pk:08d}",
                )  # fmt: skip

    def amend(self, kind: str, changes: dict[str, object], **contract: object) -> None:
        amendment = services.propose_amendment(
            self.project, kind=kind, asked="Se ajusta a lo encontrado en el sitio.", changes=changes,
            by=self.team.certifier, document=self.project.documents.first(), at=self.at, **contract,
        )  # fmt: skip
        services.approve_amendment(amendment, by=getattr(self.team, amendment.decider), at=self.at)
        self.project.refresh_from_db()


OWN = {
    "ready": Life.prepare, "begin": Life.begin, "grow": Life.grow, "shrink": Life.shrink,
    "mend_payment": Life.mend_payment, "reopen": Life.reopen, "refund": Life.refund,
}  # fmt: skip


def work_of(number: int, fate: str) -> Work:
    """Invented, the same for the same number."""
    dice = random.Random(number)  # noqa: S311 - invented figures, not secrets
    spot = Spot(f"Colonia {number}", 0, 0, 0, 0)
    return Work(
        place=PLACES[0], spot=spot, kind=PIPE, name=f"{PIPE.title}, tramo {number}",
        quantity=Decimal(dice.randint(15_000, 60_000)) / 100, federal_share=Decimal(dice.randint(41, 50)) / 100,
        is_last_year=False, events=FATES[fate], is_complete=True, dice=dice,
    )  # fmt: skip


def moments_of(work: Work, year: int) -> list[dt.datetime]:
    """Nine in the morning in Mexico City, some minutes apart, so that no two events are of one instant."""
    at = [dt.datetime(year, *DAYS[event], 15, number, tzinfo=dt.UTC) for number, event in enumerate(work.events)]
    if any(later < earlier for earlier, later in pairwise(at)):
        raise ValueError("the year's days are not in the order of its events")
    return at
