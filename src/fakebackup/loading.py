"""Reading recorded answers, as the AWS CLI prints them, as jobs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fakebackup import waiting
from fakebackup.errors import near, quoted
from fakebackup.model.jobs import job as jobs
from fakebackup.model.jobs.kinds import KINDS
from fakebackup.model.shapes.json_text import read_json

if TYPE_CHECKING:
    from os import PathLike

    from fakebackup.model.jobs.job import Job
    from fakebackup.model.jobs.kinds import Kind

_KINDS = {kind.listed: kind for kind in KINDS}
# The members of a printed answer besides its jobs.
_BESIDES = frozenset({"NextToken", "ResponseMetadata"})


def read(source: str | PathLike[str] | Mapping[str, Any]) -> list[tuple[str, Job]]:
    """Return the jobs of a printed list, each with its position for messages.

    Errors are those of `FakeBackup.load`.
    """
    document = document_of(source)
    for key in document:
        if key not in _KINDS and key not in _BESIDES:
            msg = (
                f"load() takes what the list operations answer, under one of "
                f"{', '.join(_KINDS)}, not {quoted(key)}{near(key, _KINDS)}"
            )
            raise ValueError(msg)
    if not set(document) & set(_KINDS):
        msg = f"There is nothing to load: none of {', '.join(_KINDS)}."
        raise ValueError(msg)
    found = []
    # What a document says of each job again, as the ARN of a vault, is kept once.
    shared: dict[str, str] = {}
    for key, kind in _KINDS.items():
        entries = document.get(key, [])
        if not isinstance(entries, (list, tuple)):
            msg = f"{key} is a list of jobs, not {quoted(entries)}."
            raise TypeError(msg)
        for at, entry in enumerate(waiting.with_counter(entries, f"{kind.name}s")):
            name = f"{key}[{at}]"
            try:
                found.append((name, _read_entry(kind, entry, shared)))
            except (TypeError, ValueError) as error:
                msg = f"{name}: {error}"
                raise type(error)(msg) from None
    return found


def document_of(source: str | PathLike[str] | Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what is to be loaded: a dict as it is, or what a JSON file holds.

    Errors are those of `FakeBackup.load`.
    """
    return source if isinstance(source, Mapping) else _read_file(source)


def _read_file(path: Any) -> Mapping[str, Any]:
    if not isinstance(path, (str, os.PathLike)):
        msg = f"load() takes a dict or the path of a JSON file, not {quoted(path)}."
        raise TypeError(msg)
    document = read_json(path)
    if not isinstance(document, dict):
        msg = f"{os.fspath(path)} holds no JSON object."
        raise TypeError(msg)
    return document


def _read_entry(kind: Kind, entry: object, shared: dict[str, str]) -> Job:
    if not isinstance(entry, Mapping):
        msg = f"a job is an object, not {quoted(entry)}."
        raise TypeError(msg)
    for member in (kind.id, kind.state, kind.created):
        if entry.get(member) in (None, ""):
            msg = f"a {kind.name} cannot be without {member}."
            raise ValueError(msg)
    known = {
        name: shared.setdefault(value, value) if type(value) is str else value
        for name, value in entry.items()
        if value is not None
    }
    members, given = jobs.read(kind, known)
    return jobs.Job(kind, members, given, exact=True)
