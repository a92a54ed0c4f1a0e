"""A row of the tables of who may open what; `access.py` says how its rules are read."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Row:
    """What GET and POST answer. An empty rule: 405 for all who are let in at all is not walked.

    `arguments` takes the World of `access.py`.
    """

    name: str
    get: str = ""
    post: str = ""
    arguments: Callable[[Any], dict[str, Any]] = lambda world: {}
