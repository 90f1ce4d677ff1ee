"""Write what `yaml_nodes` reads: the same values come back, and a row of plain values stays on one line."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import yaml

from assessment.yaml_nodes import ListNode, MapNode, TextNode

# Wide enough that a row of an edition is seldom broken.
WIDTH = 400
_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class _Dumper(_DUMPER):
    """The safe dumper, taught the nodes of this house; nothing is written twice by reference."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _number(dumper: Any, value: Decimal) -> Any:
    return dumper.represent_scalar("tag:yaml.org,2002:float", format(value, "f"))


_Dumper.add_representer(MapNode, lambda dumper, value: dumper.represent_dict(dict(value).items()))
_Dumper.add_representer(ListNode, lambda dumper, value: dumper.represent_list(list(value)))
_Dumper.add_representer(TextNode, lambda dumper, value: dumper.represent_str(str(value)))
_Dumper.add_representer(Decimal, _number)


def write_rows(value: Any) -> str:
    """One entry a line, for a person to type in: `level: 3`, or `- {key: …}` for lists."""
    if isinstance(value, dict):
        return "\n".join(f"{_flow(key)}: {_flow(one)}" for key, one in value.items())
    return "\n".join(f"- {_flow(one)}" for one in value)


def _flow(value: Any) -> str:
    text = yaml.dump(value, Dumper=_Dumper, allow_unicode=True, sort_keys=False, default_flow_style=True, width=10**6)
    return text.removesuffix("\n").removesuffix("\n...")


def write(value: Any) -> str:
    """The text of one chapter; `read_text(write(x))` is `x` again."""
    return yaml.dump(value, Dumper=_Dumper, allow_unicode=True, sort_keys=False, default_flow_style=None, width=WIDTH)
