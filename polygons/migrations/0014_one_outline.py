"""The shape around blocks is drawn by `polygons/services/outlines.py` alone: for one draft as for the whole nation."""

from importlib import import_module

from django.db import migrations

CREATE = import_module("polygons.migrations.0006_outline").CREATE


class Migration(migrations.Migration):
    dependencies = [("polygons", "0013_fewer_block_indexes")]

    operations = [
        migrations.RunSQL("DROP FUNCTION polygons_outline(geometry, geometry, float8, float8)", CREATE),
    ]
