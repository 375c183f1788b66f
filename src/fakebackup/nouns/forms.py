"""The forms of names and ARNs of entries."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from fakebackup.model.shapes.requests import asked_value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakebackup.model.stores.organization import Store

    Members = Mapping[str, Any]

_UUID = r"-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


def form(what: str) -> re.Pattern[str]:
    """Return the form of the ARNs of a noun, by what stands before the key."""
    return re.compile(
        rf"arn:[^:]+:backup:(?P<region>[^:]+):(?P<account>\d{{12}}):{what}(?P<key>.+)"
    )


def name_in(arn_key: str) -> str:
    """Return the name in the last part of an ARN, which AWS made a uuid's part of."""
    return re.sub(_UUID, "", arn_key)


def numbered(store: Store, noun: str, word: str) -> str:
    """Return the first free name of an entry: a word and a number."""
    taken = store.entries(noun)
    number = len(taken) + 1
    while f"{word}{number}" in taken:
        number += 1
    return f"{word}{number}"


def check_name(member: str, members: Members) -> None:
    """Refuse a name that is not of the form that botocore's model has: it is the shape's, too."""
    asked_value(member)(members[member])
