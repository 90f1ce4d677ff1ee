"""Read JSON from a file strictly: no key twice, no NaN, decimals as written."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

MAX_BYTES = 20 * 1024 * 1024


class JsonError(ValueError):
    """A file that is not readable JSON; the message names the file and the place."""


def read(path: Path) -> Any:
    """The value in the file. Raises JsonError."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise JsonError(f"{path}：文件超过 20 MB")
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise JsonError(f"{path}：打不开这个文件（{error.strerror}）") from error
    except UnicodeDecodeError as error:
        raise JsonError(f"{path}：不是 UTF-8 编码") from error
    return parse(text, str(path))


def parse(text: str, name: str) -> Any:
    """The value in `text`. Raises JsonError naming `name`."""
    try:
        value = json.loads(text, object_pairs_hook=_once, parse_float=Decimal, parse_constant=_no_constant)
        json.dumps(value, ensure_ascii=False, default=str).encode("utf-8")
    except json.JSONDecodeError as error:
        raise JsonError(f"{name}：第 {error.lineno} 行第 {error.colno} 列不是合格的 JSON（{error.msg}）") from error
    except RecursionError as error:
        raise JsonError(f"{name}：嵌套太深") from error
    except UnicodeEncodeError as error:
        raise JsonError(f"{name}：含有不成文字的字符（孤立的代理项）") from error
    except ValueError as error:
        raise JsonError(f"{name}：{error}") from error
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"键“{key}”写了两次")
        found[key] = value
    return found


def _no_constant(name: str) -> None:
    raise ValueError(f"不接受 {name}")
