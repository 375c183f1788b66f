"""Move jobs: by progress, by the clock and by hand.

Every move of a job, whatever causes it, is a call of `enter`, so that members, recovery points and
events always follow in the same way. The caller holds the model's lock.
"""

from __future__ import annotations

import dataclasses
import heapq
from typing import TYPE_CHECKING, Any

from fakebackup import clock, options
from fakebackup.errors import FakeBackupError
from fakebackup.model.engine import placing, running
from fakebackup.model.jobs import defaults, life
from fakebackup.model.jobs.kinds import BACKUP, COPY
from fakebackup.model.jobs.store import read_by
from fakebackup.model.jobs.timeline import position
from fakebackup.model.resources.arns import Home, Place
from fakebackup.model.shapes import dates
from fakebackup.model.shapes.answers import Kept
from fakebackup.model.stores.organization import store_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fakebackup.model.jobs.job import Job
    from fakebackup.model.jobs.request import Ending
    from fakebackup.model.resources.neighbour import Neighbour
    from fakebackup.model.stores.organization import Organization, Store
    from fakebackup.options import Mode

_WINDOW_ENDS = "StartBy"
_GOOD = ("COMPLETED", "PARTIAL")
"""The final states of jobs that leave recovery points."""

NOTHING: tuple[dict[str, Any], frozenset[str]] = ({}, frozenset())
"""A move with no members given."""


# --- By progress --------------------------------------------------------------------------


def schedule_next(job: Job, entered: int) -> None:
    """Schedule the next move of a job, as its mode says; one for which there is no room waits.

    Args:
        job: the job.
        entered: when it came to its state, in milliseconds.
    """
    organization = store_of(job).organization
    lanes = organization.clockwork.lanes
    # Of seeded jobs none has a place.
    waited = bool(lanes.waiting) and job.id in lanes.waiting
    waits = job.request is not None and running.place(job)
    _schedule(job, entered, waits=waits)
    if waits:
        late = running.crowded_out(job)
        if late is not None:
            finish(late, ("FAILED", NOTHING), entered)
    elif waited:
        _let_follow(job, entered)
    if lanes.freed:
        let_in(organization, entered)


def _schedule(job: Job, entered: int, *, waits: bool = False) -> None:
    """Schedule the next move of a job, or only the end of its window if it waits."""
    clockwork = store_of(job).organization.clockwork
    clockwork.waiting.pop(job.id, None)
    rests = life.is_final(job.kind, job.kept_state) or is_staying(job)
    if job.mode == "polls" and not rests:
        # A job that is in it keeps its position: a listing moves jobs in the order of adding.
        clockwork.polled[job.id] = job
        return
    clockwork.polled.pop(job.id, None)
    if rests:
        return
    if waits:
        limit = window_end(job) if job.mode == "clock" else None
        if limit is not None:
            clockwork.schedule_job(job, max(limit, entered))
    elif job.mode == "immediate":
        step(job, entered)
    elif job.mode == "clock":
        clockwork.schedule_job(job, _next_move(job, entered))


def let_in(organization: Organization, at: int) -> None:
    """Let the jobs that wait go on, as far as there is room, since others have ended.

    Args:
        organization: the organisation that they lie in.
        at: when the others ended, in milliseconds.
    """
    lanes = organization.clockwork.lanes
    if lanes.letting_in:
        # One that goes on has ended at once: the loop that let it in goes on with the next.
        return
    lanes.letting_in = True
    try:
        while (job := running.next_in(organization)) is not None:
            _let_follow(job, at)
            _go_on_from_start(job, at)
    finally:
        lanes.letting_in = False


def _let_follow(job: Job, at: int) -> None:
    """Let the children of a composite job that has waited go on as it does."""
    for child in store_of(job).organization.jobs.children(job):
        _go_on_from_start(child, at)


