"""The indexes of recovery points: they find what a scan of all recovery points finds."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from itertools import chain
from typing import TYPE_CHECKING, Any

import pytest
from freezegun import freeze_time
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from fakebackup import mock_backup
from fakebackup.model import ordered
from fakebackup.model.vaults.vault import point_position
from support.client import client

if TYPE_CHECKING:
    from fakebackup.model.vaults.store import Vaults
    from fakebackup.model.vaults.vault import RecoveryPoint

NOON = datetime(2024, 5, 17, 12, tzinfo=timezone.utc)
VAULTS = ("one", "two")
RESOURCES = [f"arn:aws:ec2:us-east-1:123456789012:volume/vol-{each}" for each in "ab"]
POINTS = [f"arn:aws:ec2:us-east-1::snapshot/snap-{each}" for each in range(8)]
NOWHERE = "arn:aws:ec2:us-east-1::snapshot/snap-none"

names, resources, arns, days = (
    st.sampled_from(VAULTS),
    st.sampled_from(RESOURCES),
    st.sampled_from(POINTS),
    st.integers(-3, 0).map(lambda day: NOON + timedelta(days=day)),
)
# What lists find recovery points by, and what they do not.
members = st.fixed_dictionaries(
    {},
    optional={
        "ResourceArn": st.none() | resources,
        "CreationDate": days,
        "ParentRecoveryPointArn": st.none() | arns,
        "BackupSizeInBytes": st.integers(1, 3),
    },
)


def nested(arn: str, given: dict[str, Any]) -> dict[str, Any]:
    """Members of a recovery point, which is nested in none that may be nested in it."""
    above = given.get("ParentRecoveryPointArn")
    return given if above is None or above < arn else {**given, "ParentRecoveryPointArn": None}


class Points(RuleBasedStateMachine):
    """Adds, changes and removes recovery points; every look-up is compared with a scan."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = freeze_time(NOON)
        self.frozen = self.clock.start()
        self.mock = mock_backup(region="us-east-1", progress="clock")
        self.backup = self.mock.start()
        self.client = client("us-east-1")

    def teardown(self) -> None:
        """Leave the fake, and let time pass."""
        self.mock.stop()
        self.clock.stop()

    @property
    def vaults(self) -> Vaults:
        """The vaults, with what seeded jobs left."""
        return self.backup.backend.organization.store("123456789012", "us-east-1").vaults

    def points(self) -> list[RecoveryPoint]:
        """All recovery points, in the order in which each vault got them."""
        return list(chain.from_iterable(vault.points.values() for vault in self.vaults))

    # --- What happens -----------------------------------------------------------------------

    @rule(name=names, arn=arns, given=members)
    def add(self, name: str, arn: str, given: dict[str, Any]) -> None:
        """Add a recovery point; one that a seeded job left gets other members."""
        before = self.vaults.point(arn)
        if before is None or (before.implied and before.vault.name == name):
            self.backup.add_recovery_point(
                BackupVaultName=name,
                RecoveryPointArn=arn,
                CompletionDate=None,
                **nested(arn, given),
            )

    @rule(name=names, arn=arns, resource=resources, created=days)
    def leave(self, name: str, arn: str, resource: str, created: datetime) -> None:
        """Add a job that leaves a recovery point."""
        if self.vaults.point(arn) is None:
            self.backup.add_backup_job(
                BackupVaultName=name,
                RecoveryPointArn=arn,
                ResourceArn=resource,
                CreationDate=created,
            )

    @precondition(lambda self: self.points())
    @rule(data=st.data(), given=members)
    def replace(self, data: st.DataObject, given: dict[str, Any]) -> None:
        """Give a recovery point other members, as whatever changes one does."""
        point = data.draw(st.sampled_from(self.points()))
        kept = {**point.members, **nested(point.arn, given)}
        if "CreationDate" in given:
            kept["CreationDate"] = round(given["CreationDate"].timestamp() * 1000)
        point.members = {name: value for name, value in kept.items() if value is not None}

    @precondition(lambda self: self.points())
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        """Delete a recovery point through the client, if nothing is nested in it."""
        point = data.draw(st.sampled_from(self.points()))
        above = [each.members.get("ParentRecoveryPointArn") for each in self.points()]
        if point.arn not in above:
            self.client.delete_recovery_point(
                BackupVaultName=point.vault.name, RecoveryPointArn=point.arn
            )

    @precondition(lambda self: any("ParentRecoveryPointArn" in each for each in self.points()))
    @rule(data=st.data())
    def disassociate(self, data: st.DataObject) -> None:
        """Take a nested recovery point from its composite one."""
        nested = [each for each in self.points() if "ParentRecoveryPointArn" in each.members]
        point = data.draw(st.sampled_from(nested))
        self.client.disassociate_recovery_point_from_parent(
            BackupVaultName=point.vault.name, RecoveryPointArn=point.arn
        )

    @precondition(lambda self: self.points())
    @rule(data=st.data())
    def age(self, data: st.DataObject) -> None:
        """Let a recovery point age away."""
        point = data.draw(st.sampled_from(self.points()))
        self.client.update_recovery_point_lifecycle(
            BackupVaultName=point.vault.name,
            RecoveryPointArn=point.arn,
            Lifecycle={"DeleteAfterDays": 1},
        )
        self.frozen.tick(timedelta(days=1, seconds=1))
        self.client.list_backup_vaults()

    @precondition(lambda self: any(not vault.points for vault in self.vaults))
    @rule()
    def delete_vault(self) -> None:
        """Delete a vault that is empty."""
        name = next(vault.name for vault in self.vaults if not vault.points)
        self.client.delete_backup_vault(BackupVaultName=name)

    @precondition(lambda self: len(self.vaults) > 0)
    @rule(data=st.data())
    def remove_vault(self, data: st.DataObject) -> None:
        """Remove a vault with all that lies in it."""
        self.vaults.remove(data.draw(st.sampled_from(list(self.vaults))))

    # --- What is compared ---------------------------------------------------------------------

    @invariant()
    def look_ups_find_what_a_scan_finds(self) -> None:
        """Order, resources and composite recovery points are those of a scan."""
        points = self.points()
        assert self.vaults.points() == sorted(points, key=point_position)
        for vault in self.vaults:
            inside = [each for each in points if each.vault is vault]
            assert list(vault.in_order) == sorted(inside, key=point_position)
            assert [each.number for each in inside] == sorted(each.number for each in inside)
        known = {each.members["ResourceArn"] for each in points if "ResourceArn" in each.members}
        assert self.vaults.resources() == sorted(known)
        for resource in RESOURCES:
            of_it = [each for each in points if each.members.get("ResourceArn") == resource]
            assert list(self.vaults.points_of(resource)) == sorted(of_it, key=point_position)
        for arn in [*POINTS, NOWHERE]:
            nested = [
                each
                for each in points
                if each.members.get("ParentRecoveryPointArn") == arn != each.arn
            ]
            found = self.vaults.nested_in(arn)
            assert sorted(found, key=point_position) == sorted(nested, key=point_position)
            assert [each.number for each in found] == sorted(each.number for each in nested)

    @invariant()
    def clients_are_told_what_a_scan_finds(self) -> None:
        """So are the lists, page by page, and the protected resources."""
        points = sorted(self.points(), key=point_position)
        for vault in self.vaults:
            asked = {"BackupVaultName": vault.name}
            inside = [each.arn for each in points if each.vault is vault]
            assert self._listed("list_recovery_points_by_backup_vault", **asked) == inside
        latest: dict[str, str] = {}
        for each in points:
            latest.setdefault(each.members.get("ResourceArn", ""), each.arn)
        for resource in RESOURCES:
            of_it = [each.arn for each in points if each.members.get("ResourceArn") == resource]
            asked = {"ResourceArn": resource}
            assert self._listed("list_recovery_points_by_resource", **asked) == of_it
            if of_it:
                told = self.client.describe_protected_resource(**asked)
                assert told["LastRecoveryPointArn"] == latest[resource]
        results = self.client.list_protected_resources()["Results"]
        assert {each["ResourceArn"]: each["LastRecoveryPointArn"] for each in results} == {
            resource: arn for resource, arn in latest.items() if resource
        }

    def _listed(self, operation: str, **asked: Any) -> list[str]:
        pages = self.client.get_paginator(operation).paginate(
            **asked, PaginationConfig={"PageSize": 2}
        )
        return [each["RecoveryPointArn"] for page in pages for each in page["RecoveryPoints"]]


