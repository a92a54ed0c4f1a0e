"""Photographs: what the file tells, what is flagged, who lets the public see them."""

import base64
import datetime as dt
import io
from hashlib import sha256

import pgtrigger
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from PIL import Image, ImageDraw, ImageFilter

from habitat.lib import photographs
from modalities.models import RequiredDocument
from polygons.models import Municipality
from projects import services
from projects.models import Photo, PhotoMatch
from projects.photographs import preparing as photo_preparing
from projects.refusals import Refused, StepForbidden
from projects.rules import evaluate

# The site is a line that begins here.
SITE = (-90.53, 19.83)


def drawn(seed: int = 1, *, place=SITE, taken="2026:05:03 10:11:12", quality=90, size=(320, 240)) -> ContentFile:
    """A JPEG that nobody is on, with the EXIF a telephone writes."""
    picture = Image.new("RGB", size, (40 * seed % 255, 120, 200 - 20 * seed))
    pen = ImageDraw.Draw(picture)
    for n in range(6):
        left = (seed * 37 + n * 53) % 280
        pen.rectangle((left, (seed * 61 + n * 29) % 200, left + 30, 239), fill=(n * 40, seed * 30 % 255, 90))
    exif = Image.Exif()
    if taken:
        exif.get_ifd(0x8769)[0x9003] = taken
    if place:
        longitude, latitude = place
        exif.get_ifd(0x8825).update({1: "N", 2: _parts(latitude), 3: "W", 4: _parts(-longitude)})
    kept = io.BytesIO()
    picture.save(kept, "JPEG", quality=quality, exif=exif)
    return ContentFile(kept.getvalue(), name=f"foto {seed}.jpg")


def _parts(degrees: float) -> tuple[float, float, float]:
    whole = int(degrees)
    minutes = (degrees - whole) * 60
    return float(whole), float(int(minutes)), (minutes - int(minutes)) * 60


@pytest.fixture
def works(project, lead):
    return lead(project, "start")


@pytest.fixture
def send(works, people):
    def photo(upload, stage="during", by=None):
        row = services.add_photo(works, stage, upload, by=by or people["certifier"])
        photo_preparing.prepare_photo(row.pk)
        row.refresh_from_db()
        return row

    return photo


def test_time_and_position_are_read_from_the_file_on_the_municipality_s_clock(send):
    photo = send(drawn())
    assert photo.status == "done"
    assert photo.taken_at == dt.datetime(2026, 5, 3, 16, 11, 12, tzinfo=dt.UTC)
    assert photo.position.coords == pytest.approx(SITE, abs=1e-6)
    assert photo.distance_m < 200


def test_pages_tell_the_time_on_the_municipality_s_clock(client, send, works, people):
    Municipality.objects.filter(pk=works.municipality_id).update(time_zone="America/Tijuana")
    photo = send(drawn())
    client.force_login(people["manager"])
    for page in (f"/projects/{works.pk}/photos/", f"/projects/{works.pk}/photos/{photo.pk}/"):
        assert "03/05/2026, 10:11" in client.get(page).text


def test_the_distance_to_the_site_is_in_metres(send):
    far = send(drawn(place=(-90.53, 19.84)))
    assert 900 < far.distance_m < 1_200


def test_what_the_file_does_not_tell_is_given_by_hand_and_marked_so(send, people):
    photo = send(drawn(place=None, taken=None))
    assert (photo.taken_at, photo.position, photo.distance_m) == (None, None, None)
    at = dt.datetime(2026, 5, 3, 16, tzinfo=dt.UTC)
    told = services.tell_photo(photo, taken_at=at, place=SITE, by=people["certifier"])
    assert (told.is_time_typed, told.is_position_typed) == (True, True)
    assert told.distance_m < 200


def test_what_the_file_told_is_not_changed_by_hand(send, people):
    photo = send(drawn())
    told = services.tell_photo(
        photo, taken_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC), place=(-90, 19), by=people["certifier"]
    )
    assert (told.taken_at, told.position.coords) == (photo.taken_at, photo.position.coords)


def test_the_same_file_and_a_picture_that_looks_the_same_are_flagged(send):
    first, again, resaved, other = send(drawn(1)), send(drawn(1)), send(drawn(1, quality=60)), send(drawn(5))
    found = set(PhotoMatch.objects.values_list("photo", "other", "is_same_file"))
    assert found == {
        (again.pk, first.pk, True),
        (resaved.pk, first.pk, False),
        (resaved.pk, again.pk, False),
    }
    assert not other.matches.exists()


