"""What the demo shows beside its works: centres, complaints and an electoral silence. Invented, every one."""

import datetime as dt
from decimal import Decimal

from django.utils import timezone

from polygons.models import PolygonVersion
from projects import services
from projects.models import AgeGroup, Centre, Silence
from reports.demo.people import Team
from reports.demo.places import Place, Spot

WAY_OF_MONTH = (14, 22, 31, 9)


def furnish(teams: dict[str, Team], versions: dict[tuple[Place, Spot], PolygonVersion], now: dt.datetime) -> None:
    """A centre in the first poor corner of each place, two complaints, and the silence of a past election."""
    seen: set[str] = set()
    for (place, spot), version in versions.items():
        if place.slug not in seen:
            seen.add(place.slug)
            _open_centre(teams[place.slug], spot, version, now)
    team = next(iter(teams.values()))
    _complain(team, now)
    services.save_silence(
        Silence(
            election="Proceso electoral federal 2024 (ejemplo)", source="Calendario del INE, por cotejar",
            starts_on=dt.date(2024, 3, 1), ends_on=dt.date(2024, 6, 2),
        ),
        by=team.manager,
    )  # fmt: skip


def _open_centre(team: Team, spot: Spot, version: PolygonVersion, now: dt.datetime) -> None:
    by, place, today = team.certifier, version.polygon.municipality, timezone.localdate(now)
    centre = services.save_centre(
        Centre(
            name=f"CDC {spot.name}", municipality=place, polygon=version.polygon, point=version.geometry.centroid,
            address=f"Calle principal, {spot.name}", ownership=Centre.Ownership.MUNICIPAL,
            operator=f"DIF de {place.name}", opened_on=dt.date(today.year - 4, 8, 1),
        ),
        projects=[], by=by,
    )  # fmt: skip
    services.add_to_centre(centre, "space", by=by, name="Aula de cómputo", area=48, capacity=24, condition="good")
    services.add_to_centre(centre, "space", by=by, name="Salón de usos múltiples", area=120, capacity=80,
                           condition="fair")  # fmt: skip
    services.add_to_centre(centre, "equipment", by=by, name="Computadora de escritorio", quantity=18, condition="fair")
    services.add_to_centre(centre, "service", by=by, name="Cursos de oficios", hours="Lunes a viernes, 16 a 19 h")
    last = today.replace(day=1) - dt.timedelta(1)
    counts = {group.value: (WAY_OF_MONTH[at], WAY_OF_MONTH[at] - 3) for at, group in enumerate(AgeGroup)}
    services.set_attendance(centre, last.replace(day=1), counts, by=by, at=now)
    services.add_to_centre(centre, "cost", by=by, at=now, month=last.replace(day=1), payer="municipal",
                           concept="Luz, agua y vigilancia", amount=Decimal(18_500))  # fmt: skip
    services.add_to_centre(
        centre, "inspection", by=team.reviewer, at=now, on=last - dt.timedelta(90), building="good", equipment="fair",
        is_operating=True, text="Opera con regularidad; faltan dos computadoras.",
    )  # fmt: skip


def _complain(team: Team, now: dt.datetime) -> None:
    first, _key = services.send_complaint(
        text="Una persona pidió dinero para apuntarse a un curso que es gratuito.", state=team.delegate.state,
        place="Centro comunitario", at=now,
    )  # fmt: skip
    services.route_complaint(first, "oic", note="Turnada el mismo día.", by=team.manager, at=now)
    services.send_complaint(text="La zanja lleva dos semanas abierta y sin señales.", state=team.delegate.state, at=now)
