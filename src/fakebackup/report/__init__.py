"""The report of a failing test: a fake's calls, its contents and the likely slips."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakebackup.errors import few, shortened
from fakebackup.report import contents, leftovers, log, slips

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fakebackup.dispatch import Backend

_LEFT = 5
"""How many swallowed refusals, and how many leftovers, are named."""


def explain(backend: Backend, error: BaseException | None = None) -> str:
    """Return the report of a fake for a failing test.

    No lock is waited for and nothing moves: the test may have failed at any point, in any thread.

    Args:
        backend: the fake's AWS Backup side.
        error: the exception that failed the test: a refusal that led to it was not swallowed.
    """
    swallowed = leftovers.swallowed(backend, error)
    sections = [
        ("", log.lines(backend)),
        ("It holds", contents.lines(backend)),
        ("Swallowed", few((shortened(str(each), 200) for each in swallowed), _LEFT)),
        ("Left over", few(leftovers.lines(backend), _LEFT)),
        ("Perhaps", slips.lines(backend)),
    ]
    lines = []
    for title, body in sections:
        if title and body:
            lines.append(f"{title}:")
        lines += [f"  {line}" if title else line for line in body]
    return "\n".join(lines)


def mix_ups(backends: Sequence[Backend]) -> list[str]:
    """Return the lines about a test that seeded one fake while another one answered its calls."""
    numbered = list(enumerate(backends, 1))
    seeded = [at for at, each in numbered if each.organization.jobs.by_id and not each.calls]
    empty = [
        at
        for at, each in numbered
        if not each.organization.jobs.by_id and any(call.items == 0 for call in list(each.calls))
    ]
    if not seeded or not empty:
        return []
    text = (
        f"Perhaps fake {empty[0]} answered what fake {seeded[0]} was to answer, which has jobs and "
        f"was not called: of several active fakes the innermost answers. Let the test take one."
    )
    return [text]
