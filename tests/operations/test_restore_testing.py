"""Restore testing plans and selections, through a real client; what a test would restore with."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from freezegun import freeze_time

from support.botocore_model import declared, sends
from support.client import call, pages, refused, tags_of
from support.constants import ACCOUNT, OTHER_ACCOUNT, OTHER_REGION, REGION, ROLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fakebackup import FakeBackup

NOW = datetime(2026, 11, 22, 3, 0, 0, 250_000, tzinfo=timezone.utc)
VAULT_ARN = f"arn:aws:backup:{REGION}:{ACCOUNT}:backup-vault:v1"
CHOICE: dict[str, Any] = {
    "Algorithm": "LATEST_WITHIN_WINDOW",
    "IncludeVaults": ["*"],
    "RecoveryPointTypes": ["SNAPSHOT"],
}
DAILY = "cron(0 12 ? * * *)"


pytestmark = pytest.mark.fake_backup(region=REGION)


@pytest.fixture(autouse=True)
def _no_events(backup: FakeBackup) -> Iterator[None]:
    """Nothing here emits an event."""
    yield
    assert backup.events == []


def plan(name: str = "plan", **members: Any) -> dict[str, Any]:
    """A restore testing plan as it is sent."""
    return {
        "RestoreTestingPlanName": name,
        "ScheduleExpression": DAILY,
        "RecoveryPointSelection": CHOICE,
        **members,
    }


def make(name: str = "plan", **parameters: Any) -> Any:
    """Make a restore testing plan."""
    return call("CreateRestoreTestingPlan", RestoreTestingPlan=plan(name), **parameters)


def get(name: str = "plan") -> Any:
    """A restore testing plan as it is read."""
    return call("GetRestoreTestingPlan", RestoreTestingPlanName=name)["RestoreTestingPlan"]


def names(**parameters: Any) -> list[str]:
    """The names of the plans that are listed."""
    listed = call("ListRestoreTestingPlans", **parameters)["RestoreTestingPlans"]
    return [each["RestoreTestingPlanName"] for each in listed]


def selection(name: str = "selection", **members: Any) -> dict[str, Any]:
    """A selection as it is sent."""
    return {
        "RestoreTestingSelectionName": name,
        "ProtectedResourceType": "EBS",
        "IamRoleArn": ROLE,
        **(members or {"ProtectedResourceArns": ["*"]}),
    }


def select(name: str = "selection", of: str = "plan", **parameters: Any) -> Any:
    """Make a selection of a plan."""
    asked: dict[str, Any] = {
        "RestoreTestingPlanName": of,
        "RestoreTestingSelection": selection(name),
    }
    return call("CreateRestoreTestingSelection", **asked, **parameters)


def selected(name: str = "selection", of: str = "plan") -> Any:
    """A selection as it is read."""
    asked = {"RestoreTestingPlanName": of, "RestoreTestingSelectionName": name}
    return call("GetRestoreTestingSelection", **asked)["RestoreTestingSelection"]


def selections(of: str = "plan") -> list[str]:
    """The names of the selections of a plan that are listed."""
    listed = call("ListRestoreTestingSelections", RestoreTestingPlanName=of)
    return [each["RestoreTestingSelectionName"] for each in listed["RestoreTestingSelections"]]


NO_CONDITIONS: dict[str, Any] = {"StringEquals": [], "StringNotEquals": []}


def equals(key: str = "backup", value: str = "daily") -> dict[str, Any]:
    """Conditions of a selection."""
    return {"StringEquals": [{"Key": key, "Value": value}]}


class TestPlans:
    @freeze_time(NOW)
    def test_round_trip(self, backup: FakeBackup) -> None:
        """What is created is read and listed alike, with AWS's defaults, and deleted."""
        made = make(CreatorRequestId="r.1")
        arn = made["RestoreTestingPlanArn"]
        place, _, name = arn.rpartition(":")
        assert place == f"arn:aws:backup:{REGION}:{ACCOUNT}:restore-testing-plan"
        assert re.fullmatch(r"plan-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", name)
        assert made == {
            "RestoreTestingPlanName": "plan",
            "RestoreTestingPlanArn": arn,
            "CreationTime": NOW,
        }
        own = {
            **made,
            "ScheduleExpression": DAILY,
            "ScheduleExpressionTimezone": "Etc/UTC",
            "StartWindowHours": 24,
        }
        choice = {**CHOICE, "ExcludeVaults": [], "SelectionWindowDays": 30}
        assert get() == {**own, "CreatorRequestId": "r.1", "RecoveryPointSelection": choice}
        assert call("ListRestoreTestingPlans")["RestoreTestingPlans"] == [own]
        assert call("DeleteRestoreTestingPlan", RestoreTestingPlanName="plan") == {}
        assert names() == []
        error = refused(backup, "GetRestoreTestingPlan", RestoreTestingPlanName="plan")
        assert error["Error"]["Code"] == "ResourceNotFoundException"

    @pytest.mark.usefixtures("backup")
    def test_what_is_sent_comes_back(self) -> None:
        """Every member of a plan is kept."""
        sent = plan(
            "full_1",
            ScheduleExpressionTimezone="Asia/Tokyo",
            StartWindowHours=168,
            RecoveryPointSelection={
                "Algorithm": "RANDOM_WITHIN_WINDOW",
                "IncludeVaults": [VAULT_ARN, "arn:aws:backup:*:*:backup-vault:asdf-*"],
                "ExcludeVaults": [VAULT_ARN],
                "RecoveryPointTypes": ["CONTINUOUS", "SNAPSHOT"],
                "SelectionWindowDays": 365,
            },
        )
        call("CreateRestoreTestingPlan", RestoreTestingPlan=sent)
        found = get("full_1")
        assert {name: found[name] for name in sent} == sent

    def test_an_update(self, backup: FakeBackup) -> None:
        """What an update names is new, the rest is as it was."""
        with freeze_time(NOW):
            made = make()
        before = get()
        assert "LastUpdateTime" not in before
        later = NOW + timedelta(hours=1)
        with freeze_time(later):
            changed = call(
                "UpdateRestoreTestingPlan",
                RestoreTestingPlanName="plan",
                RestoreTestingPlan={"ScheduleExpression": "cron(0 1 * * ? *)"},
            )
        assert changed == {**made, "UpdateTime": later}
        expression = {"ScheduleExpression": "cron(0 1 * * ? *)"}
        assert get() == {**before, **expression, "LastUpdateTime": later}
        (listed,) = call("ListRestoreTestingPlans")["RestoreTestingPlans"]
        assert listed["LastUpdateTime"] == later
        update: dict[str, Any] = {
            "ScheduleExpressionTimezone": "Europe/Berlin",
            "StartWindowHours": 1,
            "RecoveryPointSelection": {**CHOICE, "IncludeVaults": [VAULT_ARN]},
        }
        asked: dict[str, Any] = {"RestoreTestingPlanName": "plan", "RestoreTestingPlan": update}
        call("UpdateRestoreTestingPlan", **asked)
        found = get()
        assert (found["StartWindowHours"], found["ScheduleExpressionTimezone"]) == (
            1,
            "Europe/Berlin",
        )
        choice = {**CHOICE, "IncludeVaults": [VAULT_ARN]}
        defaults = {"ExcludeVaults": [], "SelectionWindowDays": 30}
        assert found["RecoveryPointSelection"] == {**choice, **defaults}
        asked["RestoreTestingPlan"] = {"StartWindowHours": 2, "RecoveryPointSelection": {}}
        refused(backup, "UpdateRestoreTestingPlan", **asked)
        assert get() == found

    def test_tags(self, backup: FakeBackup) -> None:
        """A plan is made with tags, takes others, and takes them with it."""
        arn = make(Tags={"a": "1"})["RestoreTestingPlanArn"]
        call("TagResource", ResourceArn=arn, Tags={"b": "2"})
        assert call("ListTags", ResourceArn=arn)["Tags"] == {"a": "1", "b": "2"}
        call("DeleteRestoreTestingPlan", RestoreTestingPlanName="plan")
        refused(backup, "ListTags", ResourceArn=arn)
        assert not tags_of(backup)

    def test_a_request_id_makes_one_plan(self, backup: FakeBackup) -> None:
        """The same request id returns the plan that it made, until that is deleted."""
        first = make(CreatorRequestId="id-1")
        assert make(CreatorRequestId="id-1") == first
        assert make("other", CreatorRequestId="id-1") == first
        error = refused(backup, "CreateRestoreTestingPlan", RestoreTestingPlan=plan())
        assert error["Error"]["Code"] == "AlreadyExistsException"
        call("DeleteRestoreTestingPlan", RestoreTestingPlanName="plan")
        make(CreatorRequestId="id-2")
        again = make("again", CreatorRequestId="id-1")
        assert again["RestoreTestingPlanName"] == "again"

    def test_accounts_and_regions_are_apart(self, backup: FakeBackup) -> None:
        """A plan is seen in its account and region alone, and its name is free in others."""
        make()
        with backup.acting_as(OTHER_ACCOUNT):
            assert names() == []
            assert f":{OTHER_ACCOUNT}:" in make()["RestoreTestingPlanArn"]
        assert names(region=OTHER_REGION) == []
        make("there", region=OTHER_REGION)
        assert names() == ["plan"]

    @pytest.mark.usefixtures("backup")
    @pytest.mark.parametrize("size", [1, 2, 3])
    def test_pages_survive_what_happens_between(self, size: int) -> None:
        """A plan that is made or deleted between two pages neither repeats nor hides another."""
        for number in range(5):
            make(f"p{number}")
        seen: list[str] = []
        for number, page in enumerate(
            pages("ListRestoreTestingPlans", size, "RestoreTestingPlans")
        ):
            seen += [each["RestoreTestingPlanName"] for each in page]
            if number == 0:
                call("DeleteRestoreTestingPlan", RestoreTestingPlanName="p0")
                make("late")
        assert seen == ["p0", "p1", "p2", "p3", "p4", "late"]


