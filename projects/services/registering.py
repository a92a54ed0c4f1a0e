"""One door for what the delegation does with any act: validate, reject, reverse."""

import datetime as dt

from habitat.accounts.models import User
from projects.models import Contract, Estimate, MoneyAct, Payment, Proof, Refund, Release
from projects.services import acts, contracts, estimates, payments, proofs, releases

KINDS: dict[type[MoneyAct], acts.Kind] = {
    Contract: contracts.KIND,
    Release: releases.KIND,
    Estimate: estimates.KIND,
    Payment: payments.KIND,
    Proof: proofs.PROOF,
    Refund: proofs.REFUND,
}


def validate_act(act: MoneyAct, *, by: User, at: dt.datetime | None = None) -> MoneyAct:
    """Raises Refused where the ledger would not add up, StepForbidden for who registered it or another role."""
    return acts.validate(act, KINDS[type(act)], by=by, at=at)


def reject_act(act: MoneyAct, *, by: User, reason: str, at: dt.datetime | None = None) -> MoneyAct:
    return acts.reject(act, by=by, reason=reason, at=at)


def reverse_act(act: MoneyAct, *, by: User, reason: str, at: dt.datetime | None = None) -> MoneyAct:
    """Raises Refused where something later rests on it: that is reversed first."""
    return acts.reverse(act, by=by, reason=reason, at=at)
