"""`python -m fakebackup guide`: the manual, which lies in the package as Markdown."""

from __future__ import annotations

import json
import sys
from importlib import resources

from fakebackup.commands.messages import complain
from fakebackup.errors import near

GUIDES = (
    "start",
    "faked",
    "seeding",
    "moving-jobs",
    "plans",
    "restore-testing",
    "reports",
    "rules",
    "events",
    "failures",
    "accounts",
    "whole-accounts",
    "options",
    "projects",
    "processes",
    "moto",
    "recipes",
    "failure-report",
    "report",
    "cost",
    "aws",
    "contributing",
)
"""The names of the guides, in the order in which the manual lists them."""


def text(name: str) -> str:
    """Return a guide's Markdown.

    Args:
        name: one of `GUIDES`.
    """
    return (resources.files("fakebackup") / "guides" / f"{name}.md").read_text("utf-8")


def line(name: str) -> str:
    """Return the line below a guide's title, which says what it is about."""
    _, _, about, *_ = text(name).splitlines()
    return about


def run(name: str | None, *, as_json: bool) -> int:
    """Print a guide, or the list of all, and return the exit status.

    Args:
        name: the guide's name; None is the list.
        as_json: whether as a JSON document, for programs.
    """
    if name is None:
        return _print({each: line(each) for each in GUIDES}, as_json=as_json)
    if name not in GUIDES:
        hint = near(name, GUIDES) or f"; the guides are {', '.join(GUIDES)}."
        return complain(f"there is no guide {name!r}{hint}")
    if as_json:
        return _print({"name": name, "about": line(name), "text": text(name)}, as_json=True)
    sys.stdout.write(text(name))
    return 0


def _print(entries: dict[str, str], *, as_json: bool) -> int:
    if as_json:
        shown = json.dumps(entries, indent=2)
    else:
        width = max(map(len, entries))
        shown = "\n".join(f"{name:{width}}  {about}" for name, about in entries.items())
    sys.stdout.write(shown + "\n")
    return 0
