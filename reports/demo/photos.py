"""Drawn photographs of works, with the time and place a telephone writes: one far away, one used a second time."""

import datetime as dt
import io
import random

from django.contrib.gis.geos import Point
from django.core.files.base import ContentFile
from PIL import Image, ImageDraw

from projects import services
from projects.models import Action, Photo, Project, Status
from projects.photographs import preparing as photo_preparing
from reports.demo.papers import GROUND, PIPE, SKY, TRENCH
from reports.demo.people import Team

SIZE = (640, 480)
# They were taken so long before the demo is loaded.
AGO = dt.timedelta(days=45)
# In degrees: about a kilometre.
FAR = 0.01


def take_photos(teams: dict[str, Team], now: dt.datetime) -> None:
    """Of the first two works of each place under way that have a site; the delegation has released one."""
    for slug, team in teams.items():
        here = Action.objects.filter(project__municipality=team.preparer.municipality, geometry__isnull=False)
        at_work = here.filter(project__status=Status.IN_EXECUTION).select_related("project").order_by("pk")
        works = list({action.project_id: action for action in at_work}.values())
        for number, action in enumerate(works[:2]):
            dice = random.Random(f"{slug}-{number}")  # noqa: S311 - the same demo everywhere
            _of_work(action, team, dice, now, is_repeated=number > 0)


def _of_work(action: Action, team: Team, dice: random.Random, now: dt.datetime, *, is_repeated: bool) -> None:
    centre = action.geometry.centroid
    near = Point(centre.x + dice.uniform(-3e-4, 3e-4), centre.y, srid=4326)
    taken = now - AGO
    far = Point(centre.x + FAR, centre.y, srid=4326)
    first = _send(action.project, "before", drawn(f"antes {action.pk}", near, 0, taken), team)
    # Where it is repeated, the picture that the other work of the place has shown already.
    _send(action.project, "during", drawn("zanja", near, 2, taken), team)
    if is_repeated:
        return
    _send(action.project, "during", drawn(f"lejos {action.pk}", far, 3, taken), team)
    services.release_photo(first, by=team.reviewer, at=now)


def _send(project: Project, stage: str, picture: ContentFile, team: Team) -> Photo:
    photo = services.add_photo(project, stage, picture, by=team.certifier)
    photo_preparing.prepare_photo(photo.pk)
    photo.refresh_from_db()
    return photo


def drawn(name: str, place: Point, trench: int, taken: dt.datetime) -> ContentFile:
    """A street, and so much of a trench with its pipe in it; EXIF as of a telephone."""
    dice = random.Random(name)  # noqa: S311 - the same picture everywhere
    picture = Image.new("RGB", SIZE, SKY)
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 260, *SIZE), fill=GROUND)
    for house in range(5):
        left, top = house * 130 + dice.randint(-20, 20), dice.randint(150, 210)
        pen.rectangle((left, top, left + 90, 265), fill=tuple(dice.randint(120, 220) for _band in range(3)))
    if trench:
        pen.polygon([(60, 480), (300, 270), (330, 270), (60 + 90 * trench, 480)], fill=TRENCH)
        pen.line([(110, 480), (312, 272)], fill=PIPE, width=10)
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = f"{taken:%Y:%m:%d} 10:30:00"
    exif.get_ifd(0x8825).update({1: "N", 2: _parts(place.y), 3: "W", 4: _parts(-place.x)})
    kept = io.BytesIO()
    picture.save(kept, "JPEG", quality=85, exif=exif)
    return ContentFile(kept.getvalue(), name=f"{name}.jpg")


def _parts(degrees: float) -> tuple[float, float, float]:
    minutes = (degrees - int(degrees)) * 60
    return float(int(degrees)), float(int(minutes)), (minutes - int(minutes)) * 60
