"""The people of one project's social actions: who serves in them, and the stipends of each month."""

import datetime as dt
from decimal import Decimal

from django.contrib import messages
from django.db.models import Prefetch
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from habitat.accounts.requests import PersonRequest
from habitat.lib.forms import posted
from projects import services
from projects.forms.people import EndForm, EngageForm, EngagementForm, ReturnForm, StipendForm
from projects.models import (
    STIPEND_UNITS,
    Action,
    Course,
    Engagement,
    Project,
    RegisterReading,
    StipendPayment,
)
from projects.models import StipendList as Stipends
from projects.refusals import Refused
from projects.services.targets import months_between
from projects.views.asking import Link, ask
from projects.views.closing import trail_of
from projects.views.pairs import marks_in
from projects.views.people import offering
from projects.views.record import fetch
from projects.views.register_door import elsewhere_of, need_keeper, note, restricted

What = RegisterReading.What


def back_to(project: Project) -> list[Link]:
    return [*trail_of(project), (_("People"), reverse("projects:project-people", args=[project.pk]))]


@require_safe
@restricted
def project_people(request: PersonRequest, pk: int) -> HttpResponse:
    """What each social action reports beside what the register holds; who serves, and which courses there are."""
    project = fetch(request, pk)
    rows = Engagement.objects.visible_to(request.user).filter(action__project=project)
    engagements = list(rows.select_related("person", "action__action_type"))
    courses = list(services.with_counts(Course.objects.visible_to(request.user).filter(action__project=project)))
    lists = list(Stipends.objects.visible_to(request.user).filter(action__project=project).prefetch_related("payments"))
    note(request, What.ACTION, len({row.person_id for row in engagements}), project=project)
    parts = []
    for told in services.reported_of(project):
        mine = told.action.pk
        parts.append(
            {
                "told": told,
                "engagements": [row for row in engagements if row.action_id == mine],
                "courses": [row for row in courses if row.action_id == mine],
                "months": months_of(told.action, project, [row for row in lists if row.action_id == mine]),
            }
        )
    context = {
        "project": project,
        "parts": parts,
        "has_ended": project.status in ("finished", "handed_over", "proven", "closed"),
        "keeps": services.keeps_people(request.user, project.municipality_id),
        "title": _("People of the project"),
        "kicker": f"{project.folio} · {project.name}",
        "trail": trail_of(project),
    }
    return render(request, "projects/people/project.html", context)


def months_of(action: Action, project: Project, lists: list[Stipends]) -> list[tuple[dt.date, list[Stipends]]]:
    """Each month of a project that pays stipends, with its lists; none of other actions."""
    if action.action_type.unit not in STIPEND_UNITS:
        return []
    months = months_between(project.starts_on, project.ends_on) or sorted({row.month for row in lists})
    return [(month, [row for row in lists if row.month == month]) for month in months]


def fetch_action(request: PersonRequest, pk: int, action: int, units) -> Action:
    """404 outside the territory, and where the action has no people of this kind."""
    project = fetch(request, pk)
    found = get_object_or_404(
        project.actions.select_related("action_type").defer("geometry"), pk=action, action_type__unit__in=units
    )
    found.project = project
    return found


@restricted
def engage(request: PersonRequest, pk: int, action: int) -> HttpResponse:
    """Somebody new, or somebody who stands in the register: the page offers them and never merges silently."""
    found = fetch_action(request, pk, action, STIPEND_UNITS)
    project = found.project
    need_keeper(request, project.municipality_id)
    form = EngageForm(posted(request), initial={"starts_on": project.starts_on, "ends_on": project.ends_on})
    return offering(
        request, form,
        lambda: services.engage_person(found, by=request.user, chosen=chosen(request), who=form.said, **form.terms),
        title=_("Engage somebody: %(type)s") % {"type": found.action_type}, trail=back_to(project),
        button=_("Engage"), done=_("The person is engaged."),
    )  # fmt: skip


def chosen(request: PersonRequest) -> str:
    """What was answered to those offered: the number of one of them, `new`, or nothing yet."""
    said = request.POST.get("existing", "")
    return said if said == "new" or (said.isdecimal() and len(said) < 10) else ""


