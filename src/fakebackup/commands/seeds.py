"""The seeds of commands: what `--seed FILE` names, and where it lies."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from fakebackup import ids, options
from fakebackup.commands.messages import say
from fakebackup.documents import answers
from fakebackup.documents.answers import Answer
from fakebackup.documents.telling import newer_operations, text_of_newer, texts_in
from fakebackup.errors import FakeBackupWarning
from fakebackup.model.resources.arns import Home, home_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from fakebackup.documents.answers import Dump
    from fakebackup.fake import FakeBackup


def read(seed: str | None) -> list[Answer | Dump]:
    """Return the answers in a file or folder that `FakeBackup.load` takes; none for None.

    Errors are those of `FakeBackup.load`.
    """
    return [] if seed is None else answers.read(seed, None, {})


def fill(backup: FakeBackup, seed: str | None) -> None:
    """Fill a fake with a file or folder that `FakeBackup.load` takes; None is the example month.

    Errors are those of `FakeBackup.load`. Its warnings are for tests: they say what to type there.
    What it leaves out is said on stderr.
    """
    if seed is None:
        from fakebackup.commands import example

        example.seed(backup)
        return
    newer_names = newer_operations(read(seed))
    if newer_names:
        say(text_of_newer(newer_names))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FakeBackupWarning)
        backup.load(seed)


def account_of(found: Iterable[Answer | Dump]) -> str:
    """Return the account to act in: the dumped fake's, the first seeded job's, or the seed's.

    Raises:
        ValueError: as `home_of`.
    """
    parts = list(found)
    dumped = _option(parts, "account_id")
    if dumped is not None and ids.is_account_id(dumped):
        return dumped
    lists = [each for part in parts for each in _members(part).values()]
    jobs = [job for each in lists if isinstance(each, list) for job in each]
    named = (job["AccountId"] for job in jobs if isinstance(job, dict) and "AccountId" in job)
    first = next(named, None)
    # What is none is refused where the seed is loaded, with the job that has it.
    if isinstance(first, str) and ids.is_account_id(first):
        return first
    home = home_of(parts)
    return "123456789012" if home is None else home.account


def _members(part: Answer | Dump) -> Mapping[str, Any]:
    return part.members if isinstance(part, Answer) else part.document


def _option(parts: Iterable[Answer | Dump], name: str) -> str | None:
    """Return an option of the first fake that was dumped, if it says that."""
    dumps = (part for part in parts if not isinstance(part, Answer))
    return next(filter(None, (each.option(name) for each in dumps)), None)


def home_of(found: Iterable[Answer | Dump]) -> Home | None:
    """Return the account and Region of a seed: the dumped fake's, or the first that it names.

    It names them by an ARN of AWS Backup, or else.

    Raises:
        ValueError: what it names is no account or no Region.
    """
    home = _named_home(list(found))
    if home is not None:
        options.account_id("The account that the seed names", home.account)
        options.region("The Region that the seed names", home.region)
    return home


def _named_home(parts: Sequence[Answer | Dump]) -> Home | None:
    account, region = (_option(parts, name) for name in ("account_id", "region"))
    if account is not None and region is not None and options.is_region(region):
        return Home(account, region)
    for part in parts:
        if isinstance(part, Answer) and part.home is not None:
            return part.home
        named = next(filter(None, map(home_in, texts_in(_members(part)))), None)
        if named is not None:
            return named
    return None
