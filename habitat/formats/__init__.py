"""How dates and numbers are written, by language; and the names of months, which Spanish writes in lower case.

Django's Mexican catalogue has them with capitals; ours is asked before it.
"""

from django.utils.translation import gettext_noop as noop

MONTHS = (
    noop("January"), noop("February"), noop("March"), noop("April"), noop("May"), noop("June"), noop("July"),
    noop("August"), noop("September"), noop("October"), noop("November"), noop("December"),
)  # fmt: skip