def _go_on_from_start(job: Job, at: int) -> None:
    """Let a job go on that does not run yet: when it would have run, if that is not over."""
    if job.kept_state in running.BEFORE:
        stays = store_of(job).options.durations[job.kept_state] if job.mode == "clock" else 0
        schedule_next(job, max(job.members[job.kind.created], at - stays))


def _next_move(job: Job, entered: int) -> int:
    """Return when the clock moves a job on from its state, in milliseconds."""
    regular = entered + store_of(job).options.durations[job.kept_state]
    limit = window_end(job)
    if limit is None:
        return regular
    # A window that closed earlier cannot move the job before it came to this state.
    limit = max(limit, entered)
    return limit if running.never_runs(job) else min(regular, limit)


def is_staying(job: Job) -> bool:
    """Return whether a job is in the state in which it stays until the test moves it."""
    return _stays_in(job) == job.kept_state


def _stays_in(job: Job) -> str | None:
    """Return the unfinished state that a test chose for a job; None where it chose none."""
    chosen = None if job.request is None else job.request.outcome
    return None if chosen is None or life.is_final(job.kind, chosen[0]) else chosen[0]


def window_end(job: Job) -> int | None:
    """Return when a window closes that expires a job in its state, in milliseconds."""
    state = job.kept_state
    if "EXPIRED" not in life.MOVES[job.kind][state]:
        # A job that is being stopped ends ABORTED, however late.
        return None
    starts: int | None = job.members.get(_WINDOW_ENDS) if state in running.BEFORE else None
    completes = None if job.request is None else job.request.complete_by
    if starts is None or completes is None:
        return completes if starts is None else starts
    return min(starts, completes)


def step(job: Job, at: int) -> None:
    """Move a job one state on; a composite job moves its children along and ends after them."""
    kind, state = job.kind, job.kept_state
    if life.is_final(kind, state):
        _go_on(job, at)
        return
    if is_staying(job):
        return
    following, members = _following(job)
    if following is None or running.never_runs(job):
        finish(job, outcome(job), at)
        return
    refusal = running.refusal(job) if following == "RUNNING" else None
    if refusal is not None:
        finish(job, failed(refusal), at)
        return
    for child in store_of(job).organization.jobs.children(job):
        if child.kept_state == state:
            step(child, at)
    enter(job, (following, members), at)


def _following(job: Job) -> tuple[str | None, tuple[dict[str, Any], frozenset[str]]]:
    """Return the next state of progress, None for the job's outcome, and the members given."""
    kind, state, chosen = job.kind, job.kept_state, job.request and job.request.outcome
    way = life.path(kind, state, chosen[0], parent=False) if chosen and _stays_in(job) else []
    if not chosen or not way:
        return life.STEPS[kind][state], NOTHING
    return way[0], chosen[1] if way[0] == chosen[0] else NOTHING


def outcome(job: Job) -> Ending:
    """Return the state in which progress ends a job, and the members it then has."""
    chosen = None if job.request is None or _stays_in(job) else job.request.outcome
    ending = chosen or ("COMPLETED", NOTHING)
    missing = _missing_vault(job) if ending[0] in _GOOD else None
    if missing is None:
        return ending
    # AWS's message is not known [assumed].
    message = f"{job.kind.name.capitalize()} failed because backup vault {missing} does not exist."
    return failed(message)


def failed(message: str) -> Ending:
    """Return the ending of a job that fails with a message."""
    return "FAILED", ({"StatusMessage": message}, frozenset({"StatusMessage"}))


# --- Every move ---------------------------------------------------------------------------


def enter(job: Job, to: Ending, at: int) -> None:
    """Move a job to a state; the caller has checked that the move is legal.

    Args:
        job: the job.
        to: the state, and the members that are given with it.
        at: when it moves, in milliseconds.
    """
    pass_through(job, to, at)
    schedule_next(job, at)
    # One that moves on at once has done so, and it has gone on from there.
    if job.kept_state == to[0]:
        _go_on(job, at)


