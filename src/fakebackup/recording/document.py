"""The document of a recording: pages made whole, in an order of its own, and the file."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections import Counter
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

VERSION = 1
"""The version of the document's form."""


class Call(NamedTuple):
    """An operation that was asked for in a Region.

    Attributes:
        region: the Region.
        operation: the operation.
        parameters: its parameters but for those of pages.
    """

    region: str
    operation: str
    parameters: Mapping[str, Any]

    def key(self) -> tuple[str, str, str]:
        """Return where the call stands among all."""
        return self.region, self.operation, json.dumps(self.parameters, sort_keys=True)


class Refusal(NamedTuple):
    """What AWS, or the way to it, answered instead of an answer.

    Attributes:
        code: the error's code; the class of an error that is not AWS's.
        message: its text.
    """

    code: str
    message: str


class Recording:
    """All that an account answered.

    Attributes:
        account: the account's id.
        complete: whether the reading went to its end in every Region.
        interrupted: whether the user ended it.
    """

    def __init__(self) -> None:
        self.account = ""
        self.complete = True
        self.interrupted = False
        self._answers: dict[tuple[str, str, str], tuple[Call, dict[str, Any]]] = {}
        self._refused: dict[tuple[str, str, str], tuple[Call, Refusal]] = {}

    def add(self, call: Call, page: Mapping[str, Any]) -> None:
        """Add an answer, or its next page."""
        _, answer = self._answers.setdefault(call.key(), (call, {}))
        for name, value in page.items():
            if isinstance(value, list):
                answer.setdefault(name, []).extend(map(plain, value))
            elif isinstance(value, dict):
                answer.setdefault(name, {}).update(plain(value))
            else:
                answer.setdefault(name, plain(value))

    def refuse(self, call: Call, refusal: Refusal) -> None:
        """Note a call that was not answered."""
        self._refused[call.key()] = call, refusal

    @property
    def counts(self) -> tuple[int, int]:
        """How many calls were answered, and how many were not."""
        return len(self._answers), len(self._refused)

    @property
    def answers(self) -> list[tuple[Call, dict[str, Any]]]:
        """The answers, in order."""
        return [self._answers[key] for key in sorted(self._answers)]

    @property
    def refused(self) -> list[tuple[Call, Refusal]]:
        """The calls that were not answered, in order."""
        return [self._refused[key] for key in sorted(self._refused)]

    def refusals(self) -> Counter[tuple[str, str]]:
        """Return how many calls were not answered, by operation and code."""
        return Counter((call.operation, refusal.code) for call, refusal in self.refused)

    def document(self) -> dict[str, Any]:
        """Return the document, which `FakeBackup.load` takes."""
        return {
            "fakebackup": {"kind": "recording", "version": VERSION, "complete": self.complete},
            "answers": [{**self._asked(call), "answer": answer} for call, answer in self.answers],
            "refused": [
                {**self._asked(call), **refusal._asdict()} for call, refusal in self.refused
            ],
        }

    def _asked(self, call: Call) -> dict[str, Any]:
        return {
            "operation": call.operation,
            "account_id": self.account,
            "region": call.region,
            "parameters": dict(call.parameters),
        }


def plain(value: Any) -> Any:
    """Return a value of an answer as JSON has it, dates in UTC with milliseconds."""
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).isoformat(timespec="milliseconds")
    return value


def arns_in(value: Any) -> Iterator[str]:
    """Yield the ARNs in a value of a document."""
    if isinstance(value, str):
        if value.startswith("arn:"):
            yield value
    elif isinstance(value, (dict, list)):
        inner: Iterable[Any] = value.values() if isinstance(value, dict) else value
        for each in inner:
            yield from arns_in(each)


@contextlib.contextmanager
def new_file(path: str) -> Iterator[Callable[[Mapping[str, Any]], None]]:
    """Give a function that writes a document into a file that is not there yet.

    Until the block has ended well there is only a temporary file beside it, made at once: a folder
    that cannot be written to is told of before anything is read.

    Raises:
        OSError: there is something of that name, or the file cannot be made.
    """
    target = Path(path)
    _check_free(target)
    if not target.parent.is_dir():
        raise FileNotFoundError(None, f"the folder {target.parent} is not there", path)
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent, text=True)
    made = Path(name)
    try:
        with open(handle, "w", encoding="utf-8", newline="\n") as file:  # noqa: PTH123  it is open already
            yield lambda document: _write(file, document)
        if made.stat().st_size:
            _check_free(target)
            made.replace(target)
    finally:
        made.unlink(missing_ok=True)


def _check_free(target: Path) -> None:
    if os.path.lexists(target):
        raise FileExistsError(None, "there is such a file already; name another one", str(target))


def _write(file: TextIO, document: Mapping[str, Any]) -> None:
    json.dump(document, file, indent=2, ensure_ascii=False)
    file.write("\n")
