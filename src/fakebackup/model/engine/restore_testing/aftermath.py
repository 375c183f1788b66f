"""What follows the restore of a test: its validation, and the deletion of what it made.

A job that completes is validated within the window of its selection, and what it made is deleted
when the result is there or the window ends [documented: guide, restore testing]. Without a window
it is deleted at once. A restore that failed has made nothing.

By the clock a window without a result ends TIMED_OUT [assumed]. In other modes no time passes, so
that it stays open until there is a result. The deletion goes on as the job's mode says: at once, at
the next poll, after the duration DELETING, or when the test says so, by `job.update`. A job that
comes back to the clock has what was due meanwhile at once.
"""

from __future__ import annotations

import dataclasses
import functools
from typing import TYPE_CHECKING, Any

from fakebackup.errors import invalid_request
from fakebackup.model.engine import moves, running
from fakebackup.model.jobs import life
from fakebackup.model.jobs.kinds import RESTORE
from fakebackup.model.resources.neighbour import Refusal
from fakebackup.model.stores.organization import store_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fakebackup.model.jobs.job import Job

VALIDATION, DELETION = "ValidationStatus", "DeletionStatus"
MESSAGE = "Message"
"""What a status's name ends with that has its message."""

UNDECIDED = "VALIDATING"

DELETED: Mapping[str, Any] = {DELETION: "SUCCESSFUL"}
"""How a deletion ends that nothing was chosen for."""

_LATE = (
    "Restore job was unable to start within the specified start window. Try increasing your start "
    "window."
)
"""The message of a test that found no room [documented: guide, quotas]."""


