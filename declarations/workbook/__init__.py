"""Excel both ways for what is long: tables, indicators, scenario instances."""

from declarations.workbook.applying import Refused, asking, late, pack, rehearse, take_over
from declarations.workbook.reading import CellError, Reading, read
from declarations.workbook.showing import Shown, show
from declarations.workbook.since import stamped
from declarations.workbook.writing import filled, template

__all__ = [
    "CellError",
    "Reading",
    "Refused",
    "Shown",
    "asking",
    "filled",
    "late",
    "pack",
    "read",
    "rehearse",
    "show",
    "stamped",
    "take_over",
    "template",
]
