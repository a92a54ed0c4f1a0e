"""What the map's tiles rest on: a mark for every change of what they show, and tiles drawn ahead of need."""

import pgtrigger
from django.db import models

RANDOM_MARK = "('x' || substr(md5(gen_random_uuid()::text), 1, 15))::bit(60)::bigint"


class MapChange(models.Model):
    """A statement that changed what `source` shows. All tokens of a source, XORed, name the state of its data.

    Rows are only added, so that two who write at once do not wait for each other, and the name changes at the moment
    of each commit: a latest moment of change would not, where the transaction that began earlier commits later.
    """

    source = models.CharField(max_length=20)
    token = models.BigIntegerField()
    at = models.DateTimeField()


class StoredTile(models.Model):
    """A tile of what everybody may see, as of the state `version` of the data. An empty one is stored too."""

    layer = models.CharField(max_length=20)
    z = models.PositiveSmallIntegerField()
    x = models.PositiveIntegerField()
    y = models.PositiveIntegerField()
    version = models.CharField(max_length=24)
    body = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["layer", "z", "x", "y"], name="tile_stored_once")]


ANY_WRITE = pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete | pgtrigger.Truncate


def changes_map(source: str, operation: pgtrigger.Operation = ANY_WRITE) -> pgtrigger.Trigger:
    """Every such statement on the table; the layers of `polygons.tiles` say which sources they show."""
    return pgtrigger.Trigger(
        name="changes_map",
        level=pgtrigger.Statement,
        operation=operation,
        when=pgtrigger.After,
        func=f"{_marked(repr(source))} RETURN NULL;",
    )


def changes_map_of_drafts() -> pgtrigger.Trigger:
    """A version that was a draft and stays one shows to few: what everybody sees does not change with it."""
    return pgtrigger.Trigger(
        name="changes_map",
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        when=pgtrigger.After,
        func=f"""
            IF (TG_OP = 'DELETE' OR NEW.status = 'draft') AND (TG_OP = 'INSERT' OR OLD.status = 'draft') THEN
                {_marked("'drafts'")}
            ELSE
                {_marked("'polygons'")}
            END IF;
            RETURN NULL;
        """,
    )


def _marked(source: str) -> str:
    return f"INSERT INTO polygons_mapchange (source, token, at) VALUES ({source}, {RANDOM_MARK}, clock_timestamp());"
