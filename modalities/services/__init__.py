"""The only writers of the catalogue, the rules and the calendar."""

from modalities.services.calendar import is_open, window
from modalities.services.catalogue import load_catalogue
from modalities.services.rules import copy_rules, load_rules_of_2012, publish, start_year

__all__ = [
    "copy_rules",
    "is_open",
    "load_catalogue",
    "load_rules_of_2012",
    "publish",
    "start_year",
    "window",
]
