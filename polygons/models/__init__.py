from polygons.models.blocks import Ageb, Block, CensusTotal, UnmatchedShape
from polygons.models.imports import ImportRun
from polygons.models.polygons import Assessment, Polygon, PolygonVersion, Tombstone
from polygons.models.territory import City, KeyChange, Locality, Municipality, State

__all__ = [
    "Ageb",
    "Assessment",
    "Block",
    "CensusTotal",
    "City",
    "ImportRun",
    "KeyChange",
    "Locality",
    "Municipality",
    "Polygon",
    "PolygonVersion",
    "State",
    "Tombstone",
    "UnmatchedShape",
]
