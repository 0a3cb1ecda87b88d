"""All models, by noun."""

from ledger.models.allocation import (
    Allocation,
    AllocationList,
    AllocationRow,
    AllocationState,
    CadreShare,
    HouseholdTie,
    TieKind,
)
from ledger.models.audit import AuditRow
from ledger.models.audit_seals import AuditSeal, AuditWaiting
from ledger.models.benefits import BenefitKind, HouseholdBenefit
from ledger.models.cadres import (
    Cadre,
    LinkKind,
    Organisation,
    OrganisationKind,
    Posting,
    VillageLink,
)
from ledger.models.call_back_samples import CallBackSample, SampledIssue, SampleReview
from ledger.models.campaigns import Campaign, CampaignPoint, CampaignTick, CampaignVillage
from ledger.models.contact_cards import Badge, ContactCard, PrintKind, PrintRun
from ledger.models.counts import ContactChange, CountLine, HouseholdChange, IssueChange, VisitChange
from ledger.models.disputes import DisputeParty, DisputeSettlement, FollowUp
from ledger.models.early_signs import EarlySign, SignReview
from ledger.models.evidence import Evidence, EvidenceKind
from ledger.models.exports import Export, ExportState
from ledger.models.fill_in_forms import FillInForm
from ledger.models.geography import County, District, Group, Township, Village, VillageKind
from ledger.models.guides import GivenGuide, Guide
from ledger.models.handovers import HandOver, HandOverRow
from ledger.models.held_rows import HeldRow
from ledger.models.household_events import HouseholdEvent
from ledger.models.households import (
    Assignment,
    Correction,
    CorrectionState,
    Exclusion,
    Household,
    HouseholdCode,
    HouseholdType,
    Resident,
    StatusPeriod,
)
from ledger.models.imports import BatchState, ColumnMapping, ImportBatch, ImportRow
from ledger.models.issue_batches import BatchOutcome, BulkState, IssueBatch, IssueBatchRow
from ledger.models.issue_results import IssueResult
from ledger.models.issue_rounds import Extension, IssueRound
from ledger.models.issues import CalendarDay, Category, Issue, IssueStep, NumberCounter
from ledger.models.kept_entries import KeptEntry
from ledger.models.key_rotation import KeyRotation
from ledger.models.meeting_drafts import MeetingDraft
from ledger.models.notices import Notice, NoticeChoice
from ledger.models.papers import CoveringCounter, CoveringDocument, PaperKind, PaperTemplate
from ledger.models.rotations import Rotation, RotationStop
from ledger.models.saved_filters import SavedFilter
from ledger.models.snapshots import StatisticsSnapshot
from ledger.models.submissions import Submission
from ledger.models.substitutions import Substitution
from ledger.models.visit_notes import VisitNote
from ledger.models.visit_words import Keyword, Phrase
from ledger.models.visits import Enterprise, Topic, Visit, VisitCorrection, VisitQuestion
from ledger.models.wishes import PoolEnd, PublishedWish, WishClaim

__all__ = [
    "Allocation",
    "AllocationList",
    "AllocationRow",
    "AllocationState",
    "Assignment",
    "AuditRow",
    "AuditSeal",
    "AuditWaiting",
    "Badge",
    "BatchOutcome",
    "BatchState",
    "BenefitKind",
    "BulkState",
    "Cadre",
    "CadreShare",
    "CalendarDay",
    "CallBackSample",
    "Campaign",
    "CampaignPoint",
    "CampaignTick",
    "CampaignVillage",
    "Category",
    "ColumnMapping",
    "ContactCard",
    "ContactChange",
    "Correction",
    "CorrectionState",
    "CountLine",
    "County",
    "CoveringCounter",
    "CoveringDocument",
    "DisputeParty",
    "DisputeSettlement",
    "District",
    "EarlySign",
    "Enterprise",
    "Evidence",
    "EvidenceKind",
    "Exclusion",
    "Export",
    "ExportState",
    "Extension",
    "FillInForm",
    "FollowUp",
    "GivenGuide",
    "Group",
    "Guide",
    "HandOver",
    "HandOverRow",
    "HeldRow",
    "Household",
    "HouseholdBenefit",
    "HouseholdChange",
    "HouseholdCode",
    "HouseholdEvent",
    "HouseholdTie",
    "HouseholdType",
    "ImportBatch",
    "ImportRow",
    "Issue",
    "IssueBatch",
    "IssueBatchRow",
    "IssueChange",
    "IssueResult",
    "IssueRound",
    "IssueStep",
    "KeptEntry",
    "KeyRotation",
    "Keyword",
    "LinkKind",
    "MeetingDraft",
    "Notice",
    "NoticeChoice",
    "NumberCounter",
    "Organisation",
    "OrganisationKind",
    "PaperKind",
    "PaperTemplate",
    "Phrase",
    "PoolEnd",
    "Posting",
    "PrintKind",
    "PrintRun",
    "PublishedWish",
    "Resident",
    "Rotation",
    "RotationStop",
    "SampleReview",
    "SampledIssue",
    "SavedFilter",
    "SignReview",
    "StatisticsSnapshot",
    "StatusPeriod",
    "Submission",
    "Substitution",
    "TieKind",
    "Topic",
    "Township",
    "Village",
    "VillageKind",
    "VillageLink",
    "Visit",
    "VisitChange",
    "VisitCorrection",
    "VisitNote",
    "VisitQuestion",
    "WishClaim",
]
