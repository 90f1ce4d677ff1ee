"""The chapters of an edition this floor knows: its head, tiers, catalogue, conditions and indicators."""

from assessment.chapters import catalogue, conditions, edition, indicators, tiers

__all__ = ["catalogue", "conditions", "edition", "indicators", "tiers"]
