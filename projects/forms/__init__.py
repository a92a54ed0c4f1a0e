from projects.forms.acts import (
    ActForm,
    ContractForm,
    EstimateForm,
    GuaranteeForm,
    PaymentForm,
    ProofForm,
    RefundForm,
    ReleaseForm,
)
from projects.forms.amendments import FORMS as AMENDMENT_FORMS
from projects.forms.batches import PlaceOfWorkbookForm, WorkbookForm
from projects.forms.calendar import CalendarExceptionForm
from projects.forms.certifying import CommentsForm, ScanForm
from projects.forms.decisions import DecisionForm
from projects.forms.desks import HandOverAllForm, HandOverForm
from projects.forms.exceptions import DecideExceptionForm, ExceptionForm
from projects.forms.integral import IntegralForm, MemberForm
from projects.forms.money import AgreementForm, CeilingForm, ProgressForm, YearsForm
from projects.forms.moves import ReallocationForm
from projects.forms.proposals import (
    ActionForm,
    DescribeForm,
    DocumentForm,
    FundingForm,
    PlaceForm,
    ProposeForm,
    SiteForm,
)
from projects.forms.scenarios import NewScenarioForm, RowForm
from projects.forms.steps import AskOpinionForm, OpinionForm, OverlapForm, ReasonForm, RemarksForm, StepForm, TextForm
from projects.forms.successions import SuccessionForm
from projects.forms.targets import AgesForm, ScheduleForm
from projects.forms.windows import WindowForm

__all__ = [
    "AMENDMENT_FORMS",
    "ActForm",
    "ActionForm",
    "AgesForm",
    "AgreementForm",
    "AskOpinionForm",
    "CalendarExceptionForm",
    "CeilingForm",
    "CommentsForm",
    "ContractForm",
    "DecideExceptionForm",
    "DecisionForm",
    "DescribeForm",
    "DocumentForm",
    "EstimateForm",
    "ExceptionForm",
    "FundingForm",
    "GuaranteeForm",
    "HandOverAllForm",
    "HandOverForm",
    "IntegralForm",
    "MemberForm",
    "NewScenarioForm",
    "OpinionForm",
    "OverlapForm",
    "PaymentForm",
    "PlaceForm",
    "PlaceOfWorkbookForm",
    "ProgressForm",
    "ProofForm",
    "ProposeForm",
    "ReallocationForm",
    "ReasonForm",
    "RefundForm",
    "ReleaseForm",
    "RemarksForm",
    "RowForm",
    "ScanForm",
    "ScheduleForm",
    "SiteForm",
    "StepForm",
    "SuccessionForm",
    "TextForm",
    "WindowForm",
    "WorkbookForm",
    "YearsForm",
]
