"""The service model of AWS Backup in the installed botocore, loaded once."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from fakebackup.errors import near, quoted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from botocore.model import OperationModel, ServiceModel

    # Any of botocore's classes of shape: their stubs share no base with the members used.
    Shape = Any


READS = ("List", "Describe", "Get")
"""What the name of an operation begins with that changes nothing."""


@functools.cache
def service_model() -> ServiceModel:
    """Return the service model of AWS Backup in the loaded botocore."""
    from botocore.loaders import Loader
    from botocore.model import ServiceModel

    return ServiceModel(Loader().load_service_model("backup", "service-2"), "backup")


def check_operation(name: object) -> str:
    """Return the name of an operation, and refuse one that AWS Backup does not have.

    Raises:
        ValueError: the loaded botocore has no such operation.
    """
    known = service_model().operation_names
    if not isinstance(name, str) or name not in known:
        msg = f"AWS Backup has no operation {quoted(name)}{near(name, known) or '.'}"
        raise ValueError(msg)
    # As a plain text, whatever class of text was given.
    return known[known.index(name)]


@functools.cache
def members_of(shape: str) -> Mapping[str, Shape]:
    """Return the members of a structure and their shapes, given the name of its shape."""
    found: Shape = service_model().shape_for(shape)
    members: Mapping[str, Shape] = found.members
    return members


def names_vault(operation: OperationModel) -> bool:
    """Return whether an operation's path has the name of a vault, which it does not create."""
    if operation.input_shape is None or operation.name.startswith("Create"):
        return False
    name = operation.input_shape.members.get("BackupVaultName")
    return name is not None and name.serialization.get("location") == "uri"
