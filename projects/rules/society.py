"""Rules of social audit and of the end of a work: what each looks at, and its words. `decisions` says the verdict."""

from collections.abc import Mapping

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from projects.models import ActionPoint, Committee, CommitteeVerdict, CommitteeWaiver, Handover, Status
from projects.rules.facts import Facts
from projects.rules.judgements import Words

Found = tuple[Words, Mapping[str, object]]


def needs_committee(facts: Facts) -> bool:
    """Studies and plans have no committee."""
    return any(action.action_type.needs_committee for action in facts.actions)


def committee_before_start(facts: Facts) -> Found:
    """A committee that watches this work, constituted by now, with its minutes and at least one member."""
    needed = needs_committee(facts)
    if not needed or not facts.has_reached(Status.NUMBERED):
        words = _("Asked for when the works start.") if needed else _("Its action types ask for no committee.")
        return words, {"needed": needed, "is_there": False}
    found = list(Committee.objects.watching(facts.project, facts.today).with_counts())
    whole = [committee for committee in found if committee.minutes and committee.people]
    inputs = {"needed": True, "is_there": bool(whole), "committees": [committee.pk for committee in found]}
    if whole:
        known = {"name": whole[0].name, "day": date_format(whole[0].constituted_on, "SHORT_DATE_FORMAT")}
        return _("%(name)s, constituted on %(day)s.") % known, inputs
    if found:
        return _("“%(name)s” has no minutes of its assembly yet, or no members.") % {"name": found[0].name}, inputs
    return _("No committee watches this work yet."), inputs


def handover_signed(facts: Facts) -> Found:
    """The certificate, and the copy of it that everybody signed."""
    standing = None
    if facts.has_reached(Status.FINISHED):
        standing = Handover.objects.filter(project=facts.project, cancelled_at=None).first()
    inputs = {"number": standing.number if standing else None, "is_signed": bool(standing and standing.signed_id)}
    if standing is None:
        return _("The handover certificate has not been issued."), inputs
    if not standing.signed_id:
        return _("%(number)s waits for its signed copy.") % {"number": standing.number}, inputs
    return _("%(number)s, signed.") % {"number": standing.number}, inputs


def committee_verdict(facts: Facts) -> Found:
    """The newest word of a committee, or a waiver that two persons recorded, where an action type asks for it."""
    needed = needs_committee(facts)
    inputs: dict[str, object] = {"needed": needed, "satisfied": None, "waived": False}
    if not needed:
        return _("Its action types ask for no committee."), inputs
    if not facts.has_reached(Status.IN_EXECUTION):
        return _("Asked for before the closure."), inputs
    said = CommitteeVerdict.objects.filter(project=facts.project).select_related("committee").first()
    inputs["satisfied"] = said.is_favourable if said else None
    inputs["waived"] = CommitteeWaiver.objects.filter(project=facts.project, is_granted=True).exists()
    if said and said.is_favourable:
        return _("%(name)s is satisfied.") % {"name": said.committee.name}, inputs
    if inputs["waived"]:
        return _("It was waived, with its reason in the file."), inputs
    if said:
        words = _("%(name)s is not satisfied: see to it and ask again, or have it waived.")
        return words % {"name": said.committee.name}, inputs
    return _("The committee has not given its word, and nobody has waived it."), inputs


def points_closed(facts: Facts) -> Found:
    is_due = facts.has_reached(Status.IN_EXECUTION)
    count = ActionPoint.objects.filter(project=facts.project).open().count() if is_due else 0
    inputs = {"open": count}
    if not count:
        return _("None is open."), inputs
    words = ngettext("%(count)s action point is open.", "%(count)s action points are open.", count)
    return words % {"count": count}, inputs


LOOKS = {look.__name__: look for look in (committee_before_start, handover_signed, committee_verdict, points_closed)}
