"""What the operations on all that an account keeps share: once, find, list, tags.

A noun's module says what its things are and which rules they follow; how a thing is made once,
looked up, paged and tagged is the same for all.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeVar

from fakebackup import clock
from fakebackup.errors import AwsError, invalid_parameter, not_found
from fakebackup.model.defaults import Place
from fakebackup.model.pages import page_of
from fakebackup.operations.tags import check_tags, has_tags

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fakebackup.model.account import Caller
    from fakebackup.model.holdings import Holding

    Asked = Mapping[str, Any]

T = TypeVar("T")

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,50}")


def once(
    caller: Caller,
    asked: Asked,
    make: Callable[[Caller, Asked], T],
    *,
    by: str = "IdempotencyToken",
    there: Callable[[T], bool] = lambda _made: True,
) -> T:
    """Return what a call makes, or what the same idempotency token made before.

    A token that comes again with other parameters returns what was made first, or is refused,
    as the option `refuse_reused_tokens` says [assumed].

    Args:
        caller: who asks.
        asked: the parameters.
        make: makes it.
        by: the parameter that holds the token.
        there: tells whether what was made is still there; what is not is made anew.
    """
    given = asked.get(by)
    if not given:
        return make(caller, asked)
    tokens = caller.organization.tokens
    key = (caller.operation, caller.account, caller.region, given)
    rest = {name: value for name, value in asked.items() if name != by}
    if key in tokens and there(tokens[key][0]):
        made, before = tokens[key]
        if before != rest and caller.organization.options.refuse_reused_tokens:
            raise invalid_parameter(f"{by} was used before with other parameters")
        return made  # type: ignore[no-any-return]  # an operation's tokens stand for one type
    made = make(caller, asked)
    tokens[key] = (made, rest)
    return made


def is_held(caller: Caller, noun: str) -> Callable[[Holding], bool]:
    """Return a function that tells whether the caller still holds a thing: `there` for `once`."""
    return lambda made: here(caller, noun).get(made.key) is made


def check_request_id(asked: Asked) -> None:
    """Refuse a CreatorRequestId that is not as AWS documents it [documented: model].

    Raises:
        AwsError: InvalidParameterValueException.
    """
    request = asked.get("CreatorRequestId")
    if request is not None and not _REQUEST_ID.fullmatch(request):
        raise invalid_parameter("CreatorRequestId is 1 to 50 alphanumeric or '-_.' characters")


def here(caller: Caller, noun: str) -> dict[str, Holding]:
    """Return what the caller holds of a noun, by key; for reading and changing."""
    return caller.organization.holdings.here(noun, caller.account, caller.region)


def find(caller: Caller, noun: str, key: str) -> Holding:
    """Return what the caller asks for.

    Args:
        caller: who asks.
        noun: what it is, as AWS's messages call it.
        key: its name or id.

    Raises:
        AwsError: ResourceNotFoundException.
    """
    found = here(caller, noun).get(key)
    if found is None:
        raise not_found(f"Cannot find {noun} {key}")
    return found


def hold(
    caller: Caller,
    noun: str,
    holding: Holding,
    *,
    tags: Mapping[str, str] | None = None,
    most: int | None = None,
) -> Holding:
    """Take a new thing in, with its tags.

    Args:
        caller: who makes it.
        noun: what it is, as AWS's messages call it.
        holding: it.
        tags: its tags.
        most: AWS's quota of such things in an account and region, where it documents one.

    Errors are those of `check_new`.
    """
    check_new(caller, noun, holding.key, tags=tags, most=most)
    here(caller, noun)[holding.key] = holding
    if tags:
        caller.organization.tags[holding.arn] = dict(tags)
    return holding


def check_new(
    caller: Caller,
    noun: str,
    key: str,
    *,
    tags: Mapping[str, str] | None = None,
    most: int | None = None,
) -> None:
    """Refuse what cannot be taken in; for who must know before a number is spent on it.

    Args:
        caller: who makes it.
        noun: what it is, as AWS's messages call it.
        key: its name or id.
        tags: its tags.
        most: AWS's quota of such things in an account and region, where it documents one.

    Raises:
        AwsError: AlreadyExistsException where the key is taken, LimitExceededException.
    """
    held = here(caller, noun)
    if key in held:
        raise already_exists(held[key], f"{noun} {key} already exists")
    if most is not None and len(held) >= most:
        message = f"There are {len(held)} of {noun}, and {most} are the limit"
        raise AwsError("LimitExceededException", message)
    check_tags(tags or {})


def already_exists(holding: Holding, message: str) -> AwsError:
    """Return the error for what cannot be made, since a thing that is there stands for it."""
    error = AwsError("AlreadyExistsException", message)
    error.members["Arn"] = holding.arn
    request = holding.members.get("CreatorRequestId")
    if request is not None:
        error.members["CreatorRequestId"] = request
    return error


def new_place(caller: Caller) -> Place:
    """Return where and when the caller makes a new thing, with a number of its own."""
    now = clock.now()
    return Place(caller.account, caller.region, caller.organization.next_number(), now, now)


def drop(caller: Caller, noun: str, holding: Holding) -> None:
    """Take a thing out, with its tags."""
    del here(caller, noun)[holding.key]
    caller.organization.tags.pop(holding.arn, None)


def page_of_holdings(
    caller: Caller, asked: Asked, noun: str
) -> tuple[list[Holding], dict[str, str]]:
    """Return the page of what the caller holds of a noun, the oldest first [assumed].

    Returns:
        The things, and the NextToken member if there are more.
    """
    return page_of(caller, asked, list(here(caller, noun).values()), lambda each: (each.number,))


@has_tags
def _with_arn(caller: Caller, arn: str) -> bool:
    holdings = caller.organization.holdings
    return holdings.with_arn(arn, caller.account, caller.region) is not None
