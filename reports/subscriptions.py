"""Who is told when the clock has made a report: in the portal and, as each chose, by mail with a link and no figure."""

from collections.abc import Iterator

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from habitat.accounts import notices
from habitat.accounts.models import Kind
from reports.catalog import CATALOGUE
from reports.models import Report, Subscription
from reports.periods import period_of
from reports.scopes import Scope


def subscribe(kind: str, scope: Scope, *, by) -> Subscription:
    """In the person's own language; again is harmless. Raises PermissionDenied outside one's territory."""
    if kind not in CATALOGUE:
        raise ValueError(_("There is no report called “%(kind)s”.") % {"kind": kind})
    if not by.is_valid_today or not scope.is_open_to(by):
        raise PermissionDenied
    wanted, _is_new = Subscription.objects.update_or_create(
        user=by,
        kind=kind,
        state=scope.state,
        municipality=scope.municipality,
        defaults={"language": by.language},
    )
    return wanted


def unsubscribe(pk: int, *, by) -> bool:
    return bool(Subscription.objects.filter(pk=pk, user=by).delete()[0])


def subscriptions_to(report: Report) -> QuerySet[Subscription]:
    place = {"state": report.state_id, "municipality": report.municipality_id}
    same = Subscription.objects.filter(kind=report.kind, language=report.language, **place)
    return same.select_related("user")


def tell_subscribers(report: Report) -> int:
    """Of a report of the clock, once; answers how many were told. Within the transaction that finishes it."""
    if report.asked_by_id or report.polygon_id or report.as_at:
        return 0
    return notices.tell(_notices(report))


def _notices(report: Report) -> Iterator[notices.Notice]:
    for wanted in subscriptions_to(report):
        with translation.override(wanted.language):
            words = {
                "title": CATALOGUE[report.kind].title,
                "period": period_of(report.period).label,
                "place": report.place_name,
            }
            text = _("Ready: %(title)s, %(period)s, %(place)s") % words
        yield notices.Notice(
            user=wanted.user,
            kind=Kind.JOB,
            key=f"report-{report.public_id}",
            text=text,
            url=reverse("reports:report", args=[report.pk]),
            lines=((report.pk, text),),
            about="reports.report",
        )
