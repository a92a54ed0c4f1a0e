"""The only writers of the catalogue, the rules and the calendar."""

from modalities.services.calendar import is_open, wall_clock, window
from modalities.services.catalogue import load_catalogue
from modalities.services.drafting import (
    StaleError,
    change_types,
    discard,
    fingerprint,
    need_writer,
    remove_rule,
    save_head,
    save_rule,
    start_draft,
    values_of,
)
from modalities.services.rules import copy_rules, load_rules_of_2012, publish, start_year
from modalities.services.windows import remove_window, set_window, window_row

__all__ = [
    "StaleError",
    "change_types",
    "copy_rules",
    "discard",
    "fingerprint",
    "is_open",
    "load_catalogue",
    "load_rules_of_2012",
    "need_writer",
    "publish",
    "remove_rule",
    "remove_window",
    "save_head",
    "save_rule",
    "set_window",
    "start_draft",
    "start_year",
    "values_of",
    "wall_clock",
    "window",
    "window_row",
]
