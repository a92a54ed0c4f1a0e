from modalities.models.catalogue import ActionLine, ActionType, GeometryKind, LocationBasis, Modality, Strand, Unit
from modalities.models.fiscal_years import FiscalYear, Milestone
from modalities.models.rules import (
    RULE_KINDS,
    CapRule,
    ConductRule,
    Deadline,
    DocumentKind,
    EligibilityCriterion,
    MixRule,
    RequiredDocument,
    RulesVersion,
    ShareRule,
    Tombstone,
)

__all__ = [
    "RULE_KINDS",
    "ActionLine",
    "ActionType",
    "CapRule",
    "ConductRule",
    "Deadline",
    "DocumentKind",
    "EligibilityCriterion",
    "FiscalYear",
    "GeometryKind",
    "LocationBasis",
    "Milestone",
    "MixRule",
    "Modality",
    "RequiredDocument",
    "RulesVersion",
    "ShareRule",
    "Strand",
    "Tombstone",
    "Unit",
]
