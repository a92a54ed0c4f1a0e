"""The same dates and figures as in Spanish: a number on a Mexican letter must read alike in both languages."""

from habitat.formats.es_MX.formats import *  # noqa: F403 - Django reads the names of this module

YEAR_MONTH_FORMAT = "F Y"
MONTH_DAY_FORMAT = "F j"
