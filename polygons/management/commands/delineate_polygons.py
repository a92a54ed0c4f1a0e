from argparse import ArgumentParser
from decimal import Decimal
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from habitat.lib.refusals import Refused
from polygons.methods import DELINEATING, Kind
from polygons.models import City, Municipality
from polygons.services import Method, delineate


class Command(BaseCommand):
    help = (
        "Draw Habitat Polygons: blocks that are deprived by a variable, joined where they are near each other."
        " Safe to run again: a polygon with the same blocks stays as it is."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        where = parser.add_mutually_exclusive_group(required=True)
        where.add_argument("--city", metavar="CODE", help="key of the city, 3 digits")
        where.add_argument("--municipality", metavar="CODE", help="key of the municipality, 5 digits")
        where.add_argument("--all", action="store_true", help="the whole country")
        parser.add_argument("--vintage", type=int, required=True, metavar="YEAR", help="year of the census")
        parser.add_argument(
            "--variable", "--deficit", dest="variable", choices=DELINEATING, help="what says that a block is deprived"
        )
        reach = parser.add_mutually_exclusive_group()
        reach.add_argument("--threshold", type=Decimal, default=Decimal("0.2"), help="share, 0 to 1; or index at most")
        reach.add_argument("--decile", type=Decimal, metavar="N", help="the worst N tenths of the place's blocks")
        reach.add_argument("--grade", type=Decimal, metavar="N", help="marginalisation grade N, 1 to 5, and worse")
        parser.add_argument("--gap", type=int, default=60, metavar="METRES", help="blocks this near are joined")
        parser.add_argument("--min-dwellings", type=int, default=100, help="smaller clusters are dropped")
        parser.add_argument("--publish", action="store_true", help="publish at once instead of leaving drafts")
        parser.add_argument("--dry-run", action="store_true", help="say what would be drawn, write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            drawn = delineate(
                self._method(options),
                city=self._place(City, options["city"]),
                municipality=self._place(Municipality, options["municipality"]),
                publish_at=timezone.now() if options["publish"] else None,
                dry_run=options["dry_run"],
            )
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(
            f"{drawn.new} new, {drawn.redrawn} redrawn, {drawn.unchanged} unchanged polygons:"
            f" {drawn.blocks:,} blocks, {drawn.dwellings:,} dwellings."
        )
        if drawn.held:
            self.stdout.write(f"{drawn.held} polygons have another draft, which stays as it is.")
        if options["dry_run"]:
            self.stdout.write("Nothing was written: dry run.")

    def _method(self, options: dict[str, Any]) -> Method:
        kind, threshold = Kind.VALUE, options["threshold"]
        if options["decile"] is not None:
            kind, threshold = Kind.DECILE, options["decile"]
        if options["grade"] is not None:
            kind, threshold = Kind.GRADE, options["grade"]
        variable = options["variable"] or ("grade" if kind == Kind.GRADE else None)
        if variable is None:
            raise CommandError("Say --variable.")
        try:
            return Method(options["vintage"], variable, threshold, kind, options["gap"], options["min_dwellings"])
        except ValueError as error:
            raise CommandError(str(error)) from error

    def _place(self, model: Any, code: str | None) -> Any:
        if code is None:
            return None
        try:
            return model.objects.get(pk=code)
        except model.DoesNotExist as error:
            raise CommandError(f"There is no {model._meta.verbose_name} {code}.") from error
