"""Who is told of what, in their own language: a line in the portal and an e-mail in the outbox.

Written in the transaction of what they tell: neither told without the step, nor the step without being told. Only
people whose territory holds the project are told of it.
"""

from collections.abc import Iterable, Iterator

from django.db.models import Count, Q, QuerySet
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from habitat.accounts import notices
from habitat.accounts.models import Absence, Kind, Role, User
from habitat.accounts.notices import Line, Notice
from habitat.lib.templatetags.portal import money
from modalities.models import RulesVersion
from projects.models import (
    Act,
    ActionPoint,
    ActStatus,
    Amendment,
    BulkDecision,
    CaseAssignment,
    DraftComment,
    MoneyAct,
    Opinion,
    ProgressReport,
    Project,
    StatusChange,
)
from projects.turns import roles_of

PROJECT = "projects.project"


def page_of(project: Project) -> str:
    return f"/projects/{project.pk}/"


def about(project: Project, user: User, kind: Kind, *, key: str, text: str, lines: Iterable[str]) -> Notice:
    """A notice whose every line tells of one project: none leaves the portal for somebody who may not see it."""
    return Notice(user, kind, key, text, page_of(project), tuple((project.pk, line) for line in lines), PROJECT)


def tell_of(change: StatusChange) -> None:
    """Those whose turn it is now, and those who made the case, except who took the step."""
    project = change.project
    submitters = project.history.filter(step="submit").values_list("by", flat=True)
    made_it = [project.created_by_id, project.ready_by_id, *submitters]
    roles = roles_of(project.status)
    if project.assigned_to:
        # Somebody has it in hand: the others of the role need not hear of it, except who stands in.
        deputies = Absence.objects.running(timezone.localdate(change.at)).filter(user=project.assigned_to)
        made_it += [project.assigned_to_id, *deputies.values_list("deputy", flat=True)]
        roles = roles - {project.assigned_to.role}
    people = people_of(project, roles=roles, made_it=made_it, but=change.by_id)
    notices.tell(_of_change(change, user) for user in people)


def _of_change(change: StatusChange, user: User) -> Notice:
    project = change.project
    with translation.override(user.language):
        known = {"folio": project.folio, "name": project.name, "status": change.get_to_status_display()}
        lines = [_("Project %(folio)s “%(name)s” is now: %(status)s.") % known]
        if change.reason:
            lines.append(_("Reason: %(reason)s") % {"reason": change.reason})
        if project.due_on:
            lines.append(_("The next step is due on %(day)s.") % {"day": date_format(project.due_on)})
        text = _("%(folio)s: %(status)s") % known
    return about(project, user, Kind.STEP, key=f"step-{change.pk}", text=text, lines=lines)


def tell_of_return(project: Project, comments: list[DraftComment], preparer: User | None) -> None:
    """Whoever marked the draft ready, and its other preparers, that the certifier wants it mended."""
    by = comments[0].by
    people = people_of(project, roles={Role.PREPARER}, made_it=[preparer.pk if preparer else None], but=by.pk)
    notices.tell(_of_return(project, comments, user) for user in people)


def _of_return(project: Project, comments: list[DraftComment], user: User) -> Notice:
    with translation.override(user.language):
        known = {"folio": project.folio, "name": project.name, "who": comments[0].by}
        lines = [_("%(who)s sent the draft %(folio)s “%(name)s” back to be mended:") % known]
        lines += [f"{comment.get_section_display()}: {comment.text}" for comment in comments]
        text = _("%(folio)s: the certifier sent the draft back") % known
    return about(project, user, Kind.STEP, key=f"return-{comments[0].pk}", text=text, lines=lines)


def tell_of_progress(report: ProgressReport, *, by: User) -> None:
    """The delegation when a month is sent, the municipality when it is accepted or returned."""
    is_sent = report.status == ProgressReport.Status.SUBMITTED
    roles = {Role.REVIEWER} if is_sent else {Role.PREPARER, Role.CERTIFIER}
    notices.tell(_of_progress(report, user) for user in people_of(report.project, roles=roles, but=by.pk))


