"""The restricted register: people, social actors, exports of the three structures, and who read what."""

import re

from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_tables2 import RequestConfig

from habitat.accounts.requests import PersonRequest
from habitat.lib.curp import LENGTH, clean_curp
from habitat.lib.documents import XLSX
from habitat.lib.forms import posted
from habitat.lib.lists import Listing, listed, mark_if_bare
from habitat.lib.spreadsheets import csv_response
from polygons.models import State
from projects import services
from projects.forms.people import PERSON, ActorForm, ExportForm, PersonForm, SearchForm, SureForm
from projects.models import Participant, Person, Project, RegisterReading, SocialActor, StipendPayment
from projects.register_layouts import LAYOUTS, Asked, write_xlsx
from projects.tables.people import (
    ActorFilter,
    ActorTable,
    PersonFilter,
    PersonTable,
    ReadingFilter,
    ReadingTable,
    age_of,
)
from projects.views.asking import Link, ask, society_list
from projects.views.pairs import marks_in
from projects.views.register_door import elsewhere_of, need_keeper, need_reader, need_watcher, note, restricted, watches

What = RegisterReading.What
PER_PAGE = 50


def home() -> Link:
    return _("Register of people"), reverse("projects:people")


@require_safe
@restricted
def person_list(request: PersonRequest) -> HttpResponse:
    scope = Person.objects.visible_to(request.user).known().with_parts().select_related("municipality")
    found = PersonFilter(request.GET, queryset=scope, request=request)
    table = PersonTable(found.qs, request=request)
    RequestConfig(request, paginate={"per_page": PER_PAGE}).configure(table)
    mark_if_bare(table, found)
    note(request, What.LIST, len(table.page.object_list))
    context = {
        "filter": found,
        "table": table,
        "title": _("Register of people"),
        "lead": _("People behind social actions. Each time somebody reads a name, that is written down."),
        "trail": [(_("Projects"), reverse("projects:list"))],
        "tools": doors_of(request),
    }
    return render(request, "projects/people/list.html", context)


def doors_of(request: PersonRequest) -> list[Link]:
    return [
        (_("Search"), reverse("projects:search-people")),
        (_("Social actors"), reverse("projects:actors")),
        (_("Export the structures"), reverse("projects:export-register")),
        *([(_("Who read what"), reverse("projects:readings"))] if watches(request.user) else []),
    ]


@restricted
def search(request: PersonRequest) -> HttpResponse:
    """By POST, so that neither address nor log says whom somebody looked for."""
    form = SearchForm(posted(request))
    found: list[Person] | None = None
    if form.is_valid():
        found = services.find_people(request.user, **_looked_for(form.cleaned_data["words"]))
        note(request, What.SEARCH, len(found[: services.MOST_FOUND]))
    context = {
        "form": form,
        "people": None if found is None else [(person, age_of(person)) for person in found[: services.MOST_FOUND]],
        "is_more": bool(found) and len(found or []) > services.MOST_FOUND,
        "most": services.MOST_FOUND,
        "title": _("Search the register"),
        "trail": [home()],
    }
    return render(request, "projects/people/search.html", context, status=400 if form.errors else 200)


def _looked_for(words: str) -> dict[str, str]:
    """A CURP where it is one, however it is typed; else words of a name."""
    joined = re.sub(r"[\s-]", "", words)
    if len(joined) == LENGTH:
        try:
            return {"curp": clean_curp(joined)}
        except ValidationError:
            pass
    return {"words": words}


def fetch_person(request: PersonRequest, pk: int) -> Person:
    scope = Person.objects.visible_to(request.user).known().select_related("municipality__state")
    return get_object_or_404(scope, pk=pk)


@require_safe
@restricted
def person(request: PersonRequest, pk: int) -> HttpResponse:
    found = fetch_person(request, pk)
    note(request, What.PERSON, 1, person=found)
    taught = services.with_hours(Participant.objects.filter(person=found))
    events = Person._meta.apps.get_model("projects", "PersonEvent").objects.filter(pgh_obj=pk)
    payments = list(StipendPayment.objects.filter(person=found).select_related("list__action__project"))
    elsewhere = elsewhere_of(request, [found], {row.month for row in payments})
    readings = RegisterReading.objects.visible_to(request.user).filter(person=found).select_related("by")
    context = {
        "person": found,
        "age": age_of(found),
        "engagements": found.engagements.select_related("action__action_type", "action__project"),
        "payments": [(row, elsewhere.get((found.curp, row.month))) for row in payments],
        "participations": taught.select_related("course__action__project"),
        "events": services.told_by(events.select_related("pgh_context").order_by("pgh_id")),
        "readings": readings[:50],
        "keeps": services.keeps_people(request.user, found.municipality_id),
        "title": found.name,
        "kicker": f"#{found.pk} · {found.municipality}, {found.municipality.state}",
        "trail": [home()],
    }
    return render(request, "projects/people/person.html", context)


@restricted
def change_person(request: PersonRequest, pk: int) -> HttpResponse:
    found = fetch_person(request, pk)
    need_keeper(request, found.municipality_id)
    form = PersonForm(posted(request), initial={name: getattr(found, name) for name in PERSON})
    note(request, What.PERSON, 1, person=found)
    is_another = request.POST.get("existing") == "new"
    return offering(
        request, form,
        lambda: services.change_person(
            found, by=request.user, is_another=is_another, seen=marks_in(request.POST), **form.said
        ),
        now=form.initial,
        title=_("Correct who it is"), trail=[home(), (f"#{pk}", reverse("projects:person", args=[pk]))],
        button=_("Save"), done=_("It is written down; what stood before stays in the history."), may_use=False,
    )  # fmt: skip


