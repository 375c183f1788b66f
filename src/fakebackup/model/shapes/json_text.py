"""JSON text that others wrote: parsed, or refused by a ValueError whatever it holds."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from os import PathLike

DEEPEST = 100
"""How deep objects and lists may lie in each other. Nobody writes JSON so deep by hand, and code
that walks a deeper one would exceed Python's own limit [assumed of AWS]."""


def parse_json(text: str | bytes) -> Any:
    """Return the value that JSON text stands for.

    Args:
        text: the text; as bytes it may be UTF-8, UTF-16 (PowerShell writes it) or UTF-32, with
            a byte order mark (other programs of Windows write one) or without.

    Raises:
        ValueError: the text is no JSON, is in no such encoding, or is nested too deep.
    """
    try:
        found = json.loads(text)
    except RecursionError:
        found = None
        too_deep = True
    else:
        too_deep = _is_too_deep(found)
    if too_deep:
        msg = f"objects and lists lie more than {DEEPEST} deep in each other"
        raise ValueError(msg)
    return found


def read_json(path: str | PathLike[str]) -> Any:
    """Return the value that the JSON text of a file stands for.

    Raises:
        OSError: the file cannot be read.
        ValueError: as for `parse_json`; the message names the file.
    """
    content = Path(path).read_bytes()
    try:
        return parse_json(content)
    except ValueError as error:
        msg = f"{os.fspath(path)} is no JSON: {error}"
        raise ValueError(msg) from None


def _is_too_deep(value: Any) -> bool:
    """Return whether a value is nested too deep, level by level: a recursion might fail itself."""
    level = [value] if isinstance(value, _CONTAINERS) else []
    for _ in range(DEEPEST):
        level = [
            inner
            for each in level
            for inner in (each.values() if isinstance(each, dict) else each)
            if isinstance(inner, _CONTAINERS)
        ]
        if not level:
            return False
    return True


_CONTAINERS = (dict, list)
