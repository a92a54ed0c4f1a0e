"""The only writers of the restricted register: who is in it, who read it, and when it is erased."""

import datetime as dt
from typing import Any

import pgtrigger
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from habitat.accounts.models import Role, User
from polygons.models import Municipality
from projects.identity import settled
from projects.models import ActorProject, Engagement, Participant, Person, Project, RegisterReading, SocialActor
from projects.querysets.people import reads_register
from projects.refusals import StepForbidden, StepRefused
from projects.services.merging import Marks, merge, refuse

# What a form says of a social actor that exists.
ACTOR = ("kind", "name", "rfc", "cluni", "place", "committee", "centre")
KEEPERS = (Role.PREPARER, Role.CERTIFIER)
# People found at most: who finds more says more of whom they look for.
MOST_FOUND = 25


class AlreadyRegistered(StepRefused):
    """Somebody who may be the same stands in the register; `people` are offered, none is merged silently.

    `is_sure`: the CURP is the same, so that a second row is impossible.
    """

    def __init__(self, people: list[Person], *, is_sure: bool) -> None:
        words = (
            _("This CURP is in the register already. Look at the person below and say whether it is the same.")
            if is_sure
            else _("Somebody of this name and birth is in the register already. Say whether it is the same person.")
        )
        super().__init__([words])
        self.people, self.is_sure = people, is_sure


def keeps_people(user: User, municipality: str = "") -> bool:
    """The municipality writes its own register."""
    may = bool(user.is_authenticated and user.can_write and user.is_valid_today and user.role in KEEPERS)
    return may and (not municipality or user.municipalities().filter(pk=municipality).exists())


def need_keeper(by: User, municipality: str) -> None:
    if not keeps_people(by, municipality):
        raise StepForbidden(_("The municipality keeps the register of its people."))


def note_reading(
    by: User, what: str, *, page: str, people: int, person: Person | None = None, project: Project | None = None,
    purpose: str = "", at: dt.datetime | None = None,
) -> RegisterReading:  # fmt: skip
    """Before anything is shown: what cannot be noted is not read."""
    if not reads_register(by):
        raise StepForbidden(_("The register of people is read by those who work with it."))
    return RegisterReading.objects.create(
        by=by, what=what, at=at or timezone.now(), person=person, project=project, people=people, page=page[:400],
        purpose=purpose,
    )  # fmt: skip


# ---- Who is in it ---------------------------------------------------------------------------------------------------
@transaction.atomic
def register_person(municipality: Municipality, *, by: User, is_another: bool = False, **said: Any) -> Person:
    """`said` as `identity.settled` takes it. `is_another`: who registers looked at those alike, and it is none of them.

    Raises StepForbidden, ValidationError by field, or AlreadyRegistered.
    """
    need_keeper(by, municipality.pk)
    facts = settled(said)
    # Two may register the same person at once; a broken constraint would write the CURP into the server's log.
    Municipality.objects.select_for_update(no_key=True).get(pk=municipality.pk)
    _need_new(municipality, facts, is_another=is_another)
    return Person.objects.create(municipality=municipality, by=by, **facts)


def settle_on(municipality: Municipality, *, by: User, chosen: str, who: dict[str, Any]) -> Person:
    """The person chosen of those offered, else somebody new. `chosen`: their number, `new`, or nothing yet.

    As `register_person`; StepRefused where the CURP typed is not that of who was chosen.
    """
    if not chosen.isdecimal():
        return register_person(municipality, by=by, is_another=chosen == "new", **who)
    need_keeper(by, municipality.pk)
    typed = settled(who)
    found = Person.objects.known().filter(municipality=municipality, pk=int(chosen)).first()
    if found is None or (typed["curp"] and found.curp and typed["curp"] != found.curp):
        raise StepRefused([_("Look again: the CURP is not that of the person chosen.")])
    return found


def _need_new(municipality: Municipality, facts: dict[str, Any], *, is_another: bool, but: int = 0) -> None:
    known = Person.objects.known().filter(municipality=municipality).exclude(pk=but)
    if facts["curp"] and (same := list(known.filter(curp=facts["curp"]))):
        raise AlreadyRegistered(same, is_sure=True)
    if not is_another and (alike := list(alike_of(known, facts)[:5])):
        raise AlreadyRegistered(alike, is_sure=False)


def alike_of(known: QuerySet[Person], facts: dict[str, Any]) -> QuerySet[Person]:
    """Of the same birth and first surname; two different CURPs are two people."""
    found = known.filter(born_on=facts["born_on"], first_surname__iexact=facts["first_surname"])
    found = found.filter(given_names__iexact=facts["given_names"])
    return found.filter(curp="") if facts["curp"] else found


@transaction.atomic
def change_person(
    person: Person, *, by: User, is_another: bool = False, seen: Marks | None = None, **said: Any
) -> Person:  # fmt: skip
    """Raises StepForbidden, StepRefused once erased, ValidationError by field, AlreadyRegistered, or Overtaken.

    Who somebody is, is one statement: of two stale pages the second is asked about all that differs.
    """
    need_keeper(by, person.municipality_id)
    facts = settled(said)
    Municipality.objects.select_for_update(no_key=True).get(pk=person.municipality_id)
    locked = Person.objects.select_for_update(of=("self",)).get(pk=person.pk)
    if locked.erased_at:
        raise StepRefused([_("The data of this person were destroyed.")])
    now = {name: getattr(locked, name) for name in facts}
    mine, theirs = merge(now, facts, seen, together=True)
    refuse(locked, theirs)
    _need_new(locked.municipality, now | mine, is_another=is_another, but=locked.pk)
    for name, value in mine.items():
        setattr(locked, name, value)
    locked.save(update_fields=list(mine))
    return locked