def _of_progress(report: ProgressReport, user: User) -> Notice:
    with translation.override(user.language):
        known = {
            "folio": report.project.folio,
            "month": f"{report.month:02d}/{report.year}",
            "status": report.get_status_display(),
        }
        lines = [_("Progress of %(month)s of project %(folio)s is now: %(status)s.") % known]
        if report.reason:
            lines.append(_("Reason: %(reason)s") % {"reason": report.reason})
        text = _("%(folio)s, progress of %(month)s: %(status)s") % known
    key = f"progress-{report.pk}-{report.updated_at:%Y%m%d%H%M%S%f}-{report.status}"
    return about(report.project, user, Kind.PROGRESS, key=key, text=text, lines=lines)


def tell_of_act(act: MoneyAct, *, by: User) -> None:
    """The delegation when money is registered, the municipality when it is validated, rejected or reversed."""
    is_new = act.status == ActStatus.REGISTERED
    roles = {Role.REVIEWER} if is_new else {Role.CERTIFIER}
    made_it = [] if is_new else [act.registered_by_id]
    people = people_of(act.project, roles=roles, made_it=made_it, but=by.pk)
    notices.tell(_of_act(act, act.reason, user) for user in people)


def tell_of_amendment(amendment: Amendment, *, by: User) -> None:
    """Who decides on it when it is asked for, the municipality when it was decided."""
    is_new = amendment.status == ActStatus.REGISTERED
    roles = {amendment.decider} if is_new else {Role.PREPARER, Role.CERTIFIER, Role.REVIEWER}
    people = people_of(amendment.project, roles=roles, but=by.pk)
    notices.tell(_of_act(amendment, amendment.asked if is_new else amendment.reason, user) for user in people)


def _of_act(act: Act, reason: str, user: User) -> Notice:
    with translation.override(user.language):
        known = {"folio": act.project.folio, "what": act._meta.verbose_name, "status": act.get_status_display()}
        lines = [_("Project %(folio)s, %(what)s: %(status)s.") % known]
        if isinstance(act, MoneyAct):
            lines.append(_("Amount: %(amount)s") % {"amount": money(act.amount)})
        if reason:
            lines.append(_("Reason: %(reason)s") % {"reason": reason})
        text = _("%(folio)s, %(what)s: %(status)s") % known
    key = f"{act._meta.model_name}-{act.pk}-{act.status}"
    return about(act.project, user, Kind.STEP, key=key, text=text, lines=lines)


def tell_of_point(point: ActionPoint) -> None:
    """Who must do something, by when."""
    user = point.owner
    with translation.override(user.language):
        known = {"folio": point.project.folio, "who": point.by, "day": date_format(point.due_on)}
        lines = [_("%(who)s asks of you on %(folio)s, until %(day)s:") % known, point.text]
        text = _("%(folio)s: something for you to do until %(day)s") % known
    notices.tell([about(point.project, user, Kind.ASSIGNMENT, key=f"point-{point.pk}", text=text, lines=lines)])


def tell_of_assignment(rows: list[CaseAssignment], before: list[User], *, by: User) -> None:
    """One notice, whatever the number of cases, to who has them now and to who had them; not to who did it."""
    if not rows:
        return
    to = rows[0].user
    told = {user.pk: user for user in [to, *before] if user.pk != by.pk}
    notices.tell(_of_assignment(user, to, rows, by) for user in told.values())


def _of_assignment(user: User, to: User, rows: list[CaseAssignment], by: User) -> Notice:
    count = len(rows)
    known = {"count": count, "who": to, "folio": rows[0].project.folio, "by": by}
    with translation.override(user.language):
        is_one = count == 1
        if user.pk == to.pk:
            words = _("%(folio)s is in your hands now") if is_one else _("%(count)s cases are in your hands now")
        else:
            gone = _("%(folio)s is in the hands of %(who)s now")
            words = gone if is_one else _("%(count)s of your cases are with %(who)s now")
        text = words % known
        lines: list[Line] = [(None, _("Handed over by %(by)s.") % known)]
        lines += [(None, rows[0].note)] if rows[0].note else []
        lines += [(row.project_id, f"{row.project.folio} {row.project.name}") for row in rows]
    url = page_of(rows[0].project) if len(rows) == 1 else "/projects/desk/mine/"
    return Notice(user, Kind.ASSIGNMENT, f"assignment-{rows[0].pk}", text, url, tuple(lines), PROJECT)


# An e-mail names so many projects; the portal has them all.
NAMED = 300


