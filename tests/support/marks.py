"""Marks that several files of tests put on their tests."""

from __future__ import annotations

import pytest

from support.constants import TRANSPORTS

each_transport = pytest.mark.parametrize(
    "backup",
    [pytest.param(each, marks=pytest.mark.fake_backup(transport=each)) for each in TRANSPORTS],
    indirect=True,
)
"""Run a test with a fake of each transport."""