class TestSelections:
    @freeze_time(NOW)
    def test_round_trip(self, backup: FakeBackup) -> None:
        """What is created is read as it was sent, listed and deleted."""
        arn = make()["RestoreTestingPlanArn"]
        sent = {
            **selection(),
            "ProtectedResourceConditions": {
                "StringEquals": [{"Key": "aws:ResourceTag/backup", "Value": "daily"}],
                "StringNotEquals": [{"Key": "stage", "Value": ""}],
            },
            "RestoreMetadataOverrides": {"availabilityZone": "us-east-1b"},
            "ValidationWindowHours": 0,
        }
        made = call(
            "CreateRestoreTestingSelection",
            RestoreTestingPlanName="plan",
            RestoreTestingSelection=sent,
            CreatorRequestId="r.1",
        )
        named = {"RestoreTestingPlanName": "plan", "RestoreTestingSelectionName": "selection"}
        assert made == {**named, "RestoreTestingPlanArn": arn, "CreationTime": NOW}
        own = {"RestoreTestingPlanName": "plan", "CreationTime": NOW}
        assert selected() == {**sent, **own, "CreatorRequestId": "r.1"}
        (listed,) = call("ListRestoreTestingSelections", RestoreTestingPlanName="plan")[
            "RestoreTestingSelections"
        ]
        shown = ("RestoreTestingSelectionName", "ProtectedResourceType", "IamRoleArn")
        expected = {name: sent[name] for name in (*shown, "ValidationWindowHours")}
        assert listed == {**own, **expected}
        assert call("DeleteRestoreTestingSelection", **named) == {}
        assert selections() == []
        refused(backup, "GetRestoreTestingSelection", **named)

    @pytest.mark.usefixtures("backup")
    @pytest.mark.parametrize(
        "members",
        [
            {"ProtectedResourceArns": ["*"]},
            {"ProtectedResourceArns": ["*"], "ProtectedResourceConditions": equals()},
            {"ProtectedResourceConditions": equals("k" * 128, "v" * 256)},
            {"ProtectedResourceArns": [f"arn:aws:s3:::bucket-{n}" for n in range(30)]},
        ],
    )
    def test_what_may_be_sent(self, members: dict[str, Any]) -> None:
        """Specific ARNs, a wildcard with or without conditions, or conditions alone."""
        make()
        asked = {"RestoreTestingPlanName": "plan"}
        sent = selection(**members)
        call("CreateRestoreTestingSelection", RestoreTestingSelection=sent, **asked)
        found = selected()
        conditions = {**NO_CONDITIONS, **sent.pop("ProtectedResourceConditions", {})}
        assert found["ProtectedResourceConditions"] == conditions
        assert {name: found[name] for name in sent} == sent

    @pytest.mark.usefixtures("backup")
    def test_conditions_are_always_there(self) -> None:
        """Without conditions both lists are empty [reported: terraform's provider].

        The list that is not given beside the other is empty, too [medium].
        """
        make()
        select()
        assert selected()["ProtectedResourceConditions"] == NO_CONDITIONS
        conditions = {"StringNotEquals": [{"Key": "aws:ResourceTag/a", "Value": "b"}]}
        asked = {"RestoreTestingPlanName": "plan", "RestoreTestingSelectionName": "selection"}
        update = {"ProtectedResourceArns": ["*"], "ProtectedResourceConditions": conditions}
        call("UpdateRestoreTestingSelection", **asked, RestoreTestingSelection=update)
        shown = selected()["ProtectedResourceConditions"]
        assert shown == {"StringEquals": [], **conditions}

    def test_an_update(self, backup: FakeBackup) -> None:
        """What an update names is new, the rest is as it was; ARNs and conditions exclude."""
        with freeze_time(NOW):
            make()
            made = select()
        before = selected()
        named = {"RestoreTestingPlanName": "plan", "RestoreTestingSelectionName": "selection"}
        later = NOW + timedelta(hours=1)
        role = f"arn:aws:iam::{ACCOUNT}:role/other"
        arns = ["arn:aws:s3:::bucket"]
        with freeze_time(later):
            changed = call(
                "UpdateRestoreTestingSelection",
                **named,
                RestoreTestingSelection={"IamRoleArn": role, "ProtectedResourceArns": arns},
            )
        assert changed == {**made, "UpdateTime": later}
        after = {**before, "IamRoleArn": role, "ProtectedResourceArns": arns}
        assert selected() == after
        for update in (
            {"ProtectedResourceConditions": equals()},
            {"IamRoleArn": "role"},
            {"ValidationWindowHours": 169},
        ):
            asked: dict[str, Any] = {**named, "RestoreTestingSelection": update}
            error = refused(backup, "UpdateRestoreTestingSelection", **asked)
            assert error["Error"]["Code"] == "InvalidParameterValueException"
        more: dict[str, Any] = {
            "RestoreMetadataOverrides": {"a": "b"},
            "ValidationWindowHours": 168,
            "ProtectedResourceArns": ["*"],
            "ProtectedResourceConditions": equals(),
        }
        call("UpdateRestoreTestingSelection", **named, RestoreTestingSelection=more)
        conditions = {**NO_CONDITIONS, **equals()}
        assert selected() == {**after, **more, "ProtectedResourceConditions": conditions}

    def test_each_plan_has_its_own(self, backup: FakeBackup) -> None:
        """A name is unique in its plan, which stays as long as it has selections."""
        make()
        make("other")
        select()
        select(of="other")
        assert selections() == selections("other") == ["selection"]
        asked = {"RestoreTestingPlanName": "plan", "RestoreTestingSelection": selection()}
        error = refused(backup, "CreateRestoreTestingSelection", **asked)
        assert error["Error"]["Code"] == "AlreadyExistsException"
        error = refused(backup, "DeleteRestoreTestingPlan", RestoreTestingPlanName="plan")
        assert error["Error"]["Code"] == "InvalidRequestException"
        named = {"RestoreTestingPlanName": "plan", "RestoreTestingSelectionName": "selection"}
        call("DeleteRestoreTestingSelection", **named)
        call("DeleteRestoreTestingPlan", RestoreTestingPlanName="plan")
        assert selections("other") == ["selection"]

    @pytest.mark.usefixtures("backup")
    def test_a_request_id_makes_one_selection(self) -> None:
        """The same request id returns the selection that it made, until that is deleted."""
        make()
        first = select(CreatorRequestId="id-1")
        assert select("other", CreatorRequestId="id-1") == first
        named = {"RestoreTestingPlanName": "plan", "RestoreTestingSelectionName": "selection"}
        call("DeleteRestoreTestingSelection", **named)
        select("other", CreatorRequestId="id-1")
        assert selections() == ["other"]

    @pytest.mark.usefixtures("backup")
    def test_a_request_id_counts_within_its_plan(self) -> None:
        """Two plans' selections with one CreatorRequestId are two [assumed]."""
        for of in ("one", "two"):
            make(of)
            asked = {"of": of, "CreatorRequestId": "id-1"}
            assert select(**asked) == select("other", **asked)
            assert selections(of) == ["selection"]

    def test_accounts_and_regions_are_apart(self, backup: FakeBackup) -> None:
        """A selection is seen in its account and region alone."""
        make()
        select()
        with backup.acting_as(OTHER_ACCOUNT):
            make()
            assert selections() == []
        make(region=OTHER_REGION)
        named = {"RestoreTestingPlanName": "plan", "RestoreTestingSelectionName": "selection"}
        refused(backup, "GetRestoreTestingSelection", region=OTHER_REGION, **named)

    @pytest.mark.usefixtures("backup")
    @pytest.mark.parametrize("size", [1, 2, 3])
    def test_pages_survive_what_happens_between(self, size: int) -> None:
        """A selection that comes or goes between two pages neither repeats nor hides another."""
        make()
        make("other")
        for number in range(5):
            select(f"s{number}")
            select(f"hidden{number}", of="other")
        seen: list[str] = []
        listed = pages(
            "ListRestoreTestingSelections",
            size,
            "RestoreTestingSelections",
            RestoreTestingPlanName="plan",
        )
        for number, page in enumerate(listed):
            seen += [each["RestoreTestingSelectionName"] for each in page]
            if number == 0:
                call(
                    "DeleteRestoreTestingSelection",
                    RestoreTestingPlanName="plan",
                    RestoreTestingSelectionName="s0",
                )
                select("late")
        assert seen == ["s0", "s1", "s2", "s3", "s4", "late"]


