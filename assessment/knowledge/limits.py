"""How much a form takes: characters, rows, files. Every number is the form chapter's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from assessment.knowledge import citing
from assessment.models import Edition

FILES = "files"
INSTANCES = "instances"


@dataclass(frozen=True)
class Limit:
    """One question of the form and what it takes. `required` may depend on another answer."""

    section: str
    label: str
    words: str
    required: str
    cited: citing.Cited


def fields(edition: Edition, track: str) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """(section, field) of the form of one track."""
    for form in (edition.source.get("form") or {}).get("forms") or ():
        if track in form["tracks"]:
            for section in form["sections"]:
                for field in section["fields"]:
                    if track in field.get("only", [track]):
                        yield section, field


def files(edition: Edition, track: str) -> Iterator[Limit]:
    """The attachments a form asks for."""
    for section, field in fields(edition, track):
        if field["kind"] == FILES:
            yield _limit(edition, section, field, _file_words(field.get("params") or {}))


def written(edition: Edition, track: str) -> Iterator[Limit]:
    """Texts with a limit of characters, and tables with a limit of rows."""
    for section, field in fields(edition, track):
        if field["kind"] != FILES and (words := _written_words(field)):
            yield _limit(edition, section, field, words)


def _limit(edition: Edition, section: Mapping[str, Any], field: Mapping[str, Any], words: str) -> Limit:
    label = f"{field['label']}（每个实例）" if field.get("per_instance") else field["label"]
    return Limit(section["title"], label, words, _required(field), citing.of_row(edition, field))


def _required(field: Mapping[str, Any]) -> str:
    if field.get("required"):
        return "必填"
    return "视情形" if (field.get("params") or {}).get("required_when") else "选填"


def _written_words(field: Mapping[str, Any]) -> str:
    params = field.get("params") or {}
    said = [f"{field['max_chars']} 字以内"] if field.get("max_chars") else []
    what = "个" if field["kind"] == INSTANCES else "行"
    said += [f"至少 {params['min_rows']} {what}"] if params.get("min_rows") else []
    said += [f"至多 {params['max_rows']} {what}"] if params.get("max_rows") else []
    return "，".join(said)


def _file_words(params: Mapping[str, Any]) -> str:
    said = ["、".join(one.upper() for one in params["accept"])] if params.get("accept") else []
    said += [f"每个不超过 {params['max_mb']} MB"] if params.get("max_mb") else []
    said += [f"至多 {params['max_files']} 个"] if params.get("max_files") else []
    return "，".join(said)
