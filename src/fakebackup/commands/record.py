"""`python -m fakebackup record`: read a real account into a document that `load` takes."""

from __future__ import annotations

import json
import shutil
import sys
from typing import TYPE_CHECKING, Any

from fakebackup import options
from fakebackup.commands.messages import complain, say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fakebackup.recording.document import Call, Recording
    from fakebackup.recording.pseudonyms import Pseudonyms

_PARTLY = 1
_INTERRUPTED = 130


def run(  # noqa: PLR0913  each is an option of the command
    path: str,
    *,
    profile: str | None,
    regions: Sequence[str],
    account: str | None,
    anonymise: bool,
    as_json: bool,
) -> int:
    """Record an account and return the exit status.

    It is 0 when the reading went to its end, 1 when it ended early in a Region and the rest is
    written, 130 when it was interrupted, and 2 when nothing is written.

    Args:
        path: the file to make.
        profile: the profile of the AWS configuration; None is the configured one.
        regions: the Regions; none is the configured one.
        account: the account's id; None is asked of AWS.
        anonymise: whether to replace what is private.
        as_json: whether what was done is told as a JSON document, for programs.
    """
    from fakebackup.recording.account import read
    from fakebackup.recording.document import new_file
    from fakebackup.recording.session import RecordingError, open_session, regions_of

    if account is not None:
        try:
            options.account_id("--account", account)
        except ValueError as error:
            return complain(error)
    progress = _Progress()
    try:
        with new_file(path) as write:
            session = open_session(profile)
            wanted = regions_of(session, regions)
            tell = progress.tell if sys.stderr.isatty() else None
            found = read(session, wanted, tell, account=account)
            progress.end()
            document = found.document()
            if anonymise:
                from fakebackup.recording.anonymiser import Anonymised

                made = Anonymised(document, session.get_service_model("backup"))
                document = made.document
            write(document)
    except RecordingError as error:
        progress.end()
        return complain(error)
    except OSError as error:
        progress.end()
        return complain(f"{path}: {error.strerror or error}")
    except KeyboardInterrupt:
        progress.end()
        say("interrupted; nothing is written.")
        return _INTERRUPTED
    if anonymise:
        _tell_left(made.pseudonyms)
    summary = _summary(path, document, found)
    sys.stdout.write(json.dumps(summary, indent=2) + "\n" if as_json else _text(summary))
    if found.interrupted:
        return _INTERRUPTED
    return 0 if found.complete else _PARTLY


class _Progress:
    """A line at a terminal that says what is being read."""

    def __init__(self) -> None:
        self._width = 0

    def tell(self, call: Call, answered: int, refused: int) -> None:
        """Show a call, and how many were answered and refused so far."""
        line = f"{answered} answers, {refused} refused; {call.region}: {call.operation}"
        shown = line[: shutil.get_terminal_size().columns - 1]
        sys.stderr.write(f"\r{shown:{self._width}}")
        sys.stderr.flush()
        self._width = len(shown)

    def end(self) -> None:
        """Clear the line."""
        if self._width:
            sys.stderr.write(f"\r{'':{self._width}}\r")
            self._width = 0


def _summary(path: str, document: Mapping[str, Any], found: Recording) -> dict[str, Any]:
    """Return what was done; of an anonymised document nothing that was replaced."""
    entries = [*document["answers"], *document["refused"]]
    return {
        "file": path,
        "complete": found.complete,
        "account_id": entries[0]["account_id"],
        "regions": sorted({entry["region"] for entry in entries}),
        "answers": len(document["answers"]),
        "refused": [
            {"operation": operation, "code": code, "calls": calls}
            for (operation, code), calls in sorted(found.refusals().items())
        ],
    }


def _text(summary: Mapping[str, Any]) -> str:
    read = f"{summary['answers']} answers of account {summary['account_id']}"
    lines = [f"{summary['file']}: {read} in {', '.join(summary['regions'])}."]
    if not summary["complete"]:
        lines.append("It is not complete: the reading ended early.")
    lines += [
        f"Refused: {each['operation']}: {each['code']}"
        + (f", {each['calls']} calls" if each["calls"] > 1 else "")
        for each in summary["refused"]
    ]
    return "\n".join(lines) + "\n"


def _tell_left(pseudonyms: Pseudonyms) -> None:
    """Say what an anonymised document still has of the account."""
    made = ", ".join(f"{count} {kind}" for kind, count in sorted(pseudonyms.made.items()))
    left = [kind for kind, count in sorted(pseudonyms.kept.items()) if count]
    say(f"replaced, by kind: {made or 'nothing'}.")
    say(f"left as they were: {', '.join(left) or 'nothing'}.")
    if pseudonyms.names:
        names = ", ".join(sorted(pseudonyms.names))
        say(f"AWS's own names, left as they were: {names}.")
