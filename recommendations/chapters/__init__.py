"""Chapters of an edition that this floor owns."""

from recommendations.chapters import documents, quotas

__all__ = ["documents", "quotas"]
