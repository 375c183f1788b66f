"""AWS Backup inside the test process.

The public names, each imported when it is first asked for: a test run that has fakebackup
installed and never uses it pays for nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fakebackup import factories as factories
    from fakebackup.errors import EndlessWait as EndlessWait
    from fakebackup.errors import FakeBackupError as FakeBackupError
    from fakebackup.errors import FakeBackupWarning as FakeBackupWarning
    from fakebackup.errors import OperationNotFaked as OperationNotFaked
    from fakebackup.fake import FakeBackup as FakeBackup
    from fakebackup.mock import current as current
    from fakebackup.mock import mock_backup as mock_backup
    from fakebackup.model.jobs.job import Job

__all__ = [
    "EndlessWait",
    "FakeBackup",
    "FakeBackupError",
    "FakeBackupWarning",
    "Job",
    "OperationNotFaked",
    "current",
    "factories",
    "mock_backup",
]

_HOMES = {
    "EndlessWait": "fakebackup.errors",
    "FakeBackup": "fakebackup.fake",
    "FakeBackupError": "fakebackup.errors",
    "FakeBackupWarning": "fakebackup.errors",
    "Job": "fakebackup.model.jobs.job",
    "OperationNotFaked": "fakebackup.errors",
    "current": "fakebackup.mock",
    "mock_backup": "fakebackup.mock",
}


if not TYPE_CHECKING:  # a type checker would take every misspelt name for a public one

    def __getattr__(name: str) -> Any:
        from importlib import import_module

        if name in _HOMES:
            value = getattr(import_module(_HOMES[name]), name)
        elif name in ("factories", "strategies"):
            value = import_module(f"fakebackup.{name}")
        else:
            msg = f"module 'fakebackup' has no attribute {name!r}"
            raise AttributeError(msg)
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        return sorted(set(globals()) | set(__all__))
