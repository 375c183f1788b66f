"""Recorded jobs of the five kinds: each list's and each Describe's."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fakebackup.documents import waiting
from fakebackup.documents.things import (
    DESCRIBED,
    LISTED,
    entries,
    flat,
    kept,
    located,
    need,
    output_of,
    wrapped,
)
from fakebackup.errors import quoted
from fakebackup.model.engine import moves, placing
from fakebackup.model.jobs import job as jobs
from fakebackup.model.jobs.job import Job
from fakebackup.model.jobs.kinds import KINDS, RESTORE
from fakebackup.model.jobs.request import JobRequest
from fakebackup.model.shapes import dates

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fakebackup.documents.answers import Answer
    from fakebackup.documents.things import Said, Things
    from fakebackup.model.jobs.kinds import Kind
    from fakebackup.model.resources.arns import Home
    from fakebackup.model.stores.organization import Store

    Reader = Callable[[Answer, Things], None]
    Statement = tuple[Said, dict[str, Any], frozenset[str]]
    Completed = tuple[Job, Said, dict[str, Any], frozenset[str], frozenset[str]]

RESTORE_METADATA = "restore job's metadata"

_RESOURCE = "ResourceArn"
"""The parameter of ListRestoreJobsByProtectedResource, which older answers do not repeat."""


def listed(kind: Kind) -> Reader:
    """Return the reader of a list of jobs of a kind."""

    def read(answer: Answer, things: Things) -> None:
        found = things.jobs.setdefault(kind, [])
        # What a document says of each job again, as the ARN of a vault, is kept once.
        shared: dict[str, str] = {}
        each, said = entries(answer, kind.listed, "job"), things.said(answer, LISTED)
        asked = answer.parameters.get(_RESOURCE) if kind is RESTORE else None
        for name, entry in waiting.with_counter(each, f"{kind.name}s"):
            try:
                if asked is not None and isinstance(entry, Mapping):
                    entry = {"SourceResourceArn": asked, **entry}  # noqa: PLW2901
                members, given = _read_entry(kind, entry, shared)
            except (TypeError, ValueError) as error:
                msg = f"{answer.where}{name}: {error}"
                raise type(error)(msg) from None
            found.append((said._replace(where=f"{answer.where}{name}"), members, given))

    return read


def described(kind: Kind) -> Reader:
    """Return the reader of a Describe of a job of a kind."""

    def read(answer: Answer, things: Things) -> None:
        said = things.said(answer, DESCRIBED, kind.wrapped or "")
        entry = flat(answer) if kind.wrapped is None else wrapped(answer, kind.wrapped)
        with located(said.where):
            members, given = _read_entry(kind, entry, {})
        things.jobs.setdefault(kind, []).append((said, members, given))

    return read


def _read_entry(
    kind: Kind, entry: object, shared: dict[str, str]
) -> tuple[dict[str, Any], frozenset[str]]:
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
    return jobs.read(kind, known)


def restore_metadata(answer: Answer, things: Things) -> None:
    """Read the metadata that a restore job was started with."""
    said = things.said(answer, DESCRIBED)
    with located(said.where):
        members = kept(output_of("GetRestoreJobMetadata"), flat(answer), RESTORE_METADATA)
        need(members, RESTORE_METADATA, RESTORE.id)
        metadata = members.get("Metadata", {})
        things.say(RESTORE_METADATA, said.home, members[RESTORE.id], said, metadata)


# --- Putting ------------------------------------------------------------------------------


class Jobs:
    """The jobs that a load adds, and the jobs of the fake that it completes.

    Attributes:
        new: the jobs that it adds, in order.
    """

    def __init__(self, things: Things, store: Store) -> None:
        """Put together what is said of each job.

        Raises:
            ValueError: dates in no order; metadata of a job that is nowhere.
        """
        self._store = store
        self._organization = store.organization
        self.new: list[Job] = []
        self._where: list[str] = []
        self._homes: dict[int, Home] = {}
        # By id: the job, the last word on it, its members and their names, the operations.
        self._completed: dict[str, Completed] = {}
        # By identity, jobs that another operation than their kind's list told of, and which.
        self._sources: dict[int, tuple[Job, set[str]]] = {}
        for kind in KINDS:
            self._read(kind, things.jobs.get(kind, ()))
        for job, said, members, _, _ in self._completed.values():
            with located(said.where):
                dates.check_order(members, job.kind.created, job.kind.completed)
        self._metadata = self._restored(things)

    def _read(self, kind: Kind, statements: Sequence[Statement]) -> None:
        """Make a job for each id; an id that one answer has twice is refused when it is added."""
        several = len({(said.label, said.home) for said, _, _ in statements}) > 1
        made: dict[str, tuple[Job, dict[tuple[str, Home], int]]] = {}
        for said, members, given in statements:
            label = (said.label, said.home)
            job, levels = made.get(members[kind.id], (None, {})) if several else (None, {})
            if job is not None and label not in levels:
                # A Describe's word counts more than a list's.
                more = said.level >= max(levels.values())
                job.members = job.members | members if more else members | job.members
                job.given |= given
                levels[label] = said.level
                operations = {_operation(each) for each, _ in levels}
                self._sources.setdefault(id(job), (job, operations))
            elif self._completes(kind, said, members, given):
                continue
            else:
                job = Job(kind, members, given, exact=True)
                made.setdefault(members[kind.id], (job, {label: said.level}))
                self.new.append(job)
                self._where.append(said.where)
                if said.is_of_call and said.home != self._store.home:
                    self._homes[id(job)] = said.home
            self._note(job, said)

    def _note(self, job: Job, said: Said) -> None:
        """Note which operation told of a job, unless its kind's list alone did."""
        operation = _operation(said.label)
        if id(job) in self._sources:
            self._sources[id(job)][1].add(operation)
        elif operation != f"List{job.kind.listed}":
            self._sources[id(job)] = job, {operation}

    def _completes(
        self, kind: Kind, said: Said, members: dict[str, Any], given: frozenset[str]
    ) -> bool:
        """Complete a job that was loaded from another answer before; return whether it is one."""
        held = self._organization.jobs.by_id.get(members[kind.id])
        if held is None or held.kind is not kind or not held.exact:
            return False
        so_far = self._completed.get(held.id)
        before, names = (held.members, held.given) if so_far is None else so_far[2:4]
        operations = self._operations(held) if so_far is None else so_far[4]
        if _operation(said.label) in operations:
            return False
        merged = {**before, **members} if said.level == DESCRIBED else {**members, **before}
        operations |= {_operation(said.label)}
        self._completed[held.id] = held, said, merged, names | given, operations
        return True

    def _operations(self, job: Job) -> frozenset[str]:
        """Return the operations that a job of the fake was loaded from."""
        return self._organization.loaded.get(_key(job), frozenset({f"List{job.kind.listed}"}))

    def _restored(self, things: Things) -> list[tuple[str, dict[str, str]]]:
        """Return the metadata of restore jobs by id; each job is in the load or in the fake."""
        new = {job.id for job in self.new if job.kind is RESTORE}
        found = []
        for each in things.all(RESTORE_METADATA):
            held = self._organization.jobs.by_id.get(each.key)
            if each.key not in new and (held is None or held.kind is not RESTORE):
                msg = (
                    f"{each.where}: there is no restore job {each.key!r}: load what "
                    f"ListRestoreJobs or DescribeRestoreJob answered, too."
                )
                raise ValueError(msg)
            found.append((each.key, each.part() or {}))
        return found

    def put(self) -> None:
        """Add and complete the jobs, all or none; the caller holds the lock.

        Raises:
            TypeError, ValueError: a job that cannot be added; nothing has changed then.
        """
        organization = self._organization
        homes = {job: organization.store(*home) for job, home in self._homes.items()}
        placing.add(self._store, self.new, name=self._where.__getitem__, stores=homes)
        organization.deferred.add(self.new)
        for job, _, members, given, operations in self._completed.values():
            moves.replace(job, members)
            job.given = given
            organization.loaded[_key(job)] = operations
        for job, sources in self._sources.values():
            organization.loaded[_key(job)] = frozenset(sources)
        for job_id, metadata in self._metadata:
            job = organization.jobs.by_id[job_id]
            moves.replace(job, job.members)
            job.request = dataclasses.replace(job.request or JobRequest(), metadata=metadata)

    def homes(self) -> set[Home]:
        """Return where the jobs lie that were put."""
        return {job.home for job in (*self.new, *(each[0] for each in self._completed.values()))}


def _operation(label: str) -> str:
    """Return the operation in the label of a statement."""
    return label.partition("{")[0]


def _key(job: Job) -> tuple[str, Home, str]:
    return job.kind.name, job.home, job.id
