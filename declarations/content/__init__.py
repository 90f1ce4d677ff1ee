"""What a declaration says: one description of its content and one walk over it.

Form, checks, check-answers page, diff, PDF and JSON all use these functions, so they cannot disagree.
"""

from declarations.content.comparison import Change, diff
from declarations.content.completeness import Progress, completeness
from declarations.content.description import Column, Description, Field, Indicator, Option, Section, describe
from declarations.content.facts import facts
from declarations.content.payload import SCHEMA, Stored, ai_share, canonical, payload, stored
from declarations.content.values import clean, shown, token
from declarations.content.walk import Row, Table, contact, instance_line, project_title, rows, table_of, text_of

__all__ = [
    "SCHEMA",
    "Change",
    "Column",
    "Description",
    "Field",
    "Indicator",
    "Option",
    "Progress",
    "Row",
    "Section",
    "Stored",
    "Table",
    "ai_share",
    "canonical",
    "clean",
    "completeness",
    "contact",
    "describe",
    "diff",
    "facts",
    "instance_line",
    "payload",
    "project_title",
    "rows",
    "shown",
    "stored",
    "table_of",
    "text_of",
    "token",
]