def _go_on(job: Job, at: int) -> None:
    """Do what goes on with a job after a move, or when polls show it after its end."""
    if job.request is not None and job.request.then is not None:
        job.request.then(job, at)


def pass_through(job: Job, to: Ending, at: int) -> None:
    """Move a job to a state from which it is moved on at once; arguments are those of `enter`."""
    kind, store = job.kind, store_of(job)
    store.organization.keep_job(job)
    if to[0] == "COMPLETED" and job.request is not None and job.request.continuous:
        to = _continuous(job, to, at)
    if store.organization.neighbour is not None and to[0] in _GOOD and job.request is not None:
        to = _beside(store.organization.neighbour, job, to)
    state, (changes, given) = to
    members = {**job.members, **changes}
    for name in given - changes.keys():
        members.pop(name, None)
    members[kind.state] = state
    if not job.number:
        # An exact job had none so far.
        job.number = store.organization.numbers.next()
    home = Home(changes["AccountId"], store.region) if "AccountId" in changes else store.home
    left = {} if job.request is None else job.request.left
    fresh = [name for name in left if name not in members and name not in given]
    place = Place(home, job.number, at, job.members[kind.created], store.organization)
    defaults.fill_after_move(kind, members, given, place)
    for name in fresh:
        if name in members:
            members[name] = left[name]
    if (defaults.CATEGORY in job.given) != (defaults.CATEGORY in given):
        # Whether the category that it has now was given: it follows the message if it was not.
        job.given ^= {defaults.CATEGORY}
    replace(job, members)
    if "ParentJobId" in members:
        _count_children(store.organization, members["ParentJobId"])
    new_store = store_of(job)
    new_store.organization.engine.follow_move(new_store, job, at)


def _continuous(job: Job, to: Ending, at: int) -> Ending:
    from fakebackup.model.engine import continuous

    return continuous.ending_of(job, to, at)


def _beside(neighbour: Neighbour, job: Job, to: Ending) -> Ending:
    from fakebackup.model.engine.beside import jobs as beside

    return beside.completed(neighbour, job, to)


_COUNTS = frozenset(("NumberOfChildJobs", "ChildJobsInState"))


def _count_children(organization: Organization, parent_id: str) -> None:
    """Let the counts of a recorded composite job follow its children, if all are in the fake."""
    parent = organization.jobs.by_id.get(parent_id)
    if parent is None or not parent.exact or not parent.members.keys() >= _COUNTS:
        return
    if parent.members["NumberOfChildJobs"] == len(organization.jobs.children(parent)):
        organization.keep_job(parent)
        parent.exact = False
        parent.given -= _COUNTS
        parent.members = Kept({k: v for k, v in parent.members.items() if k not in _COUNTS})


def replace(job: Job, members: dict[str, Any]) -> None:
    """Replace a job's members; AccountId moves it to that account."""
    store = store_of(job)
    organization = store.organization
    organization.keep_job(job)
    if _stays(job, store, members):
        organization.change_members(job, Kept(members))
        organization.wait_counts.clear()
        return
    before, listed_at = job.id, position(job)
    children = organization.jobs.children(job) if members[job.kind.id] != before else ()
    organization.take_job(job)
    job.members = Kept(members)
    new_store = organization.store(members.get("AccountId", store.account), store.region)
    job.home, job.store = new_store.home, new_store
    organization.put_jobs([job])
    organization.relist(listed_at, position(job))
    if job.id != before:
        organization.clockwork.rename(job, before)
        for child in children:
            replace(child, {**child.members, "ParentJobId": job.id})
    organization.wait_counts.clear()


def _stays(job: Job, store: Store, members: dict[str, Any]) -> bool:
    """Return whether a job keeps its id, its parent, its store and its place in lists."""
    kind, old = job.kind, job.members
    return (
        members[kind.id] == old[kind.id]
        and members[kind.created] == old[kind.created]
        and members.get("ParentJobId") == old.get("ParentJobId")
        and members.get("AccountId", store.account) == store.account
    )


