"""Models of the declarations floor."""

from declarations.models.campaign import Campaign, ChecklistItem, Commitment, Deadline, Track
from declarations.models.declaration import Declaration, SectionContent
from declarations.models.evidence import Evidence
from declarations.models.form import FormField, FormSection
from declarations.models.guards import LateChangeError
from declarations.models.notice import Notice
from declarations.models.return_item import ReturnItem
from declarations.models.revision import Revision
from declarations.models.scenario_instance import ScenarioInstance

__all__ = [
    "Campaign",
    "ChecklistItem",
    "Commitment",
    "Deadline",
    "Declaration",
    "Evidence",
    "FormField",
    "FormSection",
    "LateChangeError",
    "Notice",
    "ReturnItem",
    "Revision",
    "ScenarioInstance",
    "SectionContent",
    "Track",
]
