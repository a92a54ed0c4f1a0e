"""A year of many works on the ground that is there, each act by the person whose it is: windows, ceilings, lives."""

import datetime as dt
import secrets
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from itertools import cycle, islice

from django.core.management import call_command
from django.db import transaction

from habitat.accounts.models import Role, User
from habitat.accounts.services import open_account
from habitat.lib.progress import Progress
from modalities import services as calendar
from modalities.models import ActionType, FiscalYear, RulesVersion, Strand
from modalities.services.drafting import fingerprint
from polygons.models import Municipality, PolygonVersion, State
from projects import services
from projects.letters.making import make_letter
from projects.models import Agreement, Ceiling, Letter, LetterKind, Project
from projects.refusals import Refused
from reports.demo import society
from reports.demo.letters import authorise_subsidies
from reports.demo.people import Team
from reports.demo.story import Book
from reports.year.lives import FATES, FIRST, LAST, Life, moments_of, work_of

DOMAIN = "year.habitat.example"
NAME = "Acuerdo de Coordinación del año jugado"
# Federal pesos that each played work may ask for.
ROOM = Decimal(800_000)
REASON = "Año jugado"


class YearRefused(Exception):  # noqa: N818 - a refusal, not a fault
    """There is no ground to play on; the message says what is missing."""


def play(year: int, count: int, *, progress: Progress) -> Counter[str]:
    """`count` works of the fiscal year, turn by turn of each fate, each in a transaction of its own.

    Answers how many ended in which status.
    """
    fiscal_year = _rules_of(year)
    versions = list(_ground(count))
    if not versions:
        raise YearRefused("No published polygon is there: build the universe first.")
    manager, technician = (_account(role, is_national=True) for role in (Role.MANAGER, Role.TECHNICIAN))
    turns = list(islice(zip(cycle(versions), cycle(FATES), range(count), strict=False), count))
    _allot(fiscal_year, [version.polygon.municipality for version, _fate, _number in turns], manager, technician)
    book = _book(year)
    for state in {version.polygon.municipality.state_id for version in versions}:
        _open_window(fiscal_year, state, manager)
    ends: Counter[str] = Counter()
    for version, fate, number in progress.over(turns, "works", len(turns)):
        with transaction.atomic():
            ends[_live(version, fate, number, book, manager, technician).status] += 1
    return ends


def _rules_of(year: int) -> FiscalYear:
    for command in ("import_catalogue", "import_checklists"):
        call_command(command, verbosity=0, stdout=_Silent())
    if not RulesVersion.objects.in_force().filter(fiscal_year=year).exists():
        call_command("import_rules", year=year, verbosity=0, stdout=_Silent())
    return FiscalYear.objects.get(pk=year)


class _Silent:
    def write(self, text: str) -> None:
        """What the commands say belongs to those who run them by hand."""


