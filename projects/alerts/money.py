"""Alerts of the money: against the works, the contract, the calendar of releases, the refund."""

from django.utils.translation import gettext_lazy as _

from habitat.accounts.models import Role
from projects.alerts.kinds import Kind
from projects.alerts.works import PHYSICAL

# `booked` (project_id, moment, amount) of the ledger.
BOOKED = """
    , booked AS (
        SELECT entry.project_id, entry.moment, sum(entry.amount) AS amount
        FROM projects_ledgerentry AS entry JOIN at_work ON at_work.id = entry.project_id
        GROUP BY entry.project_id, entry.moment
    )
"""

MONEY = (
    Kind(
        code="money_ahead",
        title=_("Money is ahead of the works"),
        why=_("Paying more than is built is how works stay unfinished."),
        owner=Role.REVIEWER,
        words=_("%(paid_pct)s of its cost is paid and %(reached_pct)s of it is built."),
        parameter="alert_ahead_points",
        sql=f"""
            {PHYSICAL} {BOOKED}
            , ahead AS (
                SELECT at_work.id, at_work.threshold, coalesce(physical.reached_pct, 0) AS reached_pct,
                    100 * booked.amount / nullif(physical.cost, 0) AS paid_pct
                FROM at_work
                JOIN physical ON physical.project_id = at_work.id
                JOIN booked ON booked.project_id = at_work.id AND booked.moment = 'paid'
            )
            SELECT id, jsonb_build_object('paid_pct', round(paid_pct, 1), 'reached_pct', round(reached_pct, 1))
            FROM ahead WHERE paid_pct - reached_pct > threshold
        """,
    ),
    Kind(
        code="paid_above",
        title=_("Paid above what is contracted"),
        why=_("Nothing is paid beyond the contract and its amendments."),
        owner=Role.DELEGATE,
        words=_("%(paid_pesos)s are paid; %(committed_pesos)s are contracted."),
        sql=f"""
            {BOOKED}
            SELECT paid.project_id, jsonb_build_object('paid_pesos', paid.amount, 'committed_pesos', committed.amount)
            FROM booked AS paid
            JOIN booked AS committed ON committed.project_id = paid.project_id AND committed.moment = 'committed'
            WHERE paid.moment = 'paid' AND paid.amount > committed.amount AND committed.amount > 0
        """,
    ),
    Kind(
        code="measured_above",
        title=_("Measured above what is contracted"),
        why=_("More than the contract needs an amendment before it is built."),
        owner=Role.REVIEWER,
        words=_("Of %(type)s %(measured)s are measured and %(contracted)s contracted."),
        sql="""
            , contracted AS (
                SELECT line.action_id, sum(line.quantity) AS quantity
                FROM projects_contractline AS line JOIN projects_contract AS contract ON contract.id = line.contract_id
                WHERE contract.status = 'validated' GROUP BY line.action_id
            ), measured AS (
                SELECT line.action_id, sum(line.quantity) AS quantity
                FROM projects_progressline AS line JOIN projects_progressreport AS report ON report.id = line.report_id
                WHERE report.status = 'accepted' GROUP BY line.action_id
            )
            SELECT DISTINCT ON (at_work.id) at_work.id, jsonb_build_object('type', kind.name_es,
                'measured', measured.quantity, 'contracted', contracted.quantity)
            FROM at_work
            JOIN projects_action AS action ON action.project_id = at_work.id
            JOIN modalities_actiontype AS kind ON kind.code = action.action_type_id
            JOIN contracted ON contracted.action_id = action.id
            JOIN measured ON measured.action_id = action.id
            WHERE measured.quantity > contracted.quantity
            ORDER BY at_work.id, action.id
        """,
    ),
    Kind(
        code="advance_open",
        title=_("The advance is not amortised"),
        why=_("An advance is paid back out of the estimates before the contract ends."),
        owner=Role.REVIEWER,
        words=_(
            "%(paid_pesos)s of advance are paid and %(amortised_pesos)s amortised; the contract ended on %(end_on)s."
        ),
        sql="""
            , advance AS (
                SELECT contract_id, sum(amount) AS amount FROM projects_payment
                WHERE estimate_id IS NULL AND status = 'validated' GROUP BY contract_id
            ), amortised AS (
                SELECT contract_id, sum(amortised) AS amount FROM projects_estimate
                WHERE status = 'validated' GROUP BY contract_id
            )
            SELECT DISTINCT ON (at_work.id) at_work.id, jsonb_build_object('paid_pesos', advance.amount,
                'amortised_pesos', coalesce(amortised.amount, 0), 'end_on', contract.ends_on)
            FROM at_work
            JOIN projects_contract AS contract ON contract.project_id = at_work.id AND contract.status = 'validated'
            JOIN advance ON advance.contract_id = contract.id
            LEFT JOIN amortised ON amortised.contract_id = contract.id
            WHERE contract.advance_percent > 0 AND contract.ends_on < %(today)s
                AND advance.amount > coalesce(amortised.amount, 0)
            ORDER BY at_work.id, contract.ends_on
        """,
    ),
    Kind(
        code="release_late",
        title=_("A release is late against the calendar"),
        why=_("Money that comes late pushes works into December."),
        owner=Role.MANAGER,
        words=_("By %(planned_on)s %(planned_pesos)s were to be released (%(source)s); %(released_pesos)s were."),
        sql="""
            , planned AS (
                SELECT project_id, source, max("on") AS day, sum(amount) AS amount FROM projects_plannedrelease
                WHERE "on" < %(today)s GROUP BY project_id, source
            ), released AS (
                SELECT project_id, source, sum(amount) AS amount FROM projects_release
                WHERE status = 'validated' GROUP BY project_id, source
            ), committed AS (
                SELECT entry.project_id, entry.source, sum(entry.amount) AS amount
                FROM projects_ledgerentry AS entry JOIN at_work ON at_work.id = entry.project_id
                WHERE entry.moment = 'committed' GROUP BY entry.project_id, entry.source
            ), due AS (
                -- Where a tender saved, nobody waits for more than was committed; LEAST passes over NULL.
                SELECT planned.project_id, planned.source, planned.day,
                    least(planned.amount, nullif(committed.amount, 0)) AS amount
                FROM planned LEFT JOIN committed USING (project_id, source)
            )
            SELECT DISTINCT ON (at_work.id) at_work.id, jsonb_build_object('planned_on', due.day,
                'planned_pesos', due.amount, 'source', due.source,
                'released_pesos', coalesce(released.amount, 0))
            FROM at_work
            JOIN due ON due.project_id = at_work.id
            LEFT JOIN released ON released.project_id = at_work.id AND released.source = due.source
            WHERE coalesce(released.amount, 0) < due.amount
            ORDER BY at_work.id, due.amount - coalesce(released.amount, 0) DESC
        """,
    ),
    Kind(
        code="refund_late",
        title=_("The refund is late"),
        why=_("What is not spent goes back to the Treasury by its day; after it, with interest."),
        owner=Role.DELEGATE,
        words=_("%(open_pesos)s of federal money are neither proven nor refunded; the day was %(due_on)s."),
        sql="""
            , federal AS (
                SELECT entry.project_id,
                    coalesce(sum(entry.amount) FILTER (WHERE entry.moment = 'released'), 0)
                    - coalesce(sum(entry.amount) FILTER (WHERE entry.moment IN ('proven', 'refunded')), 0) AS amount
                FROM projects_ledgerentry AS entry JOIN at_work ON at_work.id = entry.project_id
                WHERE entry.source = 'federal' GROUP BY entry.project_id
            )
            SELECT at_work.id, jsonb_build_object('open_pesos', federal.amount, 'due_on', stretch.closes_on)
            FROM at_work
            JOIN federal ON federal.project_id = at_work.id AND federal.amount > 0
            JOIN modalities_milestone AS stretch ON stretch.fiscal_year_id = at_work.fiscal_year_id
                AND stretch.kind = 'refund' AND stretch.state_code = '' AND stretch.closes_on < %(today)s
        """,
    ),
    Kind(
        code="unpaid",
        title=_("Finished and unpaid"),
        why=_("Works that are finished and not paid become debts of the municipality."),
        owner=Role.DELEGATE,
        words=_("Finished on %(finished_on)s; %(paid_pesos)s of %(owed_pesos)s are paid."),
        parameter="alert_unpaid_days",
        sql=f"""
            {BOOKED}
            , owed AS (
                SELECT at_work.id, at_work.threshold, (min(change.at) AT TIME ZONE place.time_zone)::date AS day,
                    -- Handed over, it is measured to the end: its estimates are its price.
                    coalesce(
                        CASE WHEN at_work.status = 'handed_over' THEN nullif(accrued.amount, 0) END,
                        nullif(committed.amount, 0), approved.amount, 0
                    ) AS amount,
                    coalesce(paid.amount, 0) AS paid
                FROM at_work
                JOIN polygons_municipality AS place ON place.code = at_work.municipality_id
                JOIN projects_statuschange AS change ON change.project_id = at_work.id
                    AND change.to_status = 'finished'
                LEFT JOIN booked AS committed ON committed.project_id = at_work.id AND committed.moment = 'committed'
                LEFT JOIN booked AS accrued ON accrued.project_id = at_work.id AND accrued.moment = 'accrued'
                LEFT JOIN booked AS approved ON approved.project_id = at_work.id AND approved.moment = 'approved'
                LEFT JOIN booked AS paid ON paid.project_id = at_work.id AND paid.moment = 'paid'
                WHERE at_work.status IN ('finished', 'handed_over')
                GROUP BY at_work.id, at_work.threshold, at_work.status, place.time_zone, committed.amount,
                    accrued.amount, approved.amount, paid.amount
            )
            SELECT id, jsonb_build_object('finished_on', day, 'paid_pesos', paid, 'owed_pesos', amount)
            FROM owed WHERE paid < amount AND %(today)s::date - day >= threshold
        """,
    ),
)
