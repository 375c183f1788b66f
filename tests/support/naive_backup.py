"""A naive model of AWS Backup, for the state machine: lists, loops and no cleverness.

It is written from the behaviour that is documented, not from the code: where the fake keeps an
index, a heap or a lazily made thing, this walks over everything, every time.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Place = tuple[str, str]
"""An account and a region."""

MINUTE = 60 * 1000
DAY = 24 * 60 * MINUTE


@dataclass(frozen=True)
class Names:
    """What a kind of job's members and operations are called."""

    id: str
    state: str
    created: str
    completed: str
    listed: str
    title: str
    wrapped: str | None = None
    limited: bool = False
    every: bool = False


KINDS = {
    "backup_job": Names(
        "BackupJobId",
        "State",
        "CreationDate",
        "CompletionDate",
        "BackupJobs",
        "Backup Job State Change",
        limited=True,
        every=True,
    ),
    "copy_job": Names(
        "CopyJobId",
        "State",
        "CreationDate",
        "CompletionDate",
        "CopyJobs",
        "Copy Job State Change",
        wrapped="CopyJob",
    ),
    "restore_job": Names(
        "RestoreJobId",
        "Status",
        "CreationDate",
        "CompletionDate",
        "RestoreJobs",
        "Restore Job State Change",
    ),
    "scan_job": Names(
        "ScanJobId",
        "State",
        "CreationDate",
        "CompletionDate",
        "ScanJobs",
        "Scan Job State Change",
        limited=True,
        every=True,
    ),
    "report_job": Names(
        "ReportJobId",
        "Status",
        "CreationTime",
        "CompletionTime",
        "ReportJobs",
        "",
        wrapped="ReportJob",
    ),
}

STATES = {
    "backup_job": {
        "CREATED": "PENDING RUNNING ABORTED FAILED EXPIRED",
        "PENDING": "RUNNING ABORTED FAILED EXPIRED",
        "RUNNING": "COMPLETED FAILED ABORTED EXPIRED",
        "ABORTING": "ABORTED",
        "COMPLETED": "",
        "FAILED": "",
        "ABORTED": "",
        "EXPIRED": "",
    },
    "copy_job": {
        "CREATED": "RUNNING FAILED",
        "RUNNING": "COMPLETED FAILED",
        "COMPLETED": "",
        "FAILED": "",
    },
    "restore_job": {
        "PENDING": "RUNNING FAILED ABORTED",
        "RUNNING": "COMPLETED FAILED ABORTED",
        "COMPLETED": "",
        "FAILED": "",
        "ABORTED": "",
    },
    "scan_job": {
        "CREATED": "RUNNING FAILED CANCELED",
        "RUNNING": "COMPLETED COMPLETED_WITH_ISSUES FAILED CANCELED",
        "COMPLETED": "",
        "COMPLETED_WITH_ISSUES": "",
        "FAILED": "",
        "CANCELED": "",
    },
    "report_job": {
        "CREATED": "RUNNING FAILED",
        "RUNNING": "COMPLETED COMPLETED_WITH_ISSUES FAILED",
        "COMPLETED": "",
        "COMPLETED_WITH_ISSUES": "",
        "FAILED": "",
    },
}
"""Per kind and state, where a test may move a job to; a composite one ends PARTIAL too."""

FILTERS = {
    "backup_job": (
        "ByState ByResourceType ByResourceArn ByBackupVaultName ByCreatedBefore ByCreatedAfter "
        "ByCompleteBefore ByCompleteAfter ByParentJobId ByMessageCategory ByAccountId"
    ),
    "copy_job": (
        "ByState ByResourceType ByResourceArn ByDestinationVaultArn ByCreatedBefore ByCreatedAfter "
        "ByCompleteBefore ByCompleteAfter ByParentJobId ByMessageCategory ByAccountId"
    ),
    "restore_job": (
        "ByStatus ByResourceType ByCreatedBefore ByCreatedAfter ByCompleteBefore ByCompleteAfter "
        "ByAccountId"
    ),
    "scan_job": (
        "ByState ByResourceType ByResourceArn ByBackupVaultName ByCompleteBefore ByCompleteAfter "
        "ByAccountId"
    ),
    "report_job": "ByStatus ByCreationBefore ByCreationAfter",
}
"""Per kind, the filters of its list that are compared."""

