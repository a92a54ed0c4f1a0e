from typing import Any

from django.db import connection, migrations, models
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from habitat.lib.migrating import one_model_a_step


def town_and_street() -> list[Operation]:
    town = models.ForeignKey("lib.Town", models.CASCADE)
    return [
        migrations.CreateModel("Town", [("id", models.SmallAutoField(primary_key=True))]),
        migrations.CreateModel("Street", [("id", models.BigAutoField(primary_key=True)), ("town", town)]),
    ]


def migrated(*operations: Operation) -> ProjectState:
    """The short way, on a state whose classes were made before the first operation, as a migration's are."""
    state = ProjectState()
    assert state.apps
    with one_model_a_step(), connection.schema_editor() as editor:
        for operation in operations:
            before = state.clone()
            operation.state_forwards("lib", state)
            operation.database_forwards("lib", editor, before, state)
    return state


def type_of(table: str, column: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT data_type FROM information_schema.columns WHERE table_name = %s AND column_name = %s",
            [table, column],
        )
        return cursor.fetchone()[0]


def test_only_the_changed_model_is_made_anew(db):
    state = migrated(*town_and_street())
    street = state.apps.get_model("lib", "Street")
    with one_model_a_step():
        state.add_field("lib", "town", "name", models.TextField(default=""), preserve_default=True)
    assert state.apps.get_model("lib", "Town")._meta.get_field("name")
    assert state.apps.get_model("lib", "Street") is street


def test_python_in_a_migration_finds_models_that_belong_together(db):
    seen: list[Any] = []
    named = migrations.AddField("Town", "name", models.TextField(default=""))
    look = migrations.RunPython(lambda apps, _editor: seen.append(apps))
    migrated(*town_and_street(), named, look)
    town, street = (seen[0].get_model("lib", name) for name in ("Town", "Street"))
    assert street._meta.get_field("town").related_model is town


def test_a_key_of_another_type_takes_what_points_to_it_along(db):
    wider = migrations.AlterField("Town", "id", models.BigAutoField(primary_key=True))
    named = migrations.AddField("Town", "name", models.TextField(default=""))
    migrated(*town_and_street(), named, wider)
    assert type_of("lib_street", "town_id") == "bigint"


def test_a_renamed_table_is_still_pointed_to(db):
    named = migrations.AddField("Town", "name", models.TextField(default=""))
    state = migrated(*town_and_street(), named, migrations.RenameModel("Town", "City"))
    city, street = (state.apps.get_model("lib", name) for name in ("City", "Street"))
    assert street._meta.get_field("town").related_model is city
