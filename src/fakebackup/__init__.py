"""AWS Backup inside the test process.

The public names, each imported when it is first asked for: a test run that has fakebackup
installed and never uses it pays for nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fakebackup import factories as factories
    from fakebackup.calls import Call as Call
    from fakebackup.errors import EndlessWait as EndlessWait
    from fakebackup.errors import FakeBackupError as FakeBackupError
    from fakebackup.errors import FakeBackupWarning as FakeBackupWarning
    from fakebackup.errors import OperationNotFaked as OperationNotFaked
    from fakebackup.fake import FakeBackup as FakeBackup
    from fakebackup.mock import current as current
    from fakebackup.mock import mock_backup as mock_backup
    from fakebackup.model.jobs.job import Job as Job
    from fakebackup.model.shapes import literals as literals
    from fakebackup.model.vaults.vault import RecoveryPoint as RecoveryPoint
    from fakebackup.model.vaults.vault import Vault as Vault
    from fakebackup.serve.server import Server as Server

__version__ = "0.1.0"

__all__ = [
    "Call",
    "EndlessWait",
    "FakeBackup",
    "FakeBackupError",
    "FakeBackupWarning",
    "Job",
    "OperationNotFaked",
    "RecoveryPoint",
    "Server",
    "Vault",
    "__version__",
    "current",
    "factories",
    "literals",
    "mock_backup",
]

_HOMES = {
    "Call": "fakebackup.calls",
    "EndlessWait": "fakebackup.errors",
    "FakeBackup": "fakebackup.fake",
    "FakeBackupError": "fakebackup.errors",
    "FakeBackupWarning": "fakebackup.errors",
    "Job": "fakebackup.model.jobs.job",
    "OperationNotFaked": "fakebackup.errors",
    "RecoveryPoint": "fakebackup.model.vaults.vault",
    "Server": "fakebackup.serve.server",
    "Vault": "fakebackup.model.vaults.vault",
    "current": "fakebackup.mock",
    "mock_backup": "fakebackup.mock",
}
_MODULES = {
    "factories": "fakebackup.factories",
    "literals": "fakebackup.model.shapes.literals",
    "strategies": "fakebackup.strategies",
}


if not TYPE_CHECKING:  # a type checker would take every misspelt name for a public one

    def __getattr__(name: str) -> Any:
        from importlib import import_module

        if name in _HOMES:
            value = getattr(import_module(_HOMES[name]), name)
        elif name in _MODULES:
            value = import_module(_MODULES[name])
        else:
            msg = f"module 'fakebackup' has no attribute {name!r}"
            raise AttributeError(msg)
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        return sorted(set(globals()) | set(__all__))