def _ground(count: int) -> Iterator[PolygonVersion]:
    """From as many states as there are, one polygon of each in turn."""
    published = PolygonVersion.objects.published().filter(base__gt=0).order_by("pk").defer("geometry", "mercator")
    by_state: dict[str, list[PolygonVersion]] = {}
    for version in published.select_related("polygon__municipality__state"):
        by_state.setdefault(version.polygon.municipality.state_id, []).append(version)
    rows = [by_state[state] for state in sorted(by_state)]
    deepest = max(map(len, rows), default=0)
    found = (row[depth] for depth in range(deepest) for row in rows if depth < len(row))
    return islice(found, max(count // len(FATES), 1))


def _book(year: int) -> Book:
    rules = RulesVersion.objects.in_force().select_related("fiscal_year").get(fiscal_year=year)
    return Book(rules, ActionType.objects.select_related("modality").in_bulk(), Strand.objects.in_bulk())


def _account(role: Role, box: str = "", **territory: object) -> User:
    email = f"{role}{box}@{DOMAIN}"
    known = User.objects.filter(email=email).first()
    return known or open_account(
        email, secrets.token_urlsafe(), role=role, name=f"{role} {box}", valid_from=dt.date(2000, 1, 1), **territory
    )


def _team(municipality: Municipality, manager: User, technician: User) -> Team:
    local, state = municipality.pk, municipality.state_id
    return Team(
        preparer=_account(Role.PREPARER, f".{local}", municipality=municipality),
        certifier=_account(Role.CERTIFIER, f".{local}", municipality=municipality),
        reviewer=_account(Role.REVIEWER, f".{state}", state=municipality.state),
        delegate=_account(Role.DELEGATE, f".{state}", state=municipality.state),
        technician=technician,
        manager=manager,
    )


def _open_window(fiscal_year: FiscalYear, state: str, manager: User) -> None:
    row = calendar.window_row(fiscal_year, state)
    calendar.set_window(
        fiscal_year, state, by=manager, seen=fingerprint(row) if row else "", source=REASON, is_verified=False,
        opens_on=dt.date(fiscal_year.pk, *FIRST), closes_on=dt.date(fiscal_year.pk, *LAST),
    )  # fmt: skip


# ---- Money ----------------------------------------------------------------------------------------------------------
def _allot(fiscal_year: FiscalYear, places: list[Municipality], manager: User, technician: User) -> None:
    """Room for every work, from the nation down, on top of what is there; then each state's letter of subsidies."""
    at = dt.datetime(fiscal_year.pk, 1, 20, 18, tzinfo=dt.UTC)
    strand = Strand.objects.get(pk="G")
    works, states = Counter(place.pk for place in places), Counter(place.state_id for place in places)
    municipalities = Municipality.objects.filter(pk__in=works).select_related("state").order_by("pk")
    nodes: list[tuple[int, State | None, Municipality | None]] = [(len(places), None, None)]
    nodes += [(states[state.pk], state, None) for state in State.objects.filter(pk__in=states)]
    nodes += [(works[place.pk], place.state, place) for place in municipalities]
    signed: dict[State | None, Agreement] = {}
    for count, state, municipality in nodes:
        known = Ceiling.objects.filter(fiscal_year=fiscal_year, strand=strand, modality=None, state=state)
        node = known.filter(municipality=municipality).first()
        amount = count * ROOM + (node.amount if node else Decimal(0))
        if municipality is None:
            signed[state] = _agree(fiscal_year, state, amount, manager, at)
        services.set_ceiling(
            fiscal_year=fiscal_year, strand=strand, amount=amount, agreement=signed[state], by=manager,
            state=state, municipality=municipality, reason=REASON, at=at,
        )  # fmt: skip
    # Those the ground brought along wait for a worker; until their file is there they authorise nothing.
    for letter in Letter.objects.filter(kind=LetterKind.SUBSIDY, fiscal_year=fiscal_year, state__in=states):
        make_letter(letter.pk)
    letters = Letter.objects.authorising(fiscal_year=fiscal_year, strand="G", on=at.date())
    waiting = set(signed) - {None} - {letter.state for letter in letters.select_related("state")}
    teams = {place.state_id: _team(place, manager, technician) for place in municipalities if place.state in waiting}
    authorise_subsidies(fiscal_year, teams, at)


def _agree(fiscal_year: FiscalYear, state: State | None, federal: Decimal, manager: User, at: dt.datetime) -> Agreement:
    """Signed, for all that the place has; another each time a year is played on the same ground."""
    kind = Agreement.Kind.AGREEMENT if state else Agreement.Kind.BUDGET
    again = Agreement.objects.filter(fiscal_year=fiscal_year, state=state, name__startswith=NAME).count()
    return services.save_agreement(
        fiscal_year=fiscal_year, state=state, kind=kind, name=f"{NAME} {again + 1}", federal=federal,
        signed_on=at.date(), upload=society.scan("acuerdo", NAME), by=manager, at=at,
    )  # fmt: skip


# ---- One work -------------------------------------------------------------------------------------------------------
def _live(version: PolygonVersion, fate: str, number: int, book: Book, manager: User, technician: User) -> Project:
    work = work_of(number, fate)
    team = _team(version.polygon.municipality, manager, technician)
    life = Life(work=work, team=team, book=book, version=version)
    project = life.tell(moments_of(work, book.rules.fiscal_year_id))
    if number == 0:
        _knock_too_late(life)
    return project


def _knock_too_late(life: Life) -> None:
    """After the window has closed nothing is submitted."""
    late = dt.datetime(life.project.fiscal_year_id, 5, 4, 18, tzinfo=dt.UTC)
    again = Life(work=work_of(1_000_000, "refused"), team=life.team, book=life.book, version=life.version)
    again.moments, again.at = {"propose": late}, late
    for event in ("propose", "ready"):
        again.happens(event)
    try:
        services.take_step(again.project, "submit", by=life.team.certifier, at=late)
    except Refused:
        services.take_step(again.project, "withdraw", by=life.team.certifier, at=late, reason=REASON)
    else:
        raise AssertionError("a proposal was submitted after the window had closed")
