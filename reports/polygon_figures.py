"""A version's figures and its making, for its page and its dossier."""

from typing import Any

from polygons import methods
from polygons.deficits import DEFICITS
from polygons.models import PolygonVersion


def indicators_of(version: PolygonVersion) -> list[dict[str, Any]]:
    """Deficits the version's census counted: label, low, high."""
    rows = [
        {"label": deficit.label, "low": getattr(version, deficit.low), "high": getattr(version, deficit.high)}
        for deficit in DEFICITS
    ]
    return [row for row in rows if row["low"] is not None]


def method_in_words(version: PolygonVersion) -> str:
    """How a delineated version was drawn; empty for the others."""
    method = methods.read(version.method, version.vintage)
    return method.in_words() if method else ""
