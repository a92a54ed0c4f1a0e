"""What the public front page says: the program in figures, and the works that moved last."""

from dataclasses import dataclass
from functools import cached_property

from django.contrib.auth.models import AnonymousUser

from projects.models import Project, Silence
from projects.services import silences_now
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
    def silences(self) -> list[Silence]:
        """Electoral silences running now; while one does, the news of its state is not shown."""
        return silences_now()

    @property
    def silent_places(self) -> list[str]:
        """States that are silent; empty where none is, or the whole country is."""
        return [] if self.is_silent else sorted({row.state.name for row in self.silences if row.state})

    @property
    def is_silent(self) -> bool:
        return any(row.state_id is None for row in self.silences)

    @cached_property
    def recent(self) -> list[Project]:
        if self.is_silent:
            return []
        works = Project.objects.visible_to(AnonymousUser()).with_totals()
        works = works.exclude(municipality__state__in=[row.state_id for row in self.silences])
        return list(
            works.select_related("municipality__state", "polygon_version__polygon").order_by("-status_since")[:RECENT]
        )
