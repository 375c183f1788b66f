"""What operations on the entries of an account share: create once, find, page.

A noun's module defines its entries and their rules; creating an entry once, finding, paging and
deleting it are the same for all nouns.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeVar

from fakebackup import clock, errors
from fakebackup.answering.pages import page_of
from fakebackup.answering.tags import check_tags
from fakebackup.errors import invalid_parameter, not_found
from fakebackup.model.resources.arns import Place
from fakebackup.model.stores.entries import Token

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fakebackup.answering.caller import Caller
    from fakebackup.errors import AwsError
    from fakebackup.model.jobs.job import Job
    from fakebackup.model.stores.entries import Entry

    Asked = Mapping[str, Any]

T = TypeVar("T")

_REQUEST_ID = r"[A-Za-z0-9._-]{1,50}"


def once(  # noqa: PLR0913  each is a part of the rule, by name
    caller: Caller,
    asked: Asked,
    make: Callable[[Caller, Asked], T],
    answer: Callable[[T], Asked],
    *,
    still_exists: Callable[[T], bool],
    by: str = "IdempotencyToken",
    within: str = "",
) -> Asked:
    """Create something and answer it, or answer as the same idempotency token was answered before.

    A token that comes again gets the first answer, whatever has become of what was created
    [assumed]. With other parameters it gets that, too, or is refused, as the option
    `refuse_reused_tokens` says [assumed].

    Args:
        caller: the caller.
        asked: the parameters.
        make: creates it.
        answer: returns the answer for what was just created.
        still_exists: whether what was created still exists; if not, it is created anew.
        by: the parameter that holds the token.
        within: the id or name of what the token counts within, for tokens that do not count in
            the whole account and Region.

    Raises:
        AwsError: InvalidParameterValueException for a token used with other parameters.
    """
    given = asked.get(by)
    if not given:
        return answer(make(caller, asked))
    tokens = caller.store.tokens
    key = (caller.operation, within, given)
    rest = {name: value for name, value in asked.items() if name != by}
    before = tokens.get(key)
    if before is not None and still_exists(before.made):
        if before.asked != rest and caller.options.refuse_reused_tokens:
            raise invalid_parameter(f"{by} was used before with other parameters")
        return before.answer
    made = make(caller, asked)
    tokens[key] = Token(made, answer(made), rest)
    return tokens[key].answer


def exists(caller: Caller, noun: str) -> Callable[[Entry], bool]:
    """Return the check whether an entry of a noun still exists: `still_exists` of `once`."""
    return lambda made: caller.store.entries(noun).get(made.key) is made


def members_of(entry: Entry) -> Mapping[str, Any]:
    """Return the members of an entry: `answer` for `once`."""
    return entry.members


def is_in_fake(job: Job) -> bool:
    """Return whether a job is still in its fake: `still_exists` for `once`."""
    return job.store is not None


def check_request_id(asked: Asked) -> None:
    """Refuse a CreatorRequestId of another form than AWS documents [documented: model].

    Raises:
        AwsError: InvalidParameterValueException.
    """
    request = asked.get("CreatorRequestId")
    if request is not None and not re.fullmatch(_REQUEST_ID, request):
        raise invalid_parameter("CreatorRequestId is 1 to 50 alphanumeric or '-_.' characters")


def find(caller: Caller, noun: str, key: str) -> Entry:
    """Return the caller's entry with a name or id.

    Args:
        caller: the caller.
        noun: what the entry is, as AWS's messages call it.
        key: its name or id.

    Raises:
        AwsError: ResourceNotFoundException.
    """
    found = caller.store.entries(noun).get(key)
    if found is None:
        raise not_found(f"Cannot find {noun} {key}")
    return found


def create(
    caller: Caller,
    noun: str,
    entry: Entry,
    *,
    tags: Mapping[str, str] | None = None,
    quota: str | None = None,
) -> Entry:
    """Create an entry, with its tags.

    Args:
        caller: the caller.
        noun: what the entry is, as AWS's messages call it.
        entry: the entry.
        tags: its tags.
        quota: the name of the quota of such entries in an account and Region, if there is one.

    Errors are those of `check_new`.
    """
    check_new(caller, noun, entry.key, tags=tags, quota=quota)
    caller.store.entries(noun)[entry.key] = entry
    if tags:
        caller.store.tags[entry.arn] = dict(tags)
    return entry


def check_new(
    caller: Caller,
    noun: str,
    key: str,
    *,
    tags: Mapping[str, str] | None = None,
    quota: str | None = None,
) -> None:
    """Refuse an entry that cannot be created, before a number is spent on it.

    Args:
        caller: the caller.
        noun: what the entry is, as AWS's messages call it.
        key: its name or id.
        tags: its tags.
        quota: the name of the quota of such entries in an account and Region, if there is one.

    Raises:
        AwsError: AlreadyExistsException where the key is taken, LimitExceededException.
    """
    entries = caller.store.entries(noun)
    if key in entries:
        raise already_exists(entries[key], f"{noun} {key} already exists")
    if quota is not None:
        caller.check_quota(quota, len(entries) + 1)
    check_tags(caller, tags or {})


def already_exists(entry: Entry, message: str) -> AwsError:
    """Return the error for creating an entry that conflicts with an existing one."""
    return errors.already_exists(message, entry.arn, entry.members.get("CreatorRequestId"))


def new_place(caller: Caller) -> Place:
    """Return the account, Region, instant and number of an entry that the caller creates."""
    now = clock.now()
    return Place(caller.store.home, caller.organization.numbers.next(), now, now)


def delete(caller: Caller, noun: str, entry: Entry) -> None:
    """Delete an entry, with its tags."""
    del caller.store.entries(noun)[entry.key]
    caller.store.tags.pop(entry.arn, None)


def page_of_entries(caller: Caller, asked: Asked, noun: str) -> tuple[list[Entry], dict[str, str]]:
    """Return the page of the caller's entries of a noun, the oldest first [assumed].

    Returns:
        The entries, and the NextToken member if there are more.
    """
    entries = list(caller.store.entries(noun).values())
    return page_of(caller, asked, entries, lambda each: (each.number,))
