"""The sums kept by triggers, checked against the rows and made anew."""

from collections.abc import Iterator
from typing import Any

from django.db import connection, transaction

from habitat.lib.progress import Progress
from projects.models.totals import LEDGER_TOTALS

BATCH = 1_000
# Every sum by itself: what a project's row, its places' rows or the ledger's rows say otherwise than the rows below.
SUMS = (
    "households", "cost_federal", "cost_state", "cost_municipal", "cost_beneficiaries", "spent_federal", "spent_state",
    "spent_municipal", "spent_beneficiaries", "reached", "planned",
)  # fmt: skip
KEYS = ("fiscal_year_id", "state_id", "municipality_id", "polygon_id", "modality_id", "status")
_OWN = ", ".join((*KEYS, *SUMS))
WRONG_PROJECTS = f"""
    SELECT count(*) FROM (
        SELECT project_id, {_OWN} FROM projects_totals_of(%s::bigint[])
        EXCEPT SELECT project_id, {_OWN} FROM projects_projecttotal
    ) AS wrong
"""
_LEVELS = {
    "nation": (), "state": ("state_id",), "municipality": ("state_id", "municipality_id"),
    "polygon": ("state_id", "municipality_id", "polygon_id"),
}  # fmt: skip
_PLAIN, _RUNS = SUMS[:5], {**dict.fromkeys(SUMS[5:10], 12), "planned": 13}
_ADDED = ", ".join(
    [f"sum({name})" for name in _PLAIN]
    + [f"sum({name}[{at}])" for name, size in _RUNS.items() for at in range(1, size + 1)]
)


def _wrong_places(level: str, keys: tuple[str, ...]) -> str:
    by = ", ".join(("fiscal_year_id", *keys, "modality_id", "status"))
    some = "AND polygon_id IS NOT NULL" if level == "polygon" else ""
    own = f"SELECT {by}, count(*) AS projects, {_ADDED} FROM projects_projecttotal WHERE true {some} GROUP BY {by}"
    kept = (
        f"SELECT {by}, sum(projects) AS projects, {_ADDED} FROM projects_placetotal WHERE level = '{level}'"
        f" GROUP BY {by} HAVING sum(projects) <> 0"
    )
    return f"SELECT count(*) FROM (({own} EXCEPT {kept}) UNION ALL ({kept} EXCEPT {own})) AS wrong"


def _wrong_ledger(level: str, keys: tuple[str, ...]) -> str:
    by = ", ".join(("fiscal_year_id", *keys, "modality_id", "moment", "source"))
    some = f"WHERE {keys[-1]} IS NOT NULL" if keys else ""
    month = 'projects_month_of(fiscal_year_id, "on")'
    own = (
        f"SELECT {by}, {month}, sum(amount) FROM projects_ledgerentry {some} GROUP BY {by}, {month}"
        " HAVING sum(amount) <> 0"
    )
    kept = (
        f"SELECT {by}, month, sum(amount) FROM projects_ledgertotal WHERE level = '{level}'"
        f" GROUP BY {by}, month HAVING sum(amount) <> 0"
    )
    return f"SELECT count(*) FROM (({own} EXCEPT {kept}) UNION ALL ({kept} EXCEPT {own})) AS wrong"


def wrong_totals(progress: Progress) -> dict[str, int]:
    """What is kept → how many of its keys say otherwise than the rows; empty where all agree."""
    found = {"projects": sum(_count(WRONG_PROJECTS, [ids]) for ids in progress.over(list(_batches()), "projects"))}
    for level, keys in _LEVELS.items():
        found[level] = _count(_wrong_places(level, keys))
        if level != "polygon":
            found[f"ledger of {level}"] = _count(_wrong_ledger(level, keys))
    return {name: count for name, count in found.items() if count}


@transaction.atomic
def rebuild_totals(progress: Progress) -> None:
    """All anew, in one transaction; writers wait."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE projects_projecttotal, projects_ledgerentry IN SHARE ROW EXCLUSIVE MODE")
        for table in ("projecttotal", "placetotal", "ledgertotal"):
            cursor.execute(f"DELETE FROM projects_{table}")
        for ids in progress.over(list(_batches()), "projects"):
            cursor.execute("SELECT projects_refresh_totals(%s::bigint[])", [ids])
        cursor.execute(LEDGER_TOTALS.format(rows="projects_ledgerentry"))
        cursor.execute("SELECT projects_fold_totals()")


def _batches() -> Iterator[list[int]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM projects_project ORDER BY id")
        ids = [pk for (pk,) in cursor.fetchall()]
    yield from (ids[start : start + BATCH] for start in range(0, len(ids), BATCH))


def _count(query: str, parameters: list[Any] | None = None) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return int(cursor.fetchone()[0])
