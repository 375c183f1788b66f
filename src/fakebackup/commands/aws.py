"""`python -m fakebackup aws`: the real AWS CLI in this process, against a seeded fake."""

from __future__ import annotations

import argparse
import sys
import warnings
from typing import TYPE_CHECKING, Any

from fakebackup.documents import answers
from fakebackup.model.resources.arns import home_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from fakebackup.fake import FakeBackup
    from fakebackup.model.resources.arns import Home

_USAGE = "python -m fakebackup aws [--seed FILE] backup COMMAND ..."
_MISSING = (
    "fakebackup: the AWS CLI is not installed here; "
    "install it with: python -m pip install 'fakebackup[cli]'"
)
_REFUSED = (
    "fakebackup: only AWS Backup is answered here. 'aws {name}' is not run: it is another service, "
    "and would reach AWS."
)
_FAILED = 2
_RUN = ("backup", "configure", "history")
"""The commands of the CLI that are run; those of other services would leave this process."""


def run(arguments: Sequence[str]) -> int:
    """Run the AWS CLI and return its exit status, or 2 for an error in our own arguments.

    What does not say where it lies is in the Region that the CLI resolves, or else in the first
    one that the seed names; no history limit applies. Commands of other services show their
    help, and are not run.

    Args:
        arguments: the CLI's, and ``--seed FILE`` before or after them: a file or folder that
            `FakeBackup.load` takes. Without it the example month is seeded.
    """
    # Before anything imports botocore: the CLI brings one of its own, and puts it in place.
    try:
        from awscli.clidriver import create_clidriver
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] != "awscli":
            raise
        return _complain(_MISSING)
    from fakebackup.errors import FakeBackupWarning
    from fakebackup.fake import FakeBackup

    try:
        seed, rest = _split(arguments)
        found = [] if seed is None else answers.read(seed, None, {})
    except (OSError, TypeError, ValueError) as error:
        return _complain(f"fakebackup: {error}")
    driver = create_clidriver()
    driver.session.register("building-command-table.main", _refuse_others)
    account, home = _account(found), _home(found)
    region = _region(driver.session, rest) or (home.region if home else "us-east-1")
    with (
        warnings.catch_warnings(),
        FakeBackup(account_id=account, region=region, history=None) as backup,
    ):
        try:
            _seed(backup, seed)
        except (OSError, TypeError, ValueError) as error:
            return _complain(f"fakebackup: {error}")
        status: int = driver.main(rest)
        # The CLI has printed the refusals already.
        warnings.simplefilter("ignore", FakeBackupWarning)
    return status


def _complain(text: str) -> int:
    sys.stderr.write(text + "\n")
    return _FAILED


class _Other:
    """A command of another service, which shows its help and is not run."""

    def __init__(self, name: str, command: Any) -> None:
        self._refusal = _REFUSED.format(name=name)
        self._command = command

    def __getattr__(self, name: str) -> Any:
        return getattr(self._command, name)

    def __call__(self, arguments: list[str], settings: Any) -> Any:
        # Further on, "help" may be the name of a file: `aws s3 cp s3://bucket/key help`.
        if ["help"] in (arguments[:1], arguments[1:]):
            return self._command(arguments, settings)
        return _complain(self._refusal)


def _refuse_others(command_table: dict[str, Any], **_: object) -> None:
    """Replace the CLI's other commands by refusals, which its aliases reach, too."""
    for name in command_table.keys() - set(_RUN):
        command_table[name] = _Other(name, command_table[name])


def _split(arguments: Sequence[str]) -> tuple[str | None, list[str]]:
    """Return the file to seed, if one is named, and the arguments of the CLI."""
    seeds, rest = [], []
    waiting = iter(arguments)
    for each in waiting:
        name, equals, value = each.partition("=")
        if name != "--seed":
            rest.append(each)
        elif equals:
            seeds.append(value)
        else:
            seeds.append(next(waiting, ""))
    if len(seeds) > 1 or "" in seeds:
        msg = f"--seed takes one file, once: {_USAGE}"
        raise ValueError(msg)
    return (seeds[0] if seeds else None), rest


def _account(found: Iterable[answers.Answer | answers.Dump]) -> str:
    """Return the account to act in: that of the first seeded job that says it, or the seed's."""
    parts = list(found)
    lists = [each for part in parts for each in _members(part).values()]
    jobs = [job for each in lists if isinstance(each, list) for job in each]
    named = (job["AccountId"] for job in jobs if isinstance(job, dict) and "AccountId" in job)
    first = next(named, None)
    if isinstance(first, str):
        return first
    home = _home(parts)
    return "123456789012" if home is None else home.account


def _members(part: answers.Answer | answers.Dump) -> Mapping[str, Any]:
    return part.members if isinstance(part, answers.Answer) else part.document


def _home(found: Iterable[answers.Answer | answers.Dump]) -> Home | None:
    """Return the first account and Region that a seed names, by an ARN of AWS Backup or else."""
    for part in found:
        if isinstance(part, answers.Answer) and part.home is not None:
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


def _region(session: Any, arguments: Sequence[str]) -> str | None:
    """Return the Region that the CLI will resolve from its arguments and settings, if any."""
    from botocore.exceptions import ProfileNotFound

    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--region")
    parser.add_argument("--profile")
    parsed, _ = parser.parse_known_args(list(arguments))
    if parsed.profile:
        session.set_config_variable("profile", parsed.profile)
    try:
        found = parsed.region or session.get_config_variable("region")
    except ProfileNotFound:
        found = None  # the CLI reports it
    return str(found) if found else None


def _seed(backup: FakeBackup, seed: str | None) -> None:
    if seed is None:
        from fakebackup.commands import example

        example.seed(backup)
    else:
        backup.load(seed)
