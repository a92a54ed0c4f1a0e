"""The money of one work of the demo: contract, releases, estimates, payments, proofs and refunds, by two persons."""

import datetime as dt
from decimal import Decimal
from typing import Any

from habitat.accounts.models import User
from projects import services
from projects.balances import CENT, NOTHING, Balances, split
from projects.models import Contract, Document, Moment, MoneyAct, Project, Source
from reports.demo.people import Team

# Invented firms; their RFC has the right check digit and belongs to nobody.
FIRMS = (("Constructora Inventada del Sureste, S.A. de C.V.", "CIN010203AB7"),)
TAX = Decimal("1.16")
HALF, WHOLE = Decimal("0.5"), Decimal(1)
# What some works cost in the end, of their contract: the rest goes back.
CHEAPER = Decimal("0.985")
LATE = ("documents", "account", "local_part", "budget")


class Purse:
    """`on` days are the story's own; every act rests on the contract's paper."""

    def __init__(self, project: Project, team: Team, dice) -> None:
        self.project, self.team, self.dice = project, team, dice

    @property
    def contract(self) -> Contract:
        return self.project.contracts.validated().get()

    @property
    def balances(self) -> Balances:
        return Balances(self.project)

    def sign(self, at: dt.datetime) -> None:
        """For what was approved, or a little less: the savings of the tender."""
        amount = self.balances.total(Moment.APPROVED) * Decimal(self.dice.choice((1000, 1000, 985, 970))) / 1000
        amount = amount.quantize(CENT)
        self.keep(services.register_contract, self.project, at, amount=amount, **self._award(amount, at.date()))

    def _award(self, amount: Decimal, on: dt.date) -> dict[str, Any]:
        ends_on = max(self.project.ends_on or on, on)
        shared = {"on": on, "starts_on": on, "ends_on": ends_on, "number": f"{self.project.folio}-C1"}
        if self.project.execution_form == Project.ExecutionForm.OWN_ADMINISTRATION:
            office = "Dirección de Obras Públicas Municipales"
            own = {"kind": Contract.Kind.OWN_ADMINISTRATION, "contractor": office, "before_tax": amount}
            return shared | own
        firm, rfc = FIRMS[0]
        answering = services.Answering("performance", "F-1001", "Afianzadora Inventada", amount / 10, ends_on)
        advance = services.Answering("advance", "F-1002", "Afianzadora Inventada", amount * 3 / 10, ends_on)
        ways = (Contract.Kind.PUBLIC_TENDER, Contract.Kind.INVITATION, Contract.Kind.DIRECT_AWARD)
        return shared | {
            "kind": self.dice.choice(ways),
            "law": Contract.Law.LOPSRM, "contractor": firm, "contractor_rfc": rfc, "advance_percent": Decimal(30),
            "before_tax": (amount / TAX).quantize(CENT), "guarantees": (answering, advance),
        }  # fmt: skip

    def release(self, part: Decimal, at: dt.datetime) -> None:
        """Up to this part of what each source committed."""
        balances = self.balances
        for source in Source.values:
            wanted = (balances.at(Moment.COMMITTED, source) * part).quantize(CENT)
            amount = wanted - balances.at(Moment.RELEASED, source)
            if amount > 0:
                self.keep(
                    services.register_release, self.project, at, source=source, amount=amount, on=at.date(),
                    reference=f"MIN-{self.project.pk}-{source}", late_reason=self.dice.choice(LATE),
                )  # fmt: skip

    def advance(self, at: dt.datetime) -> None:
        if self.contract.advance:
            self._pay(self.contract.advance, at, self.balances.by_source(Moment.RELEASED))

    def estimate(self, part: Decimal, at: dt.datetime, *, price: Decimal = WHOLE, is_paid: bool = True) -> None:
        """Brings what is accrued up to this part of the contract, at this part of its price, and pays it."""
        contract, balances = self.contract, self.balances
        amount = (balances.total(Moment.COMMITTED) * part * price).quantize(CENT) - balances.total(Moment.ACCRUED)
        line = contract.lines.get()
        built = services.estimated(contract).get(line.action_id, NOTHING)
        quantity = max((line.quantity * part).quantize(CENT) - built, NOTHING)
        if amount <= 0:
            return
        estimate = self.keep(
            services.register_estimate, contract, at, amount=amount, quantities={line.action_id: quantity},
            on=at.date(), period_from=contract.starts_on, period_to=at.date(),
            amortised=services.advance_left(contract) if part == 1 else None,
        )  # fmt: skip
        if is_paid:
            balances = self.balances
            owed = {s: balances.at(Moment.ACCRUED, s) - balances.at(Moment.PAID, s) for s in Source.values}
            is_even = sum(owed.values()) == estimate.payable
            self._pay(estimate.payable, at, owed if is_even else balances.by_source(Moment.COMMITTED), estimate)

    def prove(self, at: dt.datetime) -> None:
        """All that was paid is proven; what is left of the releases goes back."""
        for source in Source.values:
            if paid := self.balances.at(Moment.PAID, source):
                self.keep(
                    services.register_proof, self.project, at, source=source, amount=paid, on=at.date(),
                    reference=f"CFDI-{self.project.pk}-{source}",
                )  # fmt: skip
            if left := self.balances.unproven(source):
                self.keep(
                    services.register_refund, self.project, at, source=source, amount=left, on=at.date(),
                    motive="savings", reference=f"0026{self.project.pk:08d}",
                )  # fmt: skip

    def return_savings(self, at: dt.datetime) -> None:
        if self.balances.savings:
            self._amend("savings", "Ahorro de la contratación; se devuelve al techo.", {}, at)

    def extend(self, days: int, at: dt.datetime) -> None:
        """A later end, as long as it lies within the year."""
        ends_on = (self.project.ends_on or at.date()) + dt.timedelta(days)
        if ends_on.year == self.project.fiscal_year_id:
            self._amend("time", "Las lluvias detuvieron la obra dos semanas.", {"ends_on": str(ends_on)}, at)

    def _amend(self, kind: str, asked: str, changes: dict[str, str], at: dt.datetime) -> None:
        amendment = services.propose_amendment(
            self.project, kind=kind, asked=asked, changes=changes, by=self.team.certifier, document=self._paper(), at=at
        )
        services.approve_amendment(amendment, by=self.team.delegate, at=at)
        self.project.refresh_from_db()

    def _pay(self, amount: Decimal, at: dt.datetime, weights: dict[str, Decimal], estimate=None) -> None:
        """Among the sources, as far as each has money."""
        for source, part in split(amount, {key: weight for key, weight in weights.items() if weight > 0}).items():
            free = self.balances.at(Moment.RELEASED, source) - self.balances.at(Moment.PAID, source)
            if min(part, free) > 0:
                self.keep(
                    services.register_payment, self.contract, at, estimate=estimate, source=source,
                    amount=min(part, free), on=at.date(), method="clc" if source == Source.FEDERAL else "spei",
                    reference=f"{self.project.pk}{at:%m%d}",
                )  # fmt: skip

    def keep(self, register, about: Project | Contract, at: dt.datetime, **said: Any) -> Any:
        by: User = self.team.certifier
        act: MoneyAct = register(about, by=by, document=self._paper(), at=at, **said)
        return services.validate_act(act, by=self.team.reviewer, at=at)

    def _paper(self) -> Document | None:
        return self.project.documents.filter(kind="contract").first()
