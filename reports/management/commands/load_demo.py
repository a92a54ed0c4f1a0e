import os
import secrets
import sys
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from habitat.lib.progress import Progress
from reports.demo import loading, people, works


class Command(BaseCommand):
    help = (
        "Fill an empty portal with an invented program: three neighbourhoods, a person for every role and place, some"
        " sixty projects in every state. Refuses a portal that has people of its own; a second run changes nothing."
    )

    def add_arguments(self, parser):
        parser.add_argument("--password", help="of every demo account (default: one drawn at random and printed)")
        parser.add_argument(
            "--accounts", type=Path, metavar="FILE", help="write the accounts here too, for the owner only"
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would be loaded, and write nothing")

    def handle(self, *, password: str | None, accounts: Path | None, dry_run: bool, **options):
        try:
            loading.check_is_ours()
        except loading.DemoRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        if loading.is_loaded():
            self.stdout.write("The demo is loaded already; nothing was changed.")
            return
        if dry_run:
            self.stdout.write(f"Would load {len(list(works.plan()))} projects. Nothing was written: dry run.")
            return
        password = password or secrets.token_urlsafe(9)
        loading.load(password=password, progress=Progress(sys.stderr))
        text = self._accounts(password)
        self.stdout.write(text)
        if accounts:
            accounts.touch(mode=0o600)
            os.chmod(accounts, 0o600)
            accounts.write_text(text, encoding="utf-8")

    def _accounts(self, password: str) -> str:
        rows = people.directory()
        width = max(len(email) for _role, _territory, email in rows)
        lines = [f"  {email:{width}}  {role}, {territory}" for role, territory, email in rows]
        return "\n".join([f"Demo accounts, all with the password {password}", *lines])
