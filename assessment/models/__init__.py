"""Models of the assessment floor."""

from assessment.models.conditions import Condition, Indicator, TierRule
from assessment.models.draft import DraftChapter, DraftStatus, EditionDraft
from assessment.models.edition import Area, Edition, EditionStatus, Scenario, Segment
from assessment.models.guards import EditionRow, PublishedError
from assessment.models.maturing import (
    AttemptStatus,
    MaturityAttempt,
    MaturityReport,
    ReportStatus,
    SubdomainAnswers,
)
from assessment.models.maturity import MaturityStandard
from assessment.models.self_assessment import SelfAssessment

__all__ = [
    "Area",
    "AttemptStatus",
    "Condition",
    "DraftChapter",
    "DraftStatus",
    "Edition",
    "EditionDraft",
    "EditionRow",
    "EditionStatus",
    "Indicator",
    "MaturityAttempt",
    "MaturityReport",
    "MaturityStandard",
    "PublishedError",
    "ReportStatus",
    "Scenario",
    "Segment",
    "SelfAssessment",
    "SubdomainAnswers",
    "TierRule",
]
