"""Who opens the pages of visits, committees, complaints, centres and the end of works; read as `access.py` says."""

import datetime as dt
from typing import Any

from django.utils import timezone

from habitat.tests.access_rows import Row


def project(world: Any) -> dict[str, Any]:
    return {"pk": world.project.pk}


def committee_of(world: Any):
    from projects.models import Committee

    return Committee.objects.get_or_create(
        name="Comité Bellavista", municipality=world.campeche, fiscal_year=world.rules.fiscal_year,
        defaults={"constituted_on": dt.date(2026, 3, 1), "by": world.person("certifier")},
    )[0]  # fmt: skip


def committee(world: Any) -> dict[str, Any]:
    return {"pk": committee_of(world).pk}


def member(world: Any) -> dict[str, Any]:
    from projects.models import CommitteeMember

    one = CommitteeMember.objects.create(
        committee=committee_of(world), name="X", sex="woman", is_no_official=True, joined_on=dt.date(2026, 3, 1)
    )
    return committee(world) | {"member": one.pk}


def capture(world: Any) -> dict[str, Any]:
    from projects.models import SicsCapture

    days = {"happened_on": dt.date(2026, 3, 1), "due_on": dt.date(2026, 3, 20)}
    row = SicsCapture.objects.get_or_create(committee=committee_of(world), what="constitution", defaults=days)[0]
    return committee(world) | {"capture": row.pk}


def committee_paper(world: Any) -> dict[str, Any]:
    from projects.models import CommitteePaper

    paper = CommitteePaper.objects.create(
        committee=committee_of(world), kind="minutes", file="x", original_name="x.pdf", size=1, sha256="0" * 64
    )
    return committee(world) | {"paper": paper.pk}


def visit(world: Any) -> dict[str, Any]:
    from projects.models import Visit

    by = world.person("reviewer")
    made = Visit.objects.create(project=world.project, planned_on=dt.date(2026, 5, 1), visitor=by, by=by)
    return project(world) | {"visit": made.pk}


def point(world: Any) -> dict[str, Any]:
    from projects.models import ActionPoint

    asked = ActionPoint.objects.create(
        project=world.project, text="Letrero", owner=world.person("certifier"), by=world.person("reviewer"),
        due_on=dt.date(2026, 5, 1), at=timezone.now(),
    )  # fmt: skip
    return project(world) | {"point": asked.pk}


def question(world: Any) -> dict[str, Any]:
    from projects.models import ChecklistItem

    return {"pk": ChecklistItem.objects.get_or_create(form="site", text_es="¿Sí?", text_en="Yes?")[0].pk}


def waiver(world: Any) -> dict[str, Any]:
    from projects.models import CommitteeWaiver

    asked = CommitteeWaiver.objects.get_or_create(
        project=world.project, is_granted=None,
        defaults={"reason": "X", "document": world.document, "asked_by": world.person("reviewer"),
                  "asked_at": timezone.now()},
    )[0]  # fmt: skip
    return project(world) | {"waiver": asked.pk}


def handover_of(world: Any):
    from projects.models import Handover, HandoverFile

    day = dt.date(2026, 6, 1)
    found, is_new = Handover.objects.get_or_create(
        project=world.project, number="AER-1",
        defaults={"on": day, "warranty_until": day, "maintained_until": day, "maintenance_budget": 0,
                  "issued_by": world.person("reviewer"), "issued_at": timezone.now()},
    )  # fmt: skip
    if is_new:
        HandoverFile.objects.create(handover=found, file="x", original_name="x.pdf", size=1, sha256="0" * 64)
    return found


def handover(world: Any) -> dict[str, Any]:
    return project(world) | {"handover": handover_of(world).pk}


def handed_over(world: Any) -> dict[str, Any]:
    handover_of(world)
    return project(world)


def archive(world: Any) -> dict[str, Any]:
    from projects.models import Archive

    row = Archive.objects.create(
        project=world.project, asked_by=world.person("auditor"), asked_at=timezone.now(), expires_at=timezone.now()
    )
    return project(world) | {"archive": row.pk}


