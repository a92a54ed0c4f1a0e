"""What a source pays of an action, in all and year by year."""

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from habitat.accounts.models import User
from habitat.lib.templatetags.portal import money
from projects.models import Action, Contribution, Observation, Source
from projects.services.editing import open_for
from projects.services.merging import Marks, merge, refuse, standing


def pay_in_all(action: Action, source: str, total: Decimal) -> None:
    """Write a source's total, in pesos; what it promised for later years stays, the fiscal year bears the rest."""
    later = action.contributions.filter(source=source, years_later__gt=0)
    promised = sum((row.amount for row in later), Decimal(0))
    if promised > total:
        # Less than what was promised for later years: all of it is of this year until it is spread anew.
        later.delete()
        promised = Decimal(0)
    Contribution.objects.update_or_create(
        action=action, source=source, years_later=0, defaults={"amount": total - promised}
    )


@transaction.atomic
def spread_contributions(
    action: Action, *, by: User, later: dict[str, dict[int, Decimal]], seen: Marks | None = None
) -> None:
    """What each source pays in later years, out of what it pays in all: source → years later → pesos.

    The rest stays in the fiscal year, so the total stays to the cent. The years are one statement: who changes one
    agrees to all. Raises as `update_draft` does, and ValidationError beyond the total, for federal money, and past
    `Contribution.MOST_LATER`.
    """
    open_for(action.project, by, Observation.Section.FUNDING)
    action = standing(action)
    if not _is_said(action, later, seen):
        return
    for source, amounts in later.items():
        if source == Source.FEDERAL or any(not 1 <= year <= Contribution.MOST_LATER for year in amounts):
            raise ValidationError(_("Federal money belongs to the fiscal year; others pay up to three years later."))
        rows = list(action.contributions.filter(source=source))
        total = sum((row.amount for row in rows), Decimal(0))
        rest = total - sum(amounts.values(), Decimal(0))
        if rest < 0 or any(amount < 0 for amount in amounts.values()):
            words = {"source": Source(source).label, "total": money(total)}
            raise ValidationError(_("%(source)s: the years add up to more than its %(total)s.") % words)
        for year in range(Contribution.MOST_LATER + 1):
            amount = amounts.get(year, Decimal(0)) if year else rest
            if amount or not year:
                Contribution.objects.update_or_create(
                    action=action, source=source, years_later=year, defaults={"amount": amount}
                )
            else:
                action.contributions.filter(source=source, years_later=year).delete()


def _is_said(action: Action, later: dict[str, dict[int, Decimal]], seen: Marks | None) -> bool:
    """Whether the writer changed anything of the years: what they left as it was shown stays as others wrote it since.

    Raises Overtaken where both changed them.
    """
    rows = list(action.contributions.filter(years_later__gt=0).order_by("updated_at"))
    kept = {f"{row.source}-{row.years_later}": row.amount for row in rows}
    wanted = {
        f"{source}-{year}": amount or None for source, amounts in later.items() for year, amount in amounts.items()
    }
    changed, theirs = merge({name: kept.get(name) for name in wanted}, wanted, seen, together=True)
    refuse(rows[-1] if rows else action, theirs)
    return seen is None or bool(changed)
