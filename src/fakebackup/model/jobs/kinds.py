"""The five kinds of job, as a table of AWS's names for their members and shapes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fakebackup.model.resources.values import Seeded
from fakebackup.model.shapes.schema import TAGGED

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(eq=False, repr=False, kw_only=True)
class Kind(Seeded):
    """A kind of job.

    Attributes:
        id: the member that holds the id.
        id_code: the hexadecimal digit that default ids of this kind begin with.
        capital_ids: whether AWS writes ids of this kind in capitals (the guide `aws`, Ids and
            ARNs).
        state: the member that holds the state.
        created, completed: the members that hold the dates of creation and completion.
        listed: the member of a list's answer that holds the jobs.
        limited: the date by which AWS lists them for 30 days; None where it documents no limit.
        tagged: the end of the message that refuses tags, which no job has.
    """

    id: str
    id_code: str
    state: str
    created: str
    completed: str
    listed: str
    capital_ids: bool = False
    limited: str | None = None
    tagged: str = TAGGED

    @property
    def states(self) -> tuple[str, ...]:
        """The states of a kind for which botocore's model has no enum; empty for the others."""
        return self.enums.get(self.state, ())

    def instead(self) -> Mapping[str, str]:
        """Return the likely members that it has not, with the ends of messages that refuse them."""
        return {**super().instead(), "Tags": self.tagged, "RecoveryPointTags": self.tagged}

    def read(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return seeded members as `Schema.read` does; an empty id is none."""
        return super().read({**given, self.id: None} if given.get(self.id) == "" else given)


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
    limited="CreationDate",
    needed=("BackupJobId", "State", "CreationDate"),
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
    limited="CompletionDate",
    needed=("CopyJobId", "State", "CreationDate"),
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
    needed=("RestoreJobId", "Status", "CreationDate"),
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
    limited="CreationDate",
    needed=("ScanJobId", "State", "CreationDate"),
)
REPORT = Kind(
    name="report job",
    tagged=": tags are given to the report plan, backup.add_report_plan(Tags=...).",
    id="ReportJobId",
    id_code="e",
    state="Status",
    enums={"Status": ("CREATED", "RUNNING", "COMPLETED", "FAILED", "COMPLETED_WITH_ISSUES")},
    created="CreationTime",
    completed="CompletionTime",
    listed="ReportJobs",
    item="ReportJob",
    described="DescribeReportJobOutput",
    wrapped="ReportJob",
    typed="ReportJobMembers",
    needed=("ReportJobId", "Status", "CreationTime"),
)

KINDS = (BACKUP, COPY, RESTORE, SCAN, REPORT)
