"""What the public front page says: the program in figures, and the works that moved last."""

from dataclasses import dataclass
from functools import cached_property

from django.contrib.auth.models import AnonymousUser

from projects.models import Project
from reports.indicators import Figures
from reports.scopes import Scope

RECENT = 4


@dataclass
class Front:
    """Of one fiscal year, as nobody logged in sees it."""

    year: int

    @cached_property
    def figures(self) -> Figures:
        return Figures(Scope(), self.year, AnonymousUser())

    @cached_property
    def counts(self) -> dict[str, int]:
        figures = self.figures
        return {
            "attended": figures.attended_count,
            "universe": figures.universe_count,
            "approved": figures.approved_count,
            "finished": figures.finished_count,
            "households": figures.households,
        }

    @property
    def spent(self):
        return sum(self.figures.spent.values())

    @property
    def cost(self):
        return sum(self.figures.cost.values())

    @cached_property
    def recent(self) -> list[Project]:
        works = Project.objects.visible_to(AnonymousUser()).with_totals()
        return list(
            works.select_related("municipality__state", "polygon_version__polygon").order_by("-status_since")[:RECENT]
        )
