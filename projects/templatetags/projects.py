"""How a project's standing is shown; loaded with `{% load projects %}`."""

from django import template
from django.template import Context
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from habitat.lib.templatetags.portal import badge
from projects.models import ActStatus, Photo, ProgressReport, Status

register = template.Library()

# Families of `badge`; the word beside the mark always says the status itself.
FAMILIES = {
    Status.DRAFT: "draft",
    Status.SUBMITTED: "transit",
    Status.AUTHORISED: "transit",
    Status.IN_REVIEW: "transit",
    Status.OBSERVED: "attention",
    Status.NUMBERED: "transit",
    Status.APPROVED: "good",
    Status.IN_EXECUTION: "good",
    Status.FINISHED: "done",
    Status.HANDED_OVER: "done",
    Status.PROVEN: "done",
    Status.CLOSED: "done",
    Status.REJECTED: "stop",
    Status.WITHDRAWN: "stop",
    Status.CANCELLED: "stop",
}
PROGRESS_FAMILIES = {
    ProgressReport.Status.EXPECTED: "draft",
    ProgressReport.Status.DRAFT: "draft",
    ProgressReport.Status.SUBMITTED: "transit",
    ProgressReport.Status.ACCEPTED: "done",
    ProgressReport.Status.RETURNED: "attention",
    ProgressReport.Status.SUPERSEDED: "stop",
}


@register.simple_tag
def status_badge(status: str, size: str = "") -> SafeString:
    return badge(FAMILIES[Status(status)], Status(status).label, size)


@register.simple_tag(takes_context=True)
def photo_name(context: Context, photo: Photo) -> str:
    """Its file's name, which may say who lives there, for those with an account; a number for everybody else."""
    if context["user"].is_authenticated:
        return photo.original_name
    return _("Photograph %(number)s") % {"number": photo.pk}


@register.simple_tag
def progress_badge(status: str) -> SafeString:
    return badge(PROGRESS_FAMILIES[ProgressReport.Status(status)], ProgressReport.Status(status).label)


ACT_FAMILIES = {
    ActStatus.REGISTERED: "attention",
    ActStatus.VALIDATED: "done",
    ActStatus.REJECTED: "stop",
    ActStatus.REVERSED: "draft",
}


@register.simple_tag
def act_badge(status: str) -> SafeString:
    return badge(ACT_FAMILIES[ActStatus(status)], ActStatus(status).label)