class TestInferredMetadata:
    def infer(self, backup: FakeBackup, **members: Any) -> Any:
        """The metadata of a recovery point that is seeded with members."""
        point = backup.add_recovery_point(BackupVaultName="vault", **members)
        asked = {"BackupVaultName": "vault", "RecoveryPointArn": point.arn}
        first = call("GetRestoreTestingInferredMetadata", **asked)["InferredMetadata"]
        assert call("GetRestoreTestingInferredMetadata", **asked)["InferredMetadata"] == first
        return first

    def test_types(self, backup: FakeBackup) -> None:
        """Each type that can be tested has the keys that AWS's guide lists."""
        assert self.infer(backup, ResourceType="EBS") == {
            "availabilityZone": "us-east-1a",
            "encrypted": "true",
        }
        assert self.infer(backup, ResourceType="EC2") == {
            "disableApiTermination": "false",
            "instanceType": "t3.micro",
            "requiredImdsV2": "true",
        }
        arn = f"arn:aws:elasticfilesystem:{REGION}:{ACCOUNT}:file-system/fs-12"
        assert self.infer(backup, ResourceArn=arn) == {
            "encrypted": "true",
            "file-system-id": "fs-12",
            "kmsKeyId": "alias/aws/elasticfilesystem",
            "newFileSystem": "true",
            "performanceMode": "generalPurpose",
        }
        lustre = json.loads(self.infer(backup, ResourceType="FSx")["lustreConfiguration"])
        assert lustre == {"automaticBackupRetentionDays": 0}

    @pytest.mark.parametrize(
        ("kind", "engine"),
        [("Aurora", "aurora"), ("DocumentDB", "docdb"), ("Neptune", "neptune")],
    )
    def test_clusters(self, backup: FakeBackup, kind: str, engine: str) -> None:
        """A cluster gets zones, a new identifier, and the engine of its recovery point."""
        found = self.infer(backup, ResourceType=kind)
        assert json.loads(found.pop("availabilityZones")) == [
            "us-east-1a",
            "us-east-1b",
            "us-east-1c",
        ]
        assert found.pop("dbClusterIdentifier").startswith("awsbackup-restore-test-")
        assert found == {"engine": engine}

    @pytest.mark.parametrize(
        ("kind", "name", "others"),
        [
            (
                "DynamoDB",
                "targetTableName",
                {"deletionProtection": "false", "encryptionType": "Default"},
            ),
            (
                "RDS",
                "dbInstanceIdentifier",
                {"deletionProtection": "false", "multiAz": "false", "publiclyAccessible": "false"},
            ),
            (
                "S3",
                "destinationBucketName",
                {
                    "encrypted": "true",
                    "encryptionType": "SSE-S3",
                    "newBucket": "true",
                    "restoreACLs": "true",
                },
            ),
        ],
    )
    def test_new_names(
        self, backup: FakeBackup, kind: str, name: str, others: dict[str, str]
    ) -> None:
        """What is restored gets a new name, another for each recovery point."""
        found = [self.infer(backup, ResourceType=kind) for _ in range(2)]
        made = {each.pop(name) for each in found}
        assert len(made) == 2
        assert all(each.startswith("awsbackup-restore-test-") for each in made)
        assert found == [others, others]

    def test_its_own_metadata(self, backup: FakeBackup) -> None:
        """What a recovery point has of its own metadata counts, the usual stands for the rest."""
        point = backup.add_recovery_point(BackupVaultName="vault", ResourceType="EC2")
        asked = {"BackupVaultName": "vault", "RecoveryPointArn": point.arn}
        for metadata, expected in (
            ({"InstanceType": "m5.large"}, "m5.large"),
            ({"a": "b"}, "t3.micro"),
        ):
            point.metadata = metadata
            found = call("GetRestoreTestingInferredMetadata", **asked)["InferredMetadata"]
            assert found["instanceType"] == expected

    def test_in_another_account(self, backup: FakeBackup) -> None:
        """A recovery point in a vault that is shared is found by the vault's account."""
        theirs = backup.at(account_id=OTHER_ACCOUNT)
        theirs.add_vault(BackupVaultName="gapped", VaultType="LOGICALLY_AIR_GAPPED_BACKUP_VAULT")
        point = theirs.add_recovery_point(BackupVaultName="gapped")
        found = call(
            "GetRestoreTestingInferredMetadata",
            BackupVaultName="gapped",
            BackupVaultAccountId=OTHER_ACCOUNT,
            RecoveryPointArn=point.arn,
        )
        assert found["InferredMetadata"]["encrypted"] == "true"


