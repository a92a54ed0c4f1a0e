"""Neighbours, visits, centres and the end of works in the demo; no person in it is real."""

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

from django.core.files.uploadedfile import SimpleUploadedFile

from habitat.accounts.models import User
from projects import services
from projects.models import Answer, Committee, Project, Visit
from projects.months import months_after
from reports.demo import papers

if TYPE_CHECKING:
    from reports.demo.story import Story

NEIGHBOURS = (
    ("Rosa Invento Uc", "woman", "president"), ("Manuel Ficticio Chi", "man", "secretary"),
    ("Elena Supuesta Pech", "woman", "treasurer"), ("Jorge Imaginario Dzul", "man", "vocal"),
)  # fmt: skip


def scan(name: str, *lines: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(f"{name}.pdf", papers.pdf([*lines, "Documento de demostración."]), "application/pdf")


def constitute(story: "Story") -> None:
    """One committee a polygon and year, some weeks before the first of its works starts."""
    project, by, day = story.project, story.team.certifier, story.at.date()
    if Committee.objects.watching(project, day).exists():
        return
    polygon = project.polygon_version.polygon if project.polygon_version else None
    place = polygon.name if polygon else project.municipality.name
    before = day - dt.timedelta(21)
    committee = services.constitute_committee(
        by=by,
        at=story.at,
        projects=[project],
        constituted_on=before,
        minutes=scan("acta", f"Acta de asamblea, comité de {place}"),
        name=f"Comité comunitario {place} {project.folio[-4:]}",
        municipality=project.municipality,
        fiscal_year=project.fiscal_year,
        polygon=polygon,
    )
    for name, sex, post in NEIGHBOURS:
        services.add_member(committee, by=by, name=name, sex=sex, post=post, joined_on=before, is_no_official=True)
    services.record_activity(
        committee, by=by, at=story.at, on=before + dt.timedelta(7), kind="training", women=9, men=6,
        text="Capacitación en contraloría social y entrega de la guía.",
    )  # fmt: skip
    if story.work.is_complete:
        _register(committee, by, before)


def _register(committee: Committee, by: User, day: dt.date) -> None:
    number = f"CS-{committee.fiscal_year_id}-{committee.pk:04d}"
    on = day + dt.timedelta(5)
    works = [row.project for row in committee.works.select_related("project")]
    services.change_committee(committee, by=by, projects=works, registration=number, registered_on=on)
    for capture in committee.captures.all():
        services.mark_captured(capture, on=capture.due_on - dt.timedelta(2), by=by)


def visit(story: "Story") -> None:
    """The reviewer looks at the works and asks for something; about half of it is done by now."""
    project, team, day = story.project, story.team, story.at.date()
    made = _planned(project, team.reviewer, Visit.Kind.SITE, day)
    services.make_visit(
        made, by=team.reviewer, made_on=day, at=story.at, answers=_yes(made),
        summary="Se recorrió el tramo con la residencia de obra.",
        findings=[services.Found("minor", "Falta el letrero de obra.", "Colocar el letrero con la leyenda.",
                                 team.certifier, day + dt.timedelta(10))],
    )  # fmt: skip
    if "finish" in story.work.events or story.work.is_complete:
        for point in project.action_points.all():
            services.close_point(point, done="Se colocó el letrero.", by=team.certifier, at=story.at)


def _planned(project: Project, visitor: User, kind: str, day: dt.date) -> Visit:
    return services.plan_visit(project, kind=kind, planned_on=day, visitor=visitor, by=visitor)


def _yes(visit: Visit) -> dict[int, tuple[str, str]]:
    return {item.pk: (Answer.YES, "") for item in services.questions_of(visit.kind, visit.project)}


def certify(story: "Story") -> None:
    project, day = story.project, story.at.date()
    handover = services.issue_handover(
        project, by=story.team.reviewer, at=story.at, on=day, place=f"Sitio de la obra, {project.neighbourhood}",
        delivers_name="Constructora Inventada, S.A.", delivers_post="Contratista",
        receives_name="Dirección de Obras Públicas", receives_post=f"Municipio de {project.municipality.name}",
        committee_name=NEIGHBOURS[0][0], state_of_work="Terminada y en operación, sin faltantes a la vista.",
        warranty_until=services.warranty_of(project, day), guarantee="Fianza 000-demo",
        maintainer=f"Municipio de {project.municipality.name}", maintained_until=months_after(day, 36),
        maintenance_budget=Decimal(25_000),
    )  # fmt: skip
    services.attach_signed_handover(handover, scan("entrega", f"{handover.number}, firmada"), by=story.team.reviewer)


def say(story: "Story") -> None:
    """The committee's word before the closing, and afterwards a verification that plans the next one."""
    project, day = story.project, story.at.date()
    committee = Committee.objects.watching(project, day).first()
    if committee:
        services.record_verdict(
            project, committee, is_favourable=True, text="La obra quedó bien y se usa.", on=day, at=story.at,
            upload=scan("visto-bueno", f"Visto bueno del comité, {project.folio}"), by=story.team.certifier,
        )  # fmt: skip


def verify(story: "Story") -> None:
    day = story.at.date()
    made = _planned(story.project, story.team.reviewer, Visit.Kind.VERIFICATION, day)
    marks = dict.fromkeys(services.MARKS, True) | {"is_maintained": story.work.is_complete}
    services.make_visit(
        made, by=story.team.reviewer, made_on=day, at=story.at, answers=_yes(made), marks=marks,
        summary="La obra existe y la usan los vecinos.",
    )  # fmt: skip
