import datetime as dt
from decimal import Decimal

import pytest

from habitat.tests.fixtures import YEAR
from projects import services
from projects.models import Ceiling, Project

NOW = dt.datetime(YEAR, 4, 20, 16, 0, tzinfo=dt.UTC)


@pytest.fixture
def now():
    """A Monday of April, ten in the morning in Campeche."""
    return NOW


@pytest.fixture
def ceilings(rules, campeche):
    """Nation 3,000,000 → Campeche (state) 2,000,000 → Campeche 1,000,000."""
    shared = {"fiscal_year": rules.fiscal_year, "strand_id": "G", "agreement": "Acuerdo de Coordinación 2026"}
    nation = Ceiling.objects.create(amount=Decimal(3_000_000), **shared)
    state = Ceiling.objects.create(parent=nation, state=campeche.state, amount=Decimal(2_000_000), **shared)
    return Ceiling.objects.create(
        parent=state, state=campeche.state, municipality=campeche, amount=Decimal(1_000_000), **shared
    )


@pytest.fixture
def people(preparer, certifier, reviewer, delegate, technician, manager, auditor, make_user, campeche):
    service = make_user("service", municipality=campeche)
    everybody = (preparer, certifier, reviewer, delegate, technician, manager, auditor, service)
    return {person.role: person for person in everybody}


ROAD = (
    ("submit", "certifier"),
    ("authorise", "manager"),
    ("review", "reviewer"),
    ("number", "reviewer"),
    ("approve", "delegate"),
    ("start", "certifier"),
    ("finish", "certifier"),
    ("hand_over", "reviewer"),
    ("prove", "reviewer"),
    ("close", "delegate"),
)


@pytest.fixture
def lead(people, ceilings, now):
    """Leads a draft along the usual road until it has taken the named step."""

    def to(project: Project, last: str) -> Project:
        services.mark_ready(project, by=people["preparer"], at=now)
        for step, role in ROAD:
            services.take_step(project, step, by=people[role], at=now)
            if step == last:
                break
        project.refresh_from_db()
        return project

    return to
