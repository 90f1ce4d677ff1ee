"""Models of the recommendations floor."""

from recommendations.models.likeness import Likeness, PassageMark, ReadRevision
from recommendations.models.list import CLOSED, Entry, ListStatus, RankMove, RecommendationList
from recommendations.models.note import OfficeNote
from recommendations.models.onsite import (
    OnsiteDraw,
    OnsiteFinding,
    OnsiteItem,
    OnsitePhoto,
    OnsiteRule,
    OnsiteVisit,
    VisitStatus,
)
from recommendations.models.opinion import JointDepartment, JointOpinion, SealCondition
from recommendations.models.override import OverrideStatus, QuotaOverride
from recommendations.models.packet import Packet, PacketPart, PacketPiece
from recommendations.models.policy import DocumentLayout, QuotaExemption, QuotaRule, ReviewCheck
from recommendations.models.quota import AuthorityFact, LocalQuota
from recommendations.models.release import Release, ReleaseStatus
from recommendations.models.review import Review
from recommendations.models.scan import ScanFile, ScanVerdict, StampedScan
from recommendations.models.seal import Seal
from recommendations.models.work import BulkRow, BulkRun, Duty, Outcome, SavedView

__all__ = [
    "CLOSED",
    "AuthorityFact",
    "BulkRow",
    "BulkRun",
    "DocumentLayout",
    "Duty",
    "Entry",
    "JointDepartment",
    "JointOpinion",
    "Likeness",
    "ListStatus",
    "LocalQuota",
    "OfficeNote",
    "OnsiteDraw",
    "OnsiteFinding",
    "OnsiteItem",
    "OnsitePhoto",
    "OnsiteRule",
    "OnsiteVisit",
    "Outcome",
    "OverrideStatus",
    "Packet",
    "PacketPart",
    "PacketPiece",
    "PassageMark",
    "QuotaExemption",
    "QuotaOverride",
    "QuotaRule",
    "RankMove",
    "ReadRevision",
    "RecommendationList",
    "Release",
    "ReleaseStatus",
    "Review",
    "ReviewCheck",
    "SavedView",
    "ScanFile",
    "ScanVerdict",
    "Seal",
    "SealCondition",
    "StampedScan",
    "VisitStatus",
]
