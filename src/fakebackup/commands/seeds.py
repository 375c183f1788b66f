"""The seeds of commands: what `--seed FILE` names, and where it lies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakebackup.documents import answers
from fakebackup.documents.answers import Answer
from fakebackup.model.resources.arns import home_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from fakebackup.documents.answers import Dump
    from fakebackup.model.resources.arns import Home


def read(seed: str | None) -> list[Answer | Dump]:
    """Return the answers in a file or folder that `FakeBackup.load` takes; none for None.

    Errors are those of `FakeBackup.load`.
    """
    return [] if seed is None else answers.read(seed, None, {})


def account_of(found: Iterable[Answer | Dump]) -> str:
    """Return the account to act in: that of the first seeded job that says it, or the seed's."""
    parts = list(found)
    lists = [each for part in parts for each in _members(part).values()]
    jobs = [job for each in lists if isinstance(each, list) for job in each]
    named = (job["AccountId"] for job in jobs if isinstance(job, dict) and "AccountId" in job)
    first = next(named, None)
    if isinstance(first, str):
        return first
    home = home_of(parts)
    return "123456789012" if home is None else home.account


def _members(part: Answer | Dump) -> Mapping[str, Any]:
    return part.members if isinstance(part, Answer) else part.document


def home_of(found: Iterable[Answer | Dump]) -> Home | None:
    """Return the first account and Region that a seed names, by an ARN of AWS Backup or else."""
    for part in found:
        if isinstance(part, Answer) and part.home is not None:
            return part.home
        named = next(filter(None, map(home_in, _texts(_members(part)))), None)
        if named is not None:
            return named
    return None


def _texts(value: Any) -> Iterator[str]:
    """Yield the texts in a document, at any depth: it comes from JSON, which is not deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
