"""Models of the assessment floor."""

from assessment.models.conditions import Condition, Indicator, TierRule
from assessment.models.draft import DraftChapter, DraftStatus, EditionDraft
from assessment.models.edition import Area, Edition, EditionStatus, Scenario, Segment
from assessment.models.guards import EditionRow, PublishedError
from assessment.models.maturity import MaturityStandard
from assessment.models.self_assessment import SelfAssessment

__all__ = [
    "Area",
    "Condition",
    "DraftChapter",
    "DraftStatus",
    "Edition",
    "EditionDraft",
    "EditionRow",
    "EditionStatus",
    "Indicator",
    "MaturityStandard",
    "PublishedError",
    "Scenario",
    "Segment",
    "SelfAssessment",
    "TierRule",
]
