"""A fake beside another one, filled with its dump."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from fakebackup import FakeBackup
from support.reading import read_everything

if TYPE_CHECKING:
    from fakebackup.options import OptionValues


def hold_dumped(backup: FakeBackup, options: OptionValues) -> None:
    """Hold that a fresh fake with a fake's dump reads like it, and dumps the same text."""
    text = json.dumps(backup.dump())
    homes = sorted((home[0], home[1]) for home in backup.backend.organization.stores)
    with FakeBackup(**options) as other:
        other.load(json.loads(text))
        assert json.dumps(other.dump()) == text
        assert read_everything(other, homes) == read_everything(backup, homes)
