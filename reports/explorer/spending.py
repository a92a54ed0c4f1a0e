"""Spending by polygon and by block, over the projects a reader may see; the public's sums hold public projects only."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Count, ExpressionWrapper, F, FloatField, Q, Sum

from projects.models import ActionBlock, Contribution, LedgerEntry, Moment, Project

FEDERAL = Q(source="federal")
NOTHING = {"approved": 0, "approved_year": 0, "federal": 0, "projects": 0, "released": 0, "proven": 0}
Sums = dict[int, dict[str, Decimal | int | float]]


def of_polygons(user: Any, year: int, polygons: Sequence[int]) -> Sums:
    """By polygon, over all its versions: pesos approved, in the year and ever, of them federal; number of projects."""
    of = "action__project__polygon_version__polygon"
    visible = Project.objects.visible_to(user).order_by()
    approved = (
        Contribution.objects.filter(action__project__in=visible.approved(), **{f"{of}__in": polygons})
        .order_by()
        .values_list(of)
        .annotate(
            approved=Sum("amount"),
            year=Sum("amount", filter=Q(action__project__fiscal_year=year), default=0),
            federal=Sum("amount", filter=FEDERAL, default=0),
        )
    )
    counted = visible.filter(polygon_version__polygon__in=polygons).values_list("polygon_version__polygon")
    sums = {polygon: dict(NOTHING) for polygon in polygons}
    for polygon, total, this_year, federal in approved:
        sums[polygon] |= {"approved": total, "approved_year": this_year, "federal": federal}
    for polygon, count in counted.annotate(count=Count("pk")):
        sums[polygon]["projects"] = count
    return sums


def of_ledger(user: Any, polygons: Sequence[int]) -> Sums:
    """By polygon: pesos released and proven, all sources and years, net of reversals; nothing for the public."""
    of = "project__polygon_version__polygon"
    entries = LedgerEntry.objects.visible_to(user).filter(**{f"{of}__in": polygons}).order_by()
    sums = {polygon: dict(NOTHING) for polygon in polygons}
    moments = {
        moment.value: Sum("amount", filter=Q(moment=moment), default=0) for moment in (Moment.RELEASED, Moment.PROVEN)
    }
    for row in entries.values(of).annotate(**moments):
        sums[row[of]] |= {name: row[name] for name in moments}
    return sums


def of_blocks(user: Any, year: int, blocks: Sequence[int]) -> Sums:
    """By block: each action's pesos by the share of its site that lies in the block; projects that touch it."""
    visible = Project.objects.visible_to(user).order_by()
    amount = ExpressionWrapper(F("action__contributions__amount") * F("share"), output_field=FloatField())
    touching = ActionBlock.objects.filter(block__in=blocks).order_by().values_list("block")
    federal = Q(action__contributions__source="federal")
    approved = touching.filter(action__project__in=visible.approved()).annotate(
        approved=Sum(amount, default=0.0),
        year=Sum(amount, filter=Q(action__project__fiscal_year=year), default=0.0),
        federal=Sum(amount, filter=federal, default=0.0),
    )
    counted = touching.filter(action__project__in=visible).annotate(count=Count("action__project", distinct=True))
    sums = {block: dict(NOTHING) for block in blocks}
    for block, total, this_year, of_federation in approved:
        sums[block] |= {"approved": total, "approved_year": this_year, "federal": of_federation}
    for block, count in counted:
        sums[block]["projects"] = count
    return sums