@dataclasses.dataclass
class Test:
    """A restore test: what goes on with its job, as `JobRequest.then`.

    Its attributes are replaced, never changed in place.

    Attributes:
        window: how long the validation may take, in milliseconds.
        start_by: when the start window of its run ends, in milliseconds.
        changed: when its validation or its deletion last got another status, in milliseconds.
        deleted: how the deletion ends, which may be chosen for the job.
    """

    __test__ = False  # for pytest, which collects classes by their name

    window: int
    start_by: int
    changed: int | None = None
    deleted: Mapping[str, Any] = dataclasses.field(default_factory=lambda: DELETED)

    def __call__(self, job: Job, at: int) -> None:
        """Go on with the job: after a move or a change of mode, and when polls show its end."""
        if not life.is_final(RESTORE, job.kept_state):
            return
        if self.changed is None:
            if job.kept_state == "COMPLETED":
                self._begin(job, at)
        elif job.id in store_of(job).organization.clockwork.polled:
            self.delete(job, at)
        else:
            self._follow_mode(job, at)

    def _begin(self, job: Job, at: int) -> None:
        """Begin the validation, or the deletion where there is no window."""
        members = job.members
        chosen = {name: members[name] for name in (DELETION, DELETION + MESSAGE) if name in members}
        if chosen.get(DELETION) in ("FAILED", "SUCCESSFUL"):
            self.deleted = chosen
        if not self.window or members.get(VALIDATION, UNDECIDED) != UNDECIDED:
            self._take_down(job, at)
            return
        self._set(job, at, {VALIDATION: UNDECIDED}, without=DELETION)
        self._follow_mode(job, at)

    def check_open(self, job: Job) -> None:
        """Refuse a result where there is no window, or it has ended [assumed].

        Raises:
            AwsError: InvalidRequestException.
        """
        if DELETION in job.members or not self.window:
            why = "is over" if self.window else "was 0 hours long"
            raise invalid_request(
                f"Restore job {job.id} cannot be validated: its validation window {why}"
            )

    def end_validation(self, job: Job, at: int) -> None:
        """Delete what was restored, if the validation has a result."""
        if job.members.get(VALIDATION) != UNDECIDED:
            self._take_down(job, at)

    def close(self, job: Job, at: int) -> None:
        """End the window of a validation that has no result yet."""
        if job.members.get(VALIDATION) == UNDECIDED and DELETION not in job.members:
            self._set(job, at, {VALIDATION: "TIMED_OUT"})
            self._take_down(job, at)

    def _take_down(self, job: Job, at: int) -> None:
        """Begin to delete what was restored."""
        self._set(job, at, {DELETION: "DELETING"}, without=DELETION)
        self._follow_mode(job, at)

    def _follow_mode(self, job: Job, at: int) -> None:
        """Let the job's mode end the validation, or the deletion, that goes on."""
        store = store_of(job)
        clockwork = store.organization.clockwork
        if job.members.get(DELETION) == "DELETING":
            if job.mode == "immediate":
                self.delete(job, at)
            elif job.mode == "polls":
                clockwork.polled[job.id] = job
            elif job.mode == "clock":
                self._schedule(store.options.durations["DELETING"], delete, job, at)
        elif job.mode == "clock" and job.members.get(VALIDATION) == UNDECIDED:
            self._schedule(self.window, close, job, at)

    def _schedule(self, after: int, act: Callable[[Job, int], None], job: Job, at: int) -> None:
        """Schedule what ends the present status: so long after it began, but not in the past."""
        since = at if self.changed is None else self.changed
        clockwork = store_of(job).organization.clockwork
        clockwork.schedule(max(at, since + after), functools.partial(act, job))

    def delete(self, job: Job, at: int) -> None:
        """End the deletion.

        Raises:
            FakeBackupError: nothing in the process answers what is asked beside the fake.
        """
        # First: where nothing answers, it goes on.
        ended = self._removed(job)
        store_of(job).organization.clockwork.forget(job)
        self._set(job, at, ended)

    def _removed(self, job: Job) -> Mapping[str, Any]:
        """Delete what the job made beside the fake; return how the deletion ends."""
        store, made = store_of(job), job.members.get("CreatedResourceArn")
        neighbour = store.organization.neighbour
        if neighbour is None or made is None or self.deleted[DELETION] != "SUCCESSFUL":
            return self.deleted
        try:
            neighbour.remove_restored(store.home, made, job.members["ResourceType"])
        except Refusal as refusal:
            return {DELETION: "FAILED", DELETION + MESSAGE: str(refusal)}
        return self.deleted

    def _set(
        self, job: Job, at: int, changes: Mapping[str, Any], *, without: str | None = None
    ) -> None:
        """Set members of the job, without a status and its message."""
        gone = () if without is None else (without, without + MESSAGE)
        kept = {name: value for name, value in job.members.items() if name not in gone}
        moves.replace(job, {**kept, **changes})
        self.changed = at


def test_of(job: Job) -> Test | None:
    """Return the test that a plan's run made of a restore job; None for any other job."""
    then = None if job.request is None else job.request.then
    return then if isinstance(then, Test) else None


# --- When the clock says so -----------------------------------------------------------------


def _moved_by_clock(job: Job) -> Test | None:
    """Return the test of a job that the clock moves still; None for a job that it does not move."""
    return test_of(job) if job.store is not None and job.mode == "clock" else None


def close(job: Job, at: int) -> None:
    """End the window of a job's validation, if it is still open."""
    test = _moved_by_clock(job)
    if test is not None and job.kept_state == "COMPLETED":
        test.close(job, at)


def delete(job: Job, at: int) -> None:
    """End the deletion of what a job restored, if it goes on."""
    test = _moved_by_clock(job)
    if test is not None and job.members.get(DELETION) == "DELETING":
        test.delete(job, at)


def expire(job: Job, at: int) -> None:
    """Let a job fail that found no room until its start window ended."""
    if _moved_by_clock(job) is not None and running.waits(job):
        moves.finish(job, ("FAILED", ({"StatusMessage": _LATE}, frozenset({"StatusMessage"}))), at)


def schedule_expiry(job: Job) -> None:
    """Schedule the failure of a test that waits for room: at the end of its start window."""
    test = test_of(job)
    if test is not None and job.mode == "clock" and running.waits(job):
        clockwork = store_of(job).organization.clockwork
        clockwork.schedule(test.start_by, functools.partial(expire, job))