def tell_of_decision(decision: BulkDecision) -> None:
    """Of a step taken for many projects: one notice a person, with the projects of theirs; and the end to who asked."""
    rows = decision.rows.filter(outcome="taken").select_related("project").order_by("pk")
    taken = [row.project for row in rows]
    submitters: dict[int, set[int]] = {}
    steps = StatusChange.objects.filter(project__in=taken, step="submit").values_list("project", "by")
    for project, by in steps:
        submitters.setdefault(project, set()).add(by)
    told = [_of_decision(decision, user, mine) for user, mine in _concerned(taken, submitters, decision.asked_by_id)]
    notices.tell([*told, _of_end(decision, len(taken))])


def _concerned(taken: list[Project], submitters: dict[int, set[int]], but: int) -> Iterator[tuple[User, list[Project]]]:
    """Each person whose turn it is now, or who made some of them, with those of their territory."""
    roles = {project.pk: roles_of(project.status) for project in taken}
    for user in valid_accounts().exclude(pk=but).exclude(role__in=[Role.AUDITOR, Role.SERVICE]):
        mine = [
            project
            for project in taken
            if _holds(user, project.municipality_id)
            and (
                (user.role in roles[project.pk] and project.assigned_to_id in (None, user.pk))
                or user.pk in (project.created_by_id, project.ready_by_id)
                or user.pk in submitters.get(project.pk, ())
            )
        ]
        if mine:
            yield user, mine


def _holds(user: User, municipality: str) -> bool:
    """Whether the territory holds a municipality, whose code begins with its state's."""
    return user.is_national or municipality in (user.municipality_id,) or municipality[:2] == user.state_id


def _of_decision(decision: BulkDecision, user: User, mine: list[Project]) -> Notice:
    with translation.override(user.language):
        known = {"count": len(mine), "status": mine[0].get_status_display(), "folio": mine[0].folio}
        one, many = _("%(folio)s: %(status)s"), _("%(count)s projects are now: %(status)s")
        lines: list[Line] = [(project.pk, f"{project.folio} {project.name}") for project in mine[:NAMED]]
        if len(mine) > NAMED:
            lines.append((None, _("And %(count)s more.") % {"count": len(mine) - NAMED}))
        if decision.reason:
            lines.append((None, _("Reason: %(reason)s") % {"reason": decision.reason}))
        text = (one if len(mine) == 1 else many) % known
    url = page_of(mine[0]) if len(mine) == 1 else "/projects/desk/unassigned/"
    return Notice(user, Kind.STEP, f"decision-{decision.pk}", text, url, tuple(lines), PROJECT)


def _of_end(decision: BulkDecision, taken: int) -> Notice:
    user = decision.asked_by
    with translation.override(user.language):
        refused = decision.rows.filter(outcome="refused").count()
        text = _("Your decision has ended: %(taken)s taken, %(refused)s refused") % {"taken": taken, "refused": refused}
    return Notice(user, Kind.JOB, f"decision-{decision.pk}-end", text, f"/projects/decisions/{decision.pk}/")


def tell_of_opinion(opinion: Opinion, *, by: User) -> None:
    """The technicians when it is asked for; when it is given, who asked and who has the case in hand."""
    project = opinion.project
    if opinion.given_at is None:
        people = people_of(project, roles={Role.TECHNICIAN}, but=by.pk)
    else:
        people = people_of(project, roles=(), made_it=[opinion.asked_by_id, project.assigned_to_id], but=by.pk)
    notices.tell(_of_opinion(opinion, user) for user in people)


def _of_opinion(opinion: Opinion, user: User) -> Notice:
    project = opinion.project
    with translation.override(user.language):
        known = {"folio": project.folio, "name": project.name, "modality": opinion.modality.name}
        if opinion.given_at is None:
            text = _("%(folio)s: a technical opinion is asked for") % known
            lines = [_("Project %(folio)s “%(name)s”, modality: %(modality)s.") % known, opinion.question]
            if opinion.due_on:
                lines.append(_("It is due on %(day)s.") % {"day": date_format(opinion.due_on)})
        else:
            is_for = opinion.is_favourable
            text = (_("%(folio)s: favourable opinion") if is_for else _("%(folio)s: unfavourable opinion")) % known
            lines = [_("Project %(folio)s “%(name)s”, modality: %(modality)s.") % known, opinion.text]
    key = f"opinion-{opinion.pk}-{'given' if opinion.given_at else 'asked'}"
    return about(project, user, Kind.OPINION, key=key, text=text, lines=[line for line in lines if line])


