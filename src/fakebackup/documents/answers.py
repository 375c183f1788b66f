"""Sources of recorded answers: dicts, pages, files, folders, recordings; and dumps."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fakebackup import plain
from fakebackup.errors import check_path, near, quoted
from fakebackup.model.resources.arns import Home
from fakebackup.model.shapes.json_text import read_json

if TYPE_CHECKING:
    from collections.abc import Iterator

OWN = "fakebackup"
"""The member by which a document of our own says what it is."""

RECORDING, DUMP = "recording", "dump"
VERSIONS = {RECORDING: 1, DUMP: 1}
"""Per kind of our own documents, the newest version that is understood."""


@dataclass(frozen=True)
class Answer:
    """A recorded answer.

    Attributes:
        members: its members, as they were recorded.
        where: where it stands, for messages: "list-tags.json: "; empty for a dict.
        operation: AWS's name of the operation that answered it; None where nobody said.
        file: the name of the file it is in, without its end; empty where it is in none.
        parameters: what the operation was asked with, as far as that is known.
        home: the account and Region of the call; None where that is not known.
    """

    members: Mapping[str, Any]
    where: str = ""
    operation: str | None = None
    file: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    home: Home | None = None


@dataclass(frozen=True)
class Dump:
    """A document that `FakeBackup.dump` wrote.

    Attributes:
        document: the document.
        where: where it stands, for messages.
    """

    document: Mapping[str, Any]
    where: str = ""

    def option(self, name: str) -> str | None:
        """Return an option of the fake that was dumped; None where the dump does not say it."""
        options = self.document.get("MadeUnder")
        found = options.get(name) if isinstance(options, dict) else None
        return found if isinstance(found, str) else None


def read(source: Any, operation: str | None, parameters: Mapping[str, Any]) -> list[Answer | Dump]:
    """Return what a source holds, in its order; arguments and errors are those of `load`."""
    # What a file holds is plain.
    source, operation, parameters = map(plain.whole, (source, operation, parameters))
    if isinstance(source, Mapping):
        return list(_document(source, Answer({}, "", operation, "", parameters)))
    if isinstance(source, (list, tuple)):
        if not source:
            msg = "There is nothing to load: a list without a page."
            raise ValueError(msg)
        return list(_pages(source, Answer({}, "", operation, "", parameters)))
    if not isinstance(source, (str, os.PathLike)):
        msg = (
            f"load() takes a dict, a list of pages, or the path of a JSON file or of a folder of "
            f"them, not {quoted(source)}."
        )
        raise TypeError(msg)
    if source == "":
        msg = "load() was given an empty path; of this folder, it takes '.'."
        raise ValueError(msg)
    if isinstance(source, str) and source.strip()[:1] in ("{", "[") and source.strip()[-1] in "}]":
        msg = "load() takes a text as a path; to load JSON text, type load(json.loads(text))."
        raise ValueError(msg)
    check_path("load()", source, " To load JSON text, type load(json.loads(text)).")
    found: list[Answer | Dump] = []
    for path in _files(Path(source), os.fspath(source)):
        found += _file(path, Answer({}, "", operation, "", parameters))
    return found


def _files(path: Path, named: str) -> list[Path]:
    """Return the files that a path names: itself, or the JSON files of a folder, in order."""
    if not path.is_dir():
        return [path]
    found = sorted((each for each in path.rglob("*.json") if each.is_file()), key=Path.as_posix)
    if not found:
        msg = f"There is nothing to load: the folder {named} holds no file named *.json."
        raise ValueError(msg)
    return found


def _file(path: Path, known: Answer) -> Iterator[Answer | Dump]:
    document, where = read_json(path), f"{os.fspath(path)}: "
    in_file = Answer({}, where, known.operation, path.stem, known.parameters)
    if isinstance(document, list) and document:
        yield from _pages(document, in_file)
    elif isinstance(document, dict):
        yield from _document(document, in_file)
    else:
        msg = f"{os.fspath(path)} holds no JSON object."
        raise TypeError(msg)


def _pages(pages: Sequence[Any], known: Answer) -> Iterator[Answer | Dump]:
    for at, page in enumerate(pages):
        where = f"{known.where}[{at}]: "
        if not isinstance(page, Mapping):
            msg = f"{where}a page is an object, not {quoted(page)}."
            raise TypeError(msg)
        yield from _document(
            page, Answer({}, where, known.operation, known.file, known.parameters, known.home)
        )


def _document(document: Mapping[str, Any], known: Answer) -> Iterator[Answer | Dump]:
    if OWN not in document:
        yield Answer(
            document, known.where, known.operation, known.file, known.parameters, known.home
        )
        return
    kind = _check_own(document[OWN], known.where)
    if kind == DUMP:
        yield Dump(document, known.where)
    else:
        yield from _recording(document, known.where)


def _check_own(label: Any, where: str) -> str:
    """Return the kind of a document of our own.

    Raises:
        ValueError: no such kind, or a version that is newer than this fakebackup.
    """
    kind, version = (
        (label.get("kind"), label.get("version")) if isinstance(label, Mapping) else (None, None)
    )
    if not isinstance(kind, str) or kind not in VERSIONS:
        kinds, hint = " or ".join(VERSIONS), near(kind, VERSIONS) or "."
        msg = f"{where}a document of fakebackup is a {kinds}, not {quoted(label)}{hint}"
        raise ValueError(msg)
    newest = VERSIONS[kind]
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        msg = f"{where}the version of a {kind} is a whole number from 1, not {quoted(version)}."
        raise ValueError(msg)
    if version > newest:
        msg = (
            f"{where}this {kind} is of version {quoted(version)}, and the newest that this "
            f"fakebackup reads is {newest}: install a newer fakebackup."
        )
        raise ValueError(msg)
    return kind


def _recording(document: Mapping[str, Any], where: str) -> Iterator[Answer]:
    answers = document.get("answers")
    if not isinstance(answers, (list, tuple)):
        msg = f"{where}answers is a list, not {quoted(answers)}."
        raise TypeError(msg)
    for at, each in enumerate(answers):
        place = f"{where}answers[{at}]: "
        if not isinstance(each, Mapping):
            msg = f"{place}an answer is an object, not {quoted(each)}."
            raise TypeError(msg)
        texts = [each.get(name) for name in ("operation", "account_id", "region")]
        parameters, members = each.get("parameters", {}), each.get("answer")
        if not all(isinstance(text, str) and text for text in texts):
            msg = f"{place}an answer has an operation, an account_id and a region, not {texts}."
            raise ValueError(msg)
        if not isinstance(members, Mapping) or not isinstance(parameters, Mapping):
            msg = f"{place}answer and parameters are objects."
            raise TypeError(msg)
        operation, account, region = map(str, texts)
        yield Answer(members, place, operation, "", parameters, Home(account, region))
