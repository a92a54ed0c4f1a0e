"""What the database says of a photograph: how far from its site it was taken, and which others look the same."""

from django.db import connection

from modalities import parameters
from projects.models import Photo

# Metres on the ellipsoid to the nearest point of the site of its action, else of any action of the project.
DISTANCE = """
    UPDATE projects_photo AS photo
    SET distance_m = (
        SELECT min(ST_Distance(action.geometry::geography, photo.position::geography))
        FROM projects_action AS action
        WHERE action.project_id = photo.project_id AND coalesce(photo.action_id, action.id) = action.id
    )
    WHERE photo.id = %s
    RETURNING distance_m
"""
# The younger of two names the older; a look differs in so many of its 64 bits.
MATCH = """
    INSERT INTO projects_photomatch (photo_id, other_id, is_same_file, bits)
    SELECT greatest(mine.id, other.id), least(mine.id, other.id), mine.sha256 = other.sha256,
        coalesce(bit_count((mine.look # other.look)::bit(64)), 0)
    FROM projects_photo AS mine
    JOIN projects_photo AS other ON other.id <> mine.id AND other.removed_at IS NULL
        AND (other.sha256 = mine.sha256 OR bit_count((mine.look # other.look)::bit(64)) <= %s)
    WHERE mine.id = %s
    ON CONFLICT DO NOTHING
"""


def measure_distance(photo: Photo) -> None:
    with connection.cursor() as cursor:
        cursor.execute(DISTANCE, [photo.pk])
        (photo.distance_m,) = cursor.fetchone()


def find_alike(photo: Photo) -> None:
    most = int(parameters.value(photo.project.rules, "photo_alike_bits"))
    with connection.cursor() as cursor:
        cursor.execute(MATCH, [most, photo.pk])