def told_by(events: QuerySet[Any]) -> list[Any]:
    """Rows of the history, each with `who` wrote it down, where a person did."""
    rows = list(events)
    keys = {row: row.pgh_context.metadata.get("user") for row in rows if row.pgh_context}
    users = User.objects.in_bulk([key for key in keys.values() if key])
    for row in rows:
        row.who = users.get(keys.get(row))
    return rows


def find_people(user: User, *, curp: str = "", words: str = "") -> list[Person]:
    """By the whole CURP, or by words of the name; at most `MOST_FOUND` and one more, which says there are others."""
    scope = Person.objects.visible_to(user).known().select_related("municipality__state")
    if curp:
        return list(scope.filter(curp=curp)[: MOST_FOUND + 1])
    for word in words.split()[:5]:
        names = ("given_names", "first_surname", "second_surname")
        part = Q()
        for name in names:
            part |= Q(**{f"{name}__icontains": word})
        scope = scope.filter(part)
    return list(scope[: MOST_FOUND + 1])


# ---- Erasing --------------------------------------------------------------------------------------------------------
@transaction.atomic
def erase_person(person: Person, *, by: User, at: dt.datetime | None = None) -> Person:
    """Take somebody out who never was in any action: registered by mistake. Raises StepForbidden or StepRefused."""
    need_keeper(by, person.municipality_id)
    locked = Person.objects.select_for_update(of=("self",)).get(pk=person.pk)
    if locked.engagements.exists() or locked.participations.exists():
        raise StepRefused([_("Who was in an action stays until the papers of its project are destroyed.")])
    if not locked.erased_at:
        _erase([locked], at or timezone.now())
    return locked


def forget_people_of(project: Project, at: dt.datetime) -> int:
    """When the papers of a project are destroyed: erase those of its people who are in no project that is kept.

    Called by the confirmed destruction, whose row says who decided. How many were erased.
    """
    of_it = Q(engagements__action__project=project) | Q(participations__course__action__project=project)
    others = Project.objects.exclude(pk=project.pk).exclude(destructions__confirmed_at__isnull=False)
    served = Engagement.objects.filter(action__project__in=others).values("person")
    taught = Participant.objects.filter(course__action__project__in=others).values("person")
    gone = Person.objects.known().filter(of_it).exclude(Q(pk__in=served) | Q(pk__in=taught))
    found = list(Person.objects.filter(pk__in=gone.values("pk")).select_for_update(of=("self",)))
    _erase(found, at)
    return len(found)


def _erase(people: list[Person], at: dt.datetime) -> None:
    """Who they were, here and in the history; that there was somebody, the sex and what was paid stay."""
    keys = [person.pk for person in people]
    blank = {"curp": "", "no_curp": "", "no_curp_note": "", "given_names": "", "first_surname": ""}
    Person.objects.filter(pk__in=keys).update(**blank, second_surname="", born_on=None, erased_at=at)
    history = Person._meta.apps.get_model("projects", "PersonEvent").objects.filter(pgh_obj__in=keys)
    # The one case in which history goes: the erased row, its last word, stays.
    with pgtrigger.ignore("projects.PersonEvent:append_only"):
        history.filter(erased_at=None).delete()
    for person in people:
        person.refresh_from_db()


# ---- Social actors --------------------------------------------------------------------------------------------------
@transaction.atomic
def save_actor(
    actor: SocialActor, *, parts: dict[Project, str], by: User, seen: Marks | None = None
) -> SocialActor:  # fmt: skip
    """With the projects it acts in or is served by. Raises StepForbidden, StepRefused or Overtaken."""
    need_keeper(by, actor.municipality_id)
    if any(project.municipality_id != actor.municipality_id for project in parts):
        raise StepRefused([_("A social actor belongs to projects of its own municipality.")])
    same = SocialActor.objects.filter(municipality=actor.municipality_id, name__iexact=actor.name)
    if same.exclude(pk=actor.pk).exists():
        raise StepRefused([_("An actor of this name exists already in the municipality.")])
    if actor.pk is None:
        actor.by = by
        actor.save()
    else:
        parts = _merged(actor, parts, seen)
    actor.works.exclude(project__in=parts).delete()
    for project, part in parts.items():
        ActorProject.objects.update_or_create(actor=actor, project=project, defaults={"part": part})
    return actor


def _merged(actor: SocialActor, parts: dict[Project, str], seen: Marks | None) -> dict[Project, str]:
    """Saves the actor's own fields as far as they were changed here; the projects that stand afterwards."""
    locked = SocialActor.objects.select_for_update(of=("self",)).get(pk=actor.pk)
    standing = {row.project: row.part for row in locked.works.select_related("project")}
    now, typed = (
        {name: getattr(row, name) for name in ACTOR}
        | {part: [work for work, said in works.items() if said == part] for part in ActorProject.Part.values}
        for row, works in ((locked, standing), (actor, parts))
    )
    mine, theirs = merge(now, typed, seen)
    refuse(locked, theirs)
    for name in mine.keys() & set(ACTOR):
        setattr(locked, name, mine[name])
    locked.save(update_fields=[name for name in ACTOR if name in mine])
    works = now | mine
    return {work: part for part in ActorProject.Part.values for work in works[part]}


def with_works(actors: QuerySet[SocialActor]) -> QuerySet[SocialActor]:
    return actors.annotate(works_count=Count("works"))
