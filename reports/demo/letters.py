"""The letters that a program of this age has sent: each state's subsidies, and the approval of what was approved."""

import datetime as dt

from modalities.models import FiscalYear
from polygons.models import State
from projects import services
from projects.letters.lines import works_to_list
from projects.letters.making import make_letter
from projects.models import LetterKind
from reports.demo.people import Team


def authorise_subsidies(fiscal_year: FiscalYear, states: dict[str, Team], at: dt.datetime) -> None:
    """Made on the spot: without them in force nothing of the story would be authorised."""
    for code, team in sorted(states.items()):
        state = State.objects.get(pk=code)
        letter = services.issue_letter(
            LetterKind.SUBSIDY,
            by=team.manager,
            state=state,
            fiscal_year=fiscal_year,
            addressee=f"Titular de la delegación en {state.name}",
            post="Titular de la unidad del programa",
            at=at,
        )
        make_letter(letter.pk)


def sign_letters(year: int, states: dict[str, Team]) -> None:
    """Rows that wait: the first worker, or the clock's next round, makes their files."""
    fiscal_year = FiscalYear.objects.get(pk=year)
    for code, team in sorted(states.items()):
        state = State.objects.get(pk=code)
        works = works_to_list(LetterKind.APPROVAL, state, fiscal_year)
        if works:
            words = {"addressee": "Presidencia municipal", "post": f"Titular de la delegación en {state.name}"}
            place = {"state": state, "fiscal_year": fiscal_year}
            services.issue_letter(LetterKind.APPROVAL, by=team.delegate, projects=works, **place, **words)
