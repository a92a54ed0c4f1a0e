import getpass
import sys

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email

from habitat.accounts import services
from habitat.accounts.models import Role, User


class Command(BaseCommand):
    help = "Open the account of a manager of the program unit, with the whole nation as territory. The first of all."

    def add_arguments(self, parser) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", required=True)
        parser.add_argument(
            "--password-stdin", action="store_true", help="read the password from standard input, not from a prompt"
        )
        parser.add_argument("--dry-run", action="store_true", help="check everything, write nothing")

    def handle(self, *, email: str, name: str, password_stdin: bool, dry_run: bool, **options) -> None:
        password = sys.stdin.readline().rstrip("\n") if password_stdin else getpass.getpass()
        try:
            validate_email(email)
            validate_password(password, user=User(email=email, name=name))
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        if User.objects.filter(email__iexact=email).exists():
            raise CommandError(f"There is already an account with the e-mail {email}.")
        if not dry_run:
            services.open_account(email, password, name=name, role=Role.MANAGER, is_national=True)
        self.stdout.write(f"{'Would open' if dry_run else 'Opened'} a manager's account for {email}.")
