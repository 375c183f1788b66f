"""How a type of resource is found, backed up, restored, copied and deleted beside the fake."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any, NamedTuple

from fakebackup.model.resources.neighbour import Refusal
from fakebackup.model.shapes.json_text import parse_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from fakebackup.beside.aws import World
    from fakebackup.model.resources.arns import Home
    from fakebackup.model.resources.neighbour import Backup, Copy, Made, Restore, Restored

SOURCE = "aws:backup:source-resource"
"""The tag that AWS Backup gives to what it makes, with the ARN of the resource."""


class Aws(NamedTuple):
    """The rest of AWS as one account sees it in one Region.

    Attributes:
        world: all of it.
        home: the account and the Region.
    """

    world: World
    home: Home

    def client(self, service: str) -> Any:
        """Return a client of a service."""
        return self.world.client(service, self.home)

    def at(self, home: Home) -> Aws:
        """Return what another account sees, or the same in another Region."""
        return Aws(self.world, home)

    def arn(self, pattern: str) -> str:
        """Fill in the partition, Region and account of an ARN: {p}, {r} and {a}."""
        return self.home.arn(pattern)


class Found(NamedTuple):
    """A resource that was found.

    Attributes:
        arn: its ARN.
        tags: its tags.
    """

    arn: str
    tags: Mapping[str, str]


class Way:
    """A type of resource; each subclass is one.

    What a method asks is asked of the service, whose errors end the job with their message.

    Attributes:
        resource_type: the type as AWS Backup spells it.
        gone: AWS Backup's message for a resource that does not exist.
        across_accounts: whether the mock can copy to another account.
        keeps_states: whether a continuous backup keeps what each job has made, for restores to
            an earlier time; else it keeps the latest alone.
    """

    resource_type: str
    gone = "The specified resource was not found."
    across_accounts = False
    keeps_states = False

    def find(self, aws: Aws, arn: str | None = None) -> Iterator[Found]:
        """Yield the resources of the type, with their tags.

        Args:
            aws: where they lie.
            arn: the ARN of the only one to find; none is found where it does not exist (an error
                of the service that says so may be raised as well).
        """
        raise NotImplementedError

    def back_up(self, aws: Aws, asked: Backup) -> Made:
        """Make a backup of a resource."""
        raise NotImplementedError

    def restore(self, aws: Aws, asked: Restore, content: Any) -> str | Restored:
        """Restore what a backup or a copy kept, as the metadata say.

        Returns:
            The ARN of it, or that and a message for the job.
        """
        raise NotImplementedError

    def copy(self, aws: Aws, asked: Copy, content: Any) -> Made:  # noqa: ARG002  subclasses use them
        """Copy what a backup kept to another vault, Region or account; `aws` is the source's.

        Raises:
            Refusal: the mock cannot do it; always, where a type does not say how.
        """
        raise Refusal(f"Copy job failed because moto cannot copy backups of {self.resource_type}.")

    def archive(self, aws: Aws, content: Any) -> None:
        """Move what a backup or a copy kept to cold storage, where the service has it."""

    def delete(self, aws: Aws, content: Any) -> None:
        """Delete what a backup or a copy kept; nothing, where it is with the point alone."""

    def remove(self, aws: Aws, arn: str) -> None:
        """Delete what a restore made."""
        raise NotImplementedError


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
        found = self.get(key)
        if found is None:
            return None
        try:
            return int(found)
        except ValueError:
            raise Refusal(f"The restore metadata have {found!r} for {key}: no number.") from None

    def flag(self, key: str) -> bool | None:
        """Return whether a value says yes; None where it is missing."""
        found = self.get(key)
        return None if found is None else found.lower() == "true"

    def json(self, key: str) -> Any:
        """Return a list or an object, which metadata have as JSON text; None where it is missing.

        Raises:
            Refusal: it is no JSON text.
        """
        found = self.get(key)
        if found is None:
            return None
        try:
            return parse_json(found)
        except ValueError:
            raise Refusal(f"The restore metadata have {found!r} for {key}: no JSON.") from None


def present(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of a call that have a value."""
    return {name: value for name, value in settings.items() if value is not None}


def as_json(value: Any) -> str:
    """Return a list or an object as metadata have it: compact JSON text."""
    return json.dumps(value, separators=(",", ":"))


@contextlib.contextmanager
def where_there() -> Iterator[None]:
    """Let a service refuse what is done: what is to be deleted may be gone already."""
    from botocore.exceptions import ClientError

    with contextlib.suppress(ClientError):
        yield


def taken_by(client: Any, operation: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of a call that have a value, and that the installed botocore knows.

    Args:
        client: the client.
        operation: the operation as AWS spells it.
        settings: all parameters.
    """
    known = client.meta.service_model.operation_model(operation).input_shape.members
    return {name: value for name, value in present(settings).items() if name in known}