def complaint(world: Any) -> dict[str, Any]:
    """Sent to the delegation of Campeche."""
    from projects.models import Complaint

    sent = Complaint.objects.get_or_create(
        folio="Q-2026-00001",
        defaults={"secret": "0" * 64, "state": world.campeche.state, "text": "X", "sent_at": timezone.now(),
                  "status": "routed", "route": "delegation", "due_on": dt.date(2026, 5, 1), "contact": "555"},
    )[0]  # fmt: skip
    return {"pk": sent.pk}


def answering(world: Any) -> dict[str, Any]:
    return complaint(world) | {"what": "answer"}


def centre_of(world: Any):
    from projects.models import Centre

    return Centre.objects.get_or_create(
        municipality=world.campeche, name="CDC", defaults={"address": "X", "by": world.person("certifier")}
    )[0]


def centre(world: Any) -> dict[str, Any]:
    return {"pk": centre_of(world).pk}


def service(world: Any) -> dict[str, Any]:
    from projects.models import CentreService

    row = CentreService.objects.create(centre=centre_of(world), name="Biblioteca")
    return centre(world) | {"what": "service", "part": row.pk}


def silence(world: Any) -> dict[str, Any]:
    from projects.models import Silence

    days: dict[str, Any] = {"starts_on": dt.date(2020, 1, 1), "ends_on": dt.date(2020, 2, 1)}
    return {"pk": Silence.objects.get_or_create(election="Local", source="X", **days)[0].pk}


def destruction(world: Any) -> dict[str, Any]:
    from projects.models import Destruction

    row = Destruction.objects.get_or_create(
        project=world.project,
        defaults={"kept_until": dt.date(2020, 1, 1), "reason": "X", "by": world.person("manager"),
                  "at": timezone.now()},
    )[0]  # fmt: skip
    return {"pk": row.pk, "answer": "discard"}


def with_destruction(world: Any) -> dict[str, Any]:
    destruction(world)
    return {}


INSIDE = "*{0} P302 O404 N404"
# The people who visit works; those who keep committees.
VISITS = "*403 P302 D{0} F{0} O404 N404"
KEEPS = "*403 P302 L{0} D{0} O404 N404"
ISSUES = "*403 P302 certifier{0} reviewer{0} O404 N404"