OUTSIDE = "Backup job failed because the lifecycle is outside the valid range for backup vault."
OUTSIDE_OF_COPY = (
    "Copy job failed. The retention specified in the job is not within the range specified for "
    "the target Backup Vault."
)
DENIED_COPY = "Access Denied trying to call AWS Backup service"
UNSUPPORTED = "Feature is not supported for provided resource type."
CATEGORIES = {
    UNSUPPORTED: "UNSUPPORTED_OPERATION",
    OUTSIDE_OF_COPY: "INVALID_LIFECYCLE",
    DENIED_COPY: "ACCESS_DENIED",
    " does not exist.": "RESOURCE_NOT_FOUND",
    "Token expired. Try again.": "TOKEN_EXPIRED",
}
"""How messages end of which AWS's table has the category; others are MISCELLANEOUS."""

UNFINISHED = ("CREATED", "PENDING", "RUNNING", "ABORTING")
ENDS_WELL = ("COMPLETED", "PARTIAL")
PRESENT = "(any value)"
"""Stands for a value that the fake chooses: it must be there."""


@dataclass(frozen=True)
class Lock:
    """A vault's lock, which nothing changes any more from an instant on."""

    least: int | None
    most: int | None
    final: int | None

    def is_final(self, now: int) -> bool:
        """Tell whether its grace time is over."""
        return self.final is not None and self.final <= now


@dataclass(eq=False)
class Vault:
    """A backup vault."""

    place: Place
    name: str
    points: list[Point] = field(default_factory=list)
    lock: Lock | None = None
    denied: tuple[str, ...] = ()
    takes_copies: bool = False

    def refuses(self, days: int | None) -> bool:
        """Tell whether the lock refuses what is kept for so many days, None for ever."""
        if self.lock is None:
            return False
        least, most = self.lock.least, self.lock.most
        short = least is not None and days is not None and days < least
        return short or (most is not None and (days is None or days > most))

    @property
    def arn(self) -> str:
        """The ARN, which says it all."""
        account, region = self.place
        return f"arn:aws:backup:{region}:{account}:backup-vault:{self.name}"


@dataclass(eq=False)
class Point:
    """A recovery point; the fake chooses its ARN, which is read once and must then stay."""

    vault: Vault
    created: int
    type: str
    resource: str
    status: str = "COMPLETED"
    arn: str = ""
    is_parent: bool = False
    parent: Point | None = None
    days: int | None = None
    continuous: bool = False
    plan: str = ""

    @property
    def deleted(self) -> int | None:
        """When its lifecycle deletes it; the continuous ones of the machine are kept longer."""
        if self.days is None or self.continuous:
            return None
        return self.created + self.days * DAY

    def holds_its_beginning(self, now: int) -> bool:
        """Whether a bucket's continuous one can be restored to the second of its creation."""
        kept = now if self.days is None else self.days * DAY
        behind = 0 if self.status == "STOPPED" else 15 * MINUTE
        second = self.created // 1000
        return max(self.created, now - kept) // 1000 == second and second * 1000 <= now - behind


@dataclass(eq=False)
class Job:
    """A job of any kind; `facts` are members that never change."""

    kind: str
    id: str
    place: Place
    state: str
    created: int
    facts: dict[str, Any]
    completed: int | None = None
    message: str | None = None
    category: str | None = None
    mode: str = "manual"
    started: bool = False
    ending: dict[str, str] = field(default_factory=lambda: {"State": "COMPLETED"})
    start_by: int | None = None
    complete_by: int | None = None
    entered: int = 0
    due: int | None = None
    ticket: int = 0
    parent: Job | None = None
    reads: Point | None = None
    point: Point | None = None
    days: int | None = None
    scanned: bool = False
    tests: bool = False
    plan: str = ""
    continuous: bool = False

    @property
    def finished(self) -> bool:
        """Whether it stays as it is."""
        return self.state not in UNFINISHED


