"""What moves jobs: by hand, step by step, at once.

Every move of a job, whatever causes it, is `enter`: members, recovery points and events follow
from it in the same way. The caller holds the model's lock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakebackup import clock, options
from fakebackup.errors import FakeBackupError
from fakebackup.model.jobs import defaults, life
from fakebackup.model.jobs.kinds import BACKUP, COPY
from fakebackup.model.jobs.timeline import position
from fakebackup.model.resources.arns import Home, Place
from fakebackup.model.shapes.answers import Kept
from fakebackup.model.stores.organization import store_of

if TYPE_CHECKING:
    from fakebackup.model.jobs.job import Ending, Job
    from fakebackup.model.stores.organization import Store
    from fakebackup.options import Mode

_WINDOW_ENDS = "StartBy"
_GOOD = ("COMPLETED", "PARTIAL")
"""The ends of jobs that leave recovery points."""

NOTHING: tuple[dict[str, Any], frozenset[str]] = ({}, frozenset())
"""No members given with a move."""


# --- Of itself ----------------------------------------------------------------------------


def schedule_next(job: Job, entered: int) -> None:
    """Let a job move on from the state it is in, as its mode says.

    Args:
        job: the job.
        entered: when it came to its state, in milliseconds.
    """
    clockwork = store_of(job).organization.clockwork
    clockwork.waiting.pop(job.id, None)
    final = life.is_final(job.kind, job.kept_state)
    if job.mode == "polls" and not final:
        # One that is there keeps its place: a listing moves jobs in the order they came.
        clockwork.polled[job.id] = job
        return
    clockwork.polled.pop(job.id, None)
    if final:
        return
    if job.mode == "immediate":
        step(job, entered)
    elif job.mode == "clock":
        clockwork.schedule_job(job, _leaves(job, entered))


def _leaves(job: Job, entered: int) -> int:
    """Return when the clock moves a job out of the state it came to, in milliseconds."""
    leaves = entered + store_of(job).options.durations[job.kept_state]
    limit = window_end(job)
    if limit is None:
        return leaves
    # A window may have closed before: it cannot end the job earlier than now.
    limit = max(limit, entered)
    return limit if _never_runs(job) else min(leaves, limit)


def _never_runs(job: Job) -> bool:
    """Tell whether a job that does not run yet is to end without having run."""
    return life.STEPS[job.kind][job.kept_state] == "RUNNING" and outcome(job)[0] in life.NEVER_RAN


def window_end(job: Job) -> int | None:
    """Return when a window closes that ends a job in the state it is in, in milliseconds."""
    if "EXPIRED" not in life.MOVES[job.kind][job.kept_state]:
        # One that is being stopped is stopped, however late.
        return None
    starts = job.members.get(_WINDOW_ENDS) if job.kept_state in ("CREATED", "PENDING") else None
    completes = job.request.complete_by if job.request is not None else None
    return min((each for each in (starts, completes) if each is not None), default=None)


def step(job: Job, at: int) -> None:
    """Move a job one state on; a composite job takes its children along, and ends after them."""
    kind, state = job.kind, job.kept_state
    if life.is_final(kind, state):
        return
    following = life.STEPS[kind][state]
    if following is None or _never_runs(job):
        finish(job, outcome(job), at)
        return
    for child in store_of(job).organization.jobs.children(job):
        if child.kept_state == state:
            step(child, at)
    enter(job, (following, NOTHING), at)


def outcome(job: Job) -> Ending:
    """Return the state in which progress ends a job, and the members it then has."""
    request = job.request
    ends = ("COMPLETED", NOTHING) if request is None or not request.outcome else request.outcome
    missing = _missing_vault(job) if ends[0] in _GOOD else None
    if missing is None:
        return ends
    # AWS's words are not known [assumed].
    message = f"{job.kind.name.capitalize()} failed because backup vault {missing} does not exist."
    return "FAILED", ({"StatusMessage": message}, frozenset({"StatusMessage"}))


# --- Every move ---------------------------------------------------------------------------


def enter(job: Job, to: Ending, at: int) -> None:
    """Bring a job to a state; whether the move is legal was judged before.

    Args:
        job: the job.
        to: the state, and the members that are given with it.
        at: when it happens, in milliseconds.
    """
    kind, store = job.kind, store_of(job)
    state, (changes, given) = to
    members = {k: v for k, v in job.members.items() if k not in given} | changes
    members[kind.state] = state
    if not job.number:
        # What was seeded exactly has had none so far.
        job.number = store.organization.numbers.next()
    home = Home(changes.get("AccountId", store.account), store.region)
    own = {} if job.request is None else job.request.left
    fresh = [name for name in own if name not in members and name not in given]
    place = Place(home, job.number, at, job.members[kind.created])
    defaults.fill_after_move(kind, members, given, place)
    members |= {name: own[name] for name in fresh if name in members}
    replace(job, members)
    moved_to = store_of(job)
    moved_to.organization.engine.follow_move(moved_to, job, at)
    schedule_next(job, at)


def replace(job: Job, members: dict[str, Any]) -> None:
    """Give a job other members; AccountId moves it to that account."""
    before, stood, store = job.id, position(job), store_of(job)
    organization = store.organization
    organization.take_job(job)
    job.members = Kept(members)
    there = organization.store(members.get("AccountId", store.account), store.region)
    job.home, job.store = there.home, there
    organization.put_jobs([job])
    organization.relist(stood, position(job))
    if job.id != before:
        organization.clockwork.rename(job, before)
    organization.wait_counts.clear()


def finish(job: Job, to: Ending, at: int) -> None:
    """Bring a job to a final state, a composite job's unfinished children before it.

    A composite job that completes although a child did not ends PARTIAL. Arguments as for
    `enter`.
    """
    state, given = to
    jobs = store_of(job).organization.jobs
    for child in jobs.children(job):
        if not life.is_final(child.kind, child.kept_state):
            good = state in _GOOD
            _finish_child(child, outcome(child) if good else (state, NOTHING), at)
    failed = any(child.kept_state != "COMPLETED" for child in jobs.children(job))
    if state == "COMPLETED" and failed and "PARTIAL" in life.outcomes(job.kind):
        state = "PARTIAL"
    enter(job, (state, given), at)


def _finish_child(child: Job, to: Ending, at: int) -> None:
    if child.kept_state == "ABORTING":
        to = ("ABORTED", NOTHING)
    elif to[0] not in life.MOVES[child.kind][child.kept_state]:
        enter(child, ("RUNNING", NOTHING), at)
    finish(child, to, at)


# --- By the clock -------------------------------------------------------------------------


def move_due(job: Job, at: int) -> None:
    """Move a job that the clock has made due at an instant, in milliseconds."""
    limit = window_end(job)
    if limit is not None and at >= limit:
        chosen = outcome(job)
        ending = chosen if chosen[0] == "EXPIRED" else ("EXPIRED", NOTHING)
        finish(job, ending, at)
    else:
        step(job, at)


# --- By hand ------------------------------------------------------------------------------


def change(store: Store, job: Job, changes: dict[str, Any], given: frozenset[str]) -> None:
    """Change members of a job; what `Job.update` describes.

    Args:
        store: where it lies.
        job: the job.
        changes: the new members, as the model keeps them.
        given: the names that were given; those not in `changes` are taken away.
    """
    kind, organization = job.kind, store.organization
    with organization.working():
        new_id = changes.get(kind.id, job.id)
        if new_id != job.id and new_id in organization.jobs.by_id:
            msg = f"{kind.id} {new_id!r} is taken: no two jobs of a fake share an id."
            raise ValueError(msg)
        state = changes.get(kind.state, job.kept_state)
        job.given |= given
        if state != job.kept_state:
            enter(job, (state, (changes, given)), clock.now())
        else:
            kept = {name: value for name, value in job.members.items() if name not in given}
            replace(job, kept | changes)


def move(
    store: Store, job: Job, state: str, changes: dict[str, Any], given: frozenset[str]
) -> None:
    """Move a job by hand, if the move is legal; arguments as for `change`.

    Raises:
        FakeBackupError: the move is illegal, or the fake is not active.
    """
    organization = store.organization
    with organization.working():
        _check(job, state)
        bring = finish if life.is_final(job.kind, state) else enter
        bring(job, (state, (changes, given)), clock.now())


def _check(job: Job, wanted: str) -> None:
    """Refuse an illegal move by hand; a job that a client started needs its vault to complete.

    Args:
        job: the job.
        wanted: the state it is to go to.

    Raises:
        FakeBackupError: the move is illegal; the message says what is possible.
    """
    kind, state = job.kind, job.kept_state
    life.check(kind, state, wanted, parent=bool(job.members.get("IsParent")))
    missing = _missing_vault(job) if wanted in _GOOD else None
    if missing is not None:
        msg = (
            f"A {kind.name} cannot go from {state} to {wanted} when its backup vault {missing} is "
            f"deleted: AWS lets it fail. To set it all the same, and have the vault made anew, "
            f"call job.update({kind.state}={wanted!r})."
        )
        raise FakeBackupError(msg)


_GOES_TO = {BACKUP: "BackupVaultArn", COPY: "DestinationBackupVaultArn"}


def _missing_vault(job: Job) -> str | None:
    """Return the ARN of the vault that a job cannot complete without, and that is gone; or None.

    AWS starts no job without its vault: one that a client started was there, and was deleted
    since. A seeded job brings its own along.
    """
    member = _GOES_TO.get(job.kind)
    if member is None or not job.was_started:
        return None
    arn: str | None = job.members.get(member)
    return None if arn is None or store_of(job).find_vault(arn) is not None else arn


def set_mode(store: Store, job: Job, mode: Mode) -> None:
    """Let a job, and its children if it is composite, move by itself; or no more.

    Raises:
        ValueError: no such mode.
        FakeBackupError: the fake is not active.
    """
    options.progress("progress", mode)
    organization = store.organization
    with organization.working():
        for each in (*organization.jobs.children(job), job):
            each.mode = mode
            schedule_next(each, clock.now())
