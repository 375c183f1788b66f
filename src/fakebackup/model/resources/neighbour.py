"""The neighbour: the mock of the rest of AWS that a fake stands beside, as the model uses it.

Without the option `beside` there is none, and everything is the fake's own. The package `beside`
has the one that works by boto clients; the model knows this protocol alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fakebackup.model.resources.arns import Home


class Refusal(Exception):  # noqa: N818  it ends a job, it is no error of the fake
    """A job fails: what it was to do cannot be done. The text is its StatusMessage."""


class Key(NamedTuple):
    """What a neighbour files what it made under.

    Attributes:
        home: the account and the Region of the vault that the recovery point lies in.
        arn: the ARN of the recovery point.
    """

    home: Home
    arn: str


class Backup(NamedTuple):
    """A backup to make.

    Attributes:
        home: the account and the Region of the job.
        resource: the ARN of the resource.
        resource_type: its type.
        job_id: the id of the job.
        tags: the tags of the recovery point.
        continuous: whether it is a continuous backup.
        options: the BackupOptions of the job.
    """

    home: Home
    resource: str
    resource_type: str
    job_id: str
    tags: Mapping[str, str]
    continuous: bool = False
    options: Mapping[str, str] = {}


class Copy(NamedTuple):
    """A copy to make.

    Attributes:
        source: what the source is filed under.
        destination: the account and the Region of the vault that it goes to.
        resource: the ARN of the resource.
        resource_type: its type.
        job_id: the id of the job.
        tags: the tags of the source.
        key: the ARN of the key of the vault that it goes to.
    """

    source: Key
    destination: Home
    resource: str
    resource_type: str
    job_id: str
    tags: Mapping[str, str]
    key: str


class Restore(NamedTuple):
    """A restore to make.

    Attributes:
        home: the account and the Region of the job.
        source: what the recovery point is filed under.
        resource: the ARN of the resource that was backed up.
        resource_type: its type.
        job_id: the id of the job.
        metadata: the Metadata of StartRestoreJob, as it was given.
        tags: the tags of what is made, where the service takes some: those of a restore test.
    """

    home: Home
    source: Key
    resource: str
    resource_type: str
    job_id: str
    metadata: Mapping[str, str]
    tags: Mapping[str, str] = {}


class Made(NamedTuple):
    """What a backup or a copy made.

    Attributes:
        resource_type: the type of the resource.
        content: what a restore, a copy and the deletion need; the model does not look at it.
        arn: the ARN of the recovery point, where the service that keeps it gives it; else None.
        size: the size in bytes; None where the service does not say it.
        metadata: the metadata for a restore, as GetRecoveryPointRestoreMetadata shows it; None
            for what the fake shows by default.
    """

    resource_type: str
    content: Any
    arn: str | None = None
    size: int | None = None
    metadata: dict[str, str] | None = None


class Restored(NamedTuple):
    """What a restore made.

    Attributes:
        arn: the ARN of what there is now.
        message: the StatusMessage of the job, which completes nevertheless; None for none.
    """

    arn: str
    message: str | None = None


class Neighbour(Protocol):
    """The mock of the rest of AWS.

    What it makes it files under the recovery point, and deletes once that is gone. Every method
    raises a FakeBackupError where nothing in the process answers its calls.
    """

    def knows(self, resource_type: str | None) -> bool:
        """Return whether it backs up resources of a type; others are the fake's own."""

    def resources(self, home: Home) -> Mapping[str, Mapping[str, str]]:
        """Return the resources that it has in an account and Region, per ARN the tags."""

    def tags_of(self, home: Home, arn: str) -> Mapping[str, str]:
        """Return the tags of a resource; none where it has no such resource."""

    def back_up(self, asked: Backup) -> Made:
        """Make a backup.

        Raises:
            Refusal: the job fails.
        """

    def file(self, key: Key, made: Made, at: int) -> None:
        """File what was made under its recovery point.

        Args:
            key: what it is filed under.
            made: what was made.
            at: when the job completed, in milliseconds: of a continuous backup, what was made
                before may be kept for restores to earlier instants.
        """

    def has(self, key: Key) -> bool:
        """Return whether it has made a recovery point."""

    def copy(self, asked: Copy) -> Made:
        """Make a copy of what it has made.

        Raises:
            Refusal: the job fails.
        """

    def restore(self, asked: Restore) -> Restored:
        """Restore what it has made.

        Raises:
            Refusal: the job fails.
        """

    def remove_restored(self, home: Home, arn: str, resource_type: str) -> None:
        """Delete what a restore made; nothing where it made nothing here.

        Raises:
            Refusal: it cannot be deleted.
        """

    def note_gone(self, home: Home, arn: str) -> None:
        """Note that a recovery point is gone: what was made for it is deleted by `settle`."""

    def note_cold(self, home: Home, arn: str) -> None:
        """Note that a recovery point has turned cold: `settle` moves what was made for it."""

    def note_undone(self) -> None:
        """Note that any recovery point may be gone, since a savepoint was gone back to."""

    def note_report(self, home: Home, bucket: str, files: Mapping[str, str]) -> None:
        """Note the files of a report, by key, which `settle` writes into a bucket."""

    def settle(self) -> None:
        """Delete what is gone, move what is cold, and deliver; the caller has no lock."""

    def leave_to_parent(self) -> None:
        """Let go, in a forked child, of what another thread settles: it does it in the parent."""

    def looked_at(self, service: str) -> None:
        """Show another service what it has to say of the fake, since it is about to be asked.

        The caller does not hold the lock.

        Args:
            service: botocore's name of the service.
        """

    def keep(self) -> Callable[[], None]:
        """Return a function that notes again what is noted now, beside what is noted by then."""

    def clear(self) -> None:
        """Forget what was made, without deleting it."""
