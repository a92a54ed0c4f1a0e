"""Whatever is done to the money in whatever order: no balance below zero, each the sum of what was entered."""

import datetime as dt
from contextlib import suppress
from decimal import Decimal

import pytest
from django.db import transaction
from django.db.models import F, Sum
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from habitat.tests.fixtures import YEAR, agreed
from modalities.models import Milestone
from projects import services
from projects.balances import Balances
from projects.models import Ceiling, CeilingChange, Contract, Contribution, LedgerEntry, Moment, Project
from projects.refusals import Refused
from projects.tests.test_money import twin
from projects.workers import withdrawing

AFTER = dt.datetime(YEAR, 8, 2, 12, tzinfo=dt.UTC)
CASES = st.integers(0, 2)
AMOUNTS = st.integers(1, 12).map(lambda hundreds: Decimal(hundreds) * 100_000)


@pytest.mark.long
def test_no_interleaving_takes_a_balance_below_zero(
    project, lead, people, ceilings, neighbour, manager, second, rules, now, books
):
    cases = [project, twin(project, "04-ME-0997"), twin(project, "04-ME-0998")]
    for case in cases:
        lead(case, "number")
    cut_offs = [
        Milestone.objects.create(fiscal_year=rules.fiscal_year, kind=kind, opens_on=day, closes_on=day)
        for kind, day in (("cut_off", dt.date(YEAR, 5, 31)), ("start_cut_off", dt.date(YEAR, 7, 31)))
    ]
    at_first = dict(Ceiling.objects.values_list("pk", "amount"))

    class Money(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.example = transaction.atomic()
            self.example.__enter__()

        def teardown(self) -> None:
            transaction.set_rollback(True)
            self.example.__exit__(None, None, None)

        def do(self, act) -> None:
            with suppress(Refused, services.StepForbidden), transaction.atomic():
                act()

        @rule(which=CASES)
        def approve(self, which) -> None:
            self.do(lambda: services.take_step(cases[which], "approve", by=people["delegate"], at=now))

        @rule(which=CASES)
        def cancel(self, which) -> None:
            def act() -> None:
                services.propose_cancellation(cases[which], reason="x", by=people["delegate"])
                services.take_step(cases[which], "cancel", by=manager, reason="x", at=now)

            self.do(act)

        @rule(amount=AMOUNTS, is_town=st.booleans())
        def amend(self, amount, is_town) -> None:
            place = {"municipality": ceilings.municipality} if is_town else {"state": ceilings.state}
            self.do(
                lambda: services.set_ceiling(
                    fiscal_year=ceilings.fiscal_year,
                    strand=ceilings.strand,
                    amount=amount,
                    reason="x",
                    by=manager,
                    agreement=agreed(ceilings.fiscal_year, ceilings.state),
                    **place,
                )
            )

        @rule(amount=AMOUNTS, ends=st.permutations([ceilings.pk, neighbour.pk, ceilings.parent_id]))
        def reallocate(self, amount, ends) -> None:
            source, target = (Ceiling.objects.get(pk=pk) for pk in ends[:2])
            self.do(
                lambda: services.confirm_reallocation(
                    services.propose_reallocation(source=source, target=target, amount=amount, reason="x", by=manager),
                    by=second,
                )
            )

        @rule(which=st.integers(0, 1))
        def withdraw(self, which) -> None:
            def act() -> None:
                job = services.preview_withdrawal(cut_offs[which], reason="x", by=manager, at=AFTER)
                withdrawing.run_withdrawal(services.confirm_withdrawal(job, by=second).pk)

            self.do(act)

        @rule(which=CASES, amount=AMOUNTS)
        def contract(self, which, amount) -> None:
            number = f"C-{Contract.objects.count()}"
            self.do(lambda: books.contract(cases[which], amount, number=number, quantities={}))

        @rule(which=CASES, amount=AMOUNTS, source=st.sampled_from(["federal", "state", "municipal"]))
        def release(self, which, amount, source) -> None:
            self.do(lambda: books.release(cases[which], amount / 2, source))

        @rule(which=CASES, amount=AMOUNTS, source=st.sampled_from(["federal", "state", "municipal"]))
        def spend(self, which, amount, source) -> None:
            """An estimate, and what can be paid, proven and refunded of it."""
            contract = cases[which].contracts.validated().first()
            if contract:
                self.do(lambda: books.estimate(contract, amount, 0))
                owed = contract.estimates.validated().first()
                self.do(lambda: books.payment(contract, amount / 3, owed, source))
            self.do(lambda: books.proof(cases[which], amount / 4, source))
            self.do(lambda: books.refund(cases[which], amount / 4, source))

        @rule(which=CASES, amount=AMOUNTS)
        def amend_the_project(self, which, amount) -> None:
            parts = {"federal": amount / 2, "state": amount / 2, "municipal": 290_000, "beneficiaries": 10_000}
            action = cases[which].actions.get()
            changes = {"contributions": {str(action.pk): {source: str(part) for source, part in parts.items()}}}

            def act() -> None:
                asked = services.propose_amendment(
                    cases[which], kind="amount", asked="x", changes=changes, by=people["certifier"]
                )
                services.approve_amendment(asked, by=manager)

            self.do(act)

        @rule(which=CASES)
        def reverse(self, which) -> None:
            """The last thing that was validated, where nothing rests on it."""
            last = cases[which].releases.validated().first() or cases[which].contracts.validated().first()
            if last:
                self.do(lambda: services.reverse_act(last, by=people["reviewer"], reason="x"))

        @invariant()
        def each_moment_stays_within_the_one_before(self) -> None:
            for case in cases:
                balances = Balances(case)
                assert not list(balances.broken())
                assert all(amount >= 0 for amount in balances.booked.values())
                if case.entries.filter(moment=Moment.APPROVED).exists() and balances.total(Moment.APPROVED):
                    assert balances.total(Moment.APPROVED) == services.cost_of(case.actions.get())

        @invariant()
        def balances_are_sums_and_never_below_zero(self) -> None:
            changes = CeilingChange.objects.values_list("ceiling").annotate(sum=Sum(F("after") - F("before")))
            moved = dict(changes.order_by())
            for node in Ceiling.objects.with_taken().with_given():
                assert node.amount == at_first[node.pk] + moved.get(node.pk, 0)
                assert node.balance == node.amount - LedgerEntry.objects.under(node).at(Moment.APPROVED).total() >= 0
                assert node.given <= node.amount
            asked = Contribution.objects.filter(source="federal", action__project__in=Project.objects.approved())
            assert LedgerEntry.objects.at(Moment.APPROVED).total() == sum(row.amount for row in asked)

    limits = settings(
        max_examples=6, stateful_step_count=14, deadline=None, derandomize=True, database=None,
        phases=[Phase.generate], suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    run_state_machine_as_test(Money, settings=limits)
