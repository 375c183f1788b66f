"""The engine as a whole: what it gives to the stores that a fake is built of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakebackup.model.engine import due, effects, moves
from fakebackup.model.stores.organization import Engine, Organization

if TYPE_CHECKING:
    from fakebackup.options import Options

_ENGINE = Engine(
    advance=due.advance,
    leave_behind=effects.leave_behind,
    follow_move=effects.follow_move,
    change=moves.change,
    move=moves.move,
    set_mode=moves.set_mode,
)


def new_organization(options: Options) -> Organization:
    """Return an organisation that holds nothing, moved by this engine."""
    return Organization(options, _ENGINE)
