"""Models of the recommendations floor."""

from recommendations.models.likeness import Likeness, PassageMark, ReadRevision
from recommendations.models.list import Entry, ListPresence, ListStatus, RankMove, RecommendationList
from recommendations.models.note import OfficeNote
from recommendations.models.override import OverrideStatus, QuotaOverride
from recommendations.models.packet import Packet
from recommendations.models.policy import DocumentLayout, QuotaExemption, QuotaRule, ReviewCheck
from recommendations.models.quota import AuthorityFact, LocalQuota
from recommendations.models.review import Review
from recommendations.models.scan import ScanFile, ScanVerdict, StampedScan
from recommendations.models.seal import Seal

__all__ = [
    "AuthorityFact",
    "DocumentLayout",
    "Entry",
    "Likeness",
    "ListPresence",
    "ListStatus",
    "LocalQuota",
    "OfficeNote",
    "OverrideStatus",
    "Packet",
    "PassageMark",
    "QuotaExemption",
    "QuotaOverride",
    "QuotaRule",
    "RankMove",
    "ReadRevision",
    "RecommendationList",
    "Review",
    "ReviewCheck",
    "ScanFile",
    "ScanVerdict",
    "Seal",
    "StampedScan",
]
