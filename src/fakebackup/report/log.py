"""The calls of a fake, as a failing test's report shows them."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING

from fakebackup.errors import number_of, shortened
from fakebackup.report.shared import shown_value

if TYPE_CHECKING:
    from fakebackup.calls import Call
    from fakebackup.dispatch import Backend

_FIRST, _LAST = 5, 7
"""How many lines of the beginning and of the end of a long log are shown."""

_PARAMETERS = 160
"""How many characters of a call's parameters are shown."""


def lines(backend: Backend) -> list[str]:
    """Return the lines about the calls of a fake."""
    made = list(backend.calls)
    if not made:
        return ["No call of AWS Backup was made."]
    groups = groupby(made, key=lambda call: _call(call, backend))
    grouped = [(text, list(alike)) for text, alike in groups]
    shown = [_repeated(text, len(alike)) for text, alike in grouped]
    if len(grouped) > _FIRST + _LAST + 1:
        left_out = [call.operation for _, alike in grouped[_FIRST:-_LAST] for call in alike]
        counted = ", ".join(f"{name} {n}" for name, n in Counter(left_out).most_common(4))
        more = ", ..." if len(set(left_out)) > 4 else ""  # noqa: PLR2004  as many as are shown
        shown[_FIRST:-_LAST] = [f"... {len(left_out)} more: {counted}{more} ..."]
    return [f"{number_of(len(made), 'call')} of AWS Backup:", *(f"  {line}" for line in shown)]


def _repeated(text: str, count: int) -> str:
    return text if count == 1 else f"{text} ({count} times)"


def _call(call: Call, backend: Backend) -> str:
    given = ", ".join(f"{name}={shown_value(value)}" for name, value in call.parameters.items())
    text = f"{call.operation}({shortened(given, _PARAMETERS)}): {outcome(call)}"
    if call.attempts > 1:
        text += f" after {call.attempts} attempts"
    where = []
    if call.account != backend.options.account_id:
        where.append(f"as {call.account}")
    if call.region != backend.region:
        where.append(f"in {call.region}")
    return text + "".join(f", {each}" for each in where)


def outcome(call: Call) -> str:
    """Return how a call ended: its error, how many items its page had, or that it was answered."""
    if call.error is not None:
        return call.error
    if call.items is not None:
        items = number_of(call.items, "item")
        return f"{items}, more follow" if call.more else items
    return "answered" if call.attempts else "not answered"
