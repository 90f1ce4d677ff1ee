"""Models of the ground floor."""

from smartfactory.models.accounts import Membership, Role, User
from smartfactory.models.audit import AuditCheckpoint, AuditEntry, AuditHead
from smartfactory.models.base import PublicId, Stateful
from smartfactory.models.files import StoredFile
from smartfactory.models.issued import IssuedDocument, IssuedFile
from smartfactory.models.jobs import Job, JobState
from smartfactory.models.organisations import Authority, AuthorityKind, Enterprise
from smartfactory.models.presence import Presence
from smartfactory.models.requests import IdempotencyKey, LoginFailure

__all__ = [
    "AuditCheckpoint",
    "AuditEntry",
    "AuditHead",
    "Authority",
    "AuthorityKind",
    "Enterprise",
    "IdempotencyKey",
    "IssuedDocument",
    "IssuedFile",
    "Job",
    "JobState",
    "LoginFailure",
    "Membership",
    "Presence",
    "PublicId",
    "Role",
    "Stateful",
    "StoredFile",
    "User",
]
