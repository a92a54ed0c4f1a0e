from projects.models.acts import Act, ActStatus, MoneyAct
from projects.models.agreements import Agreement, CeilingChange, MoneyPaper
from projects.models.alerts import Alert
from projects.models.amendments import Amendment, ProjectVersion
from projects.models.assignments import CaseAssignment
from projects.models.batches import Batch, BatchProject
from projects.models.centres import (
    Centre,
    CentreAttendance,
    CentreCost,
    CentreEquipment,
    CentreInspection,
    CentreProject,
    CentreService,
    CentreSpace,
    Condition,
)
from projects.models.certifying import DraftComment, PaperSignature
from projects.models.comments import Comment, CommentPhoto
from projects.models.committees import (
    Committee,
    CommitteeActivity,
    CommitteeMember,
    CommitteePaper,
    CommitteeProject,
    CommitteeVerdict,
    CommitteeWaiver,
    FormAnswer,
    Sex,
    SicsCapture,
    VigilanceForm,
)
from projects.models.complaints import Complaint, ComplaintMove, Route, secret_digest
from projects.models.contracts import Contract, ContractLine, Guarantee
from projects.models.courses import COURSE_UNITS, Attendance, Course, CourseSession, Participant
from projects.models.decisions import BulkDecision, BulkRow
from projects.models.documents import Document, Tombstone
from projects.models.drafting import PartialUpload, Typing
from projects.models.exceptions import RuleException
from projects.models.handovers import Archive, DestroyedFile, Destruction, Handover, HandoverFile, Silence
from projects.models.letters import Letter, LetterFile, LetterKind, LetterLine, LetterScan, LetterText
from projects.models.money import Ceiling, LedgerEntry, Moment, Source
from projects.models.payments import Estimate, EstimateLine, Payment, Withholding
from projects.models.people import (
    ActorProject,
    Person,
    RegisteredSex,
    RegisterReading,
    RegisterUpload,
    SocialActor,
)
from projects.models.photos import Photo, PhotoMatch
from projects.models.portfolios import PortfolioVerdict
from projects.models.previews import PreviewedChange, RulesPreview
from projects.models.progress import (
    ProgressLine,
    ProgressPeriod,
    ProgressReopening,
    ProgressReport,
    ProgressSpending,
)
from projects.models.projects import Action, ActionBlock, Contribution, IntegralProject, Project
from projects.models.proofs import Proof, Refund
from projects.models.reallocations import Reallocation
from projects.models.releases import PlannedRelease, Release
from projects.models.review import CancellationProposal, Observation, Opinion, OverlapAnswer, StatusChange, Verdict
from projects.models.scenarios import Scenario, ScenarioRow
from projects.models.stipends import STIPEND_UNITS, Engagement, Part, StipendList, StipendPayment
from projects.models.successions import Succession
from projects.models.targets import AgeCount, AgeGroup, SchedulePart
from projects.models.totals import LedgerTotal, PlaceTotal, ProjectTotal
from projects.models.visits import ActionPoint, Answer, ChecklistItem, Finding, Visit, VisitAnswer
from projects.models.withdrawals import UnstartedProject, Withdrawal, WithdrawalLine
from projects.workflow import Status

__all__ = [
    "COURSE_UNITS",
    "STIPEND_UNITS",
    "Act",
    "ActStatus",
    "Action",
    "ActionBlock",
    "ActionPoint",
    "ActorProject",
    "AgeCount",
    "AgeGroup",
    "Agreement",
    "Alert",
    "Amendment",
    "Answer",
    "Archive",
    "Attendance",
    "Batch",
    "BatchProject",
    "BulkDecision",
    "BulkRow",
    "CancellationProposal",
    "CaseAssignment",
    "Ceiling",
    "CeilingChange",
    "Centre",
    "CentreAttendance",
    "CentreCost",
    "CentreEquipment",
    "CentreInspection",
    "CentreProject",
    "CentreService",
    "CentreSpace",
    "ChecklistItem",
    "Comment",
    "CommentPhoto",
    "Committee",
    "CommitteeActivity",
    "CommitteeMember",
    "CommitteePaper",
    "CommitteeProject",
    "CommitteeVerdict",
    "CommitteeWaiver",
    "Complaint",
    "ComplaintMove",
    "Condition",
    "Contract",
    "ContractLine",
    "Contribution",
    "Course",
    "CourseSession",
    "DestroyedFile",
    "Destruction",
    "Document",
    "DraftComment",
    "Engagement",
    "Estimate",
    "EstimateLine",
    "Finding",
    "FormAnswer",
    "Guarantee",
    "Handover",
    "HandoverFile",
    "IntegralProject",
    "LedgerEntry",
    "LedgerTotal",
    "Letter",
    "LetterFile",
    "LetterKind",
    "LetterLine",
    "LetterScan",
    "LetterText",
    "Moment",
    "MoneyAct",
    "MoneyPaper",
    "Observation",
    "Opinion",
    "OverlapAnswer",
    "PaperSignature",
    "Part",
    "PartialUpload",
    "Participant",
    "Payment",
    "Person",
    "Photo",
    "PhotoMatch",
    "PlaceTotal",
    "PlannedRelease",
    "PortfolioVerdict",
    "PreviewedChange",
    "ProgressLine",
    "ProgressPeriod",
    "ProgressReopening",
    "ProgressReport",
    "ProgressSpending",
    "Project",
    "ProjectTotal",
    "ProjectVersion",
    "Proof",
    "Reallocation",
    "Refund",
    "RegisterReading",
    "RegisterUpload",
    "RegisteredSex",
    "Release",
    "Route",
    "RuleException",
    "RulesPreview",
    "Scenario",
    "ScenarioRow",
    "SchedulePart",
    "Sex",
    "SicsCapture",
    "Silence",
    "SocialActor",
    "Source",
    "Status",
    "StatusChange",
    "StipendList",
    "StipendPayment",
    "Succession",
    "Tombstone",
    "Typing",
    "UnstartedProject",
    "Verdict",
    "VigilanceForm",
    "Visit",
    "VisitAnswer",
    "Withdrawal",
    "WithdrawalLine",
    "Withholding",
    "secret_digest",
]
