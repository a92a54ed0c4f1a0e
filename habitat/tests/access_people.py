"""Who opens the restricted register of people; read as `access.py` says.

Never technicians and service accounts; those of another territory find nothing of what is not theirs.
"""

import datetime as dt
from decimal import Decimal
from typing import Any

from habitat.tests.access_rows import Row


def social_of(world: Any):
    """A draft whose one action pays stipends, and one that gives courses; made once a world."""
    work = world.project
    if "social" not in vars(world):
        from modalities.models import ActionType
        from projects.models import Action

        fields = {
            "modality_id": "DS", "line": ActionType.objects.get(pk="DS01").line, "name_es": "X", "name_en": "X",
            "unit": "prestador_mes", "geometry_kind": "none", "location_basis": "none",
        }  # fmt: skip
        ActionType.objects.get_or_create(code="DS04", defaults=fields)
        world.social = {
            "pays": Action.objects.create(project=work, action_type_id="DS04", quantity=12),
            "teaches": Action.objects.create(project=work, action_type_id="DS01", quantity=2),
        }
    return world.social


def person_of(world: Any):
    from projects.models import Person

    return Person.objects.get_or_create(
        municipality=world.campeche, given_names="X", first_surname="X",
        defaults={"no_curp": "foreigner", "born_on": dt.date(2000, 1, 1), "sex": "man",
                  "by": world.person("preparer")},
    )[0]  # fmt: skip


def project(world: Any) -> dict[str, Any]:
    return {"pk": world.project.pk}


def person(world: Any) -> dict[str, Any]:
    return {"pk": person_of(world).pk}


def actor(world: Any) -> dict[str, Any]:
    from projects.models import SocialActor

    made = SocialActor.objects.get_or_create(
        municipality=world.campeche, name="Manos",
        defaults={"kind": "organisation", "place": "X", "by": world.person("preparer")},
    )[0]  # fmt: skip
    return {"pk": made.pk}


def paying(world: Any) -> dict[str, Any]:
    return project(world) | {"action": social_of(world)["pays"].pk}


def teaching(world: Any) -> dict[str, Any]:
    return project(world) | {"action": social_of(world)["teaches"].pk}


def month(world: Any) -> dict[str, Any]:
    return paying(world) | {"year": world.project.fiscal_year_id, "month": 6}


def listed(world: Any) -> dict[str, Any]:
    from projects.models import StipendList

    found = month(world)
    StipendList.objects.get_or_create(action_id=found["action"], month=dt.date(found["year"], 6, 1), number=1)
    return found | {"number": 1}


def engagement(world: Any) -> dict[str, Any]:
    from projects.models import Engagement

    day = dt.date(world.project.fiscal_year_id, 6, 1)
    made = Engagement.objects.get_or_create(
        action=social_of(world)["pays"], person=person_of(world),
        defaults={"starts_on": day, "ends_on": day, "monthly_stipend": 1, "months": 1, "school": "X",
                  "by": world.person("preparer")},
    )[0]  # fmt: skip
    return project(world) | {"engagement": made.pk}


def course_of(world: Any):
    from projects.models import Course

    days = {"starts_on": dt.date(2026, 6, 1), "ends_on": dt.date(2026, 6, 30), "hours": Decimal(10)}
    return Course.objects.get_or_create(
        action=social_of(world)["teaches"], name="X", defaults=days | {"by": world.person("preparer")}
    )[0]


def course(world: Any) -> dict[str, Any]:
    return project(world) | {"course": course_of(world).pk}


def participant(world: Any) -> dict[str, Any]:
    from projects.models import Participant

    made = Participant.objects.get_or_create(
        course=course_of(world), person=person_of(world),
        defaults={"enrolled_on": dt.date(2026, 6, 1), "by": world.person("preparer")},
    )[0]  # fmt: skip
    return course(world) | {"participant": made.pk}


def session(world: Any) -> dict[str, Any]:
    from projects.models import CourseSession

    made = CourseSession.objects.get_or_create(
        course=course_of(world), on=dt.date(2026, 6, 2),
        defaults={"hours": Decimal(2), "by": world.person("preparer")},
    )[0]  # fmt: skip
    return course(world) | {"session": made.pk}


def roster(world: Any) -> dict[str, Any]:
    from django.utils import timezone

    from projects.models import RegisterUpload

    made = RegisterUpload.objects.create(
        course=course_of(world), status="refused", expires_at=timezone.now(), original_name="x", content_type="x",
        size=1, sha256="0" * 64, by=world.person("preparer"),
    )  # fmt: skip
    return course(world) | {"upload": made.pk}


# Inside the territory; lists, which are narrowed to the reader's own.
READS = "*{0} P302 technician403 V403 O404 N404"
LISTS = "*{0} P302 technician403 V403"
KEEPS = "*403 P302 L{0} O404 N404"
WATCHES = "*403 P302 manager200 A200"

PEOPLE_ROWS: tuple[Row, ...] = (
    Row("projects:people", get=LISTS.format(200)),
    Row("projects:search-people", get=LISTS.format(200), post=LISTS.format(400)),
    Row("projects:export-register", get=LISTS.format(200), post=LISTS.format(400)),
    Row("projects:readings", get=WATCHES),
    Row("projects:person", get=READS.format(200), arguments=person),
    Row("projects:change-person", get=KEEPS.format(200), post=KEEPS.format(400), arguments=person),
    Row("projects:erase-person", get=KEEPS.format(200), post=KEEPS.format(400), arguments=person),
    Row("projects:actors", get=LISTS.format(200)),
    Row(
        "projects:new-actor",
        get="*403 P302 L200 other_preparer200 other_certifier200",
        post="*403 P302 L400 other_preparer400 other_certifier400",
    ),
    Row("projects:actor", get=READS.format(200), post=KEEPS.format(400), arguments=actor),
    Row("projects:project-people", get=READS.format(200), arguments=project),
    Row("projects:engage", get=KEEPS.format(200), post=KEEPS.format(400), arguments=paying),
    Row("projects:engagement", get=KEEPS.format(200), post=KEEPS.format(400), arguments=engagement),
    Row("projects:end-engagement", get=KEEPS.format(200), post=KEEPS.format(400), arguments=engagement),
    # A draft pays nobody yet.
    Row("projects:stipends", get=READS.format(200), post=KEEPS.format(409), arguments=month),
    Row("projects:decide-stipends", get="*405 P302", post=READS.format(302), arguments=listed),
    Row("projects:new-course", get=KEEPS.format(200), post=KEEPS.format(400), arguments=teaching),
    Row("projects:course", get=READS.format(200), arguments=course),
    Row("projects:change-course", get=KEEPS.format(200), post=KEEPS.format(400), arguments=course),
    Row("projects:enrol", get=KEEPS.format(200), post=KEEPS.format(400), arguments=course),
    Row("projects:leave-course", get=KEEPS.format(200), post=KEEPS.format(400), arguments=participant),
    Row("projects:new-session", get=KEEPS.format(200), post=KEEPS.format(400), arguments=course),
    Row("projects:attendance", get=READS.format(200), post=KEEPS.format(302), arguments=session),
    Row("projects:attendance-list", get=READS.format(410), arguments=session),
    Row("projects:roster-template", get=KEEPS.format(200), arguments=course),
    Row("projects:upload-roster", get=KEEPS.format(200), post=KEEPS.format(400), arguments=course),
    Row("projects:roster", get=KEEPS.format(200), post=KEEPS.format(302), arguments=roster),
)
