"""What the database itself refuses."""

import uuid

import pgtrigger
import pytest
from django.db import IntegrityError, connection, transaction

from projects.models import Project, Status


def refused(change):
    with pytest.raises(IntegrityError), transaction.atomic():
        change()


def test_status_cannot_jump_even_by_raw_sql(project):
    def jump():
        with connection.cursor() as cursor:
            cursor.execute("UPDATE projects_project SET status = 'approved' WHERE id = %s", [project.pk])

    refused(jump)
    refused(lambda: Project.objects.filter(pk=project.pk).update(status=Status.CLOSED))


def test_a_project_is_born_as_a_draft(project):
    project.pk, project.folio, project.status = None, "04-ME-0145", Status.APPROVED
    project.public_id = uuid.uuid4()
    refused(lambda: project.save(force_insert=True))


def test_rules_in_force_are_immutable(rules):
    refused(lambda: rules.sharerules.update(federal_max_pct=90))
    refused(lambda: type(rules).objects.filter(pk=rules.pk).update(source="otra"))
    refused(rules.sharerules.all().delete)


def test_a_published_polygon_version_is_frozen(polygon_version):
    refused(lambda: type(polygon_version).objects.filter(pk=polygon_version.pk).update(water_low=1))


def test_a_masked_count_is_a_range_and_never_zero(make_block):
    block = make_block(9, without_water=None, with_water=30)
    block.refresh_from_db()
    assert (block.water_low, block.water_high, block.base) == (0, 6, 36)
    assert (block.water_house_low, block.water_house_high) == (None, None)


def test_raw_sql_leaves_an_audit_row(project):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE projects_project SET name = 'otro' WHERE id = %s", [project.pk])
    assert Project.pgh_event_model.objects.filter(pgh_obj=project, name="otro").count() == 1


def test_what_is_append_only_cannot_be_truncated_either(db):
    tables = {model._meta.db_table for model, trigger in pgtrigger.registered() if trigger.name == "append_only"}
    assert {"projects_ledgerentry", "projects_projectevent", "accounts_securityevent"} < tables
    for table in tables:
        refusal = pytest.raises(IntegrityError, match=f"{table} is append-only")
        with connection.cursor() as cursor, refusal, transaction.atomic():
            cursor.execute(f"TRUNCATE {table} CASCADE")
