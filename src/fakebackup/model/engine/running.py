"""What may run at a time: jobs for which there is no room wait for those ahead of them.

A job takes its places when it is started, and leaves them when it has ended. Where a lane has no
room the job stays in its first state, until it is the first in the line of those that wait. Those
that the client and plans start count, once progress is to move them or they run: no seeded job
does. A composite job stands for its children, which wait as long as it waits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from fakebackup.model.jobs import categories, life
from fakebackup.model.jobs.kinds import BACKUP, COPY, RESTORE, SCAN
from fakebackup.model.resources.arns import vault_named_by
from fakebackup.model.stores.organization import store_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from fakebackup.model.jobs.job import Job
    from fakebackup.model.jobs.kinds import Kind
    from fakebackup.model.stores.lanes import Lane, Lanes, Waiting
    from fakebackup.model.stores.organization import Organization

    # What a job is counted by, besides its account and Region; None where it is not counted.
    CountedBy = tuple[str, ...] | None

BEFORE = frozenset({"CREATED", "PENDING"})
"""The states of jobs that do not run yet."""


class Limit(NamedTuple):
    """How many jobs of a kind may run at a time.

    Attributes:
        quota: the quota that has the number.
        counted_by: returns what a job is counted by.
        of: the resource type that is counted; None where all are.
        refusal: the message of a job that fails instead of waiting, if the option says so; None
            where the option does not count.
    """

    quota: str
    counted_by: Callable[[Job], CountedBy]
    of: str | None = None
    refusal: str | None = None


# --- What jobs are counted by ---------------------------------------------------------------


def _member(name: str) -> Callable[[Job], CountedBy]:
    """Return what counts jobs by a member, those without it not at all."""

    def counted_by(job: Job) -> CountedBy:
        value = job.members.get(name)
        return None if value is None else (value,)

    return counted_by


def _all(_job: Job) -> CountedBy:
    return ()


def _all_but_tests(job: Job) -> CountedBy:
    return None if _is_test(job) else ()


def _destination(job: Job) -> tuple[str, str]:
    """Return the account and the Region that a copy job copies to."""
    named = vault_named_by(job.members.get("DestinationBackupVaultArn", ""))
    return (job.account, job.region) if named is None else (named.home.account, named.home.region)


def _copied_here(job: Job) -> CountedBy:
    resource = job.members.get("ResourceArn")
    inside = _destination(job)[0] == job.account
    return (resource,) if resource is not None and inside else None


def _copied_elsewhere(job: Job) -> CountedBy:
    resource = job.members.get("ResourceArn")
    account, region = _destination(job)
    return (resource, region) if resource is not None and account != job.account else None


def _copied_to(job: Job) -> CountedBy:
    return (_destination(job)[1],)


def _cluster(job: Job) -> CountedBy:
    """Return the EKS cluster that a restore job's metadata names."""
    target = None if job.request is None else job.request.left.get("CreatedResourceArn")
    return None if target is None or _is_test(job) else (target,)


def _is_test(job: Job) -> bool:
    return "RestoreTestingPlanArn" in job.members.get("CreatedBy", ())


def _tests_of(*types: str) -> Callable[[Job], CountedBy]:
    """Return what counts the restore tests of resource types, of each type apart."""

    def counted_by(job: Job) -> CountedBy:
        resource_type = job.members.get("ResourceType", "")
        return (resource_type,) if resource_type in types and _is_test(job) else None

    return counted_by


_FEWER_TESTS, _MORE_TESTS = ("EFS", "S3"), ("EBS", "EC2")


def _other_tests(job: Job) -> CountedBy:
    resource_type = job.members.get("ResourceType", "")
    others = resource_type not in (*_FEWER_TESTS, *_MORE_TESTS)
    return (resource_type,) if others and _is_test(job) else None