INVALID, MISSING = "InvalidParameterValueException", "MissingParameterValueException"
REQUEST, NOT_FOUND = "InvalidRequestException", "ResourceNotFoundException"
LIMIT, EXISTS, CONFLICT = "LimitExceededException", "AlreadyExistsException", "ConflictException"
CREATE, UPDATE = "CreateRestoreTestingPlan", "UpdateRestoreTestingPlan"
SELECT, RESELECT = "CreateRestoreTestingSelection", "UpdateRestoreTestingSelection"
INFER = "GetRestoreTestingInferredMetadata"
LISTS = ("ListRestoreTestingPlans", "ListRestoreTestingSelections")
ONE_PLAN = ("GetRestoreTestingPlan", UPDATE, "ListRestoreTestingSelections", SELECT)
ONE_SELECTION = ("GetRestoreTestingSelection", "DeleteRestoreTestingSelection", RESELECT)
BUCKETS = [f"arn:aws:s3:::bucket-{number}" for number in range(31)]
POINT = f"arn:aws:backup:{REGION}:{ACCOUNT}:recovery-point:stack"


def empty(operation: str) -> str:
    """What an operation answers to an empty name."""
    return next(code for code in (MISSING, INVALID, NOT_FOUND) if code in declared(operation))


def plans(code: str, **members: Any) -> list[tuple[str, dict[str, Any], str]]:
    """A bad plan, to be made and to be changed to."""
    return [
        (CREATE, {"RestoreTestingPlan": {**plan("fresh"), **members}}, code),
        (UPDATE, {"RestoreTestingPlan": members}, code),
    ]


