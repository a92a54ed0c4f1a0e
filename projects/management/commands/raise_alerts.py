from argparse import ArgumentParser

from django.core.management.base import BaseCommand

from projects import services
from projects.models import Project
from projects.workers import looking


class Command(BaseCommand):
    help = "Look for what does not look right in every project at work; end the alerts that are over. Safe to repeat."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--project", type=int, metavar="PK", help="look at this one alone")

    def handle(self, *args, project: int | None = None, **options) -> None:
        only = None
        if project is not None:
            looking.begin(project)
            only = Project.objects.filter(pk=project).first()
            if only is None:
                return
        told = services.raise_alerts(only=only)
        self.stdout.write(f"{told['opened']} opened, {told['ended']} over")
