"""Fills an empty portal: catalogues, census files through the importers, people, ceilings, projects, reports."""

import datetime as dt
import tempfile
from decimal import Decimal
from pathlib import Path

import pghistory
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from habitat.accounts.models import Notification, OutboxMessage, User
from habitat.lib.progress import Progress
from modalities.models import ActionType, FiscalYear, RulesVersion, Strand
from polygons import services as territory
from polygons.models import MarginalisationIndex, Municipality, State
from projects.models import Agreement
from projects.services import open_periods, raise_alerts, save_agreement, set_ceiling
from reports import services as reports
from reports.catalog import CATALOGUE
from reports.demo import census, decade, papers, people, poverty, redrawing, surroundings, voices
from reports.demo.calendar import moments
from reports.demo.history import date_history
from reports.demo.letters import authorise_subsidies, sign_letters
from reports.demo.neighbourhood import furnish
from reports.demo.people import Team
from reports.demo.photos import take_photos
from reports.demo.places import PLACES
from reports.demo.redrawing import Corners
from reports.demo.story import Book, Story
from reports.demo.works import OF_STRAND, Work, plan
from reports.open_data import publish as publish_open_data

# A quarter of the dwellings without some service makes a block deprived.
METHOD = territory.Method(vintage=census.VINTAGE, variable="any", threshold=Decimal("0.25"))
# Federal pesos a year: of the nation, a state and a municipality, by strand.
CEILINGS = {
    "G": (Decimal(9_000_000), Decimal(2_500_000), Decimal(2_000_000)),
    "CH": (Decimal(1_500_000), Decimal(900_000), Decimal(700_000)),
    "IP": (Decimal(1_500_000), Decimal(900_000), Decimal(700_000)),
}
# What a person finds unread on the first visit.
NOTICES_KEPT = 6


class DemoRefused(Exception):  # noqa: N818 - a refusal, not a fault
    """The database is somebody's own; the message says so."""


def is_loaded() -> bool:
    return User.objects.filter(email__endswith=f"@{people.DOMAIN}").exists()


def check_is_ours() -> None:
    """Raises DemoRefused where anybody but the demo's own people has an account."""
    if User.objects.exclude(email__endswith=f"@{people.DOMAIN}").exists():
        raise DemoRefused("This portal has people of its own: the demo is only for an empty one.")


def load(*, password: str, progress: Progress, now: dt.datetime | None = None) -> None:
    """Everything as of `now`. What is imported may be there already; people and projects come all together or not."""
    check_is_ours()
    now = now or timezone.now()
    today = timezone.localdate(now)
    _import_rules(today.year)
    _import_territory()
    with transaction.atomic(), pghistory.context(reason="load_demo"):
        teams = people.open_accounts(password, dt.date(today.year - 1, 1, 1))
        drawn = _draw_polygons(today.year, teams[PLACES[0].slug])
        versions = drawn[today.year]
        of_state = {place.state: teams[place.slug] for place in PLACES}
        _rank_agebs(teams[PLACES[0].slug])
        _set_ceilings(today.year, of_state)
        books = {year: _book(year) for year in (today.year - 1, today.year)}
        works = list(plan())
        for work in progress.over(works, "projects", len(works)):
            year = today.year - work.is_last_year
            _tell(work, teams[work.place.slug], books[year], drawn[year], now)
        date_history()
        furnish(teams, versions, now)
        sign_letters(today.year, of_state)
        voices.comment(teams, now)
        take_photos(teams, now)
        open_periods(at=now)
        raise_alerts(at=now)
        _calm_down()
        _ask_reports(today, now, teams)
    publish_open_data(now)


def _import_rules(year: int) -> None:
    call_command("import_catalogue", stdout=_Silent())
    call_command("import_rules", year=year, stdout=_Silent())
    call_command("import_checklists", stdout=_Silent())


class _Silent:
    def write(self, text: str) -> None:
        """What the commands say belongs to those who run them by hand."""


def _import_territory() -> None:
    with tempfile.TemporaryDirectory(prefix="habitat-demo-") as folder:
        catalogues = census.write_catalogues(Path(folder))
        territory.import_states(catalogues["states"])
        territory.import_municipalities(catalogues["municipalities"], population_year=census.VINTAGE)
        territory.import_cities(catalogues["cities"])
        for place in PLACES:
            before, files = decade.write_census(place, Path(folder)), census.write_blocks(place, Path(folder))
            territory.import_blocks(census=before.census, geometry=before.geometry, vintage=decade.VINTAGE)
            territory.import_blocks(census=files.census, geometry=files.geometry, vintage=census.VINTAGE)
            estimates = poverty.write_poverty(Path(folder) / "pobreza.csv", list(census.blocks_of(place))[:-1])
            territory.import_poverty(estimates, vintage=census.VINTAGE, method=poverty.METHOD, source=poverty.SOURCE)
        territory.import_key_changes(decade.write_key_changes(PLACES, Path(folder) / "equivalencias.csv"))