LIMITS: Mapping[Kind, tuple[Limit, ...]] = {
    BACKUP: (
        Limit("backups_per_resource", _member("ResourceArn"), refusal=categories.RUNNING_JOB),
        Limit("timestream_backups", _all, of="Timestream"),
    ),
    COPY: (
        Limit("copies_per_resource", _copied_here, refusal=categories.RUNNING_COPIES),
        Limit("cross_account_copies_per_resource", _copied_elsewhere),
        Limit("copies_per_region", _copied_to),
    ),
    RESTORE: (
        Limit("eks_restores_per_cluster", _cluster, of="EKS"),
        Limit("eks_restores", _all_but_tests, of="EKS"),
        Limit("timestream_restores", _all_but_tests, of="Timestream"),
        Limit("ebs_or_ec2_restore_tests", _tests_of(*_MORE_TESTS)),
        Limit("efs_or_s3_restore_tests", _tests_of(*_FEWER_TESTS)),
        Limit("other_restore_tests", _other_tests),
    ),
    SCAN: (
        Limit("scans_per_point", _member("RecoveryPointArn")),
        Limit("scans_per_resource", _member("ResourceArn")),
        Limit("scans", _all),
    ),
}
"""Per kind of job, what limits how many run at a time, finest first [documented: guide, quotas].

What counts together is [assumed] where AWS's document leaves it open: a backup and a copy do not.
"""

WAITING: Mapping[Kind, Limit] = {
    SCAN: Limit("waiting_scans_per_resource", _member("ResourceArn")),
}
"""Per kind of job, what limits how many wait: where more do, the oldest one fails [documented]."""

_REFUSALS = {
    limit.quota: limit.refusal
    for limits in LIMITS.values()
    for limit in limits
    if limit.refusal is not None
}


# --- Places ---------------------------------------------------------------------------------


def place(job: Job) -> bool:
    """Give a started job the places of its state, or let it wait.

    To be called whenever its state or its mode has changed.

    Returns:
        Whether it waits.
    """
    if job.kind not in LIMITS:
        return False
    store = store_of(job)
    organization = store.organization
    lanes = organization.clockwork.lanes
    parent = _parent(organization, job)
    state = job.kept_state
    if state in BEFORE:
        if parent is not None:
            return parent.request is not None and parent.kept_state in BEFORE and place(parent)
        return _line_up(job, organization)
    if life.is_final(job.kind, state):
        lanes.leave(job.id)
    elif state != "RUNNING":
        # What is being stopped keeps a place that it has.
        if job.id in lanes.waiting:
            lanes.leave(job.id)
    elif parent is None:
        if job.id in lanes.waiting:
            lanes.leave(job.id)
        has = lanes.taken.get(job.id, ())
        if not has or organization.options.same_resource == "fails":
            own = _lanes_of(job, organization, runs=True)
            lanes.take(job, [each for each in own if each not in has])
    return False


def _line_up(job: Job, organization: Organization) -> bool:
    """Give a job that does not run yet its places; return whether it waits for them."""
    lanes = organization.clockwork.lanes
    if job.mode == "manual" or _stays(job) or never_runs(job):
        # Nothing but the test lets it run, and nothing is to wait for that.
        lanes.leave(job.id)
        return False
    if job.id in lanes.waiting:
        return True
    if job.id in lanes.taken:
        return False
    wants = _lanes_of(job, organization)
    behind = _full(organization, wants)
    if behind is None:
        lanes.take(job, wants)
        return False
    _let_wait(job, wants, behind, lanes)
    return True


def _let_wait(job: Job, wants: Sequence[Lane], behind: Lane, lanes: Lanes) -> None:
    """Let a job wait for a lane, and count among those that wait where these are limited."""
    lanes.line_up(job, wants, behind)
    of_waiting = _waiting_lane(job)
    if of_waiting is not None:
        lanes.take(job, (of_waiting,))


def _lanes_of(job: Job, organization: Organization, *, runs: bool = False) -> list[Lane]:
    """Return the lanes that a job needs a place in: to begin, or, if it runs, all that count."""
    choice = organization.options.same_resource
    # Where jobs of a resource do not wait, and may fail once they run.
    passes = choice != "waits" and not (runs and choice == "fails")
    resource_type = job.members.get("ResourceType")
    lanes: list[Lane] = []
    for quota, counted_by, of, refusal in LIMITS[job.kind]:
        if (of is None or of == resource_type) and not (passes and refusal is not None):
            counted = counted_by(job)
            if counted is not None:
                lanes.append((quota, *job.home, *counted))
    return lanes


def _waiting_lane(job: Job) -> Lane | None:
    limit = WAITING.get(job.kind)
    counted = None if limit is None else limit.counted_by(job)
    return None if limit is None or counted is None else (limit.quota, *job.home, *counted)