def finish(job: Job, to: Ending, at: int) -> None:
    """Move a job to a final state, after a composite job's unfinished children.

    A composite job that completes although a child did not ends PARTIAL. Arguments are those of
    `enter`.
    """
    state, given = to
    children = store_of(job).organization.jobs.children(job)
    for child in children:
        if not life.is_final(child.kind, child.kept_state):
            good = state in _GOOD
            _finish_child(child, outcome(child) if good else (state, NOTHING), at)
    if children and state == "COMPLETED" and "PARTIAL" in life.outcomes(job.kind):
        completed = all(child.kept_state == "COMPLETED" for child in children)
        state = "COMPLETED" if completed else "PARTIAL"
    enter(job, (state, given), at)


def _finish_child(child: Job, to: Ending, at: int) -> None:
    if child.kept_state == "ABORTING":
        to = ("ABORTED", NOTHING)
    elif to[0] not in life.MOVES[child.kind][child.kept_state]:
        pass_through(child, ("RUNNING", NOTHING), at)
    finish(child, to, at)


# --- By the clock -------------------------------------------------------------------------


def advance(organization: Organization) -> None:
    """Make the moves and the scheduled calls that the clock has made due, in order.

    What raises an error stays due: nothing else would do it. Only an act that has scheduled the
    one that follows it does not, as a run of a plan.

    Raises:
        FakeBackupError: a plan's run is more than a step of the clock may run, or nothing in the
            process answers what a move asks the mock beside the fake.
        FakeBackupWarning: the user's filters make errors of warnings.
    """
    clockwork = organization.clockwork
    due = clockwork.due
    if not due:
        clockwork.latest = 0
        return
    if (now := clock.now()) < clockwork.latest - clock.DAY:
        from fakebackup.model.stores import backwards

        backwards.check(clockwork, now)
    clockwork.latest, clockwork.ran = max(now, clockwork.latest), 0
    while due and due[0][0] <= now:
        item = at, number, job_or_act = heapq.heappop(due)
        clockwork.went_on = False
        try:
            if callable(job_or_act):
                job_or_act(at)
            elif clockwork.waiting.get(job_or_act.id) == (at, number):
                move_due(job_or_act, at)
        except BaseException:
            if not clockwork.went_on:
                # Of a job that has moved all the same this is outdated, and is passed over.
                heapq.heappush(due, item)
            raise
    if not due:
        clockwork.latest = 0


def move_due(job: Job, at: int) -> None:
    """Move a job for which the clock has made a move due at an instant, in milliseconds."""
    limit = window_end(job)
    if limit is not None and at >= limit:
        chosen = outcome(job)
        ending = chosen if chosen[0] == "EXPIRED" else ("EXPIRED", NOTHING)
        finish(job, ending, at)
    else:
        step(job, at)


# --- By hand ------------------------------------------------------------------------------


def change(store: Store, job: Job, changes: dict[str, Any], given: frozenset[str]) -> None:
    """Change members of a job, as `Job.update` describes.

    Args:
        store: the store that the job lies in.
        job: the job.
        changes: the new members, as the model keeps them.
        given: the names that were given; those not in `changes` are removed.

    Raises:
        ValueError: the new id is taken, or the name of the vault is not that in its ARN.
        FakeBackupError: the fake is not active.
    """
    kind, organization = job.kind, store.organization
    with organization.working():
        # Another thread may have removed it meanwhile.
        job.check_added()
        _check_identity(job, changes, given)
        changes = placing.follow_vault(job, changes, given)
        state = changes.get(kind.state, job.kept_state)
        read = read_by(job)
        organization.keep_job(job)
        job.given |= given
        if state != job.kept_state:
            enter(job, (state, (changes, given)), clock.now())
        else:
            kept = {name: value for name, value in job.members.items() if name not in given}
            kept |= changes
            if "StatusMessage" in given and defaults.CATEGORY not in job.given:
                defaults.fill_category(kind, kept)
            replace(job, kept)
        if read is not None and read_by(job) != read:
            _let_go(store, read)