def _draw_polygons(year: int, team: Team) -> dict[int, Corners]:
    """The versions of last year and of this one, each before its year's list of eligible polygons and its figures."""
    first = redrawing.draw(METHOD, by=team.manager, at=dt.datetime(year - 1, 1, 15, 18, tzinfo=dt.UTC))
    _publish_list(year - 1)
    # When the last work of that year has been reported.
    second = redrawing.redraw(METHOD, first, by=team.manager, at=dt.datetime(year - 1, 12, 22, 18, tzinfo=dt.UTC))
    _publish_list(year)
    codes = sorted({version.polygon.code for version in second.values()})
    with tempfile.TemporaryDirectory(prefix="habitat-demo-") as folder:
        places = [place.municipality for place in PLACES]
        territory.import_context(surroundings.write_context(Path(folder) / "contexto.csv", places, codes, year))
    return {year - 1: first, year: second}


def _publish_list(year: int) -> None:
    at = dt.datetime(year, 1, 15, 18, tzinfo=dt.UTC)
    territory.publish_eligible(year, reason="Lista anual del ejercicio (demostración)", at=at)


def _rank_agebs(team: Team) -> None:
    """The index of marginalisation by which the explorer colours, put in use by the program unit."""
    asked = {"level": "ageb", "from_census": census.VINTAGE, "missing": "at_most"}
    call_command("rank_marginalisation", indicators="water,drainage,electricity,floor", stdout=_Silent(), **asked)
    territory.use_index(MarginalisationIndex.objects.latest("pk"), by=team.manager)


def _book(year: int) -> Book:
    rules = RulesVersion.objects.in_force().select_related("fiscal_year").get(fiscal_year=year)
    types = ActionType.objects.select_related("modality").in_bulk()
    return Book(rules, types, Strand.objects.in_bulk())


def _set_ceilings(year: int, states: dict[str, Team]) -> None:
    """With the agreements they rest on, and the letters that let each state apply them."""
    team = states[PLACES[0].state]
    for fiscal_year in FiscalYear.objects.filter(year__in=(year - 1, year)):
        # Before the year begins, so that the story's first authorisation finds it, on whatever day the demo is loaded.
        signed_at = dt.datetime(fiscal_year.year - 1, 12, 28, 18, tzinfo=dt.UTC)
        agreements = {state: _agree(fiscal_year, state, team, signed_at) for state in {"", *(p.state for p in PLACES)}}
        for strand in Strand.objects.all():
            nation, state, municipality = CEILINGS[strand.pk]
            shared = {"fiscal_year": fiscal_year, "strand": strand, "by": team.manager, "at": signed_at}
            set_ceiling(amount=nation, agreement=agreements[""], **shared)
            for place in PLACES:
                if strand.pk != "G" and OF_STRAND.get(place.slug, ("",) * 5)[4] != strand.pk:
                    continue
                agreement = agreements[place.state]
                set_ceiling(amount=state, agreement=agreement, state=agreement.state, **shared)
                at = Municipality.objects.select_related("state").get(pk=place.municipality)
                set_ceiling(amount=municipality, agreement=agreement, municipality=at, **shared)
        authorise_subsidies(fiscal_year, states, signed_at)


def _agree(fiscal_year: FiscalYear, state: str, team: Team, at: dt.datetime) -> Agreement:
    """Signed, with its paper; of the nation, the budget decree."""
    place = State.objects.filter(pk=state).first()
    kind = Agreement.Kind.AGREEMENT if place else Agreement.Kind.BUDGET
    name = f"Acuerdo de Coordinación {fiscal_year}, {place}" if place else f"Presupuesto de Egresos {fiscal_year}"
    federal = sum(amounts[1 if place else 0] for amounts in CEILINGS.values())
    local = {"state_part": federal / 2, "municipal_part": federal / 2} if place else {}
    scan = SimpleUploadedFile("acuerdo.pdf", papers.pdf([name, "Documento de demostración."]), "application/pdf")
    return save_agreement(
        fiscal_year=fiscal_year, state=place, kind=kind, name=name, federal=federal, signed_on=at.date(), upload=scan,
        by=team.manager, at=at, **local,
    )  # fmt: skip


def _tell(work: Work, team: Team, book: Book, versions: Corners, now: dt.datetime) -> None:
    story = Story(work=work, team=team, book=book, version=versions[work.place, work.spot])
    story.tell(moments(work, timezone.localdate(now), now))


def _calm_down() -> None:
    """Two years of notices would all be new: the newest stay, and nothing goes out by mail."""
    OutboxMessage.objects.all().delete()
    for user in User.objects.all():
        newest = Notification.objects.filter(user=user).values_list("pk", flat=True)[:NOTICES_KEPT]
        Notification.objects.filter(user=user).exclude(pk__in=list(newest)).delete()


def _ask_reports(today: dt.date, now: dt.datetime, teams: dict[str, Team]) -> None:
    """The last period's of each kind for the nation, the month's for one state; a worker makes them."""
    last_month = today.replace(day=1) - dt.timedelta(1)
    team = teams[PLACES[0].slug]
    period = f"{last_month:%Y-%m}"
    for kind in CATALOGUE.values():
        reports.ask(kind.kind, str(kind.period.of(today).previous), by=team.manager, at=now)
    reports.ask("monthly-progress", period, state=team.delegate.state, by=team.delegate, at=now)