@dataclass
class Reference:
    """All of it."""

    progress: str
    durations: Mapping[str, int]
    manager: str
    now: int
    jobs: list[Job] = field(default_factory=list)
    vaults: list[Vault] = field(default_factory=list)
    events: list[tuple[Any, ...]] = field(default_factory=list)
    polled: list[Job] = field(default_factory=list)
    unread: list[tuple[str, Place]] = field(default_factory=list)
    outcomes: list[tuple[str, str | None, dict[str, str]]] = field(default_factory=list)
    tokens: dict[tuple[str, Place, str], Job] = field(default_factory=dict)
    tickets: int = 0
    ageing: list[tuple[int, int, Point]] = field(default_factory=list)

    # --- Looking ----------------------------------------------------------------------------

    def children(self, job: Job) -> list[Job]:
        """Return a composite job's children."""
        return [each for each in self.jobs if each.parent is job]

    def of(self, kind: str, accounts: Iterable[str], region: str) -> list[Job]:
        """Return the jobs of a kind in some accounts and a region, newest first."""
        found = [
            job
            for job in self.jobs
            if job.kind == kind and job.place[0] in accounts and job.place[1] == region
        ]
        return sorted(found, key=lambda job: (-job.created, job.id))

    def accounts(self) -> list[str]:
        """Return the accounts that hold something."""
        holders: list[Job | Vault] = [*self.jobs, *self.vaults]
        return sorted({each.place[0] for each in holders})

    def vault(self, place: Place, name: str) -> Vault | None:
        """Return a vault."""
        for vault in self.vaults:
            if vault.place == place and vault.name == name:
                return vault
        return None

    def points(self, place: Place | None = None) -> list[Point]:
        """Return the recovery points of a place, or all."""
        return [
            point for vault in self.vaults for point in vault.points if place in (None, vault.place)
        ]

    def shown(self, job: Job) -> dict[str, Any]:
        """Return what a Describe must show of a job; None where it must show nothing."""
        names = KINDS[job.kind]
        children = self.children(job)
        told: dict[str, Any] = {
            **{k: v.arn if isinstance(v, Point) else v for k, v in job.facts.items()},
            names.id: job.id,
            names.state: job.state,
            names.created: job.created,
            names.completed: job.completed,
        }
        told["StatusMessage"] = job.message or _usual_message(job)
        if job.kind != "report_job":
            told["AccountId"] = job.place[0]
        if job.kind in ("backup_job", "copy_job"):
            told["MessageCategory"] = job.category or _usual_category(job)
            told["ParentJobId"] = job.parent.id if job.parent else None
            if told["IsParent"]:
                told["NumberOfChildJobs"] = len(children)
                told["ChildJobsInState"] = dict(Counter(each.state for each in children))
            else:
                told["NumberOfChildJobs"] = told["ChildJobsInState"] = None
        if job.kind in ("backup_job", "restore_job"):
            done = {"RUNNING": 50, "COMPLETED": 100, "PARTIAL": 100}.get(job.state, 0)
            told["PercentDone"] = f"{done}.0" if job.kind == "backup_job" else f"{done}.00%"
        if job.kind == "backup_job":
            told["StartBy"] = job.start_by
            at_once = job.facts["ResourceType"] in ("EFS", "DynamoDB")
            told["RecoveryPointArn"] = PRESENT if job.state in ENDS_WELL or at_once else None
        if job.kind == "copy_job":
            told["DestinationRecoveryPointArn"] = PRESENT if job.state in ENDS_WELL else None
        if job.kind == "restore_job":
            told["CreatedResourceArn"] = PRESENT if job.state == "COMPLETED" else None
        if job.kind == "scan_job":
            clean = {"ScanResultStatus": "NO_THREATS_FOUND"}
            ran = job.state in ("COMPLETED", "COMPLETED_WITH_ISSUES")
            told["ScanResult"] = clean if ran else None
        return told

    def listed(self, kind: str, caller: Place, asked: Mapping[str, Any]) -> list[Job]:
        """Return the jobs that a list must show, all pages together."""
        names = KINDS[kind]
        accounts = self.seen(kind, caller, asked.get("ByAccountId"))
        found = self.of(kind, accounts, caller[1])
        if names.limited:
            found = [job for job in found if job.created >= self.now - 30 * DAY]
        found = [job for job in found if not self.removed(job)]
        for parameter, wanted in asked.items():
            if parameter not in ("ByAccountId", "MaxResults", "NextToken"):
                found = [job for job in found if _matches(self.shown(job), parameter, wanted)]
        return found

    def removed(self, job: Job) -> bool:
        """Tell whether a job is gone for AWS: a copy that ended more than 30 days ago."""
        ended = job.completed
        return job.kind == "copy_job" and ended is not None and ended < self.now - 30 * DAY

    def seen(self, kind: str, caller: Place, asked: str | None) -> list[str]:
        """Return the accounts whose jobs a caller sees who asks for one, or for "*"."""
        account = caller[0]
        if asked is None or asked == account:
            return [account]
        if asked == "*" and KINDS[kind].every:
            return self.accounts() if account == self.manager else [account]
        return [asked] if account == self.manager else []

    def summary(self, kind: str, caller: Place, asked: Mapping[str, str]) -> list[dict[str, Any]]:
        """Return the rows of a summary that asks for every account's jobs, or for its own."""
        windows, days = {"ONE_DAY": (14, 1), "SEVEN_DAYS": (1, 7), "FOURTEEN_DAYS": (1, 14)}[
            asked["AggregationPeriod"]
        ]
        all_accounts = "AccountId" in asked and caller[0] == self.manager
        jobs = self.of(kind, self.accounts() if all_accounts else [caller[0]], caller[1])
        end = self.now - self.now % DAY + DAY
        rows: list[dict[str, Any]] = []
        for _ in range(windows):
            start = end - days * DAY
            window = {"Region": caller[1], "StartTime": start, "EndTime": end}
            counted: list[dict[str, Any]] = []
            for job in jobs:
                if start <= job.created < end:
                    key = _counted_as(self.shown(job), kind, asked)
                    if asked.get("AccountId") == "AGGREGATE_ALL" and all_accounts:
                        key["AccountId"] = "AGGREGATE_ALL"
                    counted.append(key)
            wanted = asked["State"]
            for key in counted:
                if key["State"] == wanted or wanted in ("ANY", "AGGREGATE_ALL"):
                    row = {**window, **key, "Count": counted.count(key)}
                    if row not in rows:
                        rows.append(row)
            end = start
        return rows

    # --- Changing ---------------------------------------------------------------------------

    def make_vault(self, place: Place, name: str) -> Vault:
        """Return a vault, made if it is missing."""
        vault = self.vault(place, name)
        if vault is None:
            vault = Vault(place, name)
            self.vaults.append(vault)
        return vault

    def tell(self, place: Place, at: int, *what: Any) -> None:
        """Keep an event."""
        self.events.append((*place, at // 1000 * 1000, *what))

    def take_outcome(self, operation: str, resource: str) -> dict[str, str]:
        """Return how the next job of a resource ends."""
        for outcome in self.outcomes:
            if outcome[0] == operation and outcome[1] in (None, resource):
                self.outcomes.remove(outcome)
                return outcome[2]
        return {"State": "COMPLETED"}

    def seed(self, job: Job) -> None:
        """Add a seeded job, with its vaults, the point that it reads and the one that it made."""
        self.jobs.append(job)
        if job.kind in ("backup_job", "copy_job"):
            for member in ("BackupVaultArn", "SourceBackupVaultArn", "DestinationBackupVaultArn"):
                if member in job.facts:
                    self.vault_with(job.facts[member])
        if job.kind != "copy_job":
            self.read_point(job)
        self.leave_point(job)

    def read_point(self, job: Job) -> None:
        """Put the recovery point that a seeded job reads into its vault."""
        member = "SourceBackupVaultArn" if job.kind == "copy_job" else "BackupVaultArn"
        if job.reads is not None:
            job.reads.vault = self.vault_with(job.facts[member])
            job.reads.vault.points.append(job.reads)
            job.reads = None

    def vault_with(self, arn: str) -> Vault:
        """Return the vault with an ARN, made if it is missing."""
        parts = arn.split(":")
        return self.make_vault((parts[4], parts[3]), parts[6])

    def reader(self, point: Point) -> Job | None:
        """Return an unfinished job that reads a recovery point."""
        for job in self.jobs:
            member = "SourceRecoveryPointArn" if job.kind == "copy_job" else "RecoveryPointArn"
            if job.facts.get(member) in (point, point.arn) and not job.finished:
                return job
        return None

    def delete_point(self, point: Point) -> None:
        """Delete a recovery point; a composite one that it was nested in is PARTIAL then."""
        self.take_out(point, self.now)
        self.lose(point, self.now)

    def take_out(self, point: Point, at: int) -> None:
        """Remove a recovery point."""
        point.vault.points.remove(point)
        self.tell(point.vault.place, at, "Recovery Point State Change", point, "DELETING")

    def lose(self, point: Point, at: int) -> None:
        """Let a composite recovery point be PARTIAL that lost a nested one."""
        parent = self.parent(point)
        if parent is not None and parent.status == "COMPLETED":
            parent.status = "PARTIAL"
            what = ("Recovery Point State Change", parent, "PARTIAL")
            self.tell(point.vault.place, at, *what)

    def parent(self, point: Point) -> Point | None:
        """Return the composite recovery point that one is nested in, while it exists."""
        parent = point.parent
        return parent if parent is not None and parent in parent.vault.points else None

    # --- Lifecycles -------------------------------------------------------------------------

    def let_age(self, point: Point, at: int) -> None:
        """Note when a recovery point is deleted; only the clock does that."""
        if self.progress == "clock" and point.deleted is not None:
            self.tickets += 1
            self.ageing.append((max(point.deleted, at), self.tickets, point))

    def let_go(self, job: Job, at: int) -> None:
        """Delete what came due while a job read it."""
        member = "SourceRecoveryPointArn" if job.kind == "copy_job" else "RecoveryPointArn"
        read = job.facts.get(member)
        for point in self.points():
            if read is not None and read in (point, point.arn):
                for each in (point, self.parent(point)):
                    if each is not None and each.deleted is not None and each.deleted <= at:
                        self.let_age(each, at)

    def age(self, point: Point, at: int) -> None:
        """Delete a recovery point that is due, with the composite one that is due with it."""
        if point not in point.vault.points:
            return
        parent = self.parent(point)
        whole = point
        if parent is not None and parent.deleted is not None and parent.deleted <= at:
            whole = parent
        group = [each for each in point.vault.points if each.parent is whole] + [whole]
        if any(self.reader(each) for each in group):
            return
        for each in group:
            self.take_out(each, at)
        self.lose(whole, at)

    # --- Jobs -------------------------------------------------------------------------------

    def start(self, job: Job, children: list[Job], at: int | None = None) -> None:
        """Add a job that a client starts, and its children if it is composite."""
        at = self.now if at is None else at
        for each in (job, *children):
            each.started = True
            each.mode = self.progress
            each.parent = None if each is job else job
            self.jobs.append(each)
            if each.state != "CREATED":
                # A restore is PENDING when it is first described, but its first event is another.
                self.tell(each.place, at, KINDS[each.kind].title, each, "CREATED")
            self.tell_of(each, at)
        for each in (*children, job):
            self.follow(each, at)

    def tell_of(self, job: Job, at: int) -> None:
        """Tell of the state that a job has come to."""
        if KINDS[job.kind].title and job.state != "ABORTING":
            self.tell(job.place, at, KINDS[job.kind].title, job, job.state)

    def enter(self, job: Job, state: str, at: int, told: Mapping[str, str] | None = None) -> None:
        """Bring a job to a state, and do and tell what follows."""
        told = told or {}
        job.state = state
        job.message = told.get("StatusMessage")
        job.category = told.get("MessageCategory")
        if job.finished:
            job.completed = max(job.created, at)
        going_on = self.continue_point(job, at)
        point = None if going_on else self.leave_point(job)
        if point is not None:
            what = ("Recovery Point State Change", point, point.status)
            self.tell(point.vault.place, at, *what)
        self.tell_of(job, at)
        point = point or going_on
        if point is not None:
            self.let_age(point, at)
            if job.scanned and job.state == "COMPLETED":
                self.scan(job, point, at)
        if job.finished:
            self.let_go(job, at)
        self.follow(job, at)

    def continue_point(self, job: Job, at: int) -> Point | None:
        """Bring the continuous backup of a resource up to date, if a job does that."""
        if not job.continuous or job.state != "COMPLETED":
            return None
        resource = job.facts["ResourceArn"]
        for point in self.points(job.place):
            if point.resource != resource or point.status != "AVAILABLE":
                continue
            if point.vault.arn != job.facts["BackupVaultArn"]:
                # The backup is a snapshot then.
                job.continuous = False
                job.message = job.message or (
                    "Enabling continuous backup failed, because of the following error: "
                    f"PITR already configured in backup plan: {point.plan}"
                )
                return None
            if point.days == job.days or point.type != "S3":
                point.plan, point.days, job.point = job.plan, job.days, point
                return point
            point.status = "STOPPED"
            self.tell(job.place, at, "Recovery Point State Change", point, "STOPPED")
        return None

    def scan(self, job: Job, point: Point, at: int) -> None:
        """Start the scan that a plan asks for of what it has backed up."""
        facts = {
            "BackupVaultName": point.vault.name,
            "BackupVaultArn": point.vault.arn,
            "RecoveryPointArn": point,
            "ResourceArn": point.resource,
            "ResourceType": point.type,
            "IamRoleArn": job.facts["IamRoleArn"],
            "ScannerRoleArn": job.facts["IamRoleArn"],
            "MalwareScanner": "GUARDDUTY",
            "ScanMode": "FULL_SCAN",
        }
        ending = self.take_outcome("StartScanJob", point.resource)
        # Its id is the fake's choice.
        scan = Job("scan_job", "", job.place, "CREATED", at, facts, ending=ending)
        self.start(scan, [], at)

    def leave_point(self, job: Job) -> Point | None:
        """Put what a job made into its vault; return it."""
        if job.state not in ENDS_WELL or job.kind not in ("backup_job", "copy_job"):
            return None
        if job.kind == "copy_job":
            self.read_point(job)
        member = "BackupVaultArn" if job.kind == "backup_job" else "DestinationBackupVaultArn"
        vault = self.vault_with(job.facts[member])
        created = job.created
        if job.kind == "copy_job":
            for source in self.vault_with(job.facts["SourceBackupVaultArn"]).points:
                if source.arn == job.facts["SourceRecoveryPointArn"]:
                    created = source.created
        job.point = Point(
            vault, created, job.facts["ResourceType"], job.facts["ResourceArn"], job.state
        )
        job.point.is_parent = job.facts["IsParent"]
        job.point.days = job.days
        if job.continuous:
            job.point.continuous, job.point.status, job.point.plan = True, "AVAILABLE", job.plan
        vault.points.append(job.point)
        for child in self.children(job):
            if child.point is not None:
                child.point.parent = job.point
        return job.point

    def follow(self, job: Job, at: int) -> None:
        """Let a job move on as its mode says."""
        job.due = None
        job.entered = at
        self.tickets += 1
        job.ticket = self.tickets
        rests = job.finished or self.held(job)
        polled = job.mode == "polls" and not rests
        if job in self.polled and not polled:
            self.polled.remove(job)
        if polled and job not in self.polled:
            self.polled.append(job)
        if rests:
            return
        if job.mode == "immediate":
            self.step(job, at)
        if job.mode == "clock":
            job.due = at + self.durations[job.state]
            limit = self.limit(job)
            if limit is not None and (self.never_runs(job) or limit < job.due):
                job.due = max(limit, at)

    def held(self, job: Job) -> bool:
        """Tell whether a job stays in its state until the test moves it."""
        return job.started and not job.finished and job.ending["State"] == job.state

    def limit(self, job: Job) -> int | None:
        """Return when a job expires unless it moves before."""
        windows = {
            "CREATED": [job.start_by, job.complete_by],
            "PENDING": [job.start_by, job.complete_by],
            "RUNNING": [job.complete_by],
        }.get(job.state, [])
        return min([window for window in windows if window is not None], default=None)

    def never_runs(self, job: Job) -> bool:
        """Tell whether a test has chosen that a job expires before it runs."""
        waits = job.state in ("CREATED", "PENDING")
        return waits and self.ending(job)["State"] == "EXPIRED"

    def step(self, job: Job, at: int) -> None:
        """Move a job one state on, its children before it."""
        ending = self.ending(job)
        if self.held(job):
            return
        if job.state == "ABORTING":
            self.finish(job, {"State": "ABORTED"}, at)
        elif job.state == "RUNNING" or self.never_runs(job):
            self.finish(job, ending, at)
        else:
            for child in self.children(job):
                if child.state == job.state:
                    self.step(child, at)
            self.enter(job, "RUNNING", at, job.ending if self.stays(job) else None)

    def stays(self, job: Job) -> bool:
        """Tell whether a test has chosen that a job stays RUNNING."""
        return job.ending["State"] == "RUNNING"

    def ending(self, job: Job) -> dict[str, str]:
        """Return how progress ends a job: badly if its vault is gone."""
        arn = self.lacks_vault(job)
        ending = {"State": "COMPLETED"} if self.stays(job) else job.ending
        if arn is None or ending["State"] not in ENDS_WELL:
            return ending
        what = "Backup" if job.kind == "backup_job" else "Copy"
        message = f"{what} job failed because backup vault {arn} does not exist."
        return {"State": "FAILED", "StatusMessage": message}

    def lacks_vault(self, job: Job) -> str | None:
        """Return the ARN of the vault that a started job needs and that is gone."""
        member = {"backup_job": "BackupVaultArn", "copy_job": "DestinationBackupVaultArn"}
        if not job.started or job.kind not in member:
            return None
        arn: str = job.facts[member[job.kind]]
        return None if arn in [vault.arn for vault in self.vaults] else arn

    def finish(self, job: Job, ending: Mapping[str, str], at: int) -> None:
        """End a job, its unfinished children before it."""
        state = ending["State"]
        for child in self.children(job):
            if child.finished:
                continue
            if child.state == "ABORTING":
                self.enter(child, "ABORTED", at)
            elif state in ENDS_WELL:
                own = self.ending(child)
                if child.state != "RUNNING" and own["State"] in ENDS_WELL:
                    mode, child.mode = child.mode, "manual"
                    self.enter(child, "RUNNING", at)
                    child.mode = mode
                self.finish(child, own, at)
            else:
                self.finish(child, {"State": state}, at)
        if state == "COMPLETED" and {c.state for c in self.children(job)} - {"COMPLETED"}:
            state = "PARTIAL"
        self.enter(job, state, at, ending)

    def poll(self, jobs: Iterable[Job]) -> None:
        """Move jobs that were told, if polls move them; parents take their children along."""
        told = [(job, job.state) for job in jobs if job in self.polled]
        parents = [each for each in told if each[0].parent is None]
        for job, state in parents + [each for each in told if each not in parents]:
            if job.state == state:
                self.step(job, self.now)

    def poll_all(self, kind: str, place: Place) -> None:
        """Move what a listing told, shown or not."""
        if (kind, place) in self.unread:
            self.unread.remove((kind, place))
        self.poll([job for job in self.polled if (job.kind, job.place) == (kind, place)])

    def set_mode(self, job: Job, mode: str) -> None:
        """Let a job and its children move another way."""
        for each in (*self.children(job), job):
            each.mode = mode
            if self.held(each):
                each.ending = {"State": "COMPLETED"}
            self.follow(each, self.now)

    def travel(self, milliseconds: int) -> None:
        """Let time pass."""
        self.now += milliseconds
        self.move_due()

    def move_due(self) -> None:
        """Move what the clock has made due, the earliest first."""
        while True:
            due: list[tuple[int, int, Job | Point]] = [
                (job.due, job.ticket, job)
                for job in self.jobs
                if job.due is not None and job.due <= self.now
            ]
            due += [each for each in self.ageing if each[0] <= self.now]
            if not due:
                return
            first = min(due, key=lambda each: each[:2])
            at, _, job = first
            if isinstance(job, Point):
                self.ageing = [each for each in self.ageing if each is not first]
                self.age(job, at)
                continue
            limit = self.limit(job)
            if limit is not None and at >= limit:
                ending = self.ending(job)
                expired = {"State": "EXPIRED"}
                self.finish(job, ending if ending["State"] == "EXPIRED" else expired, at)
            else:
                self.step(job, at)

    def can_move(self, job: Job, state: str) -> bool:
        """Tell whether a test may move a job to a state, perhaps by way of RUNNING."""
        moves = STATES[job.kind]
        near = moves.get(job.state, "").split()
        far = moves["RUNNING"].split() if "RUNNING" in near else []
        return state in (*near, *far) and not (state in ENDS_WELL and self.lacks_vault(job))

    def move(self, job: Job, state: str, told: Mapping[str, str]) -> None:
        """Move a job by hand, by way of RUNNING where there is no other."""
        if state not in STATES[job.kind][job.state].split():
            mode, job.mode = job.mode, "manual"
            self.enter(job, "RUNNING", self.now)
            job.mode = mode
        if state in UNFINISHED:
            self.enter(job, state, self.now)
        else:
            self.finish(job, {"State": state, **told}, self.now)

    def stop(self, job: Job) -> None:
        """Begin to stop a job, its children before it."""
        for each in (*self.children(job), job):
            if not each.finished and each.state != "ABORTING":
                self.enter(each, "ABORTING", self.now)


def _usual_message(job: Job) -> str | None:
    if not job.finished:
        return None
    silent = {"report_job": ("COMPLETED", "COMPLETED_WITH_ISSUES"), "scan_job": ()}
    return None if job.state in silent.get(job.kind, ("COMPLETED",)) else PRESENT


def _usual_category(job: Job) -> str | None:
    if not job.finished:
        return None
    if job.message is not None:
        found = [category for text, category in CATEGORIES.items() if job.message.endswith(text)]
        return found[0] if found else "MISCELLANEOUS"
    usual = {"COMPLETED": "SUCCESS", "FAILED": "FATAL_ERROR", "EXPIRED": "JOB_EXPIRED"}
    return usual.get(job.state, "MISCELLANEOUS")


def _counted_as(shown: Mapping[str, Any], kind: str, asked: Mapping[str, str]) -> dict[str, Any]:
    """Return the row of a summary in which a job is counted."""
    key = {"AccountId": shown["AccountId"], "State": shown[KINDS[kind].state]}
    if asked["State"] == "AGGREGATE_ALL":
        key["State"] = "AGGREGATE_ALL"
    for member in ("ResourceType", "MessageCategory"):
        if asked.get(member) == "AGGREGATE_ALL":
            key[member] = "AGGREGATE_ALL"
        elif member in asked and shown[member] is not None:
            key[member] = shown[member]
    return key


def member_of(parameter: str) -> str:
    """Return the member of a job that a filter compares."""
    name = parameter.removeprefix("By")
    return {
        "CreatedBefore": "CreationDate",
        "CreatedAfter": "CreationDate",
        "CompleteBefore": "CompletionDate",
        "CompleteAfter": "CompletionDate",
        "CreationBefore": "CreationTime",
        "CreationAfter": "CreationTime",
        "DestinationVaultArn": "DestinationBackupVaultArn",
    }.get(name, name)


def _matches(shown: Mapping[str, Any], parameter: str, wanted: Any) -> bool:
    """Tell whether a job is selected by a filter, the parameter's name saying how."""
    value = shown.get(member_of(parameter))
    if parameter == "ByMessageCategory" and wanted in ("ANY", "*"):
        return True
    if value is None:
        return False
    if parameter.endswith("Before"):
        return bool(value < wanted)
    if parameter.endswith("After"):
        return bool(value > wanted)
    if parameter == "ByMessageCategory":
        return bool(value.upper() == wanted.upper())
    return bool(value == wanted)
