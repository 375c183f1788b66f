"""`python -m fakebackup`: a month of AWS Backup on the terminal, for a first look."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import datetime, timezone
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_DESCRIPTION = """\
Show fakebackup at work: seed an example month of backup jobs in this process,
and print what a botocore client is told about it: the failed jobs, the pages of
the list, one job's details and a table of summaries.

Nothing leaves this process; no credentials, profile or network are needed.
"""
_EPILOG = """\
`python -m fakebackup aws [--seed FILE] backup ...` runs the AWS CLI against the
example month, or against the jobs in FILE. Commands of other services are
refused: nothing leaves this process.

To use it in tests: `from fakebackup import mock_backup`, or ask for the pytest
fixture `fake_backup`.
"""
_HEAD = (("of", "operations"), ("---", "---"))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status.

    Args:
        arguments: the command line's; None is this process's.
    """
    given = sys.argv[1:] if arguments is None else list(arguments)
    if given[:1] == ["aws"]:
        # What follows is the AWS CLI's: argparse would take its options for ours.
        from fakebackup import cli

        return cli.run(given[1:])
    told = _parser().parse_args(given)
    return _show_operations(told) if told.what else _show_example(told)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m fakebackup",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "what",
        nargs="?",
        choices=["operations"],
        help="print the table of the operations that are faked instead",
    )
    parser.add_argument(
        "--json", action="store_true", help="print the same as one JSON document, for programs"
    )
    return parser


def _show_operations(told: argparse.Namespace) -> int:
    from fakebackup.operations import by_noun

    nouns = by_noun()
    if told.json:
        shown = json.dumps(nouns, indent=2)
    else:
        rows = [(noun, ", ".join(f"`{name}`" for name in names)) for noun, names in nouns.items()]
        shown = "\n".join(f"| {of} | {names} |" for of, names in (*_HEAD, *rows))
    sys.stdout.write(shown + "\n")
    return 0


def _show_example(told: argparse.Namespace) -> int:
    from fakebackup import example

    found = example.ask()
    shown = json.dumps(found, indent=2, default=_date) + "\n" if told.json else example.text(found)
    sys.stdout.write(shown)
    return 0


def _date(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).isoformat(timespec="milliseconds")
    msg = f"AWS answers nothing like {value!r}."
    raise TypeError(msg)


if __name__ == "__main__":
    sys.exit(main())
