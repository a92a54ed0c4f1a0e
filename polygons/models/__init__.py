from polygons.models.blocks import Block, CensusTotal, UnmatchedShape
from polygons.models.eligibility import AssessmentDocument, EligibleFile, EligibleList, EligiblePolygon
from polygons.models.imports import ImportRun
from polygons.models.measures import (
    ContextIndicator,
    HouseholdPoverty,
    Level,
    MarginalisationIndex,
    MarginalisationScore,
)
from polygons.models.polygons import Assessment, Lineage, Polygon, PolygonVersion, Tombstone
from polygons.models.territory import City, KeyChange, Locality, Municipality, State
from polygons.models.tiles import MapChange, StoredTile
from polygons.models.totals import AreaTotal
from polygons.models.uploads import GeometryUpload

__all__ = [
    "AreaTotal",
    "Assessment",
    "AssessmentDocument",
    "Block",
    "CensusTotal",
    "City",
    "ContextIndicator",
    "EligibleFile",
    "EligibleList",
    "EligiblePolygon",
    "GeometryUpload",
    "HouseholdPoverty",
    "ImportRun",
    "KeyChange",
    "Level",
    "Lineage",
    "Locality",
    "MapChange",
    "MarginalisationIndex",
    "MarginalisationScore",
    "Municipality",
    "Polygon",
    "PolygonVersion",
    "State",
    "StoredTile",
    "Tombstone",
    "UnmatchedShape",
]
