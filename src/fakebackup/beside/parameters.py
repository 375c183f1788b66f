"""The parameters of calls: read from the metadata of a restore, and tags as services take them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from fakebackup.model.resources.neighbour import Refusal
from fakebackup.model.shapes.json_text import parse_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import TypeVar

    from fakebackup.model.resources.neighbour import Backup, Copy

    R = TypeVar("R")

SOURCE = "aws:backup:source-resource"
"""The tag that AWS Backup gives to what it makes, with the ARN of the resource."""


def as_tags(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Return tags as most services take them."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def tag_specifications(tags: Mapping[str, str], *kinds: str) -> list[dict[str, Any]] | None:
    """Return tags as EC2 takes them for what it makes; None for none.

    Args:
        tags: the tags.
        kinds: the types of what they are for, as EC2 spells them.
    """
    return [{"ResourceType": each, "Tags": as_tags(tags)} for each in kinds] if tags else None


def of_tags(tags: Iterable[Mapping[str, str]] | None) -> dict[str, str]:
    """Return tags that a service shows as a list of pairs."""
    return {each["Key"]: each["Value"] for each in tags or ()}


def own_tags(asked: Backup | Copy) -> dict[str, str]:
    """Return the tags of what a backup or a copy makes."""
    return {**asked.tags, SOURCE: asked.resource}


def free_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """Return the tags that are not of AWS's own, which nobody else may give."""
    return {key: value for key, value in tags.items() if not key.lower().startswith("aws:")}


class Metadata:
    """The metadata of a restore, read whatever the case of their keys is."""

    def __init__(self, given: Mapping[str, str]) -> None:
        """Read the metadata as they were given."""
        self._given = {key.lower(): value for key, value in given.items()}

    def over(self, given: Mapping[str, str]) -> Metadata:
        """Return metadata that have, besides these, those that are given, which win."""
        return Metadata(self._given | {key.lower(): value for key, value in given.items()})

    def get(self, key: str) -> str | None:
        """Return a value; None where it is missing or empty."""
        return self._given.get(key.lower()) or None

    def needed(self, key: str) -> str:
        """Return a value.

        Raises:
            Refusal: it is missing.
        """
        found = self.get(key)
        if found is None:
            # AWS's words are not known [assumed].
            raise Refusal(f"The restore metadata lack {key}.")
        return found

    def number(self, key: str) -> int | None:
        """Return a whole number; None where it is missing.

        Raises:
            Refusal: it is no whole number.
        """
        return self._read(key, int, "number")

    def json(self, key: str) -> Any:
        """Return a list or an object, which metadata have as JSON text; None where it is missing.

        Raises:
            Refusal: it is no JSON text.
        """
        return self._read(key, parse_json, "JSON")

    def _read(self, key: str, read: Callable[[str], R], what: str) -> R | None:
        found = self.get(key)
        if found is None:
            return None
        try:
            return read(found)
        except ValueError:
            raise Refusal(f"The restore metadata have {found!r} for {key}: no {what}.") from None

    def flag(self, key: str) -> bool | None:
        """Return whether a value says yes; None where it is missing."""
        found = self.get(key)
        return None if found is None else found.lower() == "true"


def present(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of a call that have a value."""
    return {name: value for name, value in settings.items() if value is not None}


def as_json(value: Any) -> str:
    """Return a list or an object as metadata have it: compact JSON text."""
    return json.dumps(value, separators=(",", ":"))


def taken_by(client: Any, operation: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of a call that have a value, and that the installed botocore knows.

    Args:
        client: the client.
        operation: the operation as AWS spells it.
        settings: all parameters.
    """
    known = client.meta.service_model.operation_model(operation).input_shape.members
    return {name: value for name, value in present(settings).items() if name in known}


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