def _check_identity(job: Job, changes: dict[str, Any], given: frozenset[str]) -> None:
    """Refuse an id that is taken, and a parent that is the job itself or among its children.

    Arguments are those of `change`.

    Raises:
        ValueError: it is.
    """
    kind, organization = job.kind, store_of(job).organization
    if given.isdisjoint((kind.id, "ParentJobId")):
        return
    new_id = changes.get(kind.id, job.id)
    if new_id != job.id and new_id in organization.jobs.by_id:
        msg = f"{kind.id} {new_id!r} is taken: no two jobs of a fake share an id."
        raise ValueError(msg)
    parent = changes.get("ParentJobId", job.members.get("ParentJobId"))
    if parent is not None:
        placing.check_parent(organization, new_id, parent, {})


def _let_go(store: Store, read: str) -> None:
    from fakebackup.model.engine import ageing

    ageing.let_go(store, read, clock.now())


def move(
    store: Store, job: Job, state: str, changes: dict[str, Any], given: frozenset[str]
) -> None:
    """Move a job by hand along the legal moves; arguments as for `change`.

    Raises:
        ValueError: as for `change`, or the completion is before the creation.
        FakeBackupError: there is no legal way, or the fake is not active.
    """
    organization = store.organization
    with organization.working():
        job.check_added()
        now, way = clock.now(), _way(job, state)
        _check_identity(job, changes, given)
        changes = placing.follow_vault(job, changes, given)
        if not given.isdisjoint((job.kind.created, job.kind.completed)):
            dates.check_order(job.members | changes, job.kind.created, job.kind.completed)
        for each in way[:-1]:
            pass_through(job, (each, NOTHING), now)
        move_to = finish if life.is_final(job.kind, state) else enter
        move_to(job, (state, (changes, given)), now)


def _way(job: Job, wanted: str) -> Sequence[str]:
    """Return the states through which a move by hand leads, the wanted one last.

    A job that a client started needs its vault to complete.

    Args:
        job: the job.
        wanted: the state that it is to go to.

    Raises:
        FakeBackupError: there is no legal way; the message names the legal moves.
    """
    kind, state = job.kind, job.kept_state
    way = life.way(kind, state, wanted, parent=bool(job.members.get("IsParent")))
    missing = _missing_vault(job) if wanted in _GOOD else None
    if missing is not None:
        msg = (
            f"A {kind.name} cannot go from {state} to {wanted} when its backup vault {missing} is "
            f"deleted: AWS lets it fail. To set it all the same, and have the vault made anew, "
            f"call job.update({kind.state}={wanted!r})."
        )
        raise FakeBackupError(msg)
    return way


_GOES_TO = {BACKUP: "BackupVaultArn", COPY: "DestinationBackupVaultArn"}


def _missing_vault(job: Job) -> str | None:
    """Return the ARN of the missing vault without which a job cannot complete; None if none is.

    The vault of a started job existed and was deleted since, as AWS starts no job without it. A
    seeded job creates its vault.
    """
    member = _GOES_TO.get(job.kind)
    if member is None or not job.was_started:
        return None
    arn: str | None = job.members.get(member)
    return None if arn is None or store_of(job).find_vault(arn) is not None else arn


def set_mode(store: Store, job: Job, mode: Mode) -> None:
    """Set the mode in which a job, and the children of a composite one, move.

    Raises:
        ValueError: no such mode.
        FakeBackupError: the fake is not active.
    """
    options.progress("progress", mode)
    organization = store.organization
    with organization.working():
        job.check_added()
        for each in (*organization.jobs.children(job), job):
            organization.keep_job(each)
            each.mode = mode
            if is_staying(each) and each.request is not None:
                each.request = dataclasses.replace(each.request, outcome=None)
            schedule_next(each, clock.now())
            if life.is_final(each.kind, each.kept_state):
                _go_on(each, clock.now())
