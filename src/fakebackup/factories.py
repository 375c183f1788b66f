"""Building jobs without adding them: for conftests, parametrized tests and consistent groups.

Members that depend on the fake (id, account, Region, dates) are filled in when `FakeBackup.add`
adds a job; other members, defaults and errors are those of `FakeBackup.add_backup_job` and its
siblings.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from fakebackup.errors import check_not_awaited, quoted
from fakebackup.model.jobs import job as jobs
from fakebackup.model.jobs import kinds
from fakebackup.model.jobs.defaults import STACK

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from fakebackup.model.jobs.job import Job
    from fakebackup.model.jobs.kinds import Kind
    from fakebackup.model.shapes.typed import (
        BackupJobMembers,
        CopyJobMembers,
        ReportJobMembers,
        RestoreJobMembers,
        ScanJobMembers,
    )

    Factory = Callable[..., Job]


def backup_job(**members: Unpack[BackupJobMembers]) -> Job:
    """Build a backup job.

    Args:
        members: as AWS spells them; None leaves a member out, one that is not given gets a
            default. Dates are as for `FakeBackup.add_backup_job`, sizes in bytes.

    Raises:
        TypeError: a member that does not exist, or a value of the wrong type.
        ValueError: a value outside the member's enum, an invalid date.
    """
    return jobs.build(kinds.BACKUP, members)


def copy_job(**members: Unpack[CopyJobMembers]) -> Job:
    """Build a copy job; arguments and errors are those of `backup_job`."""
    return jobs.build(kinds.COPY, members)


def restore_job(**members: Unpack[RestoreJobMembers]) -> Job:
    """Build a restore job; arguments and errors are those of `backup_job`."""
    return jobs.build(kinds.RESTORE, members)


def scan_job(**members: Unpack[ScanJobMembers]) -> Job:
    """Build a malware scan job; arguments and errors are those of `backup_job`."""
    return jobs.build(kinds.SCAN, members)


def report_job(**members: Unpack[ReportJobMembers]) -> Job:
    """Build a report job; arguments and errors are those of `backup_job`."""
    return jobs.build(kinds.REPORT, members)


def batch(factory: Factory, count: int, **members: Any) -> list[Job]:
    """Build many jobs.

    Args:
        factory: `backup_job`, `copy_job` and so on.
        count: how many.
        members: a value for all of them; a list or tuple that is cycled through; or a
            callable that takes the index (0, 1, ...) and returns the value.

    Raises:
        TypeError, ValueError: as the factory; the message names the entry's position. What the
            first job would be refused for is refused where the count is 0, too.
    """
    _check_count("jobs", count)
    values = {name: _series(name, value) for name, value in members.items()}
    if not count:
        _check_members(factory, members, values)
    found: list[Job] = []
    period = _period(factory, members)
    for index in range(count):
        if period is not None and index >= period:
            found.append(found[index - period].copy())
            continue
        try:
            found.append(factory(**{name: value(index) for name, value in values.items()}))
        except (TypeError, ValueError) as error:
            msg = f"Entry {index} (counted from 0): {error}"
            # The error may be of a callable's own class, which need not take one text.
            raise (TypeError if isinstance(error, TypeError) else ValueError)(msg) from error
    return found


def _period(factory: Factory, members: dict[str, Any]) -> int | None:
    """Return the number of jobs after which the first one comes again; None if it may not."""
    # A factory of the user's may build each job differently.
    if factory not in BY_KIND.values() or any(map(callable, members.values())):
        return None
    return math.lcm(*(len(value) for value in members.values() if isinstance(value, (list, tuple))))


def _check_members(
    factory: Factory, members: dict[str, Any], values: dict[str, Callable[[int], Any]]
) -> None:
    """Check the members of a batch of no jobs, as those of a first one would be.

    No callable of the user's is called for that, neither a member's nor a factory.
    """
    kind = next((each for each, own in BY_KIND.items() if own is factory), None)
    if kind is not None:
        for name in members:
            kind.check_name(name)
        factory(**{name: values[name](0) for name, value in members.items() if not callable(value)})


def _check_count(what: str, count: Any) -> None:
    if not isinstance(count, int) or isinstance(count, bool):
        msg = f"The count of {what} is a whole number, not {quoted(count)}."
        raise TypeError(msg)
    if count < 0:
        msg = f"The count of {what} is 0 or more, not {quoted(count)}."
        raise ValueError(msg)


def _series(name: str, value: object) -> Callable[[int], Any]:
    if isinstance(value, (list, tuple)):
        if not value:
            msg = f"{name} is an empty {type(value).__name__}: there is nothing to cycle through."
            raise ValueError(msg)
        return lambda index: value[index % len(value)]
    if callable(value):
        check_not_awaited(
            f"{name} takes a value, a list of values, or a function of the index", value
        )
        return value
    return lambda _index: value


class Group(Sequence["Job"]):
    """A composite job: a parent and its children, as one thing to add.

    It iterates over all of them, the parent first.

    Attributes:
        parent: the job of the whole, such as a CloudFormation stack.
        children: the jobs of its parts.
    """

    def __init__(self, parent: Job, children: list[Job]) -> None:
        """Bind children to their parent; users call `composite`."""
        self.parent = parent
        self.children = children
        for child in children:
            child.parent = parent

    def __getitem__(self, index: Any) -> Any:
        return [self.parent, *self.children][index]

    def __len__(self) -> int:
        return 1 + len(self.children)

    def __iter__(self) -> Iterator[Job]:
        return iter([self.parent, *self.children])

    # Sequence's `count` and `index` would find no id either, ever.

    def __contains__(self, job: object) -> bool:
        return _check_job(job) in [self.parent, *self.children]

    def count(self, job: object) -> int:
        """Return how often a job is among them; a text such as an id is a TypeError."""
        return [self.parent, *self.children].count(_check_job(job))

    def index(self, job: object, start: int = 0, stop: int = sys.maxsize) -> int:
        """Return the index of a job; a text such as an id is a TypeError."""
        return [self.parent, *self.children].index(_check_job(job), start, stop)

    def __repr__(self) -> str:
        return f"Group(parent={self.parent!r}, children={self.children!r})"


def _check_job(job: object) -> Any:
    if not isinstance(job, str):
        return job
    msg = (
        f"A Group has jobs, and no text such as {quoted(job)}: look for an id in "
        f"[job.id for job in group]."
    )
    raise TypeError(msg)


def composite(
    children: int | Iterable[Job], *, factory: Factory = backup_job, **members: Any
) -> Group:
    """Build a composite job: a parent and its children.

    Each child gets the parent's id as ParentJobId when the group is added; Describe counts
    the children by state.

    Args:
        children: a count, or the jobs themselves (all of one kind). Counted children have
            the parent's state, dates, vaults and role, as far as they are given; of a PARTIAL
            parent the last one FAILED, the others COMPLETED.
        factory: builds the parent and counted children; given children decide their own.
        members: the parent's members. It is a CloudFormation stack unless they say otherwise.

    Raises:
        TypeError, ValueError: as the factory; children of different kinds, or in a fake.
    """
    if isinstance(children, int):
        made = _children_of(members, children, factory)
    else:
        made = _checked(children)
        if made:
            factory = BY_KIND[made[0].kind]
    parent = factory(**{"IsParent": True, "ResourceType": STACK} | members)
    if any(child.kind is not parent.kind for child in made):
        msg = f"The children of a {parent.kind.name} are {parent.kind.name}s too: {made!r}"
        raise TypeError(msg)
    return Group(parent, made)


def _children_of(members: dict[str, Any], count: int, factory: Factory) -> list[Job]:
    _check_count("children", count)
    kind = factory().kind
    state = members.get(kind.state, "COMPLETED")
    states = [state] * count
    if state == "PARTIAL":
        states = ["COMPLETED"] * (count - 1) + ["FAILED"] * min(count, 1)
    shared = {name: value for name, value in members.items() if name in _SHARED}
    return [factory(**shared, **{kind.state: each}) for each in states]


# The members of a parent that its children share.
_SHARED = frozenset(
    {
        "AccountId",
        "BackupVaultArn",
        "BackupVaultName",
        "CompletionDate",
        "CreatedBy",
        "CreationDate",
        "DestinationBackupVaultArn",
        "IamRoleArn",
        "SourceBackupVaultArn",
    }
)


def _checked(children: Any) -> list[Job]:
    if not isinstance(children, Iterable) or isinstance(children, (str, jobs.Job)):
        msg = f"The children are a count or an iterable of jobs, not {quoted(children)}."
        raise TypeError(msg)
    made = list(children)
    for child in made:
        if not isinstance(child, jobs.Job):
            msg = f"The children are jobs, made by a factory, not {quoted(child)}."
            raise TypeError(msg)
        if child.store is not None or child.parent is not None:
            msg = f"A child is a job that is in no fake and no group yet: {child!r}"
            raise ValueError(msg)
    return made


BY_KIND: dict[Kind, Factory] = {
    kinds.BACKUP: backup_job,
    kinds.COPY: copy_job,
    kinds.RESTORE: restore_job,
    kinds.SCAN: scan_job,
    kinds.REPORT: report_job,
}
"""Per kind of job, the function that builds one."""
