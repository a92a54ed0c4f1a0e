"""From the address to the set: what the database narrows first, and what figures narrow after."""

from reports.explorer.asked import Asked
from reports.explorer.found import Found
from reports.explorer.grains import BLOCKS, called, in_box, judged


def needs_a_place(asked: Asked) -> bool:
    """Blocks are shown of one city or municipality at a time."""
    return asked.grain is BLOCKS and not ({"municipality", "city"} & set(asked.used))


def cut(asked: Asked) -> Found:
    """The set the address asks for, of what the reader may see."""
    grain, user, used = asked.grain, asked.request.user, asked.used
    rows = grain.base(user)
    if needs_a_place(asked):
        rows = rows.none()
    for name, path in grain.paths.items():
        if name in used:
            rows = rows.filter(**{path: used[name]})
    if "q" in used:
        rows = called(grain, rows, used["q"])
    if "attention" in used:
        has_projects = grain.with_projects(user)
        rows = rows.filter(has_projects if used["attention"] == "with" else ~has_projects)
    if "eligible" in used:
        rows = judged(rows, asked.year, used["eligible"])
    if asked.is_inside and asked.box:
        rows = in_box(rows, asked.box)
    found = Found(grain, grain.read(rows), user, asked.year)
    for name, least, most in (
        (asked.need, "at_least", "at_most"),
        (asked.spending, "spent_least", "spent_most"),
    ):
        found = found.between(name, asked.scaled(name, used.get(least)), asked.scaled(name, used.get(most)))
    if "grade" in used:
        found = found.between("grade", used["grade"], used["grade"])
    return found