def fetch_engagement(request: PersonRequest, pk: int, engagement: int) -> Engagement:
    project = fetch(request, pk)
    need_keeper(request, project.municipality_id)
    rows = Engagement.objects.visible_to(request.user).filter(action__project=project)
    return get_object_or_404(rows.select_related("person", "action__action_type", "action__project"), pk=engagement)


@restricted
def change_engagement(request: PersonRequest, pk: int, engagement: int) -> HttpResponse:
    row = fetch_engagement(request, pk, engagement)
    form = EngagementForm(posted(request), instance=row)
    said = EngagementForm.Meta.fields
    note(request, What.PERSON, 1, person=row.person, project=row.action.project)
    return ask(
        request, form,
        lambda: services.change_engagement(
            row, by=request.user, seen=marks_in(request.POST), **{name: form.cleaned_data[name] for name in said}
        ),
        now=form.initial,
        title=row.person.name, kicker=_kicker(row.action), trail=back_to(row.action.project), button=_("Save"),
        done=_("It is written down."),
    )  # fmt: skip


@restricted
def end_engagement(request: PersonRequest, pk: int, engagement: int) -> HttpResponse:
    row = fetch_engagement(request, pk, engagement)
    form = EndForm(posted(request), initial={"left_on": timezone.localdate()})
    note(request, What.PERSON, 1, person=row.person, project=row.action.project)
    return ask(
        request, form, lambda: services.end_engagement(row, by=request.user, **form.cleaned_data),
        title=_("%(name)s leaves before the end") % {"name": row.person.name}, kicker=_kicker(row.action),
        trail=back_to(row.action.project), button=_("Save"), done=_("It is written down."),
    )  # fmt: skip


def _kicker(action: Action) -> str:
    return f"{action.project.folio} · {action.action_type}"


# ---- Stipends of a month --------------------------------------------------------------------------------------------
def fetch_month(request: PersonRequest, pk: int, action: int, year: int, month: int) -> tuple[Action, dt.date]:
    found = fetch_action(request, pk, action, STIPEND_UNITS)
    try:
        first = dt.date(year, month, 1)
    except ValueError:
        raise Http404 from None
    first_day, last_day = services.years_of(found.project)
    if not first_day.replace(day=1) <= first <= last_day:
        raise Http404
    return found, first


@restricted
def stipends(request: PersonRequest, pk: int, action: int, year: int, month: int) -> HttpResponse:
    """All of a month on one page; each row is kept or refused by itself, and what was typed stays."""
    found, first = fetch_month(request, pk, action, year, month)
    if request.method == "POST":
        need_keeper(request, found.project.municipality_id)
    form = month_form(request, found, first)
    status = 200
    if request.method == "POST":
        if list_month(request, found, first, form):
            messages.success(request, _("The month is listed. Somebody else confirms it."))
            return redirect(request.path)
        status = 409
    return render(request, "projects/people/stipends.html", month_page(request, found, first, form), status=status)


def lists_of(request: PersonRequest, action: Action, month: dt.date) -> list[Stipends]:
    rows = Stipends.objects.visible_to(request.user).filter(action=action, month=month)
    paid = StipendPayment.objects.select_related("person").order_by(*Engagement._meta.ordering)
    return list(rows.select_related("confirmed_by", "returned_by").prefetch_related(Prefetch("payments", paid)))


def month_form(request: PersonRequest, action: Action, month: dt.date) -> StipendForm:
    """A box a person who is to be paid and not confirmed yet; a first list proposes everybody's stipend."""
    lists = lists_of(request, action, month)
    done = {row.engagement_id for each in lists if each.status == "confirmed" for row in each.payments.all()}
    engagements = [row for row in services.payable(action, month) if row.pk not in done]
    current = open_of(lists)
    now = services.listed_in(current)
    initial = {f"e{row.pk}": now.get(row.pk, None if current else row.monthly_stipend) for row in engagements}
    return StipendForm(posted(request), engagements=engagements, now=now, initial=initial)


def open_of(lists: list[Stipends]) -> Stipends | None:
    return next((each for each in lists if each.status != "confirmed"), None)


