"""What the installed botocore knows of AWS Backup."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel

from support.constants import MIDNIGHT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from botocore.model import Shape

SERVICE_SIDE = {"ServiceUnavailableException", "DependencyFailureException"}


@functools.cache
def model() -> ServiceModel:
    """The model of the installed botocore: read without a client, so that collecting needs none."""
    return ServiceModel(Loader().load_service_model("backup", "service-2"), "backup")


@functools.cache
def paginated() -> frozenset[str]:
    """The operations that the installed botocore has a paginator of."""
    return frozenset(Loader().load_service_model("backup", "paginators-1")["pagination"])


def known(operation: str) -> bool:
    """Whether the installed botocore knows an operation."""
    return operation in model().operation_names


def every(table: Iterable[str]) -> pytest.MarkDecorator:
    """Run a test for each operation, those apart that the installed botocore does not know."""
    absent = pytest.mark.skip(reason="the installed botocore has no such operation")
    return pytest.mark.parametrize(
        "operation",
        [pytest.param(name, marks=() if known(name) else absent) for name in sorted(table)],
    )


def takes(operation: str, *parameters: str) -> bool:
    """Whether the installed botocore knows parameters of an operation."""
    shape = model().operation_model(operation).input_shape
    return shape is not None and set(parameters) <= set(shape.members)


def sends(operation: str, parameters: Any) -> bool:
    """Whether the installed botocore can send parameters, those inside of others included."""
    return _sends(model().operation_model(operation).input_shape, parameters)


def _sends(shape: Any, given: Any) -> bool:
    if shape.type_name == "structure":
        members = shape.members
        return all(n in members and _sends(members[n], each) for n, each in given.items())
    return shape.type_name != "list" or all(_sends(shape.member, each) for each in given)


def is_in_path(operation: str, parameter: str) -> bool:
    """Whether a parameter of an operation is part of its path, and not what it creates."""
    shape = model().operation_model(operation).input_shape
    found: Any = None if shape is None else shape.members.get(parameter)
    located = found is not None and found.serialization.get("location") == "uri"
    return located and not operation.startswith("Create")


def shows(shape: str, member: str) -> bool:
    """Whether the installed botocore knows a member of a shape."""
    described: Any = model().shape_for(shape)
    return member in described.members


def allows(shape: str, *values: str) -> bool:
    """Whether the installed botocore knows values of an enum."""
    enum: Any = model().shape_for(shape)
    return set(values) <= set(enum.enum)


def declared(operation: str) -> set[str]:
    """The client errors that an operation declares."""
    shapes = model().operation_model(operation).error_shapes
    return {shape.name for shape in shapes} - SERVICE_SIDE


def least(shape: Shape | None) -> Any:
    """The least value that botocore lets through for a shape; nothing has no members."""
    some: Any = shape
    if shape is None:
        return {}
    if shape.type_name == "structure":
        return {name: least(some.members[name]) for name in some.required_members}
    if shape.type_name == "list":
        return [least(some.member)]
    if shape.type_name == "string":
        return (some.enum or ["x" * max(1, shape.metadata.get("min", 1))])[0]
    if shape.type_name == "timestamp":
        return MIDNIGHT
    number = max(1, shape.metadata.get("min", 1))
    return {"map": {}, "boolean": True, "integer": number, "long": number}[shape.type_name]


def least_parameters(operation: str) -> Any:
    """The least that an operation can be asked with."""
    return least(model().operation_model(operation).input_shape)
