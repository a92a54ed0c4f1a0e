"""History is whole, or `verify_audit` says where it is not."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from projects.models import Project


def test_what_the_portal_writes_leaves_a_whole_history(project, capsys):
    project.name = "Otra cosa"
    project.save()
    call_command("verify_audit")
    assert "as they should be" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("UPDATE projects_project SET name = 'A escondidas'", "rows other than their history's last word"),
        ("UPDATE projects_projectevent SET pgh_label = 'delete'", "rows that stand although deleted"),
        ("DELETE FROM projects_projectevent", "rows without history"),
    ],
)
def test_who_writes_past_the_triggers_is_found(project, capsys, statement, says):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement)
        cursor.execute("SET LOCAL session_replication_role = origin")
    with pytest.raises(CommandError):
        call_command("verify_audit")
    assert f"projects_project: {says}: {project.pk}" in capsys.readouterr().out


def test_a_trigger_switched_off_is_found(db, capsys):
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {Project._meta.db_table} DISABLE TRIGGER ALL")
    with pytest.raises(CommandError):
        call_command("verify_audit")
    assert "projects_project.touch: the trigger is switched off" in capsys.readouterr().out
