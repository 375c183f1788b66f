"""A clock that went back behind what was scheduled under it: told, since nothing of it happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakebackup.errors import number_of, warn
from fakebackup.model.shapes import dates
from fakebackup.model.stores.clockwork import IS_CURRENT

if TYPE_CHECKING:
    from fakebackup.model.stores.clockwork import Act, Clockwork


def check(clockwork: Clockwork, now: int) -> None:
    """Warn once of runs and of jobs' moves that wait for times far from now.

    What happens at a date, as the end of a recovery point, is not among them: it is in time.

    Args:
        clockwork: the clockwork, whose latest instant is behind the present from now on.
        now: the present, more than a day before that.

    Raises:
        FakeBackupWarning: the user's filters make errors of warnings; the next look does not warn.
    """
    before, clockwork.latest = clockwork.latest, now
    if clockwork.told_of_past:
        return
    jobs, runs = [], []
    for at, number, job_or_act in clockwork.due:
        if at <= now:
            continue
        if callable(job_or_act):
            if _runs(job_or_act):
                runs.append(at)
        elif clockwork.waiting.get(job_or_act.id) == (at, number):
            jobs.append(at)
    if not jobs and not runs:
        return
    clockwork.told_of_past = True
    what = [
        *([number_of(len(runs), "scheduled run")] if runs else []),
        *([number_of(len(jobs), "job") + " on the move"] if jobs else []),
    ]
    warn(
        f"The clock went back from {dates.written(before)} to {dates.written(now)}, and what it "
        f"moves by progress='clock' is as it was: {' and '.join(what)} will not go on before "
        f"{dates.written(min(jobs + runs))}. Freeze the time first, and make the plan or start the "
        f"job under the frozen clock. This is said once."
    )


def _runs(act: Act) -> bool:
    """Return whether an act makes a run of a schedule that is still there."""
    is_current = IS_CURRENT.get(getattr(act, "func", None))
    return is_current is not None and is_current(*getattr(act, "args", ()))
