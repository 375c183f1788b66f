"""`python -m fakebackup`: parse the command line and run the command that it names."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

_DESCRIPTION = """\
Without a command, show fakebackup at work: seed an example month of backup jobs
in this process, and print what a botocore client is told about it: the failed
jobs, the pages of the list, one job's details and a table of summaries.

Nothing leaves this process; no credentials, profile or network are needed.
`record` alone reaches AWS.
"""
_EPILOG = """\
`python -m fakebackup aws [--seed FILE] backup ...` runs the AWS CLI against the
example month, or against what FILE holds: recorded answers of AWS Backup, or a
folder of them. Commands of other services are refused: nothing leaves this
process.

`python -m fakebackup serve` answers other processes and languages on this
machine, until it is stopped.

To use it in tests: `from fakebackup import mock_backup`, or ask for the pytest
fixture `fake_backup`. `python -m fakebackup guide start` is the first guide.
"""

_RECORD = """\
Read what a real account keeps in AWS Backup, and write it into FILE. This is
the one command that reaches AWS, with the credentials that boto3 would use. It
calls read operations only: the rights backup:List*, backup:Describe*,
backup:Get* and sts:GetCallerIdentity are enough; what is forbidden is noted and
passed over. Ctrl-C keeps what was read. The guide whole-accounts has the rest.

Exit status: 0; 1 where the reading ended early in a Region; 2 where nothing is
written, and one line says why; 130 after Ctrl-C.
"""


def main(arguments: Sequence[str] | None = None) -> int:  # noqa: PLR0911  one for each command
    """Run the command that the arguments name and return its exit status.

    Args:
        arguments: those of the command line; None is this process's.
    """
    given = sys.argv[1:] if arguments is None else list(arguments)
    # Heavy imports are left to the command that needs them.
    if given[:1] == ["aws"]:
        # What follows is the AWS CLI's: argparse would take its options for ours.
        from fakebackup.commands import aws

        return aws.run(given[1:])
    parser = _parser()
    parsed = parser.parse_args(given)
    if parsed.command == "aws":
        parser.error(
            "aws comes first, and what follows is the AWS CLI's: --output json, not --json"
        )
    if parsed.command == "operations":
        from fakebackup.commands import operations

        return operations.run(as_json=parsed.json)
    if parsed.command == "guide":
        from fakebackup.commands import guide

        return guide.run(parsed.name, as_json=parsed.json)
    if parsed.command == "record":
        from fakebackup.commands import record

        return record.run(
            parsed.file,
            profile=parsed.profile,
            regions=parsed.region,
            account=parsed.account,
            anonymise=parsed.anonymise,
            as_json=parsed.json,
        )
    if parsed.command == "report":
        from fakebackup.commands import report

        return report.run(parsed.file, seed=parsed.seed, as_json=parsed.json)
    if parsed.command == "serve":
        from fakebackup.commands import serve

        return serve.run(
            port=parsed.port,
            seed=parsed.seed,
            empty=parsed.empty,
            account=parsed.account,
            region=parsed.region,
            progress=parsed.progress,
            beside=parsed.beside,
            dump=parsed.dump,
        )
    from fakebackup.commands import example

    return example.run(as_json=parsed.json)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m fakebackup",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_json(parser, default=False)
    commands = parser.add_subparsers(dest="command", metavar="command", title="commands")
    operations = commands.add_parser(
        "operations", help="print the table of the operations that are faked"
    )
    # For the list of commands: what it is given is never parsed here.
    commands.add_parser("aws", add_help=False, help="run the AWS CLI against a seeded fake")
    guide = commands.add_parser("guide", help="print a guide, or the list of all guides")
    guide.add_argument("name", nargs="?", help="which guide; without it, the list")
    record = _add_record(commands)
    _add_serve(commands)
    report = _add_report(commands)
    for command in (operations, guide, record, report):
        # Left out after the command, the option keeps its value from before it.
        _add_json(command, default=argparse.SUPPRESS)
    return parser


def _add_record(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> Any:
    record = commands.add_parser(
        "record",
        help="read a real account into a file that FakeBackup.load takes",
        description=_RECORD,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    record.add_argument("file", metavar="FILE", help="the JSON file to make; it must not exist")
    record.add_argument("--profile", help="a profile of the AWS configuration")
    record.add_argument(
        "--region",
        nargs="+",
        action="extend",
        default=[],
        help="the Regions to read, one or several; without it, the configured one",
    )
    record.add_argument(
        "--account",
        metavar="ID",
        help="the account's id; without it, STS or what is read tells it",
    )
    record.add_argument(
        *("--anonymise", "--anonymize"),
        action="store_true",
        help="replace account ids, names, ids, ARNs, tags and messages, the same by the same",
    )
    return record


def _add_serve(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    serve = commands.add_parser(
        "serve", help="answer other processes on this machine, until it is stopped"
    )
    serve.add_argument("--port", type=int, default=0, help="the port; without it, any free one")
    holds = serve.add_mutually_exclusive_group()
    holds.add_argument(
        "--seed",
        metavar="FILE",
        help="what it holds, as FakeBackup.load takes it; without it, the example month",
    )
    holds.add_argument("--empty", action="store_true", help="it holds nothing at the beginning")
    serve.add_argument(
        "--account",
        metavar="ID",
        help="the account of clients whose key names none; without it, the one that is seeded",
    )
    serve.add_argument("--region", help="the Region to export; without it, the one that is seeded")
    serve.add_argument(
        "--progress",
        choices=("polls", "immediate", "clock", "manual"),
        default="polls",
        help="what moves the jobs that are started; without it, that they are looked at",
    )
    serve.add_argument(
        "--beside",
        metavar="URL",
        help="an emulator of the rest of AWS on this machine, as moto's server, to work on",
    )
    serve.add_argument("--dump", metavar="FILE", help="where to write what it holds at the end")


def _add_report(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> Any:
    report = commands.add_parser("report", help="write a page that shows what a fake holds")
    report.add_argument("file", metavar="OUT.html", help="the file to write")
    report.add_argument(
        "--seed",
        metavar="FILE",
        help="what it shows, as FakeBackup.load takes it; without it, the example month",
    )
    return report


def _add_json(parser: argparse.ArgumentParser, *, default: object) -> None:
    parser.add_argument(
        "--json",
        action="store_true",
        default=default,
        help="print the same as one JSON document, for programs",
    )


if __name__ == "__main__":
    sys.exit(main())
