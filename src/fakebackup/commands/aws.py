"""`python -m fakebackup aws`: the real AWS CLI in this process, against a seeded fake."""

from __future__ import annotations

import argparse
import sys
import warnings
from typing import TYPE_CHECKING, Any

from fakebackup.model.shapes.json_text import read_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fakebackup.fake import FakeBackup

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

    The jobs lie in the Region that the CLI resolves; no history limit applies to them. Commands
    of other services show their help, and are not run.

    Args:
        arguments: the CLI's, and ``--seed FILE`` before or after them: a file that
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
        document = None if seed is None else read_json(seed)
    except (OSError, ValueError) as error:
        return _complain(f"fakebackup: {error}")
    driver = create_clidriver()
    driver.session.register("building-command-table.main", _refuse_others)
    account, region = account_of(document), _region(driver.session, rest)
    with (
        warnings.catch_warnings(),
        FakeBackup(account_id=account, region=region, history=None) as backup,
    ):
        try:
            _seed(backup, document)
        except (TypeError, ValueError) as error:
            return _complain(f"fakebackup: {seed}: {error}")
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


def account_of(document: Any) -> str:
    """Return the account to act in: that of the first seeded job with an AccountId."""
    entries = document.values() if isinstance(document, dict) else ()
    jobs = [job for each in entries if isinstance(each, list) for job in each]
    named = (job["AccountId"] for job in jobs if isinstance(job, dict) and "AccountId" in job)
    first = next(named, None)
    return first if isinstance(first, str) else "123456789012"


def _region(session: Any, arguments: Sequence[str]) -> str:
    """Return the Region that the CLI will resolve from its arguments and settings."""
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
    return str(found or "us-east-1")


def _seed(backup: FakeBackup, document: Any) -> None:
    if document is None:
        from fakebackup.commands import example

        example.seed(backup)
    else:
        backup.load(document)