def test_every_look_up_finds_what_a_scan_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever comes, changes, ages and goes, lists find recovery points by what they have now."""
    monkeypatch.setattr(ordered, "_BLOCK", 2)
    steps = settings(max_examples=40, stateful_step_count=15)
    run_state_machine_as_test(Points, settings=steps)


class TestChanges:
    @pytest.mark.fake_backup(region="us-east-1")
    def test_points_are_changed_in_one_way(self, backup: Any) -> None:
        """What a vault holds is for reading: nothing comes or goes unnoticed by the lists."""
        point = backup.add_recovery_point(BackupVaultName="one")
        with pytest.raises(TypeError):
            point.vault.points["arn"] = point
        with pytest.raises(TypeError):
            del point.vault.points[point.arn]

    @pytest.mark.fake_backup(region="us-east-1")
    def test_a_page_reads_no_more_than_it_shows(
        self, backup: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A page of few among many recovery points looks at one more than it has."""
        from fakebackup.model.jobs import filters

        for day in range(50):
            backup.add_recovery_point(
                BackupVaultName="one", ResourceArn=RESOURCES[0], CreationDate=NOON - timedelta(day)
            )
        read: list[Any] = []
        passes = filters.passes

        def count(*told: Any) -> bool:
            read.append(told)
            return passes(*told)

        monkeypatch.setattr(filters, "passes", count)
        asked: dict[str, Any] = {"BackupVaultName": "one", "MaxResults": 5}
        made = client("us-east-1")
        for _ in range(5):
            read.clear()
            page = made.list_recovery_points_by_backup_vault(**asked)
            assert len(page["RecoveryPoints"]) == 5
            assert len(read) == 6
            asked["NextToken"] = page["NextToken"]