def test_the_public_copy_carries_no_metadata_and_is_small(send):
    photo = send(drawn(size=(2000, 1500)))
    with Image.open(photo.copy) as copy, Image.open(photo.thumbnail) as thumbnail:
        assert (max(copy.size), max(thumbnail.size)) == (1600, 400)
        assert not copy.getexif()


def with_a_face(size: int = 300) -> Image.Image:
    """Nobody's: ovals that the detector takes for a face, in the middle of a wall."""
    picture, one = Image.new("RGB", (2 * size, 2 * size), (150, 165, 175)), size / 100
    pen = ImageDraw.Draw(picture)

    def oval(x, y, width, height, colour):
        left, top = size + (x - width / 2) * one, size + (y - height / 2) * one
        pen.ellipse((left, top, left + width * one, top + height * one), fill=colour)

    for shape in (
        (0, -8, 86, 112, (60, 40, 30)), (0, 8, 72, 96, (205, 165, 140)),
        *((side * x, y, w, h, colour) for side in (-1, 1) for x, y, w, h, colour in (
            (17, -11, 22, 5, (60, 40, 30)), (17, -2, 26, 17, (150, 110, 90)), (17, 0, 17, 8, (240, 240, 240)),
            (17, 0, 8, 8, (40, 30, 25)), (20, 18, 16, 10, (220, 180, 155)),
        )),
        (0, 14, 9, 26, (220, 185, 160)), (0, 25, 16, 8, (170, 125, 105)), (0, 38, 28, 8, (150, 70, 65)),
    ):  # fmt: skip
        oval(*shape)
    return picture.filter(ImageFilter.GaussianBlur(1.5 * one))


# The same drawing as a telephone would write it, of 3 May 2026: nothing installed here writes HEIC.
HEIC = base64.b64decode("""
AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAZZtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAADRpbG9jAAAAAERA
AAIAAQAAAAABugABAAAAAAAAAT8AAgAAAAAC+QABAAAAAAAAAEoAAAA4aWluZgAAAAAAAgAAABVpbmZlAgAAAAABAABodmMxAAAAABVpbmZlAgAAAQAC
AABFeGlmAAAAAA5waXRtAAAAAAABAAAA1WlwcnAAAAC2aXBjbwAAAHdodmNDAQNwAAAAkAAAAAAAPPAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAA
AAMAAAMAPLoCQGEAAQAqQgEBA3AAAAMAkAAAAwAAAwA8oBkgMllupJKa5uAhoMCAAAAMgAAAAwCEYgABAAdEAcFysGJAAAAAE2NvbHJuY2x4AAEADQAG
gAAAABRpc3BlAAAAAAAAAMgAAADIAAAAEHBpeGkAAAAAAwgICAAAABdpcG1hAAAAAAAAAAEAAQSBAgMEAAAAGmlyZWYAAAAAAAAADmNkc2MAAgABAAEA
AAGRbWRhdAAAATsoAa8LSCE6eO76xsHX3jeuq00R0w732RA/EMx1WqXhr5wg/djbedroXWoVtPiB4p+DXsvciBu7tz826kJX6A4AQKc1SVpPGQi526dX
GqjXnu4E1IxleAEPsAjWZ08rDg4DDF9lYW428f+TWQ25CHGSrNyDVL4OwWE77EaJokAMD/kK2+fmAT49djHweYw5EfqyUdeuem4OeMsHh1LzNX6h6+Zr
g7bAhtnFf7NYIBA2866DseWfdfDFwsELEaqy+2QYQNaXsw3OvpO56pya0QtFaHWem2wSxzMmXTxDbE3Y57F7qg93K2wIiCa9tKkdxt9pxwb4YFrA0OUC
bDVxCiFWM70jzpPcGgQrqZRaKP1icmjJS4j436Cq9QikwNV+8aa1yNleQisirSnJJIldP/vgQBGQsAARcCHhhcAAAAAGRXhpZgAATU0AKgAAAAgAAYdp
AAQAAAABAAAAGgAAAAAAAZADAAIAAAAUAAAALAAAAAAyMDI2OjA1OjAzIDEwOjExOjEyAA==
""")


