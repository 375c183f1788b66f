"""FSx file systems: backups of FSx, and the settings that a restore needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from fakebackup.beside.parameters import Metadata, as_json, as_tags, of_tags, own_tags, taken_by
from fakebackup.beside.way import Found, Way
from fakebackup.model.resources.neighbour import Made, Refusal
from fakebackup.model.resources.points import last_part

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fakebackup.beside.way import Aws
    from fakebackup.model.resources.neighbour import Backup, Restore

_FILE_SYSTEM = "arn:{p}:fsx:{r}:{a}:file-system/"
_BACKUP = "arn:{p}:fsx:{r}:{a}:backup/"


class KeptBackup(NamedTuple):
    """What is kept of a file system.

    Attributes:
        id: the id of the backup.
        settings: how the file system was made, as CreateFileSystem takes it.
    """

    id: str
    settings: Mapping[str, Any]


class FileSystems(Way):
    """FSx file systems; what is kept is a `KeptBackup`.

    They are not copied: moto has no CopyBackup, and its CreateBackup needs the file system.
    """

    resource_type = "FSx"
    # AWS's words are not known; FSx says "does not exist" [assumed].
    gone = "The specified file system does not exist."

    def find(self, aws: Aws, arn: str | None = None) -> Iterator[Found]:
        """Yield the file systems."""
        asked = {} if arn is None else {"FileSystemIds": [last_part(arn)]}
        for page in aws.client("fsx").get_paginator("describe_file_systems").paginate(**asked):
            for each in page["FileSystems"]:
                yield Found(aws.arn(_FILE_SYSTEM) + each["FileSystemId"], of_tags(each.get("Tags")))

    def back_up(self, aws: Aws, asked: Backup) -> Made:
        """Make a backup of a file system."""
        fsx, file_system_id = aws.client("fsx"), last_part(asked.resource)
        # moto describes none, where FSx refuses; and of volumes it knows nothing.
        found = fsx.describe_file_systems(FileSystemIds=[file_system_id])["FileSystems"]
        if not found:
            raise Refusal(self.gone)
        made = fsx.create_backup(FileSystemId=file_system_id, Tags=as_tags(own_tags(asked)))
        backup_id = made["Backup"]["BackupId"]
        settings = {name: found[0][name] for name in _SETTINGS if found[0].get(name)}
        return Made(
            self.resource_type,
            KeptBackup(backup_id, settings),
            aws.arn(_BACKUP) + backup_id,
            None,
            # The keys of AWS's example [documented: guide, restoring FSx].
            {
                name: value if isinstance(value, str) else as_json(value)
                for name, value in {**settings, **_informational(found[0])}.items()
            },
        )

    def restore(self, aws: Aws, asked: Restore, content: KeptBackup) -> str:
        """Make a file system of the settings: moto has no CreateFileSystemFromBackup."""
        fsx, metadata = aws.client("fsx"), Metadata(asked.metadata)
        # The backup must still be there.
        if not fsx.describe_backups(BackupIds=[content.id])["Backups"]:
            raise Refusal(f"FSx resource, {content.id} does not exist")
        asked_for = {
            **{name: metadata.get(name) for name in ("StorageType", "KmsKeyId")},
            "StorageCapacity": metadata.number("StorageCapacity"),
            **{name: metadata.json(name) for name in _LISTS},
            **{name: _members(metadata.json(name)) for name in _CONFIGURATIONS},
        }
        settings = {
            **content.settings,
            **{name: value for name, value in asked_for.items() if value is not None},
            "ClientRequestToken": asked.job_id,
        }
        if asked.tags:
            settings["Tags"] = as_tags({**of_tags(settings.get("Tags")), **asked.tags})
        made = fsx.create_file_system(**taken_by(fsx, "CreateFileSystem", settings))
        return aws.arn(_FILE_SYSTEM) + str(made["FileSystem"]["FileSystemId"])

    def delete(self, aws: Aws, content: KeptBackup) -> None:
        """Delete a backup."""
        aws.client("fsx").delete_backup(BackupId=content.id)

    def remove(self, aws: Aws, arn: str) -> None:
        """Delete a file system."""
        aws.client("fsx").delete_file_system(FileSystemId=last_part(arn))


_LISTS = ("SubnetIds", "SecurityGroupIds")
_CONFIGURATIONS = (
    "LustreConfiguration",
    "OntapConfiguration",
    "OpenZFSConfiguration",
    "WindowsConfiguration",
)
_SETTINGS = (
    "FileSystemType",
    "FileSystemTypeVersion",
    "KmsKeyId",
    "StorageCapacity",
    "StorageType",
    *_LISTS,
    *_CONFIGURATIONS,
)


def _members(given: Any) -> Any:
    """Return an object as FSx spells its members: restore tests begin them with small letters."""
    if not isinstance(given, dict):
        return given
    return {f"{name[:1].upper()}{name[1:]}": value for name, value in given.items()}


def _informational(described: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the metadata have for information, which no restore takes."""
    return {name: described[name] for name in ("FileSystemId", "VpcId") if described.get(name)}
