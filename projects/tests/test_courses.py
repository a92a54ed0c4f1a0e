"""Courses: who is enrolled, who came for how long, who completed, and what a project reports beside it."""

import datetime as dt
import io
from decimal import Decimal

import openpyxl
import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from habitat.tests.fixtures import YEAR
from projects import services
from projects.models import Course, CourseSession, Person, RegisterUpload
from projects.refusals import StepForbidden, StepRefused
from projects.tests.social import AT, FIRST, put_at
from projects.tests.test_people import LUIS, ROSA, curp_of


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def course(social):
    return social.courses[0]


@pytest.fixture
def rosa(campeche, preparer):
    return services.register_person(campeche, by=preparer, **ROSA)


@pytest.fixture
def enrolled(course, rosa, preparer):
    return services.enrol(course, rosa, by=preparer, enrolled_on=FIRST)


@pytest.fixture
def meet(course, preparer):
    def make(day: int = 2, hours: int = 4) -> CourseSession:
        session = CourseSession(course=course, on=dt.date(YEAR, 3, day), hours=Decimal(hours))
        return services.save_session(session, by=preparer)

    return make


def test_an_action_has_as_many_courses_as_its_quantity(social, course, preparer):
    days = {"starts_on": FIRST, "ends_on": FIRST, "hours": Decimal(1)}
    services.save_course(Course(action=social.lessons, name="Costura", **days), by=preparer)
    with pytest.raises(StepRefused):
        services.save_course(Course(action=social.lessons, name="Herrería", **days), by=preparer)


def test_sessions_stay_within_the_course(course, meet, preparer):
    for day, hours in ((dt.date(YEAR, 7, 1), 1), (dt.date(YEAR, 3, 3), 21)):
        with pytest.raises(StepRefused):
            services.save_session(CourseSession(course=course, on=day, hours=Decimal(hours)), by=preparer)


def test_nobody_is_enrolled_twice_or_by_a_stranger(course, enrolled, rosa, preparer, stranger):
    with pytest.raises(StepRefused):
        services.enrol(course, rosa, by=preparer, enrolled_on=FIRST)
    with pytest.raises(StepForbidden):
        services.enrol(course, rosa, by=stranger, enrolled_on=FIRST)


def test_attendance_is_hours_and_may_be_mended(meet, enrolled, preparer):
    session = meet()
    assert services.take_attendance(session, hours={enrolled.pk: Decimal(4)}, by=preparer, at=AT) == {}
    services.take_attendance(session, hours={enrolled.pk: Decimal("1.5")}, by=preparer, at=AT)
    assert session.attendance.get().hours == Decimal("1.5")
    services.take_attendance(session, hours={}, by=preparer, at=AT)
    assert not session.attendance.exists()
    assert session.taken_by == preparer


def test_impossible_attendance_is_refused_row_by_row(meet, enrolled, preparer):
    session = meet()
    refused = services.take_attendance(session, hours={enrolled.pk: Decimal(5), 0: Decimal(1)}, by=preparer, at=AT)
    assert set(refused) == {enrolled.pk, 0}
    with pytest.raises(StepRefused):
        services.take_attendance(session, hours={}, by=preparer, at=dt.datetime(YEAR, 3, 1, 12, tzinfo=dt.UTC))


def test_of_two_stale_sheets_the_second_overwrites_nothing(course, meet, enrolled, campeche, preparer):
    luis = services.register_person(campeche, by=preparer, **LUIS)
    other = services.enrol(course, luis, by=preparer, enrolled_on=FIRST)
    session, nobody = meet(), services.mark(Decimal(0))
    seen = {str(enrolled.pk): nobody, str(other.pk): nobody}

    def write(first: int, second: int) -> dict[int, str]:
        hours = {enrolled.pk: Decimal(first), other.pk: Decimal(second)}
        return services.take_attendance(session, hours=hours, by=preparer, seen=seen, at=AT)

    assert write(4, 0) == {}
    assert write(0, 4) == {}
    assert list(write(2, 4)) == [enrolled.pk]
    assert [row.hours for row in session.attendance.all()] == [4, 4]


def test_the_parameter_of_the_year_says_who_completed(course, meet, enrolled, preparer):
    assert services.least_hours(course, course.action.project.rules) == 16
    for day in (2, 3, 4, 5):
        services.take_attendance(meet(day), hours={enrolled.pk: Decimal(4)}, by=preparer, at=AT)
    assert services.with_hours(course.participants.all()).get().came == 16


def test_who_left_is_expected_no_more(course, meet, enrolled, preparer):
    services.leave_course(enrolled, on=dt.date(YEAR, 3, 2), by=preparer)
    assert list(services.expected_at(meet(2))) == [enrolled]
    assert not services.expected_at(meet(3)).exists()


def test_reported_people_above_the_register_are_shown(social, enrolled):
    told = services.reported_of(social.lessons.project)[0]
    assert (told.reported, told.registered, told.gap) == (20, 1, 19)
    assert (told.women, told.men, told.ages["30-59"]) == (1, 0, 1)


