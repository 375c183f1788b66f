"""EFS file systems: their settings, which is all that a mock has of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from fakebackup.beside.parameters import Metadata, as_tags, free_tags, of_tags, taken_by
from fakebackup.beside.way import Found, Way
from fakebackup.model.resources.neighbour import Made
from fakebackup.model.resources.points import last_part

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from fakebackup.beside.way import Aws
    from fakebackup.model.resources.neighbour import Backup, Copy, Restore

_FILE_SYSTEM = "arn:{p}:elasticfilesystem:{r}:{a}:file-system/"


class FileSystem(NamedTuple):
    """What is kept of a file system, as CreateFileSystem and the calls after it take it.

    Attributes:
        id: its id.
        size: its size in bytes.
        settings: how it was made.
        tags: its tags.
        lifecycle: its lifecycle policies.
        policy: its file system policy; None where it has none.
        access_points: its access points.
    """

    id: str
    size: int
    settings: Mapping[str, Any]
    tags: Mapping[str, str]
    lifecycle: tuple[Mapping[str, str], ...]
    policy: str | None
    access_points: tuple[Mapping[str, Any], ...]

    @property
    def metadata(self) -> dict[str, str]:
        """The metadata for a restore [documented for file-system-id; else by analogy, assumed]."""
        return {"file-system-id": self.id, "Encrypted": str(self.settings["Encrypted"]).lower()}


class FileSystems(Way):
    """EFS file systems; what is kept is a `FileSystem`."""

    resource_type = "EFS"
    # AWS's words are not known; EFS says "does not exist" [assumed].
    gone = "The specified file system does not exist."
    across_accounts = True

    def find(self, aws: Aws, arn: str | None = None) -> Iterator[Found]:
        """Yield the file systems."""
        asked = {} if arn is None else {"FileSystemId": last_part(arn)}
        for page in aws.client("efs").get_paginator("describe_file_systems").paginate(**asked):
            for each in page["FileSystems"]:
                yield Found(aws.arn(_FILE_SYSTEM) + each["FileSystemId"], of_tags(each.get("Tags")))

    def back_up(self, aws: Aws, asked: Backup) -> Made:
        """Keep the settings of a file system."""
        efs, file_system_id = aws.client("efs"), last_part(asked.resource)
        found = efs.describe_file_systems(FileSystemId=file_system_id)["FileSystems"][0]
        return self._made(
            FileSystem(
                file_system_id,
                found["SizeInBytes"]["Value"],
                {name: found[name] for name in _SETTINGS if found.get(name) is not None},
                of_tags(found.get("Tags")),
                tuple(
                    efs.describe_lifecycle_configuration(FileSystemId=file_system_id)[
                        "LifecyclePolicies"
                    ]
                ),
                _if_any(efs.describe_file_system_policy, FileSystemId=file_system_id).get("Policy"),
                tuple(_access_points(efs, file_system_id)),
            )
        )

    def _made(self, kept: FileSystem) -> Made:
        return Made(self.resource_type, kept, None, kept.size, kept.metadata)

    def restore(self, aws: Aws, asked: Restore, content: FileSystem) -> str:
        """Make a file system of the settings, or restore into one that exists."""
        efs, metadata = aws.client("efs"), Metadata(asked.metadata)
        if metadata.flag("newFileSystem"):
            return self._make(aws, asked, content)
        # Its files would be in a directory of their own; nothing else of it changes.
        into = metadata.needed("file-system-id")
        found = efs.describe_file_systems(FileSystemId=last_part(into))["FileSystems"][0]
        return aws.arn(_FILE_SYSTEM) + str(found["FileSystemId"])

    def _make(self, aws: Aws, asked: Restore, content: FileSystem) -> str:
        efs, metadata = aws.client("efs"), Metadata(asked.metadata)
        tags = {**free_tags(content.tags), **asked.tags}
        settings: dict[str, Any] = {**content.settings, "Tags": as_tags(tags)}
        settings["CreationToken"] = metadata.get("CreationToken") or asked.job_id
        # The console's names stand for what CreateFileSystem takes in other words [assumed].
        asked_for = {
            "Encrypted": metadata.flag("Encrypted"),
            "KmsKeyId": metadata.get("KmsKeyId"),
            "PerformanceMode": metadata.get("PerformanceMode"),
            "AvailabilityZoneName": metadata.get("availabilityZoneName"),
        }
        settings |= {name: value for name, value in asked_for.items() if value is not None}
        if not settings["Encrypted"]:
            settings.pop("KmsKeyId", None)
        if metadata.flag("singleAzFilesystem") is False:
            settings.pop("AvailabilityZoneName", None)
        made = efs.create_file_system(**taken_by(efs, "CreateFileSystem", settings))["FileSystemId"]
        if content.lifecycle:
            efs.put_lifecycle_configuration(
                FileSystemId=made, LifecyclePolicies=list(content.lifecycle)
            )
        if content.policy is not None:
            efs.put_file_system_policy(FileSystemId=made, Policy=content.policy)
        for number, each in enumerate(content.access_points):
            token = f"{asked.job_id}-{number}"
            efs.create_access_point(ClientToken=token, FileSystemId=made, **each)
        return aws.arn(_FILE_SYSTEM) + str(made)

    def copy(self, aws: Aws, asked: Copy, content: FileSystem) -> Made:
        """Keep the same settings in another vault; elsewhere, without what is of its place."""
        if asked.destination == aws.home:
            return self._made(content)
        settings = {
            name: value for name, value in content.settings.items() if name not in _OF_ITS_PLACE
        }
        # Its policy names the file system, and principals of its account.
        return self._made(content._replace(settings=settings, policy=None))

    def remove(self, aws: Aws, arn: str) -> None:
        """Delete a file system, with what hangs on it."""
        efs, file_system_id = aws.client("efs"), last_part(arn)
        for each in _described_points(efs, file_system_id):
            efs.delete_access_point(AccessPointId=each["AccessPointId"])
        for each in efs.describe_mount_targets(FileSystemId=file_system_id)["MountTargets"]:
            efs.delete_mount_target(MountTargetId=each["MountTargetId"])
        efs.delete_file_system(FileSystemId=file_system_id)


_OF_ITS_PLACE = ("AvailabilityZoneName", "KmsKeyId")
_SETTINGS = (
    *_OF_ITS_PLACE,
    "Encrypted",
    "PerformanceMode",
    "ProvisionedThroughputInMibps",
    "ThroughputMode",
)


def _if_any(ask: Callable[..., dict[str, Any]], **parameters: str) -> dict[str, Any]:
    """Return what a service answers; nothing where it has none, or a mock does not know it."""
    from botocore.exceptions import ClientError

    try:
        return ask(**parameters)
    except (ClientError, NotImplementedError):
        return {}


def _described_points(efs: Any, file_system_id: str) -> list[dict[str, Any]]:
    pages = efs.get_paginator("describe_access_points").paginate(FileSystemId=file_system_id)
    return [each for page in pages for each in page["AccessPoints"]]


def _access_points(efs: Any, file_system_id: str) -> Iterator[dict[str, Any]]:
    """Yield the access points of a file system, as CreateAccessPoint takes them."""
    for each in _described_points(efs, file_system_id):
        settings = {name: each[name] for name in ("PosixUser", "RootDirectory") if each.get(name)}
        yield {**settings, "Tags": as_tags(free_tags(of_tags(each.get("Tags"))))}
