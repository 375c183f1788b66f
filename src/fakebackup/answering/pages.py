"""Pages of a list: which items come next, and the token that says where the page ended.

A token holds a position in the list's order, not an index, so items that are added between
two pages neither repeat nor lose one. Nor does an item that comes to stand elsewhere, as a vault
does whose creation is set back: it keeps the position that it had when the listing began. A token
is bound to the operation, the filters, the account and the region it was given for; MaxResults
may change between pages [assumed].
"""

from __future__ import annotations

import base64
import functools
import hashlib
import json
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from fakebackup.errors import invalid_parameter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from fakebackup.answering.caller import Caller

    Position = tuple[Any, ...]

T = TypeVar("T")


def page_of(
    caller: Caller, asked: Mapping[str, Any], items: Iterable[T], position: Callable[[T], Position]
) -> tuple[list[T], dict[str, str]]:
    """Return the page that a request asks for, and the NextToken member if there are more.

    Args:
        caller: the caller.
        asked: the parameters.
        items: everything that the list has, in order.
        position: where an item stands in that order.

    Raises:
        AwsError: InvalidParameterValueException for a token that this list did not give.
    """
    page = Page(caller, asked, size=caller.options.page_size)
    return page.cut(page.rest(items, position), position)


class Page:
    """One page of a list.

    Attributes:
        after: the position after which the page begins; None at the start.
        moved: per position that an item has now, the one it had when the listing began.
    """

    def __init__(self, caller: Caller, asked: Mapping[str, Any], *, size: int) -> None:
        """Read what a request says of its page.

        Args:
            caller: the caller; tokens of others are refused.
            asked: the parameters, MaxResults and NextToken among them.
            size: how many items a page has at most where MaxResults is not given.

        Raises:
            AwsError: InvalidParameterValueException for a token that this list did not give.
        """
        self._size: int = asked.get("MaxResults", size)
        self._caller = caller
        self._asked = asked
        self.after: Position | None = None
        self.moved: dict[Position, Position] = {}
        relisted = caller.organization.relisted
        self._begun = len(relisted)
        token = asked.get("NextToken")
        if token is not None:
            self._begun, self.after = self._read(token)
            for before, now in relisted[self._begun :]:
                self.moved[now] = self.moved.pop(before, before)

    @functools.cached_property
    def _bound(self) -> str:
        """What the page's token is bound to; most lists need none."""
        caller = self._caller
        bound = {k: v for k, v in self._asked.items() if k not in ("MaxResults", "NextToken")}
        return json.dumps([caller.operation, caller.account, caller.region, bound], sort_keys=True)

    def question(self) -> object:
        """Return what tells this page from others."""
        return self._bound, self.after

    def rest(self, items: Iterable[T], position: Callable[[T], Position]) -> Iterable[T]:
        """Return what comes after `after`, in the order in which the listing began.

        Args:
            items: everything that the list has, in order.
            position: where an item stands in that order now.
        """
        after = self.after
        if after is None:
            return items
        stood = self._stood(position)
        if self.moved:
            items = sorted(items, key=stood)
        return (each for each in items if stood(each) > after)

    def _stood(self, position: Callable[[T], Position]) -> Callable[[T], Position]:
        """Return where an item stood when the listing began, as a function."""
        moved = self.moved
        return (lambda item: moved.get(now := position(item), now)) if moved else position

    def cut(
        self, items: Iterable[T], position: Callable[[T], Position]
    ) -> tuple[list[T], dict[str, str]]:
        """Return the page's items, and the NextToken member if there are more.

        Args:
            items: what comes after `after`, in order; no more is taken than needed.
            position: where an item stands in that order now.
        """
        rest = iter(items)
        page = list(islice(rest, self._size))
        if next(rest, None) is None:
            return page, {}
        return page, {"NextToken": self._token(self._stood(position)(page[-1]))}

    def _token(self, position: Position) -> str:
        where = json.dumps([self._begun, position])
        return _encode(f"{self._seal(where)}{where}")

    def _read(self, token: str) -> tuple[int, Position]:
        try:
            text = base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True).decode()
            seal, where = text[:16], text[16:]
            # Encoded anew, since base64 reads more than one spelling as the same text.
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