def choices(code: str, **members: Any) -> list[tuple[str, dict[str, Any], str]]:
    """A bad choice of recovery points, to be made and to be changed to."""
    kept = {name: value for name, value in {**CHOICE, **members}.items() if value is not None}
    return plans(code, RecoveryPointSelection=kept)


def bad(code: str, **members: Any) -> list[tuple[str, dict[str, Any], str]]:
    """A bad selection, to be made and to be changed to."""
    fresh = {**selection("fresh"), **members}
    made = (SELECT, {"RestoreTestingSelection": fresh}, code)
    if members.keys() & {"RestoreTestingSelectionName", "ProtectedResourceType"}:
        return [made]
    return [made, (RESELECT, {"RestoreTestingSelection": members}, code)]


def too_many(cases: list[tuple[str, dict[str, Any], str]]) -> Iterator[tuple[Any, ...]]:
    """Cases of more than a quota: an update declares no LimitExceededException [assumed]."""
    for operation, parameters, code in cases:
        yield operation, parameters, code if code in declared(operation) else INVALID


def conditions(*pairs: tuple[str, str]) -> dict[str, Any]:
    """Conditions of a selection."""
    return {"StringNotEquals": [{"Key": key, "Value": value} for key, value in pairs]}


ERRORS: list[tuple[str, dict[str, Any], str]] = [
    *((name, {"RestoreTestingPlanName": "none"}, NOT_FOUND) for name in ONE_PLAN),
    *((name, {"RestoreTestingPlanName": ""}, empty(name)) for name in ONE_PLAN),
    *((name, {"RestoreTestingPlanName": "none"}, NOT_FOUND) for name in ONE_SELECTION),
    *((name, {"RestoreTestingSelectionName": "none"}, NOT_FOUND) for name in ONE_SELECTION),
    *((name, {"RestoreTestingSelectionName": ""}, empty(name)) for name in ONE_SELECTION),
    *((name, {"NextToken": "none"}, INVALID) for name in LISTS),
    *((name, {"MaxResults": 1001}, INVALID) for name in LISTS),
    *((name, {"CreatorRequestId": "a b"}, INVALID) for name in (CREATE, SELECT)),
    ("DeleteRestoreTestingPlan", {"RestoreTestingPlanName": "none"}, REQUEST),
    ("DeleteRestoreTestingPlan", {"RestoreTestingPlanName": ""}, REQUEST),
    ("DeleteRestoreTestingPlan", {"RestoreTestingPlanName": "plan"}, REQUEST),
    (CREATE, {"RestoreTestingPlan": plan()}, EXISTS),
    (CREATE, {"RestoreTestingPlan": plan("")}, MISSING),
    (CREATE, {"RestoreTestingPlan": plan("a-plan")}, INVALID),
    (CREATE, {"RestoreTestingPlan": plan("n" * 51)}, INVALID),
    (CREATE, {"Tags": {str(number): "" for number in range(51)}}, LIMIT),
    *plans(INVALID, ScheduleExpression="rate(1 day)"),
    *plans(INVALID, ScheduleExpression="cron(0/30 * * * ? *)"),
    (CREATE, {"RestoreTestingPlan": {**plan("fresh"), "ScheduleExpression": ""}}, MISSING),
    (UPDATE, {"RestoreTestingPlan": {"ScheduleExpression": ""}}, INVALID),
    (UPDATE, {"RestoreTestingPlan": {"ScheduleExpressionTimezone": "localtime"}}, INVALID),
    *plans(INVALID, ScheduleExpressionTimezone="Berlin"),
    *plans(INVALID, StartWindowHours=0),
    *plans(INVALID, StartWindowHours=169),
    *choices(MISSING, Algorithm=None),
    *choices(MISSING, IncludeVaults=None),
    *choices(MISSING, IncludeVaults=[]),
    *choices(MISSING, RecoveryPointTypes=[]),
    *choices(INVALID, Algorithm="OLDEST"),
    *choices(INVALID, RecoveryPointTypes=["ALL"]),
    *choices(INVALID, IncludeVaults=["vault"]),
    *choices(INVALID, ExcludeVaults=["vault"]),
    *too_many(choices(LIMIT, IncludeVaults=[VAULT_ARN] * 31)),
    *choices(INVALID, SelectionWindowDays=0),
    *choices(INVALID, SelectionWindowDays=366),
    (SELECT, {"RestoreTestingSelection": selection("taken")}, EXISTS),
    *bad(MISSING, RestoreTestingSelectionName=""),
    *bad(INVALID, RestoreTestingSelectionName="a-selection"),
    *bad(INVALID, RestoreTestingSelectionName="n" * 51),
    *bad(INVALID, ProtectedResourceType="EKS"),
    *bad(INVALID, IamRoleArn="role"),
    *bad(INVALID, ValidationWindowHours=-1),
    *bad(INVALID, ValidationWindowHours=169),
    *bad(MISSING, ProtectedResourceArns=[]),
    *bad(INVALID, ProtectedResourceArns=["bucket"]),
    *bad(INVALID, ProtectedResourceArns=["*", BUCKETS[0]]),
    *too_many(bad(LIMIT, ProtectedResourceArns=BUCKETS)),
    *bad(INVALID, ProtectedResourceArns=BUCKETS[:1], ProtectedResourceConditions=equals()),
    *bad(MISSING, ProtectedResourceConditions=conditions(("", "a"))),
    *bad(INVALID, ProtectedResourceConditions=conditions(("k" * 129, "a"))),
    *bad(INVALID, ProtectedResourceConditions=conditions(("aws:createdBy", "a"))),
    *bad(INVALID, ProtectedResourceConditions=conditions(("aws:ResourceTag/", "a"))),
    *bad(INVALID, ProtectedResourceConditions=conditions(("k", "v" * 257))),
    *too_many(bad(LIMIT, ProtectedResourceConditions=conditions(*[("k", "v")] * 31))),
    (INFER, {"BackupVaultName": ""}, MISSING),
    (INFER, {"BackupVaultName": "none"}, NOT_FOUND),
    (INFER, {"RecoveryPointArn": ""}, MISSING),
    (INFER, {"RecoveryPointArn": "point"}, INVALID),
    (INFER, {"RecoveryPointArn": f"{POINT}-2"}, NOT_FOUND),
    (INFER, {"RecoveryPointArn": POINT}, INVALID),
    (INFER, {"BackupVaultAccountId": "1"}, INVALID),
]
CAUSELESS = {
    # What is done is done at once: there is no previous action to wait for.
    (CREATE, CONFLICT),
    (UPDATE, CONFLICT),
    (RESELECT, CONFLICT),
}
"""Declared errors without a natural cause."""


