"""The five kinds of job, as a table: what AWS calls their members, shapes and operations."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fakebackup.errors import FakeBackupError
from fakebackup.model import shapes, showing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fakebackup.model.shapes import Shape


@dataclass(frozen=True, eq=False)
class Kind:
    """A kind of job.

    Attributes:
        name: as messages call it.
        id: the member that holds the id.
        id_code: a hexadecimal digit by which default ids of this kind begin.
        capital_ids: whether AWS writes ids of this kind in capitals (behaviour sheet 4.5).
        state: the member that holds the state.
        states: the states, where botocore's model has no enum of them.
        created, completed: the members that hold those dates.
        listed: the member of a list's answer that holds the jobs.
        item, described: the shapes of a job in a list and in a Describe's answer.
        wrapped: the member of a Describe's answer that holds the job; None where it is flat.
        limited: whether AWS's list reaches back 30 days only.
        typed: the class in `typed` that spells out its members.
    """

    name: str
    id: str
    id_code: str
    state: str
    created: str
    completed: str
    listed: str
    item: str
    described: str
    typed: str
    capital_ids: bool = False
    states: tuple[str, ...] = ()
    wrapped: str | None = None
    limited: bool = False

    @functools.cached_property
    def members(self) -> Mapping[str, Shape]:
        """The members a job of this kind may have, in Describe's order, with their shapes.

        Raises:
            FakeBackupError: the installed botocore does not know this kind of job.
        """
        model = shapes.service_model()
        known = set(model.shape_names)
        if self.item not in known:
            import botocore

            msg = (
                f"botocore {botocore.__version__} does not know {self.name}s: "
                f"install a newer one to use them."
            )
            raise FakeBackupError(msg)
        found: dict[str, Shape] = {}
        for name in (self.described, self.item):
            shape: Shape = model.shape_for(name)
            found |= shape.members
        if self.wrapped is not None:
            del found[self.wrapped]
            found |= shape.members
        return found

    @functools.cached_property
    def shown(self) -> Mapping[str, Callable[[Any], Any]]:
        """Per member, the conversion from what is kept to what botocore's parser gives."""
        return {name: showing.shower(shape) for name, shape in self.members.items()}

    @functools.cached_property
    def keepers(self) -> Mapping[str, Callable[[Any, str], Any]]:
        """Per member, the conversion from what is seeded to what is kept."""
        return {
            name: shapes.keeper(shape, self.states if name == self.state else ())
            for name, shape in self.members.items()
        }

    @functools.cached_property
    def known(self) -> frozenset[str]:
        """The members that AWS documents today, should the installed botocore be older."""
        return typed_members(self.typed)

    @functools.cached_property
    def mandatory(self) -> frozenset[str]:
        """The members that a job of this kind cannot be without."""
        item: Shape = shapes.service_model().shape_for(self.item)
        return frozenset((self.id, self.state, self.created, *item.required_members))


def typed_members(name: str) -> frozenset[str]:
    """Return the members that a class in `typed` spells out; few processes need to know."""
    from fakebackup.model import typed

    return frozenset(getattr(typed, name).__annotations__)


BACKUP = Kind(
    name="backup job",
    id="BackupJobId",
    id_code="b",
    state="State",
    created="CreationDate",
    completed="CompletionDate",
    listed="BackupJobs",
    item="BackupJob",
    described="DescribeBackupJobOutput",
    typed="BackupJobMembers",
    limited=True,
)
COPY = Kind(
    name="copy job",
    id="CopyJobId",
    id_code="c",
    capital_ids=True,
    state="State",
    created="CreationDate",
    completed="CompletionDate",
    listed="CopyJobs",
    item="CopyJob",
    described="DescribeCopyJobOutput",
    wrapped="CopyJob",
    typed="CopyJobMembers",
)
RESTORE = Kind(
    name="restore job",
    id="RestoreJobId",
    id_code="d",
    capital_ids=True,
    state="Status",
    created="CreationDate",
    completed="CompletionDate",
    listed="RestoreJobs",
    item="RestoreJobsListMember",
    described="DescribeRestoreJobOutput",
    typed="RestoreJobMembers",
)
SCAN = Kind(
    name="scan job",
    id="ScanJobId",
    id_code="a",
    state="State",
    created="CreationDate",
    completed="CompletionDate",
    listed="ScanJobs",
    item="ScanJob",
    described="DescribeScanJobOutput",
    typed="ScanJobMembers",
    limited=True,
)
REPORT = Kind(
    name="report job",
    id="ReportJobId",
    id_code="e",
    state="Status",
    states=("CREATED", "RUNNING", "COMPLETED", "FAILED", "COMPLETED_WITH_ISSUES"),
    created="CreationTime",
    completed="CompletionTime",
    listed="ReportJobs",
    item="ReportJob",
    described="DescribeReportJobOutput",
    wrapped="ReportJob",
    typed="ReportJobMembers",
)

KINDS = (BACKUP, COPY, RESTORE, SCAN, REPORT)
