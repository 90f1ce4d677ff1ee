"""How a rule is cited: the short title of the document as people say it, then the clause exactly as printed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assessment.models import Edition

_COMMON_WORDS = re.compile("^(智能工厂梯度培育|(卓越|领航)级智能工厂项目|智能制造典型场景)")
_BRACKETS = re.compile("（[^）]*）")
_YEAR = re.compile("〔([0-9]{4})〕")
_ANNEX = "附件"


def cite(edition: Edition, source: str, clause: str) -> str:
    """`《通知》二（二）2`. A clause that names its annex, a web source and our own rules are cited by the clause alone."""
    document = edition.document(source)
    if not document or not clause or clause.startswith(_ANNEX):
        return clause
    return f"{short_title(edition, document)}{clause}"


def short_title(edition: Edition, document: Mapping[str, str]) -> str:
    """How people name a document: 《通知》 for the edition's own notice, 《要素条件》 for its annex, else a number."""
    if document.get("id") == edition.documents[0]["id"]:
        return "《通知》"
    if document["title"].endswith("通知"):
        return document.get("number") or f"《{document['title']}》"
    title = _BRACKETS.sub("", _COMMON_WORDS.sub("", document["title"]))
    year = _YEAR.search(document.get("number", ""))
    return f"《{year[1]}年{title}》" if year and int(year[1]) != edition.year else f"《{title}》"
