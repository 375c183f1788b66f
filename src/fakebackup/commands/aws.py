"""`python -m fakebackup aws`: the real AWS CLI in this process, against a seeded fake."""

from __future__ import annotations

import argparse
import warnings
from typing import TYPE_CHECKING, Any

from fakebackup.commands import seeds
from fakebackup.commands.messages import complain

if TYPE_CHECKING:
    from collections.abc import Sequence


_USAGE = "python -m fakebackup aws [--seed FILE] backup COMMAND ..."
_MISSING = (
    "the AWS CLI is not installed here; install it with: python -m pip install 'fakebackup[cli]'"
)
_REFUSED = (
    "only AWS Backup is answered here. 'aws {name}' is not run: it is another service, "
    "and would reach AWS."
)
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
        return complain(_MISSING)
    from fakebackup.errors import FakeBackupWarning
    from fakebackup.fake import FakeBackup

    try:
        seed, rest = _split(arguments)
        found = seeds.read(seed)
        account, home = seeds.account_of(found), seeds.home_of(found)
        driver = create_clidriver()
        driver.session.register("building-command-table.main", _refuse_others)
        region = _region(driver.session, rest) or (home.region if home else "us-east-1")
        made = FakeBackup(account_id=account, region=region, history=None)
    except (OSError, TypeError, ValueError) as error:
        return complain(error)
    with warnings.catch_warnings(), made as backup:
        try:
            seeds.fill(backup, seed)
        except (OSError, TypeError, ValueError) as error:
            return complain(error)
        status: int = driver.main(rest)
        # The CLI has printed the refusals already.
        warnings.simplefilter("ignore", FakeBackupWarning)
    return status


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
        return complain(self._refusal)


def _refuse_others(command_table: dict[str, Any], **_: object) -> None:
    """Replace the CLI's other commands by refusals, which its aliases reach, too."""
    for name in command_table.keys() - set(_RUN):
        command_table[name] = _Other(name, command_table[name])


def _split(arguments: Sequence[str]) -> tuple[str | None, list[str]]:
    """Return the file to seed, if one is named, and the arguments of the CLI."""
    named, rest = [], []
    waiting = iter(arguments)
    for each in waiting:
        name, equals, value = each.partition("=")
        if name != "--seed":
            rest.append(each)
        elif equals:
            named.append(value)
        else:
            named.append(next(waiting, ""))
    if len(named) > 1 or "" in named:
        msg = f"--seed takes one file, once: {_USAGE}"
        raise ValueError(msg)
    return (named[0] if named else None), rest


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