def list_month(request: PersonRequest, action: Action, month: dt.date, form: StipendForm) -> bool:
    """Whether every row is kept; the others have their reason at their box."""
    is_whole = form.is_valid()
    try:
        found, refusals = services.list_stipends(
            action, month, amounts=form.amounts, by=request.user, seen=marks_in(request.POST)
        )
    except Refused as error:
        form.add_error(None, error.messages)
        return False
    for key, why in refusals.items():
        form.add_error(f"e{key}" if f"e{key}" in form.fields else None, why)
    form.catch_up(services.listed_in(found))
    return is_whole and not refusals


def month_page(request: PersonRequest, action: Action, month: dt.date, form: StipendForm) -> dict[str, object]:
    user, project = request.user, action.project
    lists = lists_of(request, action, month)
    current = open_of(lists)
    confirmed = [each for each in lists if each.status == "confirmed"]
    paid = sum(len(each.payments.all()) for each in confirmed)
    note(request, What.STIPENDS, len(form.engagements) + paid, project=project)
    people = [row.person for row in form.engagements]
    people += [row.person for each in confirmed for row in each.payments.all()]
    elsewhere = {key: words for (key, _month), words in elsewhere_of(request, people, [month]).items()}
    listed = services.listed_in(current)
    is_paying, is_ahead = project.status in services.PAYING, month > project.municipality.local_day()
    return {
        "project": project,
        "action": action,
        "month": month,
        "form": form,
        "rows": [(row, box, elsewhere.get(row.person.curp)) for row, box in form.rows()],
        "not_listed": [row for row in form.engagements if row.pk not in listed],
        "current": current,
        "in_list": paid_in(current, elsewhere) if current else [],
        "confirmed": [(each, paid_in(each, elsewhere), total_of(each)) for each in confirmed],
        "left": services.left_of(action),
        "refused": len([name for name in form.errors if name != "__all__"]),
        "is_ahead": is_ahead,
        "sum_confirmed": sum(total_of(each) for each in confirmed),
        "keeps": is_paying and not is_ahead and services.keeps_people(user, project.municipality_id),
        "may_confirm": is_paying and services.may_confirm(user),
        "may_reopen": is_paying and services.may_reopen(user),
        "wrote": bool(current and any(row.by_id == user.pk for row in current.payments.all())),
        "listed": total_of(current) if current else 0,
        "seen": services.mark_of_list(current) if current else "",
        "return_form": ReturnForm(),
        "title": _("Stipends of %(month)s") % {"month": date_format(month, "YEAR_MONTH_FORMAT")},
        "kicker": _kicker(action),
        "trail": back_to(project),
    }


def paid_in(found: Stipends, elsewhere: dict[str, str]) -> list[tuple[StipendPayment, str]]:
    return [(row, elsewhere.get(row.person.curp, "")) for row in found.payments.all()]


def total_of(found: Stipends) -> Decimal:
    return sum(services.listed_in(found).values(), Decimal(0))


@require_POST
@restricted
def decide_stipends(request: PersonRequest, pk: int, action: int, year: int, month: int, number: int) -> HttpResponse:
    """`do`: confirm or return; a list that is confirmed may be returned by few."""
    found, first = fetch_month(request, pk, action, year, month)
    row = get_object_or_404(Stipends.objects.visible_to(request.user).filter(action=found, month=first), number=number)
    try:
        if request.POST.get("do") == "confirm":
            services.confirm_stipends(row, by=request.user, seen=request.POST.get("seen", ""))
            count = row.payments.count()
            words = ngettext("%(count)s stipend is confirmed.", "%(count)s stipends are confirmed.", count)
            messages.success(request, words % {"count": count})
        else:
            form = ReturnForm(request.POST)
            if form.is_valid():
                services.return_stipends(row, reason=form.cleaned_data["reason"], by=request.user)
                messages.success(request, _("The list is returned."))
            else:
                messages.error(request, _("Say what is to be mended."))
    except Refused as error:
        messages.error(request, " ".join(error.messages))
    return redirect("projects:stipends", pk, action, year, month)
