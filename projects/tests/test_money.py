"""Ceilings and the ledger: never a peso over, never an entry rewritten."""

from decimal import Decimal
from threading import Barrier, Thread

import pytest
from django.db import InternalError, connection, transaction

from habitat.tests.fixtures import agreed
from modalities.models import Strand
from polygons.models import Municipality
from projects import services
from projects.models import Action, Ceiling, Contribution, LedgerEntry, Moment, Project
from projects.refusals import Refused


def together(*calls):
    """Runs the calls at the same instant, each in a thread with its own connection; answers their errors or None."""
    start, errors = Barrier(len(calls)), [None] * len(calls)

    def run(index, call):
        start.wait()
        try:
            call()
        except (services.StepRefused, Refused) as refusal:
            errors[index] = refusal
        finally:
            connection.close()

    threads = [Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


def twin(project, folio="04-ME-0999"):
    """Another draft like it: 400 m for 500,000 federal pesos."""
    shared = ("fiscal_year", "rules", "strand", "modality", "municipality", "polygon_version", "status_since")
    fields = {name: getattr(project, name) for name in shared}
    copy = Project.objects.create(folio=folio, name="Otra red", created_by=project.created_by, **fields)
    action = Action.objects.create(project=copy, action_type_id="ME01", quantity=400)
    for row in Contribution.objects.filter(action__project=project):
        Contribution.objects.create(action=action, source=row.source, amount=row.amount)
    return copy


def change(ceiling, amount, by, **fields):
    return services.set_ceiling(
        fiscal_year=ceiling.fiscal_year,
        strand=ceiling.strand,
        amount=Decimal(amount),
        agreement=ceiling.agreement,
        reason="Convenio modificatorio",
        by=by,
        **fields,
    )


@pytest.mark.django_db(transaction=True)
def test_two_approvals_at_once_beyond_the_ceiling_approve_exactly_one(project, lead, people, ceilings, now):
    change(ceilings, 900_000, people["manager"], municipality=project.municipality)
    other = twin(project)
    for each in (project, other):
        lead(each, "number")
    errors = together(*(lambda p=p: services.take_step(p, "approve", by=people["delegate"], at=now)
                        for p in (project, other)))  # fmt: skip
    assert [error is None for error in errors].count(True) == 1
    assert Project.objects.approved().count() == 1
    assert LedgerEntry.objects.at(Moment.APPROVED).total() == 500_000


@pytest.mark.django_db(transaction=True)
def test_one_button_pressed_twice_at_once_approves_once(project, lead, people, ceilings, now):
    lead(project, "number")
    errors = together(*[lambda: services.take_step(project, "approve", by=people["delegate"], at=now)] * 2)
    assert errors.count(None) == 1
    assert LedgerEntry.objects.at(Moment.APPROVED).total() == 500_000


@pytest.mark.django_db(transaction=True)
def test_two_ceilings_set_at_once_never_pass_the_one_above(ceilings, people, campeche):
    """1,000,000 of 2,000,000 are taken by the town of Campeche; two neighbours ask for 600,000 each."""
    towns = [Municipality.objects.create(code=f"0400{n}", name=f"N{n}", state=campeche.state) for n in (3, 4)]
    errors = together(
        *(lambda town=town: change(ceilings, 600_000, people["manager"], municipality=town) for town in towns)
    )
    assert errors.count(None) == 1
    assert sum(Ceiling.objects.filter(parent=ceilings.parent).values_list("amount", flat=True)) == 1_600_000


@pytest.mark.django_db(transaction=True)
def test_a_ceiling_lowered_while_an_approval_runs_never_ends_below_it(project, lead, people, ceilings, now):
    lead(project, "number")
    errors = together(
        lambda: services.take_step(project, "approve", by=people["delegate"], at=now),
        lambda: change(ceilings, 400_000, people["manager"], municipality=project.municipality),
    )
    assert errors.count(None) == 1
    ceilings.refresh_from_db()
    assert services.balance(ceilings) >= 0


def test_a_ceiling_needs_the_level_above(rules, people, campeche):
    with pytest.raises(Refused, match=r"nivel superior|level above"):
        services.set_ceiling(
            fiscal_year=rules.fiscal_year,
            strand=Strand.objects.get(),
            municipality=campeche,
            amount=Decimal(1),
            agreement=agreed(rules.fiscal_year, campeche.state),
            by=people["manager"],
        )


def test_a_ceiling_stands_between_its_parent_and_its_children(ceilings, people, campeche):
    with pytest.raises(Refused):
        change(ceilings, 2_000_001, people["manager"], municipality=campeche)
    with pytest.raises(Refused):
        change(ceilings, 999_999, people["manager"], state=campeche.state)
    with pytest.raises(Refused):
        services.set_ceiling(
            fiscal_year=ceilings.fiscal_year, strand=ceilings.strand, municipality=campeche, amount=Decimal(1),
            agreement=ceilings.agreement, reason=" ", by=people["manager"],
        )  # fmt: skip


def test_only_the_program_unit_sets_ceilings(ceilings, people, campeche):
    for role in set(people) - {"manager"}:
        with pytest.raises(services.StepForbidden):
            change(ceilings, 1, people[role], municipality=campeche)


def test_the_tree_reads_from_the_root_in_one_query(
    project, lead, ceilings, people, stranger, django_assert_num_queries
):
    lead(project, "approve")
    with django_assert_num_queries(1):
        tree = list(Ceiling.objects.visible_to(people["manager"]).from_the_root().with_taken())
    assert [(node.taken, node.balance) for node in tree] == [
        (500_000, 2_500_000),
        (500_000, 1_500_000),
        (500_000, 500_000),
    ]
    assert [node.state for node in Ceiling.objects.visible_to(stranger)] == [None]


def test_a_ceiling_is_not_lowered_below_what_is_approved(project, lead, ceilings, people):
    lead(project, "approve")
    with pytest.raises(Refused, match=r"\$500,000\.00"):
        change(ceilings, 499_999, people["manager"], municipality=project.municipality)


def test_the_ledger_is_neither_changed_nor_deleted_even_by_raw_sql(project, lead):
    lead(project, "approve")
    for statement in ("UPDATE projects_ledgerentry SET amount = 1", "DELETE FROM projects_ledgerentry"):
        with pytest.raises(InternalError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_a_cancelled_project_gives_its_money_back(project, lead, people, ceilings, now):
    lead(project, "approve")
    with pytest.raises(services.StepRefused):
        services.take_step(project, "cancel", by=people["manager"], reason="Sin terreno", at=now)
    services.propose_cancellation(project, reason="Sin terreno", by=people["delegate"])
    services.take_step(project, "cancel", by=people["manager"], reason="Sin terreno", at=now)
    assert services.balance(ceilings) == 1_000_000
    assert sum(project.entries.values_list("amount", flat=True)) == 0


def test_released_money_is_refunded_before_a_cancellation(project, lead, people, books, now):
    lead(project, "approve")
    books.release(project, 9)
    services.propose_cancellation(project, reason="Sin terreno", by=people["delegate"])
    with pytest.raises(services.StepRefused, match=r"\$9\.00"):
        services.take_step(project, "cancel", by=people["manager"], reason="Sin terreno", at=now)


def test_audit_keeps_what_raw_sql_changed(project, ceilings):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE projects_ceiling SET amount = 999999 WHERE id = %s", [ceilings.pk])
        cursor.execute("DELETE FROM projects_contribution WHERE source = 'beneficiaries'")
    assert Ceiling.pgh_event_model.objects.get(amount=999_999).pgh_obj_id == ceilings.pk
    assert Contribution.pgh_event_model.objects.get(pgh_label="delete").source == "beneficiaries"