def is_covered(copy: Image.Image) -> bool:
    """In the middle of the face neighbouring points are of one colour: squares, as far as JPEG keeps them."""
    left, right = (copy.getpixel((copy.width // 2 + step, copy.height // 2 + 2)) for step in (4, 8))
    return max(abs(one - two) for one, two in zip(left, right, strict=True)) < 10


@pytest.mark.parametrize("form", ["JPEG", "PNG"])
def test_a_face_is_found_and_covered_on_the_copy(form):
    kept = io.BytesIO()
    with_a_face().save(kept, form)
    copies = photographs.copies_of(ContentFile(kept.getvalue()), f"image/{form.lower()}")
    x, y, width, height = copies.faces[0]
    assert x < 0.5 < x + width and y < 0.5 < y + height
    with Image.open(io.BytesIO(copies.copy)) as copy:
        # Six squares a side: next to each other they differ, within one they do not.
        assert len(copy.crop((200, 200, 400, 400)).resize((100, 100)).getcolors(10_000)) < 1_500
        assert is_covered(copy)


def test_a_heic_is_sent_by_the_page_read_and_shown_as_jpeg_with_its_face_covered(client, works, people):
    client.force_login(people["certifier"])
    upload = ContentFile(HEIC, name="IMG_0001.HEIC")
    assert client.post(f"/projects/{works.pk}/photos/", {"stage": "during", "file": [upload]}).status_code == 302
    photo = works.photos.get()
    photo_preparing.prepare_photo(photo.pk)
    photo.refresh_from_db()
    assert (photo.status, photo.content_type, bool(photo.faces)) == ("done", photographs.HEIC, True)
    assert photo.taken_at == dt.datetime(2026, 5, 3, 16, 11, 12, tzinfo=dt.UTC)
    with Image.open(photo.copy) as copy:
        assert copy.format == "JPEG" and is_covered(copy.convert("RGB"))


def test_what_a_person_covers_is_unknowable_and_released_anew(send, people, django_capture_on_commit_callbacks):
    photo = send(drawn())
    services.release_photo(photo, by=people["reviewer"])
    services.cover_photo(photo, [[0, 0, 0.5, 1]], by=people["reviewer"])
    photo.refresh_from_db()
    assert photo.released_at is None
    photo_preparing.prepare_photo(photo.pk)
    photo.refresh_from_db()
    with Image.open(photo.copy) as copy:
        colours = copy.crop((0, 0, 120, 200)).resize((60, 100)).getcolors(10_000)
    assert len(colours) < 400
    with pytest.raises(ValidationError):
        services.cover_photo(photo, [[0.9, 0.9, 0.5, 0.5]], by=people["reviewer"])


def test_only_the_delegation_releases_and_never_who_sent_it(send, people):
    photo = send(drawn(), by=people["reviewer"])
    for role in ("certifier", "manager", "auditor"):
        with pytest.raises(StepForbidden):
            services.release_photo(photo, by=people[role])
    with pytest.raises(StepForbidden):
        services.release_photo(photo, by=people["reviewer"])
    with pytest.raises(IntegrityError), transaction.atomic():
        Photo.objects.filter(pk=photo.pk).update(released_by=people["reviewer"], released_at=photo.uploaded_at)
    assert services.release_photo(photo, by=people["delegate"]).released_at


def test_a_removed_photograph_leaves_its_trace_and_a_replaced_one_names_its_heir(send, works, people):
    photo = send(drawn())
    with pytest.raises(Refused):
        services.remove_photo(photo, reason=" ", by=people["certifier"])
    services.remove_photo(photo, reason="Es de otra calle", by=people["certifier"])
    second = send(drawn(2))
    third = services.add_photo(works, "during", drawn(3), by=people["certifier"], replaces=second)
    second.refresh_from_db()
    assert second.replaced_by == third
    assert list(works.photos.standing()) == [third]


@pytest.mark.parametrize("content", [b"%PDF-1.4 no photograph", b"\xff\xd8\xff\xe0 cut off", b"GIF89a"])
def test_what_is_no_photograph_is_refused_with_a_sentence(works, people, content):
    with pytest.raises(ValidationError):
        services.add_photo(works, "during", ContentFile(content, name="x.jpg"), by=people["certifier"])


def test_a_picture_that_unpacks_to_too_much_is_refused_unopened(works, people, monkeypatch):
    monkeypatch.setattr(photographs, "MAX_PIXELS", 1_000)
    with pytest.raises(ValidationError, match="puntos"):
        services.add_photo(works, "during", drawn(), by=people["certifier"])


def test_a_damaged_picture_is_named_as_such_by_its_worker(works, people):
    whole = drawn(size=(1200, 900)).read()
    cut = ContentFile(whole[: len(whole) // 2], name="a.jpg")
    photo = services.add_photo(works, "during", cut, by=people["certifier"])
    photo_preparing.prepare_photo(photo.pk)
    photo.refresh_from_db()
    assert (photo.status, bool(photo.problem)) == ("failed", True)


def test_strangers_and_federal_people_send_no_photographs(works, people, stranger):
    for person in (people["manager"], people["auditor"], stranger):
        with pytest.raises(PermissionDenied):
            services.add_photo(works, "during", drawn(), by=person)


# ---- On the page -----------------------------------------------------------------------------------------------------
def test_several_are_sent_at_once_and_what_is_no_photograph_is_named(client, works, people):
    client.force_login(people["certifier"])
    page = f"/projects/{works.pk}/photos/"
    refused = client.post(page, {"stage": "before", "file": [drawn(1), ContentFile(b"no picture", name="b.jpg")]})
    assert (refused.status_code, "b.jpg" in refused.text, works.photos.count()) == (400, True, 1)
    assert client.post(page, {"stage": "before", "file": [drawn(2), drawn(3)]}).status_code == 302
    assert works.photos.filter(stage="before").count() == 3


def test_the_gallery_flags_what_is_far_and_what_was_used_before_in_few_queries(
    client, send, works, people, django_assert_max_num_queries
):
    send(drawn(1))
    send(drawn(1, place=(-90.53, 19.84)))
    client.force_login(people["reviewer"])
    with django_assert_max_num_queries(22):
        page = client.get(f"/projects/{works.pk}/photos/").text
    assert ("Lejos del sitio" in page, "Usada en otro lugar" in page) == (True, True)
    assert "<circle" in page


def test_the_public_sees_released_copies_alone_and_never_the_original(client, send, works, people):
    photo = send(drawn())
    page = f"/projects/{works.pk}/photos/{photo.pk}/"
    assert client.get(f"{page}copy/").status_code == 404
    services.release_photo(photo, by=people["reviewer"])
    assert client.get(f"{page}copy/").status_code == 200
    assert client.get(f"{page}original/").status_code == 404
    for seen in (client.get(page).text, client.get(f"/projects/{works.pk}/photos/").text):
        assert str(people["certifier"]) not in seen and photo.original_name not in seen


def test_it_is_released_only_with_the_word_that_nobody_is_known_on_it(client, send, works, people):
    photo = send(drawn())
    client.force_login(people["reviewer"])
    page = f"/projects/{works.pk}/photos/{photo.pk}/"
    assert client.post(page, {"do": "release"}).status_code == 409
    assert client.post(page, {"do": "release", "nobody": "on"}).status_code == 302
    assert works.photos.released().get() == photo


def test_time_and_position_are_given_by_hand_on_the_page(client, send, works, people):
    photo = send(drawn(place=None, taken=None))
    client.force_login(people["certifier"])
    page = f"/projects/{works.pk}/photos/{photo.pk}/"
    assert client.post(page, {"do": "tell", "taken_at": "ayer"}).status_code == 409
    client.post(page, {"do": "tell", "taken_at": "2026-05-03 10:30", "place": "19.83, -90.53"})
    photo.refresh_from_db()
    assert photo.taken_at == dt.datetime(2026, 5, 3, 16, 30, tzinfo=dt.UTC)
    assert photo.is_position_typed


def test_a_photograph_in_pieces_arrives_like_any_other(client, works, people):
    client.force_login(people["certifier"])
    content = drawn(size=(640, 480)).read()
    told = {"photo_stage": "after", "name": "a.jpg", "size": len(content), "sha256": sha256(content).hexdigest()}
    begun = client.post(f"/projects/{works.pk}/documents/uploads/", told)
    url = begun.json()["url"]
    for start in range(0, len(content), 2_000):
        piece, headers = content[start : start + 2_000], {"Upload-Offset": str(start)}
        client.patch(url, piece, content_type="application/octet-stream", headers=headers)
        if start == 2_000:
            # The line breaks, and the same file is chosen again: it goes on where it stopped.
            again = client.post(f"/projects/{works.pk}/documents/uploads/", told)
            assert (again.json()["url"], again.json()["received"]) == (url, 4_000)
    assert client.post(url).status_code == 201
    assert works.photos.get().stage == "after"
    # Chosen once more with nine others, it is not sent a second time; of another stage it is.
    assert "url" not in client.post(f"/projects/{works.pk}/documents/uploads/", told).json()
    assert "url" in client.post(f"/projects/{works.pk}/documents/uploads/", told | {"photo_stage": "before"}).json()


@pytest.fixture
def asked(rules):
    """The rules in force ask for two photographs of the works before they end."""
    with pgtrigger.ignore("modalities.RequiredDocument:frozen_with_rules"):
        RequiredDocument.objects.create(
            rules=rules, code="photos-during", clause="5.17", source="Prueba", kind="photo", photo_stage="during",
            minimum=2, required_at="finish",
        )  # fmt: skip


def test_photographs_of_a_stage_are_asked_for_by_number(asked, send, works):
    def outcome():
        return next(row.outcome for row in evaluate(works) if row.code == "photos-during")

    send(drawn(1), stage="before")
    send(drawn(2))
    assert outcome() == "fail"
    send(drawn(3))
    assert outcome() == "pass"
