"""The co-funding matrix: whatever was written, it adds up to the cent wherever it is shown."""

import csv
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from habitat.lib.templatetags.portal import money
from habitat.tests.fixtures import YEAR
from projects import rules, services
from projects.models import Action, Contribution, LedgerEntry, Project, Source
from projects.records import actions_of, totals_of
from projects.services.money import enter
from projects.views.lists import totals

CENTS = st.integers(0, 10**10).map(lambda cents: Decimal(cents) / 100)
AMOUNTS = st.fixed_dictionaries(dict.fromkeys(Source.values, CENTS))
PARTS = st.lists(st.integers(0, 100), min_size=3, max_size=3)


def spread(action, by, parts):
    """Of each local source so many per cent of its total in each of the next three years."""
    later = {}
    for source in ("state", "municipal", "beneficiaries"):
        total = services.cost_of(action) and action.contributions.get(source=source, years_later=0).amount
        whole = max(sum(parts), 100)
        later[source] = {year: (total * part / whole).quantize(Decimal("0.01"), "ROUND_DOWN")
                         for year, part in enumerate(parts, start=1)}  # fmt: skip
    services.spread_contributions(action, by=by, later=later)


@settings(
    max_examples=4, deadline=None, derandomize=True, phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(first=AMOUNTS, second=AMOUNTS, parts=PARTS)
def test_all_sums_agree_to_the_cent(client, project, preparer, manager, first, second, parts):
    with transaction.atomic():
        other = Action.objects.create(project=project, action_type_id="ME01", quantity=1)
        for action, amounts in ((project.actions.first(), first), (other, second)):
            services.set_contributions(action, by=preparer, amounts=amounts)
            spread(action, preparer, parts)
        whole = sum(first.values()) + sum(second.values())
        matrix = totals_of(project, actions_of(project)).matrix
        assert matrix.total == sum(matrix.sums) == sum(total for _a, _cells, total in matrix.rows) == whole
        assert sum(part["amount"] for part in matrix.by_source.parts) == whole
        assert totals(Project.objects.all()) == {"cost": whole, "federal": first["federal"] + second["federal"]}
        assert Project.objects.with_totals().get().cost == rules.Facts(project).cost() == whole
        enter(project, "approved", on=project.starts_on, by=manager)
        assert sum(LedgerEntry.objects.values_list("amount", flat=True)) == whole
        client.force_login(preparer)
        cells = client.get(f"/api/v1/projects/{project.public_id}/cofunding/").json()
        assert sum(Decimal(cell["amount"]) for cell in cells) == whole
        lines = client.get(reverse("projects:cofunding", args=[project.pk])).getvalue().decode("utf-8-sig")
        assert Decimal(list(csv.reader(lines.splitlines()))[-1][-1]) == whole
        assert client.get(reverse("projects:detail", args=[project.pk])).text.count(money(whole)) >= 2
        transaction.set_rollback(True)


def test_years_are_spread_on_their_page_and_shown_in_the_matrix(client, project, preparer):
    action = project.actions.get()
    client.force_login(preparer)
    url = reverse("projects:years", args=[project.pk, action.pk])
    assert client.get(url).status_code == 200
    assert client.post(url, {"state-1": "200000.01"}).status_code in (400, 409), "the state pays 200,000 in all"
    assert client.post(url, {"state-1": "50,000.50", "state-2": "0.25"}).status_code == 302
    assert list(action.contributions.filter(source="state").values_list("years_later", "amount")) == [
        (0, Decimal("149999.25")),
        (1, Decimal("50000.50")),
        (2, Decimal("0.25")),
    ]
    matrix = client.get(reverse("projects:detail", args=[project.pk])).context["totals"].matrix
    assert matrix.columns[-2:] == [("state", YEAR + 1), ("state", YEAR + 2)]
    assert matrix.total == 1_000_000
    services.set_contributions(action, by=preparer, amounts={"federal": Decimal(5), "state": Decimal(7)})
    assert action.contributions.get(source="state").amount == 7, "less than was promised: spread anew"


def test_federal_money_is_of_the_fiscal_year(project, preparer):
    action = project.actions.get()
    with pytest.raises(ValidationError):
        services.spread_contributions(action, by=preparer, later={"federal": {1: Decimal(1)}})
    with pytest.raises(IntegrityError), transaction.atomic():
        Contribution.objects.create(action=action, source="federal", years_later=1, amount=1)