class TestErrors:
    @pytest.mark.parametrize(("operation", "parameters", "code"), ERRORS)
    def test_each(
        self, backup: FakeBackup, operation: str, parameters: dict[str, Any], code: str
    ) -> None:
        """Bad input is refused by the declared error, and nothing changes."""
        make()
        select("taken")
        backup.add_recovery_point(
            BackupVaultName="vault", RecoveryPointArn=POINT, ResourceType="CloudFormation"
        )
        named = {"RestoreTestingPlanName": "plan", "RestoreTestingSelectionName": "taken"}
        given: dict[str, Any] = {
            **named,
            "RestoreTestingPlan": {} if operation == UPDATE else plan("fresh"),
            "RestoreTestingSelection": {} if operation == RESELECT else selection("fresh"),
            "BackupVaultName": "vault",
            "RecoveryPointArn": POINT,
        }
        asked = {name: value for name, value in given.items() if sends(operation, {name: value})}
        asked |= parameters
        assert refused(backup, operation, **asked)["Error"]["Code"] == code
        assert code in declared(operation)

    @pytest.mark.parametrize(
        "operation",
        sorted({*LISTS, *ONE_PLAN, *ONE_SELECTION, CREATE, "DeleteRestoreTestingPlan", INFER}),
    )
    def test_all(self, operation: str) -> None:
        """Every client error that an operation declares is provoked above, or by a quota."""
        provoked = {code for name, _, code in ERRORS if name == operation}
        provoked |= {LIMIT} if operation == SELECT else set()
        without = {code for name, code in CAUSELESS if name == operation}
        assert declared(operation) == provoked | without
        assert not provoked & without

    def test_the_quota_of_plans(self, backup: FakeBackup) -> None:
        """AWS's quota of plans is of one region of an account."""
        for number in range(100):
            make(f"p{number}")
        error = refused(backup, CREATE, RestoreTestingPlan=plan("last"))
        assert error["Error"]["Code"] == LIMIT
        make("last", region=OTHER_REGION)

    def test_the_quota_of_selections(self, backup: FakeBackup) -> None:
        """AWS's quota of selections is of one plan."""
        make()
        make("other")
        for number in range(30):
            select(f"s{number}")
        asked = {"RestoreTestingPlanName": "plan", "RestoreTestingSelection": selection("last")}
        assert refused(backup, SELECT, **asked)["Error"]["Code"] == LIMIT
        asked["RestoreTestingSelection"] = selection("s0")
        assert refused(backup, SELECT, **asked)["Error"]["Code"] == EXISTS
        select("last", of="other")
