"""AWS Backup inside the test process.

The public names, each imported when it is first asked for: a test run that has fakebackup
installed and never uses it pays for nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fakebackup import factories as factories
    from fakebackup import literals as literals
    from fakebackup import options as options
    from fakebackup import strategies as strategies
    from fakebackup.calls import Call as Call
    from fakebackup.calls import Calls as Calls
    from fakebackup.errors import EndlessWait as EndlessWait
    from fakebackup.errors import FakeBackupError as FakeBackupError
    from fakebackup.errors import FakeBackupWarning as FakeBackupWarning
    from fakebackup.errors import OperationNotFaked as OperationNotFaked
    from fakebackup.fake import FakeBackup as FakeBackup
    from fakebackup.mock import MockBackup as MockBackup
    from fakebackup.mock import current as current
    from fakebackup.mock import mock_backup as mock_backup
    from fakebackup.model.jobs.job import Job as Job
    from fakebackup.model.reports.shown import Reports as Reports
    from fakebackup.model.vaults.vault import RecoveryPoint as RecoveryPoint
    from fakebackup.model.vaults.vault import Vault as Vault
    from fakebackup.nouns.records import EntryRecord as EntryRecord
    from fakebackup.nouns.resources import ResourceRecord as ResourceRecord
    from fakebackup.serve.server import Server as Server
    from fakebackup.views import JobsView as JobsView
    from fakebackup.views import RecordsView as RecordsView

__version__ = "0.1.0"

__all__ = [
    "Call",
    "Calls",
    "EndlessWait",
    "EntryRecord",
    "FakeBackup",
    "FakeBackupError",
    "FakeBackupWarning",
    "Job",
    "JobsView",
    "MockBackup",
    "OperationNotFaked",
    "RecordsView",
    "RecoveryPoint",
    "Reports",
    "ResourceRecord",
    "Server",
    "Vault",
    "__version__",
    "current",
    "factories",
    "literals",
    "mock_backup",
    "options",
]
if TYPE_CHECKING:  # `import *` would fail where hypothesis is not installed
    __all__ += ["strategies"]

_HOMES = {
    "Call": "fakebackup.calls",
    "Calls": "fakebackup.calls",
    "EndlessWait": "fakebackup.errors",
    "EntryRecord": "fakebackup.nouns.records",
    "FakeBackup": "fakebackup.fake",
    "FakeBackupError": "fakebackup.errors",
    "FakeBackupWarning": "fakebackup.errors",
    "Job": "fakebackup.model.jobs.job",
    "JobsView": "fakebackup.views",
    "MockBackup": "fakebackup.mock",
    "OperationNotFaked": "fakebackup.errors",
    "RecordsView": "fakebackup.views",
    "RecoveryPoint": "fakebackup.model.vaults.vault",
    "Reports": "fakebackup.model.reports.shown",
    "ResourceRecord": "fakebackup.nouns.resources",
    "Server": "fakebackup.serve.server",
    "Vault": "fakebackup.model.vaults.vault",
    "current": "fakebackup.mock",
    "mock_backup": "fakebackup.mock",
}
_MODULES = frozenset({"factories", "literals", "options", "strategies"})


if not TYPE_CHECKING:  # a type checker would take every misspelt name for a public one

    def __getattr__(name: str) -> Any:
        from importlib import import_module

        if name in _HOMES:
            value = getattr(import_module(_HOMES[name]), name)
        elif name in _MODULES:
            value = import_module(f"fakebackup.{name}")
        else:
            msg = f"module 'fakebackup' has no attribute {name!r}"
            raise AttributeError(msg)
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__, *_MODULES})
