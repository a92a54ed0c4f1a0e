"""Capture windows: when a state may send proposals. Written by the program unit; two at once do not overwrite."""

from typing import Any

import pghistory
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from modalities.models import FiscalYear, Milestone
from modalities.services.drafting import StaleError, fingerprint, need_writer


@transaction.atomic
def set_window(fiscal_year: FiscalYear, state_code: str, *, by: Any, seen: str, **values: Any) -> Milestone:
    """Add or change the capture window of a state (blank: the country). `seen`: its `fingerprint`, blank for a new one.

    `values`: opens_on, opens_time, closes_on, closes_time, source, is_verified. Raises PermissionDenied,
    ValidationError, or StaleError where somebody else has changed or added it since.
    """
    need_writer(by)
    FiscalYear.objects.select_for_update(no_key=True).get(pk=fiscal_year.pk)
    now = window_row(fiscal_year, state_code)
    if (fingerprint(now) if now else "") != seen:
        raise StaleError(now, None)
    window = now or Milestone(fiscal_year=fiscal_year, kind=Milestone.Kind.CAPTURE, state_code=state_code)
    for name, value in values.items():
        setattr(window, name, value)
    window.full_clean(validate_constraints=False)
    if window.closes <= window.opens:
        raise ValidationError({"closes_on": _("It closes before it opens.")})
    with pghistory.context(user=by.pk, reason=f"capture window of {fiscal_year} {state_code}"):
        window.save()
    return window


@transaction.atomic
def remove_window(window: Milestone, *, by: Any, seen: str) -> None:
    """A state goes back to the country's window; that one stays. Raises as `set_window` does."""
    need_writer(by)
    FiscalYear.objects.select_for_update(no_key=True).get(pk=window.fiscal_year_id)
    now = window_row(window.fiscal_year, window.state_code)
    if now is None or fingerprint(now) != seen:
        raise StaleError(now, None)
    if not now.state_code:
        raise ValidationError(_("The country's window is changed, not removed."))
    with pghistory.context(user=by.pk, reason=f"capture window of {window.fiscal_year_id} {window.state_code} removed"):
        now.delete()


def window_row(fiscal_year: FiscalYear, state_code: str) -> Milestone | None:
    """A place's own capture window, without falling back to the country's."""
    return fiscal_year.milestones.filter(kind=Milestone.Kind.CAPTURE, state_code=state_code).first()
