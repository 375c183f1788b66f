"""The engine as a whole: the functions that it gives to the stores of a fake."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakebackup.model.engine import moves
from fakebackup.model.stores.organization import Engine, Organization

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fakebackup.model.jobs.job import Job
    from fakebackup.model.stores.organization import Store
    from fakebackup.options import Options


# Imported late: a fake in which no job moves needs neither events nor copies.


def _leave_behind(organization: Organization, jobs: Sequence[Job]) -> None:
    from fakebackup.model.engine import effects

    effects.leave_behind(organization, jobs)


def _follow_move(store: Store, job: Job, at: int) -> None:
    from fakebackup.model.engine import effects

    effects.follow_move(store, job, at)


_ENGINE = Engine(
    advance=moves.advance,
    leave_behind=_leave_behind,
    follow_move=_follow_move,
    change=moves.change,
    move=moves.move,
    set_mode=moves.set_mode,
)


def new_organization(options: Options) -> Organization:
    """Return an empty organisation that uses this engine."""
    return Organization(options, _ENGINE)
