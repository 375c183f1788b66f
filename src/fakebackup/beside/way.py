"""How a type of resource is found, backed up, restored, copied and deleted beside the fake."""

from __future__ import annotations

import abc
import contextlib
from typing import TYPE_CHECKING, Any, NamedTuple

from fakebackup.model.resources.neighbour import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fakebackup.beside.aws import World
    from fakebackup.model.resources.arns import Home
    from fakebackup.model.resources.neighbour import Backup, Copy, Made, Restore, Restored


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


class Way(abc.ABC):
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

    @abc.abstractmethod
    def find(self, aws: Aws, arn: str | None = None) -> Iterator[Found]:
        """Yield the resources of the type, with their tags.

        Args:
            aws: where they lie.
            arn: the ARN of the only one to find; none is found where it does not exist (an error
                of the service that says so may be raised as well).
        """

    @abc.abstractmethod
    def back_up(self, aws: Aws, asked: Backup) -> Made:
        """Make a backup of a resource."""

    @abc.abstractmethod
    def restore(self, aws: Aws, asked: Restore, content: Any) -> str | Restored:
        """Restore what a backup or a copy kept, as the metadata say.

        Returns:
            The ARN of it, or that and a message for the job.
        """

    def copy(self, aws: Aws, asked: Copy, content: Any) -> Made:  # noqa: ARG002  subclasses use them
        """Copy what a backup kept to another vault, Region or account; `aws` is the source's.

        Raises:
            Refusal: the mock cannot do it; always, where a type does not say how.
        """
        raise Refusal(f"Copy job failed because moto cannot copy backups of {self.resource_type}.")

    def archive(self, aws: Aws, content: Any) -> None:  # noqa: B027  most services have none
        """Move what a backup or a copy kept to cold storage, where the service has it."""

    def delete(self, aws: Aws, content: Any) -> None:  # noqa: B027  as some keep nothing there
        """Delete what a backup or a copy kept; nothing, where it is with the point alone."""

    @abc.abstractmethod
    def remove(self, aws: Aws, arn: str) -> None:
        """Delete what a restore made."""


@contextlib.contextmanager
def where_there() -> Iterator[None]:
    """Let a service refuse what is done: what is to be deleted may be gone already."""
    from botocore.exceptions import ClientError

    with contextlib.suppress(ClientError):
        yield
