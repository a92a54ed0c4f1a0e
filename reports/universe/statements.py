"""The SQL that invents works; `works.py` runs it in order and says what the parameters are."""

# The same number from 0 to below 1 for the same row and purpose, whatever the order of the rows.
_DICE = """
    CREATE OR REPLACE FUNCTION pg_temp.dice(n bigint, purpose integer) RETURNS double precision
    LANGUAGE sql IMMUTABLE AS 'SELECT (hashint8extended($1, $2) & 2147483647) / 2147483648.0'
"""
# Where works may lie: blocks of polygons that are not forgotten, and all other blocks with homes.
_PLOTS = """
    CREATE TEMP TABLE plot ON COMMIT DROP AS
    SELECT is_inside, version_id, municipality_id, block_id,
           row_number() OVER (PARTITION BY is_inside ORDER BY block_code) - 1 AS n
    FROM (
        SELECT version.id IS NOT NULL AS is_inside, version.id AS version_id, block.municipality_id,
               block.id AS block_id, block.code AS block_code
        FROM polygons_block AS block
        LEFT JOIN (polygons_polygonversion_blocks AS member
                   JOIN polygons_polygonversion AS version
                     ON version.id = member.polygonversion_id AND version.status = 'published')
          ON member.block_id = block.id
        WHERE block.vintage = %(vintage)s AND block.households > 0
          AND (version.id IS NULL OR pg_temp.dice(version.polygon_id, 1) * 100 >= %(forgotten)s)
    ) AS block;
    CREATE UNIQUE INDEX ON plot (is_inside, n);
    ANALYZE plot
"""
# `position` counts along the main road of the workflow, from 0 for a draft.
_WORKS = """
    CREATE TEMP TABLE work ON COMMIT DROP AS
    SELECT work.*, plot.n AS plot_n, plot.version_id, plot.municipality_id, plot.block_id,
           nextval(pg_get_serial_sequence('projects_project', 'id')) AS id
    FROM (
        SELECT n, n %% 100 < %(earlier)s AS is_earlier,
               CASE WHEN n %% 100 < %(earlier)s THEN %(year)s - 1 ELSE %(year)s END AS year,
               pg_temp.dice(n, 2) * 100 >= %(outside)s AS is_inside,
               (ARRAY(SELECT code FROM modalities_modality ORDER BY code))[
                   1 + floor(pg_temp.dice(n, 3) * (SELECT count(*) FROM modalities_modality))::integer] AS modality_id,
               CASE
                   WHEN n %% 100 < %(earlier)s THEN (ARRAY[6, 6, 7, 7, 8, 9, 10, 10, 10, 10])[
                       1 + floor(pg_temp.dice(n, 4) * 10)::integer]
                   WHEN n %% 100 - %(earlier)s < (100 - %(earlier)s) * %(executed)s / 100
                       THEN (ARRAY[6, 6, 6, 6, 7])[1 + floor(pg_temp.dice(n, 4) * 5)::integer]
                   ELSE (ARRAY[0, 1, 2, 3, 3, 4, 5, 5, 5, 5])[1 + floor(pg_temp.dice(n, 4) * 10)::integer] END
               AS position
        FROM generate_series(0, %(projects)s - 1) AS n
    ) AS work
    JOIN (SELECT is_inside, count(*) AS plots FROM plot GROUP BY is_inside) AS room USING (is_inside)
    JOIN plot ON plot.is_inside = work.is_inside AND plot.n = floor(pg_temp.dice(work.n, 5) * room.plots);
    ANALYZE work
"""
_PROJECT_ROWS = """
    INSERT INTO projects_project (
        id, public_id, folio, file_number, fiscal_year_id, rules_id, strand_id, modality_id, municipality_id,
        polygon_version_id, name, description, neighbourhood, execution_form, starts_on, ends_on, status, status_since,
        ready_at, ready_by_id, created_by_id
    )
    SELECT id, gen_random_uuid(), 'U-' || year || '-' || lpad(n::text, 6, '0'),
           CASE WHEN position >= 4 THEN 'U' || lpad(n::text, 6, '0') ELSE '' END,
           year, CASE WHEN is_earlier THEN %(earlier_rules)s ELSE %(later_rules)s END, 'G', modality_id,
           municipality_id, version_id, 'Obra inventada ' || n, '', '', 'contract', make_date(year, 2, 1),
           make_date(year, 10, 31), (%(road)s)[position + 1], make_date(year, 1, 15) + position * 25,
           CASE WHEN position > 0 THEN make_date(year, 1, 15) END, CASE WHEN position > 0 THEN %(by)s END, %(by)s
    FROM work ORDER BY n
"""
# One row for every step the work has taken along the main road, 25 days apart.
_HISTORY_ROWS = """
    INSERT INTO projects_statuschange (project_id, step, from_status, to_status, by_id, at, reason, sections, marks)
    SELECT id, (%(steps)s)[taken], (%(road)s)[taken], (%(road)s)[taken + 1], %(by)s,
           make_date(year, 1, 15) + taken * 25, '', '[]', '{}'
    FROM work CROSS JOIN LATERAL generate_series(1, position) AS taken ORDER BY n, taken
"""
# Two funded items each, in the work's block and the one beside it, sited as their type asks.
_ITEMS = """
    CREATE TEMP TABLE item ON COMMIT DROP AS
    SELECT work.id AS project_id, work.n * 2 + turn AS n, work.is_earlier, work.position, kind.code AS type,
           kind.geometry_kind, (CASE WHEN turn = 1 THEN coalesce(beside.block_id, work.block_id)
                                     ELSE work.block_id END) AS block_id,
           round((20 + 400 * pg_temp.dice(work.n * 2 + turn, 6))::numeric, 2) AS quantity,
           round((60000 + 320000 * pg_temp.dice(work.n * 2 + turn, 7))::numeric, 2) AS cost,
           nextval(pg_get_serial_sequence('projects_action', 'id')) AS id
    FROM work CROSS JOIN generate_series(0, 1) AS turn
    LEFT JOIN plot AS beside ON beside.is_inside = work.is_inside AND beside.n = work.plot_n + 1
                            AND beside.version_id = work.version_id
    JOIN (SELECT modality_id, array_agg(code ORDER BY code) AS codes FROM modalities_actiontype
          WHERE geometry_kind <> %(nowhere)s AND location_basis <> ALL(%(unbound)s) GROUP BY modality_id) AS types
      USING (modality_id)
    JOIN modalities_actiontype AS kind
      ON kind.code = types.codes[1 + floor(pg_temp.dice(work.n * 2 + turn, 8) * cardinality(types.codes))::integer];
    ANALYZE item
"""
_ACTION_ROWS = """
    INSERT INTO projects_action (
        id, public_id, project_id, action_type_id, description, quantity, geometry, women, men, households
    )
    SELECT item.id, gen_random_uuid(), project_id, type, '', quantity,
           CASE geometry_kind WHEN %(point)s THEN ST_PointOnSurface(geometry)
                WHEN %(line)s THEN ST_MakeLine(ST_PointN(ring, 1), ST_PointN(ring, 2)) ELSE geometry END,
           coalesce(women, 0), coalesce(men, 0), coalesce(households, 0)
    FROM item JOIN polygons_block AS block ON block.id = block_id
    CROSS JOIN LATERAL ST_ExteriorRing(ST_GeometryN(geometry, 1)) AS ring ORDER BY item.n
"""
_TOUCHED_ROWS = """
    INSERT INTO projects_actionblock (action_id, block_id, share) SELECT id, block_id, 1 FROM item ORDER BY n
"""
# Half is federal, a quarter the state's, the municipality pays a fifth and the beneficiaries what is left.
_SHARES = """
    CROSS JOIN LATERAL (VALUES
        ('federal', round(cost * 0.50, 2)), ('state', round(cost * 0.25, 2)), ('municipal', round(cost * 0.20, 2)),
        ('beneficiaries', cost - round(cost * 0.50, 2) - round(cost * 0.25, 2) - round(cost * 0.20, 2))
    ) AS share(source, amount)
"""
_CONTRIBUTION_ROWS = f"""
    INSERT INTO projects_contribution (public_id, action_id, source, amount)
    SELECT gen_random_uuid(), id, source, amount FROM item {_SHARES} ORDER BY n
"""
_LEDGER_COLUMNS = """
    INSERT INTO projects_ledgerentry (
        public_id, moment, source, amount, fiscal_year_id, strand_id, state_id, municipality_id, modality_id,
        project_id, progress_id, "on", recorded_at, by_id, note
    )
"""
_APPROVED_ROWS = f"""
    {_LEDGER_COLUMNS}
    SELECT gen_random_uuid(), 'approved', source, amount, year, 'G', left(municipality_id, 2), municipality_id,
           modality_id, id, NULL, make_date(year, 1, 15) + %(approved)s * 25,
           make_date(year, 1, 15) + %(approved)s * 25, %(by)s, ''
    FROM work JOIN (
        SELECT project_id, source, sum(amount) AS amount FROM item {_SHARES} GROUP BY project_id, source
    ) AS paid ON paid.project_id = work.id
    WHERE position >= %(approved)s ORDER BY n, source
"""
WORKS = (
    _DICE, _PLOTS, _WORKS, _PROJECT_ROWS, _HISTORY_ROWS, _ITEMS, _ACTION_ROWS, _TOUCHED_ROWS, _CONTRIBUTION_ROWS,
    _APPROVED_ROWS,
    "ANALYZE projects_ledgerentry",
)  # fmt: skip
# Agreements and ceilings that hold what was approved, with a tenth to spare, from the nation down; the demo's grow by
# as much.
AGREEMENTS = """
    INSERT INTO projects_agreement (public_id, fiscal_year_id, state_id, kind, name, signed_on, federal, by_id)
    SELECT gen_random_uuid(), entry.fiscal_year_id, place.state_id,
           CASE WHEN place.state_id IS NULL THEN 'budget' ELSE 'agreement' END, 'Acuerdo inventado',
           make_date(entry.fiscal_year_id, 1, 15),
           ceil(sum(amount) * 1.1) + CASE WHEN place.state_id IS NULL THEN 1000000 ELSE 10000 END, %(by)s
    FROM projects_ledgerentry AS entry JOIN work ON work.id = entry.project_id
    CROSS JOIN LATERAL (VALUES (NULL::varchar), (entry.state_id)) AS place (state_id)
    WHERE moment = 'approved' AND source = 'federal' GROUP BY entry.fiscal_year_id, place.state_id
    ON CONFLICT ON CONSTRAINT agreement_once DO NOTHING
"""
CEILINGS = tuple(
    f"""
    INSERT INTO projects_ceiling (public_id, fiscal_year_id, strand_id, parent_id, state_id, municipality_id, amount,
                                  agreement_id, by_id)
    SELECT gen_random_uuid(), spent.year, 'G', parent.id, spent.state_id, spent.municipality_id,
           ceil(spent.amount * 1.1) + {spare}, agreement.id, %(by)s
    FROM (
        SELECT entry.fiscal_year_id AS year, {state} AS state_id, {municipality} AS municipality_id,
               sum(amount) AS amount
        FROM projects_ledgerentry AS entry JOIN work ON work.id = entry.project_id
        WHERE moment = 'approved' AND source = 'federal' GROUP BY 1, 2, 3
    ) AS spent
    JOIN projects_agreement AS agreement
      ON agreement.fiscal_year_id = spent.year AND agreement.name = 'Acuerdo inventado'
     AND agreement.state_id IS NOT DISTINCT FROM spent.state_id
    LEFT JOIN projects_ceiling AS parent
      ON parent.fiscal_year_id = spent.year AND parent.strand_id = 'G' AND parent.modality_id IS NULL
     AND parent.municipality_id IS NULL AND parent.state_id IS NOT DISTINCT FROM {above} AND spent.state_id IS NOT NULL
    ON CONFLICT ON CONSTRAINT ceiling_once DO UPDATE SET amount = projects_ceiling.amount + EXCLUDED.amount
    """
    for state, municipality, above, spare in (
        ("NULL::varchar", "NULL::varchar", "NULL", 1_000_000),
        ("entry.state_id", "NULL::varchar", "NULL", 10_000),
        ("entry.state_id", "entry.municipality_id", "spent.state_id", 0),
    )
)
# Reports are numbered first: lines may not be added to one that is accepted, so they go in before it.
PROGRESS = (
    """
    CREATE TEMP TABLE told ON COMMIT DROP AS
    SELECT work.id AS project_id, work.n, work.position, work.is_earlier, month AS turn,
           CASE WHEN is_earlier THEN %(months_earlier)s ELSE %(months_later)s END AS months,
           (make_date(work.year, 1, 1) + make_interval(months => month - 1))::date AS month,
           nextval(pg_get_serial_sequence('projects_progressreport', 'id')) AS id
    FROM work CROSS JOIN LATERAL generate_series(
        1, CASE WHEN is_earlier THEN %(months_earlier)s ELSE %(months_later)s END) AS month
    WHERE position >= %(running)s ORDER BY work.n, month;
    CREATE INDEX ON told (project_id);
    ANALYZE told
    """,
    # What is finished has measured all of it; what still runs, six tenths. The last month brings the cents.
    """
    INSERT INTO projects_progressline (report_id, action_id, quantity)
    SELECT told.id, item.id,
           CASE WHEN turn < months THEN round(done / months, 2) ELSE done - (months - 1) * round(done / months, 2) END
    FROM told JOIN item USING (project_id)
    CROSS JOIN LATERAL (
        SELECT CASE WHEN told.position >= %(finished)s THEN quantity ELSE round(quantity * 0.6, 2) END AS done
    ) AS measured
    ORDER BY told.n, turn, item.id
    """,
    # Money is told at the half and at the end.
    f"""
    CREATE TEMP TABLE spent ON COMMIT DROP AS
    SELECT told.id AS report_id, told.project_id, told.n, told.month, source, CASE WHEN turn < months
           THEN round(paid / 2, 2) ELSE paid - round(paid / 2, 2) END AS amount
    FROM told JOIN (
        SELECT project_id, source,
               CASE WHEN min(position) >= %(finished)s THEN sum(amount) ELSE round(sum(amount) * 0.6, 2) END AS paid
        FROM item {_SHARES} WHERE source <> 'beneficiaries' GROUP BY project_id, source
    ) AS total USING (project_id)
    WHERE turn IN (months / 2, months)
    """,
    """
    INSERT INTO projects_progressspending (report_id, source, amount)
    SELECT report_id, source, amount FROM spent ORDER BY n, month, source
    """,
    """
    INSERT INTO projects_progressreport (
        id, public_id, project_id, year, month, status, note, submitted_at, submitted_by_id, decided_at, decided_by_id,
        reason
    )
    SELECT id, gen_random_uuid(), project_id, extract(year FROM month), extract(month FROM month), 'accepted', '',
           month + 33, %(by)s, month + 38, %(by)s, ''
    FROM told ORDER BY n, turn
    """,
    f"""
    {_LEDGER_COLUMNS}
    SELECT gen_random_uuid(), 'paid', source, amount, year, 'G', left(municipality_id, 2), municipality_id,
           modality_id, work.id, report_id, (month + interval '1 month - 1 day')::date, month + 38, %(by)s, ''
    FROM spent JOIN work ON work.id = spent.project_id ORDER BY work.n, month, source
    """,
)
