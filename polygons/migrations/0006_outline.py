"""The shape around blocks, in one place, so that it can look at what it drew before it answers."""

from django.db import migrations

# All in EPSG:6372. `closed` is the blocks grown by `closing` metres and united, `members` the blocks themselves.
CREATE = """
    CREATE FUNCTION polygons_outline(closed geometry, members geometry, closing float8, most float8) RETURNS geometry
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
    DECLARE
        corners constant text := 'join=mitre mitre_limit=2';
        own constant float8 := ST_Area(members);
        outline geometry;
    BEGIN
        outline := ST_Union(ST_Buffer(closed, -closing, corners), members);
        IF ST_Area(outline) <= most * own THEN
            RETURN outline;
        END IF;
        -- Small blocks far apart: streets of usual width only, or nothing but the blocks.
        outline := ST_Union(ST_Buffer(ST_Buffer(members, closing / 3, corners), -closing / 3, corners), members);
        RETURN CASE WHEN ST_Area(outline) <= most * own THEN outline ELSE members END;
    END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("polygons", "0005_members_frozen")]

    operations = [
        migrations.RunSQL(CREATE, "DROP FUNCTION polygons_outline(geometry, geometry, float8, float8)"),
    ]
