"""The blocks of a published version are never changed, and a block belongs to one published polygon.

Statement by statement, so that a country's worth of polygons is checked by one join.
"""

from django.db import migrations

CREATE = """
    CREATE FUNCTION polygons_members_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (
            SELECT 1 FROM changed JOIN polygons_polygonversion AS version ON version.id = changed.polygonversion_id
            WHERE version.status <> 'draft'
        ) THEN
            RAISE EXCEPTION 'the blocks of a published polygon version are never changed'
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NULL;
    END $$;
    CREATE TRIGGER members_frozen_insert AFTER INSERT ON polygons_polygonversion_blocks
        REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION polygons_members_frozen();
    CREATE TRIGGER members_frozen_update AFTER UPDATE ON polygons_polygonversion_blocks
        REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION polygons_members_frozen();
    CREATE TRIGGER members_frozen_delete AFTER DELETE ON polygons_polygonversion_blocks
        REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION polygons_members_frozen();

    CREATE FUNCTION polygons_block_once() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (
            SELECT 1 FROM changed JOIN earlier USING (id)
            JOIN polygons_polygonversion_blocks AS member ON member.polygonversion_id = changed.id
            JOIN polygons_polygonversion_blocks AS other
              ON other.block_id = member.block_id AND other.polygonversion_id <> changed.id
            JOIN polygons_polygonversion AS held ON held.id = other.polygonversion_id
            WHERE changed.status = 'published' AND earlier.status <> 'published' AND held.status = 'published'
        ) THEN
            RAISE EXCEPTION 'a block belongs to one published polygon' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NULL;
    END $$;
    CREATE TRIGGER block_once AFTER UPDATE ON polygons_polygonversion
        REFERENCING NEW TABLE AS changed OLD TABLE AS earlier FOR EACH STATEMENT
        EXECUTE FUNCTION polygons_block_once();
"""
DROP = """
    DROP TRIGGER block_once ON polygons_polygonversion;
    DROP FUNCTION polygons_block_once();
    DROP TRIGGER members_frozen_insert ON polygons_polygonversion_blocks;
    DROP TRIGGER members_frozen_update ON polygons_polygonversion_blocks;
    DROP TRIGGER members_frozen_delete ON polygons_polygonversion_blocks;
    DROP FUNCTION polygons_members_frozen();
"""


class Migration(migrations.Migration):
    dependencies = [("polygons", "0004_draft_revisions")]

    operations = [migrations.RunSQL(CREATE, DROP)]