def _full(organization: Organization, lanes: Sequence[Lane]) -> Lane | None:
    """Return the first of some lanes that has no room; None if all have."""
    for lane in lanes:
        if not _has_room(organization, lane):
            return lane
    return None


def _has_room(organization: Organization, lane: Lane) -> bool:
    """Return whether a lane has room for one more job that is to begin."""
    options = organization.options
    if lane[0] in _REFUSALS and options.same_resource != "waits":
        # As in a dump that was made under another option.
        return True
    return organization.clockwork.lanes.count(lane) < options.quotas[lane[0]]


# --- Those that wait ------------------------------------------------------------------------


def next_in(organization: Organization) -> Job | None:
    """Let the first job that waits into lanes that have been left; None if there is none.

    Of those for which there is room it is the one that was started first.
    """
    lanes = organization.clockwork.lanes
    while lanes.freed:
        lines = {lane: found for lane in lanes.freed if (found := _first(organization, lane))}
        # A lane that is full again, or for which nobody waits, comes back when one leaves it.
        lanes.freed = dict.fromkeys(lines)
        if not lines:
            return None
        job, wants, _ = min(lines.values(), key=lambda each: each.job.number)
        lanes.leave(job.id)
        behind = _full(organization, wants)
        if behind is None:
            lanes.take(job, wants)
            return job
        _let_wait(job, wants, behind, lanes)
    return None


def _first(organization: Organization, lane: Lane) -> Waiting | None:
    """Return the first job that waits for a lane, if that has room; else None."""
    lines = organization.clockwork.lanes
    return lines.first_in_line(lane) if _has_room(organization, lane) else None


def waits(job: Job) -> bool:
    """Return whether a job waits for others to end, or its composite job does."""
    return _waiting(job) is not None


def _waiting(job: Job) -> Waiting | None:
    organization = store_of(job).organization
    waiting = organization.clockwork.lanes.waiting
    if not waiting or job.kept_state not in BEFORE:
        return None
    parent = _parent(organization, job)
    return waiting.get((job if parent is None else parent).id)


def ahead(job: Job) -> Iterable[Job]:
    """Return the jobs that are where a job waits for a place, those longest there first."""
    waiting = _waiting(job)
    if waiting is None:
        return ()
    lanes = store_of(job).organization.clockwork.lanes
    return lanes.holders.get(waiting.behind, {}).values()


def crowded_out(job: Job) -> Job | None:
    """Return the oldest job that waits like one, where more do than AWS lets wait; else None."""
    of_waiting = _waiting_lane(job)
    if of_waiting is None:
        return None
    organization = store_of(job).organization
    lanes = organization.clockwork.lanes
    if lanes.count(of_waiting) <= organization.options.quotas[of_waiting[0]]:
        return None
    return min(lanes.holders[of_waiting].values(), key=lambda each: each.number)


def refusal(job: Job) -> str | None:
    """Return the message of a job that is about to run, and fails as another one does; else None.

    That is what the option `same_resource="fails"` says.
    """
    organization = store_of(job).organization
    if organization.options.same_resource != "fails" or _parent(organization, job) is not None:
        return None
    count, quotas = organization.clockwork.lanes.count, organization.options.quotas
    for lane in _lanes_of(job, organization, runs=True) if job.kind in LIMITS else ():
        if lane[0] in _REFUSALS and count(lane) >= quotas[lane[0]]:
            return _REFUSALS[lane[0]]
    return None


def _parent(organization: Organization, job: Job) -> Job | None:
    parent = job.members.get("ParentJobId")
    return None if parent is None else organization.jobs.by_id.get(parent)


def never_runs(job: Job) -> bool:
    """Return whether a job that does not run yet is to end without running, as a test chose."""
    chosen = None if job.request is None else job.request.outcome
    # A job without its vault runs before it fails, as any other one.
    never = chosen is not None and chosen[0] in life.NEVER_RAN
    return never and life.STEPS[job.kind][job.kept_state] == "RUNNING"


def _stays(job: Job) -> bool:
    """Return whether a test chose for a job that it stays in its state."""
    chosen = None if job.request is None else job.request.outcome
    return chosen is not None and chosen[0] == job.kept_state
