"""The service model of AWS Backup in the installed botocore, loaded once."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from botocore.model import ServiceModel

    # Any of botocore's classes of shape: their stubs share no base with the members used.
    Shape = Any


@functools.cache
def service_model() -> ServiceModel:
    """Return the service model of AWS Backup in the loaded botocore."""
    from botocore.loaders import Loader
    from botocore.model import ServiceModel

    return ServiceModel(Loader().load_service_model("backup", "service-2"), "backup")


@functools.cache
def members_of(shape: str) -> Mapping[str, Shape]:
    """Return the members of a structure and their shapes, given the name of its shape."""
    found: Shape = service_model().shape_for(shape)
    members: Mapping[str, Shape] = found.members
    return members