# ---- Workbooks ------------------------------------------------------------------------------------------------------
@pytest.fixture
def fill(course, preparer):
    def make(*rows) -> SimpleUploadedFile:
        book = openpyxl.load_workbook(io.BytesIO(services.empty_roster(course, by=preparer)))
        for number, row in enumerate(rows, 2):
            for column, value in enumerate(row, 1):
                book.worksheets[1].cell(number, column, value)
        filled = io.BytesIO()
        book.save(filled)
        return SimpleUploadedFile("lista de Rosa.xlsx", filled.getvalue())

    return make


GOOD = [ROSA["curp"], None, None, "Rosa Invento", "Uc", None, None, None, None]
OTHER = [curp_of("XIXX050101HNEXXXA"), None, None, "Juan", "Imaginario", "Chi", "01/01/2005", None, "05/03/2026"]


def test_a_good_workbook_enrols_all_and_is_destroyed(course, fill, rosa, preparer):
    tried = services.try_roster(course, fill(GOOD, OTHER), by=preparer)
    assert (tried.status, tried.people, tried.known, tried.original_name) == (
        "tried",
        2,
        1,
        f"participantes-{course.pk}.xlsx",
    )
    done = services.enrol_roster(tried, by=preparer)
    assert (done.status, str(done.file), course.participants.count()) == ("done", "", 2)
    assert Person.objects.count() == 2
    with pytest.raises(StepRefused):
        services.enrol_roster(tried, by=preparer)


def test_the_file_itself_is_gone(course, fill, preparer, django_capture_on_commit_callbacks):
    tried = services.try_roster(course, fill(GOOD), by=preparer)
    storage, name = tried.file.storage, tried.file.name
    with django_capture_on_commit_callbacks(execute=True):
        services.drop_roster(tried, by=preparer)
    assert not storage.exists(name)


def test_no_file_is_touched_once_the_project_has_ended(course, fill, preparer):
    tried = services.try_roster(course, fill(GOOD), by=preparer)
    put_at(course.action.project, "closed")
    for service in (services.enrol_roster, services.drop_roster):
        with pytest.raises(StepRefused):
            service(RegisterUpload.objects.get(pk=tried.pk), by=preparer)


def test_errors_are_told_by_cell_and_repeat_nobody(course, fill, preparer):
    wrong = [
        ["XEXX900312MNEXXX1", None, None, "Rosa", "Uc", None, "mañana", None, None],
        [None, "porque no", None, None, "Chi", None, None, None, None],
        GOOD, GOOD,
    ]  # fmt: skip
    tried = services.try_roster(course, fill(*wrong), by=preparer)
    assert (tried.status, str(tried.file)) == ("refused", "")
    # Row by row, and once a cell: a reason that is not in the list is a reason, so that A3 is not asked for.
    assert [row["cell"] for row in tried.errors] == ["A2", "G2", "B3", "D3", "A5"]
    told = " ".join(row["text"] for row in tried.errors)
    assert not any(word in told for word in ("XEXX", "Rosa", "mañana", "porque no"))
    assert not Person.objects.exists()


def test_a_known_curp_with_another_name_is_not_merged(course, fill, rosa, preparer):
    tried = services.try_roster(course, fill([ROSA["curp"], None, None, "Otra", "Uc", *[None] * 4]), by=preparer)
    assert [row["cell"] for row in tried.errors] == ["D2"]


def test_somebody_alike_is_left_to_the_form(course, fill, campeche, preparer):
    services.register_person(campeche, by=preparer, **LUIS)
    row = [None, str(Person.NoCurp.FOREIGNER.label), None, "Luis", "Supuesto", None, "09/05/2001", "Hombre", None]
    tried = services.try_roster(course, fill(row), by=preparer)
    assert {error["cell"] for error in tried.errors} >= {"E2"}


def test_what_came_to_be_wrong_since_enrols_nobody(course, fill, preparer, campeche):
    tried = services.try_roster(course, fill(GOOD, OTHER), by=preparer)
    person = services.register_person(campeche, by=preparer, **ROSA)
    services.enrol(course, person, by=preparer, enrolled_on=FIRST)
    assert services.enrol_roster(tried, by=preparer).status == "refused"
    assert course.participants.count() == 1


def test_a_workbook_of_another_course_is_refused(social, course, fill, preparer):
    days = {"starts_on": FIRST, "ends_on": FIRST, "hours": Decimal(1)}
    other = services.save_course(Course(action=social.lessons, name="Costura", **days), by=preparer)
    with pytest.raises(ValidationError):
        services.try_roster(other, fill(GOOD), by=preparer)


def test_the_clock_destroys_files_a_day_old(course, fill, preparer):
    tried = services.try_roster(course, fill(GOOD), by=preparer, at=AT)
    assert services.drop_expired_rosters(AT + dt.timedelta(hours=23)) == 0
    assert services.drop_expired_rosters(AT + dt.timedelta(hours=25)) == 1
    assert RegisterUpload.objects.get(pk=tried.pk).status == "dropped"
