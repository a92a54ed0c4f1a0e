"""Adding up one project's sums takes PostgreSQL half a millisecond, planning the statement ten times as long. A
connection now plans it once for few projects; for many, whose number decides which plan is good, as before.
"""

from django.db import migrations

FEW = 20
BY_NUMBER = f"""
    CREATE FUNCTION projects_refresh_totals(ids bigint[]) RETURNS void LANGUAGE plpgsql
    -- What is set inside lasts until the function's end.
    SET plan_cache_mode = auto AS $$
    BEGIN
        IF cardinality(ids) = 0 THEN RETURN; END IF;
        PERFORM set_config('plan_cache_mode',
            CASE WHEN cardinality(ids) > {FEW} THEN 'force_custom_plan' ELSE 'force_generic_plan' END, true);
        PERFORM projects_add_up_totals(ids);
    END $$
"""


class Migration(migrations.Migration):
    dependencies = [("projects", "0028_restorable_triggers")]

    operations = [
        migrations.RunSQL(
            ["ALTER FUNCTION projects_refresh_totals(bigint[]) RENAME TO projects_add_up_totals", BY_NUMBER],
            [
                "DROP FUNCTION projects_refresh_totals(bigint[])",
                "ALTER FUNCTION projects_add_up_totals(bigint[]) RENAME TO projects_refresh_totals",
            ],
        ),
    ]