SOCIETY: tuple[Row, ...] = (
    Row("projects:archive", get=INSIDE.format(200), arguments=archive),
    Row("projects:archive-file", get=INSIDE.format(302), arguments=archive),
    Row("projects:ask-archive", get="*405 P302", post=INSIDE.format(302), arguments=project),
    Row("projects:handover", get=INSIDE.format(200), post="*403 P302 O404 N404", arguments=project),
    Row("projects:handover-file", get=INSIDE.format(410), arguments=handover),
    Row("projects:sign-handover", get=ISSUES.format(200), post=ISSUES.format(400), arguments=handed_over),
    Row("projects:cancel-handover", get=ISSUES.format(200), post=ISSUES.format(400), arguments=handed_over),
    Row("projects:closure", get=INSIDE.format(200), arguments=project),
    Row("projects:project-visits", get=INSIDE.format(200), arguments=project),
    Row("projects:plan-visit", get=VISITS.format(200), post=VISITS.format(400), arguments=project),
    Row("projects:visit", get=INSIDE.format(200), arguments=visit),
    Row("projects:visit-form", get=INSIDE.format(200), arguments=visit),
    Row("projects:make-visit", get=VISITS.format(200), post=VISITS.format(400), arguments=visit),
    Row("projects:cancel-visit", get=VISITS.format(200), post=VISITS.format(400), arguments=visit),
    Row("projects:new-point", get=VISITS.format(200), post=VISITS.format(400), arguments=project),
    Row(
        "projects:point",
        get=INSIDE.format(200),
        post="*403 P302 O404 N404 certifier400 reviewer400 delegate400",
        arguments=point,
    ),
    Row("projects:visits", get="*200 P302"),
    Row("projects:points", get="*200 P302"),
    Row("projects:checklists", get="*200 P302"),
    Row("projects:new-question", get="*403 P302 manager200", post="*403 P302 manager400"),
    Row("projects:question", get="*403 P302 manager200", post="*403 P302 manager400", arguments=question),
    Row("projects:social", get=INSIDE.format(200), arguments=project),
    Row("projects:vigilance-form", get=INSIDE.format(200), arguments=project),
    Row("projects:capture-form", get=KEEPS.format(200), post=KEEPS.format(400), arguments=project),
    Row("projects:committee-word", get=KEEPS.format(200), post=KEEPS.format(400), arguments=project),
    Row(
        "projects:ask-waiver",
        get="*403 P302 certifier200 D200 O404 N404",
        post="*403 P302 certifier400 D400 O404 N404",
        arguments=project,
    ),
    Row(
        "projects:decide-waiver",
        get="*403 P302 delegate200 manager200 O404 N404",
        post="*403 P302 delegate400 manager400 O404 N404",
        arguments=waiver,
    ),
    Row("projects:committees", get="*200 P302"),
    Row("projects:captures", get="*200 P302"),
    Row(
        "projects:new-committee",
        get="*403 P302 L200 D200 O200 N200",
        post="*403 P302 L400 D400 O400 N400",
    ),
    Row("projects:committee", get=INSIDE.format(200), arguments=committee),
    Row("projects:change-committee", get=KEEPS.format(200), post=KEEPS.format(302), arguments=committee),
    Row(
        "projects:add-to-committee",
        get=KEEPS.format(200),
        post=KEEPS.format(400),
        arguments=lambda world: committee(world) | {"what": "member"},
    ),
    Row("projects:end-member", get=KEEPS.format(200), post=KEEPS.format(400), arguments=member),
    Row("projects:captured", get=KEEPS.format(200), post=KEEPS.format(400), arguments=capture),
    Row(
        "projects:committee-paper",
        get="*410 P302 technician403 V403 O404 N404",
        arguments=committee_paper,
    ),
    Row("new-complaint", get="*200", post="*400"),
    Row("look-complaint", get="*200", post="*400"),
    Row("projects:complaints", get="*403 P302 D200 manager200 A200 other_reviewer200 other_delegate200 N200"),
    Row(
        "projects:complaint",
        get="*403 P302 D200 manager200 A200 other_reviewer404 other_delegate404 N404",
        arguments=complaint,
    ),
    Row(
        "projects:complaint-contact",
        get="*405 P302",
        post="*403 P302 delegate200 manager200 other_reviewer404 other_delegate404 N404",
        arguments=complaint,
    ),
    Row(
        "projects:handle-complaint",
        get="*403 P302 delegate200 manager200 other_reviewer404 other_delegate404 N404",
        post="*403 P302 delegate400 manager400 other_reviewer404 other_delegate404 N404",
        arguments=answering,
    ),
    Row("projects:centres", get="*200 P302"),
    Row("projects:new-centre", get="*403 P302 L200 D200 O200 N200", post="*403 P302 L400 D400 O400 N400"),
    Row("projects:centre", get=INSIDE.format(200), arguments=centre),
    Row("projects:change-centre", get=KEEPS.format(200), post=KEEPS.format(400), arguments=centre),
    Row(
        "projects:add-to-centre",
        get=KEEPS.format(200),
        post=KEEPS.format(400),
        arguments=lambda world: centre(world) | {"what": "attendance"},
    ),
    Row("projects:remove-from-centre", get="*405 P302", post=KEEPS.format(302), arguments=service),
    Row("projects:silences", get="*200 P302"),
    Row("projects:new-silence", get="*403 P302 manager200", post="*403 P302 manager400"),
    Row("projects:silence", get="*403 P302 manager200", post="*403 P302 manager400", arguments=silence),
    Row("projects:drop-silence", get="*405 P302", post="*403 P302 manager302", arguments=silence),
    Row("projects:retention", get="*403 P302 manager200 A200"),
    Row("projects:destructions", get="*403 P302 manager200 A200", arguments=with_destruction),
    Row(
        "projects:propose-destruction",
        get="*403 P302 manager200",
        post="*403 P302 manager400",
        arguments=project,
    ),
    Row("projects:decide-destruction", get="*405 P302", post="*403 P302 manager302", arguments=destruction),
)
