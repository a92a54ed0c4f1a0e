"""Earlier actions of the same line on the same blocks are found, measured and answered by the reviewer."""

import pytest
from django.contrib.gis.geos import LineString
from django.db import connection
from django.urls import reverse
from django.utils import translation

from habitat.tests.fixtures import YEAR
from modalities.models import FiscalYear
from projects import rules, services
from projects.models import Project
from projects.refusals import StepForbidden, StepRefused
from projects.services.sites import store_location
from projects.tests.test_rules_on_the_ground import other

STREET = LineString((-90.53, 19.8301), (-90.5292, 19.8301), srid=4326)


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def laid(pipe):
    """The pipe of 230 m touches its blocks."""
    store_location(pipe.actions.get())
    return pipe


def of_year(year):
    return FiscalYear.objects.get_or_create(year=year)[0]


def judged(project, now):
    found = rules.evaluate(Project.objects.get(pk=project.pk), now)
    return next(row for row in found if row.code == "overlaps_answered")


def set_status(project, status):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE projects_project SET status = %s WHERE id = %s", [status, project.pk])
        cursor.execute("SET LOCAL session_replication_role = origin")
    project.refresh_from_db()


def test_the_same_line_on_the_same_blocks_within_the_years_is_found_with_its_metres(laid, now):
    other(laid, "approved", folio="SAME", kind="ME02", line=STREET, fiscal_year=of_year(YEAR - 5))
    other(laid, "closed", folio="OLDER", line=STREET, fiscal_year=of_year(YEAR - 6))
    other(laid, "approved", folio="PAVED", kind="ME12", line=STREET)
    other(laid, "withdrawn", folio="GONE", line=STREET)
    other(laid, "submitted", folio="AWAY", line=LineString((-90.53, 19.8340), (-90.5289, 19.8340), srid=4326))
    (found,) = services.overlaps_of(laid)
    assert (found.folio, found.blocks, found.is_line, found.is_answered) == ("SAME", 1, True, False)
    # 84 m of street, and the 10 m beside its end that count as the same place.
    assert 84 < found.size < 100
    verdict = judged(laid, now)
    assert (verdict.outcome, verdict.required_at) == ("unknown", "number")
    assert "SAME (9" in verdict.sentence


def test_only_the_reviewer_answers_and_the_answer_holds_until_the_overlap_grows(laid, now, people):
    earlier = other(laid, "approved", line=STREET)
    set_status(laid, "in_review")
    with pytest.raises(StepForbidden):
        services.answer_overlap(laid, earlier.pk, text="Otro tramo.", by=people["manager"], at=now)
    with pytest.raises(StepRefused):
        services.answer_overlap(laid, earlier.pk, text=" ", by=people["reviewer"], at=now)
    services.answer_overlap(laid, earlier.pk, text="Otro tramo.", by=people["reviewer"], at=now)
    assert judged(laid, now).outcome == "pass"
    earlier.geometry = LineString((-90.53, 19.8301), (-90.5278, 19.8301), srid=4326)
    earlier.save()
    assert judged(laid, now).outcome == "unknown"


def test_what_comes_to_overlap_after_the_number_stops_the_approval(laid, now, people):
    set_status(laid, "numbered")
    offer = next(o for o in services.offers(laid, people["delegate"], now) if o.step.name == "approve")
    assert not any("reviewer answered" in sentence for sentence in offer.why_not)
    later = other(laid, "submitted", line=STREET)
    offer = next(o for o in services.offers(laid, people["delegate"], now) if o.step.name == "approve")
    assert any("reviewer answered" in sentence for sentence in offer.why_not)
    services.answer_overlap(laid, later.pk, text="Otro tramo.", by=people["reviewer"], at=now)
    offer = next(o for o in services.offers(laid, people["delegate"], now) if o.step.name == "approve")
    assert not any("reviewer answered" in sentence for sentence in offer.why_not)


def test_the_reviewer_answers_on_a_page_and_everybody_reads_it(client, laid, people):
    earlier = other(laid, "approved", folio="04-ME-0077", line=STREET)
    set_status(laid, "in_review")
    client.cookies["django_language"] = "en"
    client.force_login(people["preparer"])
    shown = client.get(reverse("projects:detail", args=[laid.pk])).text
    url = reverse("projects:overlap", args=[laid.pk, earlier.pk])
    assert "Unanswered" in shown
    assert url not in shown
    assert client.post(url, {"text": "No."}).status_code == 403
    client.force_login(people["reviewer"])
    assert url in client.get(reverse("projects:detail", args=[laid.pk])).text
    assert client.post(url, {"text": ""}).status_code == 400
    stale = client.post(url, {"text": "Es otro tramo.", "seen": "10"})
    assert stale.status_code == 409
    size = stale.context["overlap"].size
    assert f"it is {size:.0f} m now" in stale.text
    assert f'name="seen" value="{size}"' in stale.text
    assert client.post(url, {"text": "Es otro tramo de la misma calle."}, follow=True).status_code == 200
    assert "Es otro tramo" in client.get(reverse("projects:detail", args=[laid.pk])).text
