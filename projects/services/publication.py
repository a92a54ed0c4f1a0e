"""Putting a draft of the rules in force, and what becomes of the proposals.

Open proposals, from draft to numbered, are judged by the new rules from that moment: a draft, because it would be
refused at its next step otherwise, and a case under review, because the year's rules bind whoever decides on it. What a
review has decided stays: steps taken, verdicts kept with the version they were given by, running deadlines. What was
approved keeps the rules it was approved under, for ever. Rejected, withdrawn and cancelled cases keep theirs too.
"""

from dataclasses import dataclass

import pghistory
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from habitat.accounts.models import User
from modalities import services as rule_book
from modalities.models import RulesVersion
from projects import notifications
from projects.refusals import Refused
from projects.services.previews import is_current, latest_preview, open_proposals

# A draft is begun under the rules in force, or waits until the new ones are.
LOCK = 4_108_001


@dataclass(frozen=True)
class Published:
    rules: RulesVersion
    previous: RulesVersion | None
    moved: int


def hold_rules_still() -> None:
    """Until this transaction ends nobody puts other rules in force; those who hold it do not hinder each other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [LOCK])


def why_not_publish(version: RulesVersion, by: User) -> list[str]:
    """Sentences; empty: `by` may put it in force now."""
    reasons = []
    if not version.is_draft:
        reasons.append(_("Only a draft can be put in force."))
    if version.edits.filter(by=by.pk).exists():
        reasons.append(_("Who wrote in a draft does not put it in force: a second person does."))
    if open_proposals(version).exists() and not is_current(latest_preview(version), version):
        reasons.append(_("Preview the draft as it stands on the open proposals first."))
    return reasons


@transaction.atomic
def publish_rules(version: RulesVersion, *, by: User, reason: str) -> Published:
    """The draft in force, the one before superseded, open proposals under the new one, those concerned told.

    Raises PermissionDenied; Refused with every reason against it.
    """
    rule_book.need_writer(by)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    locked = RulesVersion.objects.select_for_update(of=("self",), no_key=True).get(pk=version.pk)
    reasons = why_not_publish(locked, by)
    if not reason.strip():
        reasons.append(_("Give the reason."))
    if reasons:
        raise Refused(*reasons)
    previous = RulesVersion.objects.in_force().filter(fiscal_year=locked.fiscal_year_id).first()
    try:
        published = rule_book.publish(locked, by=by, reason=reason)
    except ValidationError as error:
        raise Refused(*error.messages) from error
    moved = open_proposals(published).exclude(rules=published)
    with pghistory.context(user=by.pk, reason=f"rules {published} in force"):
        # An approval under way holds its project's row: waited for, and then no longer open.
        count = moved.update(rules=published)
    notifications.tell_of_rules(published, previous, by=by, reason=reason.strip())
    return Published(published, previous, count)
