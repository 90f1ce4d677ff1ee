"""Models of the declarations floor."""

from declarations.models.campaign import Campaign, ChecklistItem, Commitment, Deadline, Track
from declarations.models.declaration import Declaration, SectionContent
from declarations.models.evidence import Evidence
from declarations.models.extension import Extension, ExtensionStatus
from declarations.models.form import FormField, FormSection
from declarations.models.guards import LateChangeError
from declarations.models.known_fact import FormerFact, KnownFact
from declarations.models.notice import Notice
from declarations.models.return_item import ReturnItem
from declarations.models.revision import Revision
from declarations.models.scenario_instance import RemovedInstance, ScenarioInstance
from declarations.models.team import Assignment, Claim, ClaimStatus, Invitation
from declarations.models.thread import ThreadMessage
from declarations.models.upload import Upload

__all__ = [
    "Assignment",
    "Campaign",
    "ChecklistItem",
    "Claim",
    "ClaimStatus",
    "Commitment",
    "Deadline",
    "Declaration",
    "Evidence",
    "Extension",
    "ExtensionStatus",
    "FormField",
    "FormSection",
    "FormerFact",
    "Invitation",
    "KnownFact",
    "LateChangeError",
    "Notice",
    "RemovedInstance",
    "ReturnItem",
    "Revision",
    "ScenarioInstance",
    "SectionContent",
    "ThreadMessage",
    "Track",
    "Upload",
]
