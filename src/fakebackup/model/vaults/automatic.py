"""The vault of EFS's automatic backups: its request id, and its access policy.

Both are [recorded] (the guide `aws`, What services own).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from fakebackup.model.shapes.requests import AUTOMATIC

if TYPE_CHECKING:
    from fakebackup.model.resources.arns import Home

_DENIED = (
    "DeleteBackupVault",
    "DeleteBackupVaultAccessPolicy",
    "DeleteRecoveryPoint",
    "StartCopyJob",
    "StartRestoreJob",
    "UpdateRecoveryPointLifecycle",
)
_POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Deny",
                "Principal": {"AWS": "*"},
                "Action": [f"backup:{operation}" for operation in _DENIED],
                "Resource": "*",
            }
        ],
    }
)


def request_id(home: Home) -> str:
    """Return the CreatorRequestId of the vault in an account and Region."""
    return f"aws/efs/automatic-backup-{home.account}-{home.region}"


def first_policy(name: str) -> str | None:
    """Return the access policy of a new vault, as JSON text; None where it has none."""
    return _POLICY if name == AUTOMATIC else None
