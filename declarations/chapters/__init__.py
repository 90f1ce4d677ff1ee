"""The chapters of an edition this floor knows: the campaign and the form."""

from declarations.chapters import campaign, form

__all__ = ["campaign", "form"]
