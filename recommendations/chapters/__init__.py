"""Chapters of an edition that this floor owns."""

from recommendations.chapters import documents, onsite, quotas

__all__ = ["documents", "onsite", "quotas"]
