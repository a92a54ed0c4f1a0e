from itertools import chain

from django.core.management.base import BaseCommand, CommandError

from projects import services
from projects.models import PortfolioVerdict, Verdict


class Command(BaseCommand):
    help = "Say every kept verdict again from its own inputs; fails where one comes out otherwise. Writes nothing."

    def add_arguments(self, parser):
        parser.add_argument("--project", type=int, help="only of this project (its number in the address)")

    def handle(self, *args, project, **options):
        kept = Verdict.objects.order_by("pk")
        portfolios = PortfolioVerdict.objects.order_by("pk")
        if project:
            kept, portfolios = kept.filter(project=project), portfolios.none()
        counted, different = services.replay_all(
            chain(kept.iterator(chunk_size=2_000), portfolios.iterator(chunk_size=2_000))
        )
        for said in different:
            row = said.verdict
            self.stderr.write(f"{row._meta.model_name} {row.pk}, {row.rule_code}: {row.outcome}, now {said.outcome}")
        self.stdout.write(
            f"{counted['same']} same, {counted['different']} different, "
            f"{counted['unknowable']} of an engine that kept too little"
        )
        if counted["different"]:
            raise CommandError("A kept verdict comes out otherwise: a decision was changed without a new engine.")
