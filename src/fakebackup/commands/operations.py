"""`python -m fakebackup operations`: the table of the operations that are faked."""

from __future__ import annotations

import json
import sys

from fakebackup.operations import by_noun

_HEAD = (("of", "operations"), ("---", "---"))


def run(*, as_json: bool) -> int:
    """Print the operations that are faked, by noun, and return the exit status.

    Args:
        as_json: whether as a JSON document, for programs; else as a table in Markdown.
    """
    nouns = by_noun()
    if as_json:
        shown = json.dumps(nouns, indent=2)
    else:
        rows = [(noun, ", ".join(f"`{name}`" for name in names)) for noun, names in nouns.items()]
        shown = "\n".join(f"| {of} | {names} |" for of, names in (*_HEAD, *rows))
    sys.stdout.write(shown + "\n")
    return 0
