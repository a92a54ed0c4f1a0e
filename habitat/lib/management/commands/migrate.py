from typing import Any

from django.core.management.commands import migrate

from habitat.lib.migrating import one_model_a_step


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        with one_model_a_step():
            super().handle(*args, **options)
