from typing import Any

import pgtrigger
from django.core.management.base import BaseCommand, CommandError

from habitat.lib import history


class Command(BaseCommand):
    help = (
        "Compare every audited row with the last word of its history, and see that every trigger is there and switched"
        " on; fails where somebody wrote past them. Writes nothing."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        found = list(history.faults())
        for fault in found:
            rows = f": {', '.join(fault.rows)}" if fault.rows else ""
            self.stdout.write(f"{fault.about}: {fault.says}{rows}")
        if found:
            raise CommandError(f"{len(found)} faults.")
        tables, triggers = len(history.audited_models()), len(pgtrigger.registered())
        self.stdout.write(f"{tables} tables and {triggers} triggers are as they should be.")
