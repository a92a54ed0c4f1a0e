import sys
from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from habitat.lib.progress import Progress
from reports.year.playing import YearRefused, play


class Command(BaseCommand):
    help = (
        "Play a fiscal year on the invented nation (build_universe): windows, ceilings, proposals, approvals,"
        " contracts, progress, payments, amendments, reopenings, cancellations, refunds and closures, each through the"
        " services by its own person. For rehearsals and tests; not for a portal in use."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--works", type=int, default=60, help="how many works; they take turns at each fate")
        parser.add_argument("--year", type=int, help="the fiscal year; by default the last whose works can be closed")

    def handle(self, *args, works: int, year: int | None, **options) -> None:
        today = timezone.localdate()
        try:
            ends = play(
                year or (today.year if today.month > 10 else today.year - 1), works, progress=Progress(sys.stderr)
            )
        except YearRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(", ".join(f"{count} {status}" for status, count in sorted(ends.items())))
