"""Excel both ways for what is long: tables, indicators, scenario instances."""

from declarations.workbook.applying import Refused, pack, rehearse, take_over
from declarations.workbook.reading import CellError, Reading, read
from declarations.workbook.writing import template

__all__ = ["CellError", "Reading", "Refused", "pack", "read", "rehearse", "take_over", "template"]
