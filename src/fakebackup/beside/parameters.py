"""The parameters of a call that restores, from the metadata of the restore."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakebackup.beside.way import present

if TYPE_CHECKING:
    from fakebackup.beside.way import Metadata


def parameters(client: Any, operation: str, metadata: Metadata) -> dict[str, Any]:
    """Return the parameters of an operation that the metadata name, as the service takes them.

    The loaded botocore says which there are: keys that it does not know are left out, as AWS
    Backup leaves out those for information only.

    Args:
        client: a client of the service.
        operation: the name of the operation.
        metadata: the metadata of the restore.
    """
    shape = client.meta.service_model.operation_model(operation).input_shape
    found = {name: _value(metadata, name, member) for name, member in shape.members.items()}
    return present(found)


def _value(metadata: Metadata, name: str, shape: Any) -> Any:
    if shape.type_name in ("list", "structure", "map"):
        return metadata.json(name)
    if shape.type_name in ("integer", "long"):
        return metadata.number(name)
    return metadata.flag(name) if shape.type_name == "boolean" else metadata.get(name)
