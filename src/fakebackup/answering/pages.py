"""Pages of a list: the next items, and the token of the position where the page ended.

A token holds a position in the list's order, not an index, so items that are added between
two pages neither repeat nor lose one. Nor does an item whose position changes, as a vault's does
when its creation is set back: it keeps the position that it had when the listing began. A token is
bound to the operation, the filters, the account and the Region of the call that returned it;
MaxResults may change between pages [assumed].
"""

from __future__ import annotations

import base64
import functools
import hashlib
import json
from bisect import bisect_right
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from fakebackup.errors import invalid_parameter
from fakebackup.model.ordered import Bounds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from fakebackup.answering.caller import Caller
    from fakebackup.model.ordered import Ordered
    from fakebackup.model.vaults.store import Vaults
    from fakebackup.model.vaults.vault import RecoveryPoint

    Position = tuple[Any, ...]

T = TypeVar("T")


def page_of(
    caller: Caller, asked: Mapping[str, Any], items: Sequence[T], position: Callable[[T], Position]
) -> tuple[list[T], dict[str, str]]:
    """Return the page of a list that a call asks for, and the NextToken member if more follow.

    Args:
        caller: the caller.
        asked: the parameters.
        items: all items of the list, in order.
        position: returns an item's position in that order.

    Raises:
        AwsError: InvalidParameterValueException for a token that this list did not return.
    """
    page = Page(caller, asked, size=caller.options.page_size)
    return page.cut(page.rest(items, position), position)


def page_of_points(
    caller: Caller,
    asked: Mapping[str, Any],
    points: Ordered[RecoveryPoint] | Vaults,
    wanted: Callable[[RecoveryPoint], bool],
) -> tuple[list[RecoveryPoint], dict[str, str]]:
    """Return a page of recovery points as `page_of` does, newest first [assumed].

    Points outside the page are not read, so that a page of many costs no more than one of few.

    Args:
        caller: the caller.
        asked: the parameters.
        points: the recovery points of a vault, a resource or all vaults.
        wanted: tells whether the list has a point.

    Raises:
        AwsError: InvalidParameterValueException for a token that this list did not return.
    """
    from fakebackup.model.vaults.vault import point_position

    page = Page(caller, asked, size=caller.options.page_size)
    found: Iterable[RecoveryPoint] = points.newest_first(Bounds(page.after))
    if page.moved:
        found = page.rest(list(points.newest_first()), point_position)
    return page.cut(filter(wanted, found), point_position)


class Page:
    """One page of a list.

    Attributes:
        after: the position after which the page begins; None at the start.
        moved: the positions that have changed since the listing began: from the present one to
            the one it was.
    """

    def __init__(self, caller: Caller, asked: Mapping[str, Any], *, size: int) -> None:
        """Read MaxResults and NextToken.

        Args:
            caller: the caller; tokens of other callers are refused.
            asked: the parameters, MaxResults and NextToken among them.
            size: how many items the page has at most where MaxResults is not given.

        Raises:
            AwsError: InvalidParameterValueException for a token that this list did not return.
        """
        self._size: int = asked.get("MaxResults", size)
        self._caller = caller
        self._asked = asked
        self.after: Position | None = None
        self.moved: dict[Position, Position] = {}
        relisted = caller.store.organization.relisted
        self._begun = len(relisted)
        token = asked.get("NextToken")
        if token is not None:
            self._begun, self.after = self._read(token)
            for before, now in relisted[self._begun :]:
                self.moved[now] = self.moved.pop(before, before)

    @functools.cached_property
    def _bound(self) -> str:
        """What the page's token is bound to; worked out when needed: most lists fit in one."""
        caller = self._caller
        bound = {k: v for k, v in self._asked.items() if k not in ("MaxResults", "NextToken")}
        return json.dumps([caller.operation, caller.account, caller.region, bound], sort_keys=True)

    def question(self) -> object:
        """Return a value that is equal for calls that ask for the same page."""
        return self._bound, self.after

    def rest(self, items: Sequence[T], position: Callable[[T], Position]) -> Iterable[T]:
        """Return the items after `after`, in the order of the listing's beginning.

        Args:
            items: all items of the list, in order.
            position: returns an item's position in that order, as it is now.
        """
        after = self.after
        if after is None:
            return items
        first = self._first(position)
        if self.moved:
            items = sorted(items, key=first)
        return islice(items, bisect_right(items, after, key=first), None)

    def _first(self, position: Callable[[T], Position]) -> Callable[[T], Position]:
        """Return a function that returns an item's position at the listing's beginning."""
        moved = self.moved
        return (lambda item: moved.get(now := position(item), now)) if moved else position

    def cut(
        self, items: Iterable[T], position: Callable[[T], Position]
    ) -> tuple[list[T], dict[str, str]]:
        """Return the page's items, and the NextToken member if more follow.

        Args:
            items: the items after `after`, in order; no more are taken than needed.
            position: returns an item's position in that order, as it is now.
        """
        rest = iter(items)
        page = list(islice(rest, self._size))
        if next(rest, None) is None:
            return page, {}
        return page, {"NextToken": self._token(self._first(position)(page[-1]))}

    def _token(self, position: Position) -> str:
        where = json.dumps([self._begun, position])
        return _encode(f"{self._seal(where)}{where}")

    def _read(self, token: str) -> tuple[int, Position]:
        try:
            text = base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True).decode()
            seal, where = text[:16], text[16:]
            # Encoded anew, since base64 decodes several spellings to the same text.
            if seal == self._seal(where) and token == _encode(text):
                begun, position = json.loads(where)
                return begun, tuple(position)
        except ValueError:
            pass
        msg = "Invalid NextToken"
        raise invalid_parameter(msg)

    def _seal(self, where: str) -> str:
        return hashlib.sha256(f"{self._bound}\n{where}".encode()).hexdigest()[:16]


def _encode(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()