def tell_of_rules(rules: RulesVersion, previous: RulesVersion | None, *, by: User, reason: str) -> None:
    """Everybody with an open proposal in their territory, each once."""
    count = dict(
        Project.objects.until_approval().filter(rules=rules).order_by()
        .values_list("municipality").annotate(count=Count("pk"))
    )  # fmt: skip
    url = f"/modalities/rules/{rules.fiscal_year_id}/{rules.version}/" + ("comparison/" if previous else "")
    readers = valid_accounts().exclude(role__in=[Role.AUDITOR, Role.SERVICE]).exclude(pk=by.pk)
    concerned = [(user, mine) for user in readers if (mine := _in_territory(count, user))]
    notices.tell(_of_rules(user, mine, rules, url, reason) for user, mine in concerned)


def _of_rules(user: User, mine: int, rules: RulesVersion, url: str, reason: str) -> Notice:
    with translation.override(user.language):
        known = {"year": rules.fiscal_year_id, "number": rules.version, "count": mine}
        text = _("New rules are in force: %(year)s, version %(number)s") % known
        lines = (
            ngettext(
                "%(count)s open proposal of your territory is judged by them from now on.",
                "%(count)s open proposals of your territory are judged by them from now on.",
                mine,
            )
            % known,
            _("What was approved keeps the rules it was approved under."),
            _("Reason: %(reason)s") % {"reason": reason},
        )
    return Notice(user, Kind.RULES, f"rules-{rules.pk}", text, url, tuple((None, line) for line in lines))


def _in_territory(count: dict[str, int], user: User) -> int:
    """Of municipality code → number, the sum over the user's territory; a code begins with its state's."""
    if user.is_national:
        return sum(count.values())
    if user.state_id:
        return sum(number for code, number in count.items() if code.startswith(user.state_id))
    return count.get(user.municipality_id, 0)


def of_deadline(name: str, project: Project, user: User, *, key: str) -> Notice:
    """`name`: soon, overdue, or escalated to the next in line."""
    with translation.override(user.language):
        known = {"folio": project.folio, "name": project.name, "day": date_format(project.due_on or "")}
        text = {
            "soon": _("%(folio)s is due on %(day)s"),
            "overdue": _("%(folio)s is overdue since %(day)s"),
            "escalated": _("%(folio)s is overdue since %(day)s and has not moved: it is for you to see to it"),
        }[name] % known
        known["status"] = project.get_status_display()
        lines = [_("%(folio)s “%(name)s”: due on %(day)s") % known, _("It stands at: %(status)s.") % known]
        if project.assigned_to:
            lines.append(_("In the hands of %(who)s.") % {"who": project.assigned_to})
    return about(project, user, Kind.DEADLINE, key=key, text=text, lines=lines)


def of_opinion_due(name: str, opinion: Opinion, user: User, *, key: str) -> Notice:
    """`name`: soon, overdue, or escalated to who asked for it."""
    project = opinion.project
    with translation.override(user.language):
        known = {"folio": project.folio, "name": project.name, "day": date_format(opinion.due_on or "")}
        known["modality"] = opinion.modality.name if opinion.modality else ""
        text = {
            "soon": _("%(folio)s: the technical opinion is due on %(day)s"),
            "overdue": _("%(folio)s: the technical opinion is overdue since %(day)s"),
            "escalated": _("%(folio)s: the technical opinion you wait for is overdue since %(day)s"),
        }[name] % known
        lines = [_("Project %(folio)s “%(name)s”, modality: %(modality)s.") % known, opinion.question]
    return about(project, user, Kind.DEADLINE, key=key, text=text, lines=[line for line in lines if line])


def people_of(
    project: Project, *, roles: Iterable[str], made_it: Iterable[int | None] = (), but: int | None
) -> list[User]:
    """Valid accounts whose territory holds the project, by role or by having made the case; not who did it."""
    place = project.municipality
    within_reach = Q(is_national=True) | Q(state=place.state_id) | Q(municipality=place.pk)
    concerned = Q(role__in=roles) | Q(pk__in=[pk for pk in made_it if pk])
    return [user for user in valid_accounts().filter(within_reach, concerned) if user.pk != but]


def valid_accounts() -> QuerySet[User]:
    today = timezone.localdate()
    return User.objects.filter(is_active=True, valid_from__lte=today).exclude(valid_to__lt=today)
