"""The vaults of a fake and their tags, as the tagging API of the mock beside it shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from fakebackup.beside.aws import NothingAnswers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakebackup.beside.aws import World
    from fakebackup.beside.undelivered import Undelivered
    from fakebackup.model.resources.arns import Home
    from fakebackup.model.stores.organization import Organization

SERVICE = "resourcegroupstaggingapi"
"""botocore's name of the tagging API."""

_MADE_BY = "fakebackup"
"""The CreatorRequestId of vaults that a fake has made in the mock, this one or one before it."""


class _Tagged(NamedTuple):
    """A vault that has tags: untagged ones are no matter of the tagging API."""

    arn: str
    tags: Mapping[str, str]


class VaultTags:
    """The vaults with tags, made in the AWS Backup of the mock, whose tagging API lists those.

    moto shows no other resources of AWS Backup there.
    """

    def __init__(self, world: World, organization: Organization, undelivered: Undelivered) -> None:
        """Make one that has shown nothing.

        Args:
            world: where they are shown.
            organization: what the fake holds.
            undelivered: what warns.
        """
        self._world = world
        self._organization = organization
        self._undelivered = undelivered
        self._shown: set[Home] = set()

    def show(self) -> None:
        """Make the vaults of the mock those of the fake; the caller does not hold the lock."""
        wanted: dict[Home, dict[str, _Tagged]] = {}
        with self._organization.lock:
            for home, store in self._organization.stores.items():
                wanted[home] = {
                    vault.name: _Tagged(vault.arn, dict(store.tags[vault.arn]))
                    for vault in store.vaults
                    if store.tags.get(vault.arn)
                }
        for home in wanted.keys() | self._shown:
            self._show(home, wanted.get(home, {}))

    def _show(self, home: Home, wanted: Mapping[str, _Tagged]) -> None:
        """Make the vaults of an account and Region, and warn where that fails."""
        try:
            with self._world.answering():
                self._make(home, wanted)
        except NothingAnswers:
            # Nor will it answer the call that is about to be made, which fails by itself.
            return
        except Exception as error:  # noqa: BLE001  the code under test did nothing wrong
            self._undelivered.tell(
                f"The backup vaults of account {home.account} in {home.region} were not shown "
                f"to the tagging API",
                error,
                "Read their tags by AWS Backup's own ListTags.",
                about=(SERVICE, home),
            )
            return
        self._shown.add(home)

    def _make(self, home: Home, wanted: Mapping[str, _Tagged]) -> None:
        backup = self._world.client("backup", home)
        present = {
            each["BackupVaultName"]: each
            for page in backup.get_paginator("list_backup_vaults").paginate()
            for each in page["BackupVaultList"]
        }
        for name, vault in wanted.items():
            if name not in present:
                backup.create_backup_vault(BackupVaultName=name, CreatorRequestId=_MADE_BY)
            _tag(backup, vault.arn, vault.tags)
        for name, each in present.items():
            if name not in wanted and each.get("CreatorRequestId") == _MADE_BY:
                _tag(backup, each["BackupVaultArn"], {})
                backup.delete_backup_vault(BackupVaultName=name)


def _tag(backup: Any, arn: str, wanted: Mapping[str, str]) -> None:
    """Make the tags of a vault in the mock those that are wanted."""
    # moto keeps those of a vault that was deleted.
    present = backup.list_tags(ResourceArn=arn).get("Tags", {})
    gone = [key for key in present if key not in wanted]
    new = {key: value for key, value in wanted.items() if present.get(key) != value}
    if gone:
        backup.untag_resource(ResourceArn=arn, TagKeyList=gone)
    if new:
        backup.tag_resource(ResourceArn=arn, Tags=new)
