"""What AWS Backup supports and how an account has set it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakebackup.model.resources import RESOURCE_TYPES
from fakebackup.operations import operation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakebackup.model.account import Caller


@operation("GetSupportedResourceTypes")
def get_supported_resource_types(_caller: Caller, _asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """List the resource types that AWS Backup supports, in every region alike [assumed]."""
    return {"ResourceTypes": list(RESOURCE_TYPES)}
