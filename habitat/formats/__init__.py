"""How dates and numbers are written, by language; and the names of months, which Spanish writes in lower case.

Django's Mexican catalogue has them with capitals; ours is asked before it.
"""

# By its own name, which is the one that makemessages looks for.
from django.utils.translation import gettext_noop

MONTHS = (
    gettext_noop("January"), gettext_noop("February"), gettext_noop("March"), gettext_noop("April"),
    gettext_noop("May"), gettext_noop("June"), gettext_noop("July"), gettext_noop("August"),
    gettext_noop("September"), gettext_noop("October"), gettext_noop("November"), gettext_noop("December"),
)  # fmt: skip