def offering(request: PersonRequest, form, service, *, may_use: bool = True, **more) -> HttpResponse:
    """As `ask`; where somebody alike is registered already, the page offers them and keeps what was typed.

    `may_use`: whether one of those may be taken instead.
    """
    # Filled by the service's refusal, before the page is drawn.
    offered: dict[str, object] = {}

    def once() -> None:
        try:
            service()
        except services.AlreadyRegistered as error:
            offered.update(people=error.people, is_sure=error.is_sure)
            note(request, What.OFFERED, len(error.people))
            raise

    return ask(request, form, once, template="projects/people/enrol.html", offered=offered, may_use=may_use, **more)


@restricted
def erase_person(request: PersonRequest, pk: int) -> HttpResponse:
    found = fetch_person(request, pk)
    need_keeper(request, found.municipality_id)
    form = SureForm(posted(request))
    return ask(
        request, form, lambda: services.erase_person(found, by=request.user),
        title=_("Take #%(number)s out of the register") % {"number": pk}, trail=[home()], button=_("Erase"),
        lead=_("Only who was registered by mistake and never was in an action. It cannot be undone."),
        done=_("The data are erased, in the history too."),
    )  # fmt: skip


# ---- Social actors --------------------------------------------------------------------------------------------------
@require_safe
@never_cache
@listed
def actor_list(request: PersonRequest) -> Listing:
    """Organisations, not people: the list has its files. The door is inside, for those a worker makes too."""
    need_reader(request)
    scope = services.with_works(SocialActor.objects.visible_to(request.user)).select_related("municipality__state")
    found = ActorFilter(request.GET, queryset=scope, request=request)
    new = [(_("New social actor"), reverse("projects:new-actor"))] if services.keeps_people(request.user) else []
    return society_list(
        found, ActorTable, name="actores-sociales", title=_("Social actors"),
        lead=_("Organisations, committees, centres and schools that act beside the program or are served by it."),
        trail=[home()], tools=new,
    )  # fmt: skip


@restricted
def new_actor(request: PersonRequest) -> HttpResponse:
    need_keeper(request)
    return _actor(request, SocialActor())


@restricted
def actor(request: PersonRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(SocialActor.objects.visible_to(request.user), pk=pk)
    if request.method == "POST":
        need_keeper(request, found.municipality_id)
    return _actor(request, found)


def _actor(request: PersonRequest, row: SocialActor) -> HttpResponse:
    """A page to read for who does not keep the register, a form for who does."""
    keeps = services.keeps_people(request.user, row.municipality_id or "")
    places = request.user.municipalities()
    works = Project.objects.visible_to(request.user).filter(municipality__in=places).order_by("folio")
    if row.pk:
        works = works.filter(municipality=row.municipality_id)
    if not keeps:
        parts = row.works.select_related("project")
        context = {"actor": row, "parts": parts, "title": row.name, "trail": [home(), _actors()]}
        return render(request, "projects/people/actor.html", context)
    form = ActorForm(posted(request), instance=row, places=places, works=works)
    return ask(
        request, form,
        lambda: services.save_actor(
            form.save(commit=False), parts=form.parts, by=request.user, seen=marks_in(request.POST)
        ),
        now=form.now if row.pk else None,
        title=row.name or _("New social actor"), trail=[home(), _actors()], button=_("Save"),
        done=_("It is written down."),
    )  # fmt: skip


def _actors() -> Link:
    return _("Social actors"), reverse("projects:actors")


# ---- Files ----------------------------------------------------------------------------------------------------------
@restricted
def export(request: PersonRequest) -> HttpResponseBase:
    """GET asks and defines the columns; POST notes the reading and hands the file out at once: none is kept."""
    states = State.objects.filter(pk__in=request.user.municipalities().values("state"))
    form = ExportForm(posted(request), states=states)
    if form.is_valid():
        return _file(request, form.cleaned_data)
    context = {
        "form": form,
        "layouts": LAYOUTS.values(),
        "title": _("Export the structures of the beneficiary register"),
        "lead": _("Person, social actor, and population served by works. The file is made now and kept nowhere here."),
        "trail": [home()],
    }
    return render(request, "projects/people/export.html", context, status=400 if form.errors else 200)


def _file(request: PersonRequest, said: dict) -> HttpResponseBase:
    layout = LAYOUTS[said["structure"]]
    told = list(layout.rows(Asked(request.user, said["year"].pk, said["state"])))
    place = said["state"].pk if said["state"] else "todo"
    name = f"padron-{layout.code}-{said['year'].pk}-{place}"
    people = len({key for key, _cells in told if key})
    note(request, What.EXPORT, people, purpose=f"{name}.{said['kind']}: {said['purpose']}"[:300])
    rows = [cells for _key, cells in told]
    if said["kind"] == "csv":
        return csv_response(name, [field.name for field in layout.fields], rows)
    response = HttpResponse(write_xlsx(layout, rows, at=timezone.now()), content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    return response


# ---- Who read what --------------------------------------------------------------------------------------------------
@require_safe
@never_cache
@listed
def reading_list(request: PersonRequest) -> Listing:
    """It names nobody of the register, only the numbers: so it goes out as a file like any list."""
    need_watcher(request)
    related = ("by", "project", "person")
    scope = RegisterReading.objects.visible_to(request.user).select_related(*related)
    return society_list(
        ReadingFilter(request.GET, queryset=scope, request=request), ReadingTable, name="lecturas-del-padron",
        title=_("Who read what of the register"),
        lead=_("Every page, list, search and file that showed a person. Rows are added and never changed."),
        trail=[home()],
    )  # fmt: skip
