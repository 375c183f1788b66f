"""Legal holds and what they keep from being deleted, through a real client."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from freezegun import freeze_time

from support.botocore_model import allows, declared
from support.client import call, changes, entries_of, pages, refused, tags_of
from support.constants import ACCOUNT, OTHER_ACCOUNT, OTHER_REGION, REGION
from support.marks import each_transport

if TYPE_CHECKING:
    from fakebackup import FakeBackup


NOW = datetime(2024, 3, 15, 13, 30, 15, 250_000, tzinfo=timezone.utc)
MILLISECOND, DAY = timedelta(milliseconds=1), timedelta(days=1)
CONTINUOUS = f"arn:aws:backup:{REGION}:{ACCOUNT}:recovery-point:continuous:db-1"
SAID = {"Title": "Case 1", "Description": "The court wants it."}


pytestmark = [pytest.mark.frozen(NOW), pytest.mark.fake_backup(region=REGION, history=None)]


def create(**parameters: Any) -> Any:
    """Create a legal hold."""
    return call("CreateLegalHold", **{**SAID, **parameters})


def hold(**selection: Any) -> str:
    """Create a legal hold of a selection; return its id."""
    hold_id: str = create(RecoveryPointSelection=selection)["LegalHoldId"]
    return hold_id


def described(hold_id: str) -> Any:
    """A legal hold as it is described."""
    return call("GetLegalHold", LegalHoldId=hold_id)


def held(hold_id: str) -> list[str]:
    """The ARNs of what is under a legal hold."""
    listed = call("ListRecoveryPointsByLegalHold", LegalHoldId=hold_id)["RecoveryPoints"]
    return [point["RecoveryPointArn"] for point in listed]


def listed(**parameters: Any) -> list[str]:
    """The ids of the legal holds that are listed."""
    return [each["LegalHoldId"] for each in call("ListLegalHolds", **parameters)["LegalHolds"]]


class TestHolds:
    @each_transport
    def test_round_trip(self, backup: FakeBackup) -> None:
        """Create, Get and List agree, before the hold is canceled and after; nobody is told."""
        span = {"FromDate": NOW - DAY, "ToDate": NOW}
        selection = {"VaultNames": ["one"], "ResourceIdentifiers": ["EBS"], "DateRange": span}
        made = create(RecoveryPointSelection=selection)
        hold_id = made["LegalHoldId"]
        common = {
            **SAID,
            "Status": "ACTIVE",
            "LegalHoldId": hold_id,
            "LegalHoldArn": f"arn:aws:backup:{REGION}:{ACCOUNT}:legal-hold:{hold_id}",
            "CreationDate": NOW,
        }
        assert made == {**common, "RecoveryPointSelection": selection}
        assert described(hold_id) == made
        assert call("ListLegalHolds") == {"LegalHolds": [common]}
        with freeze_time(NOW + DAY):
            done = call(
                "CancelLegalHold",
                LegalHoldId=hold_id,
                CancelDescription="It is over.",
                RetainRecordInDays=3,
            )
        assert done == {}
        common |= {"Status": "CANCELED", "CancellationDate": NOW + DAY}
        assert call("ListLegalHolds") == {"LegalHolds": [common]}
        assert described(hold_id) == {
            **common,
            "CancelDescription": "It is over.",
            "RetainRecordUntil": NOW + 4 * DAY,
            "RecoveryPointSelection": selection,
        }
        assert backup.events == []

    @pytest.mark.parametrize(("told", "days"), [({}, 180), ({"RetainRecordInDays": 1}, 1)])
    @pytest.mark.usefixtures("backup")
    def test_a_record_ends(self, told: dict[str, Any], days: int) -> None:
        """A canceled hold's record is kept as long as was said, by default for 180 days."""
        hold_id, other = hold(), hold()
        call("CancelLegalHold", LegalHoldId=hold_id, CancelDescription="Over.", **told)
        assert described(hold_id)["RetainRecordUntil"] == NOW + days * DAY
        with freeze_time(NOW + days * DAY - MILLISECOND):
            assert listed() == [hold_id, other]
        with freeze_time(NOW + days * DAY):
            assert listed() == [other]

    @pytest.mark.parametrize("operation", ["GetLegalHold", "CancelLegalHold"])
    def test_a_record_that_ended_is_not_found(self, backup: FakeBackup, operation: str) -> None:
        """Whoever asks first for a record whose time has come does not find it."""
        hold_id = hold()
        told = {"LegalHoldId": hold_id, "CancelDescription": "Over."}
        call("CancelLegalHold", **told)
        asked = told if operation == "CancelLegalHold" else {"LegalHoldId": hold_id}
        with freeze_time(NOW + 180 * DAY), pytest.raises(Exception, match="Cannot find") as caught:
            call(operation, **asked)
        assert type(caught.value).__name__ == "ResourceNotFoundException"
        assert not entries_of(backup)

    @pytest.mark.parametrize("seen", ["token", "tags", "tagging", "list", "nobody"])
    def test_a_record_that_ended_is_gone_for_good(self, backup: FakeBackup, seen: str) -> None:
        """A record whose time is over does not come back: by its token, its tags, or a list."""
        made = create(IdempotencyToken="token", Tags={"a": "1"})
        told = {"LegalHoldId": made["LegalHoldId"], "CancelDescription": "Over."}
        call("CancelLegalHold", **told, RetainRecordInDays=1)
        arn = {"ResourceArn": made["LegalHoldArn"]}
        assert create(IdempotencyToken="token", Tags={"a": "1"}) == made
        with freeze_time(NOW + DAY):
            if seen == "token":
                again = create(IdempotencyToken="token", Tags={"a": "1"})
                assert again["LegalHoldId"] != made["LegalHoldId"]
                assert again["Status"] == "ACTIVE"
                assert listed() == [again["LegalHoldId"]]
                return
            if seen == "tags":
                refused(backup, "ListTags", **arn)
            elif seen == "tagging":
                refused(backup, "TagResource", **arn, Tags={"b": "2"})
            elif seen == "list":
                assert listed() == []
            # However it is looked at: what a test looks at catches up, too.
            assert backup.events == []
            assert not entries_of(backup)
            assert not tags_of(backup)

    def test_tags(self, backup: FakeBackup) -> None:
        """A hold has the tags that it was created with until its record ends."""
        made = create(Tags={"a": "1"})
        call("TagResource", ResourceArn=made["LegalHoldArn"], Tags={"b": "2"})
        told = call("ListTags", ResourceArn=made["LegalHoldArn"])
        assert told["Tags"] == {"a": "1", "b": "2"}
        call(
            "CancelLegalHold",
            LegalHoldId=made["LegalHoldId"],
            CancelDescription="Over.",
            RetainRecordInDays=0,
        )
        assert listed() == []
        assert not tags_of(backup)

    @pytest.mark.usefixtures("backup")
    def test_a_token_makes_one_hold(self) -> None:
        """The same token again answers alike; calls without one make a hold each."""
        first = create(IdempotencyToken="token")
        assert create(IdempotencyToken="token") == first
        assert create()["LegalHoldId"] != create()["LegalHoldId"]
        assert len(listed()) == 3

    def test_accounts_and_regions_are_apart(self, backup: FakeBackup) -> None:
        """A hold is seen, and holds, in its own account and region only."""
        point = backup.add_recovery_point(BackupVaultName="vault")
        there = backup.at(region=OTHER_REGION).add_recovery_point(BackupVaultName="vault")
        hold_id = hold()
        assert held(hold_id) == [point.arn]
        assert listed(region=OTHER_REGION) == []
        error = refused(backup, "GetLegalHold", LegalHoldId=hold_id, region=OTHER_REGION)
        assert error["Error"]["Code"] == "ResourceNotFoundException"
        with backup.acting_as(OTHER_ACCOUNT):
            assert listed() == []
        asked = {"BackupVaultName": "vault", "RecoveryPointArn": there.arn}
        call("DeleteRecoveryPoint", region=OTHER_REGION, **asked)

    @pytest.mark.parametrize("size", [1, 2, 3])
    @pytest.mark.usefixtures("backup")
    def test_pages_survive_what_happens_between(self, size: int) -> None:
        """A hold that is made or canceled between two pages neither repeats nor hides another."""
        wanted = [hold() for _ in range(5)]
        seen: list[str] = []
        for number, page in enumerate(pages("ListLegalHolds", size, "LegalHolds")):
            seen += [each["LegalHoldId"] for each in page]
            if number == 0:
                call(
                    "CancelLegalHold",
                    LegalHoldId=wanted[0],
                    CancelDescription="Over.",
                    RetainRecordInDays=0,
                )
                late = hold()
        assert seen == [*wanted, late]


class TestSelections:
    @pytest.fixture
    def points(self, backup: FakeBackup) -> dict[str, str]:
        """ARNs of recovery points by a letter, the newest first."""
        told = {
            "a": {"BackupVaultName": "one", "ResourceType": "EBS", "CreationDate": NOW},
            "b": {"BackupVaultName": "one", "ResourceType": "EFS", "CreationDate": NOW - DAY},
            "c": {"BackupVaultName": "two", "ResourceType": "EBS", "CreationDate": NOW - 2 * DAY},
            "d": {
                "BackupVaultName": "two",
                "ResourceArn": "arn:aws:s3:::bucket",
                "CreationDate": NOW - 3 * DAY,
            },
        }
        return {name: backup.add_recovery_point(**each).arn for name, each in told.items()}  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        ("selection", "wanted"),
        [
            ({}, "abcd"),
            ({"VaultNames": ["one"]}, "ab"),
            ({"VaultNames": ["two", "none"]}, "cd"),
            ({"VaultNames": ["one", "two"]}, "abcd"),
            ({"VaultNames": ["none"]}, ""),
            ({"VaultNames": ["*"]}, "abcd"),
            ({"VaultNames": []}, "abcd"),
            ({"ResourceIdentifiers": ["EBS"]}, "ac"),
            ({"ResourceIdentifiers": ["EFS", "arn:aws:s3:::bucket"]}, "bd"),
            (
                {"ResourceIdentifiers": [f"arn:aws:backup:{REGION}:{ACCOUNT}:backup-vault:two"]},
                "cd",
            ),
            ({"ResourceIdentifiers": ["*"]}, "abcd"),
            ({"VaultNames": ["one"], "ResourceIdentifiers": ["EBS"]}, "a"),
            ({"DateRange": {"FromDate": NOW - 2 * DAY, "ToDate": NOW - DAY}}, "bc"),
            ({"DateRange": {"FromDate": NOW - 2 * DAY + MILLISECOND, "ToDate": NOW}}, "ab"),
            ({"DateRange": {"FromDate": NOW - 9 * DAY, "ToDate": NOW - DAY - MILLISECOND}}, "cd"),
            (
                {
                    "VaultNames": ["two"],
                    "DateRange": {"FromDate": NOW - 2 * DAY, "ToDate": NOW},
                },
                "c",
            ),
        ],
    )
    def test_each(self, points: dict[str, str], selection: dict[str, Any], wanted: str) -> None:
        """What meets all that a selection says is held, newest first."""
        assert held(hold(**selection)) == [points[name] for name in wanted]

    def test_none(self, points: dict[str, str]) -> None:
        """A hold without a selection holds all there is, and shows none."""
        made = create()
        assert held(made["LegalHoldId"]) == list(points.values())
        assert "RecoveryPointSelection" not in described(made["LegalHoldId"])

    def test_members(self, backup: FakeBackup) -> None:
        """What is held is shown with its resource, type and vault."""
        point = backup.add_recovery_point(BackupVaultName="vault", ResourceType="EBS")
        told = call("ListRecoveryPointsByLegalHold", LegalHoldId=hold())
        assert told == {
            "RecoveryPoints": [
                {
                    "RecoveryPointArn": point.arn,
                    "ResourceArn": point["ResourceArn"],
                    "ResourceType": "EBS",
                    "BackupVaultName": "vault",
                }
            ]
        }

    @pytest.mark.parametrize(
        "members",
        [
            *({"Status": status} for status in ("CREATING", "DELETING", "EXPIRED")),
            *({"ResourceType": "S3", "Status": status} for status in ("AVAILABLE", "STOPPED")),
            # Of a type that AWS Backup does not know the status alone tells it.
            {"ResourceType": "Quantum", "Status": "AVAILABLE"},
            {"RecoveryPointArn": CONTINUOUS},
        ],
    )
    def test_what_no_hold_holds(self, backup: FakeBackup, members: dict[str, Any]) -> None:
        """Continuous backups, and points that come or go, are under no hold."""
        if not allows("RecoveryPointStatus", members.get("Status", "COMPLETED")):
            pytest.skip("this botocore does not know the status")
        backup.add_recovery_point(BackupVaultName="vault", **members)
        assert held(hold(VaultNames=["vault"])) == []

    def test_only_what_there_is(self, backup: FakeBackup) -> None:
        """A hold has what seeded jobs have left, but nothing that comes after it."""
        job = backup.add_backup_job(BackupVaultName="vault")
        hold_id = hold()
        backup.add_recovery_point(BackupVaultName="vault")
        assert held(hold_id) == [job["RecoveryPointArn"]]

    @pytest.mark.parametrize("size", [1, 2, 3])
    def test_pages(self, points: dict[str, str], size: int) -> None:
        """What is held is listed in pages."""
        told = {"LegalHoldId": hold()}
        found = list(pages("ListRecoveryPointsByLegalHold", size, "RecoveryPoints", **told))
        assert [len(page) for page in found[:-1]] == [size] * (len(found) - 1)
        assert [each["RecoveryPointArn"] for page in found for each in page] == list(
            points.values()
        )


class TestHeld:
    def test_not_deleted(self, backup: FakeBackup) -> None:
        """A point is not deleted, nor is its vault, while any hold holds it.

        [documented: AWS knowledge center, for the text; the class assumed]
        """
        point = backup.add_recovery_point(BackupVaultName="vault")
        free = backup.add_recovery_point(BackupVaultName="other")
        holds = [hold(VaultNames=["vault"]), hold()]
        asked = {"BackupVaultName": "vault", "RecoveryPointArn": point.arn}
        for hold_id in holds:
            error = refused(backup, "DeleteRecoveryPoint", **asked)
            assert error["Error"]["Code"] == "InvalidRequestException"
            text = "The recovery point cannot be deleted because it has active legal hold(s)"
            assert error["Error"]["Message"] == text
            refused(backup, "DeleteBackupVault", BackupVaultName="vault")
            call("CancelLegalHold", LegalHoldId=hold_id, CancelDescription="Over.")
            assert held(hold_id) == []
        call("DeleteRecoveryPoint", **asked)
        call("DeleteRecoveryPoint", BackupVaultName="other", RecoveryPointArn=free.arn)
        assert changes(backup) == ["Recovery Point DELETING"] * 2

    def test_what_it_does_not_select_is_free(self, backup: FakeBackup) -> None:
        """A hold on one vault leaves another's points alone."""
        backup.add_recovery_point(BackupVaultName="vault")
        free = backup.add_recovery_point(BackupVaultName="other")
        hold(VaultNames=["vault"])
        call("DeleteRecoveryPoint", BackupVaultName="other", RecoveryPointArn=free.arn)
        assert free.arn not in backup.recovery_points

    def test_not_taken_from_its_parent(self, backup: FakeBackup) -> None:
        """A nested point that is held stays with its parent."""
        parent = backup.add_recovery_point(BackupVaultName="vault", IsParent=True)
        child = backup.add_recovery_point(
            BackupVaultName="vault", ParentRecoveryPointArn=parent.arn
        )
        hold_id = hold()
        asked = {"BackupVaultName": "vault", "RecoveryPointArn": child.arn}
        error = refused(backup, "DisassociateRecoveryPointFromParent", **asked)
        assert error["Error"]["Code"] == "InvalidRequestException"
        call("CancelLegalHold", LegalHoldId=hold_id, CancelDescription="Over.")
        call("DisassociateRecoveryPointFromParent", **asked)
        assert "ParentRecoveryPointArn" not in child

    @pytest.mark.skipif(
        not allows("RecoveryPointStatus", "AVAILABLE"),
        reason="this botocore does not know the status of continuous backups",
    )
    @pytest.mark.parametrize("operation", ["DisassociateRecoveryPoint", "DeleteRecoveryPoint"])
    def test_one_that_became_continuous(self, backup: FakeBackup, operation: str) -> None:
        """What was no continuous backup when it came under a hold is disassociated as little.

        [documented: model; the text of AWS's knowledge center is of deletion, else assumed]
        """
        job = backup.add_backup_job(BackupVaultName="vault", ResourceType="S3")
        arn = job["RecoveryPointArn"]
        hold_id = hold()
        assert held(hold_id) == [arn]
        backup.add_recovery_point(BackupVaultName="vault", RecoveryPointArn=arn, Status="AVAILABLE")
        asked = {"BackupVaultName": "vault", "RecoveryPointArn": arn}
        error = refused(backup, operation, **asked)["Error"]
        assert error == {
            "Code": "InvalidRequestException",
            "Message": "The recovery point cannot be deleted because it has active legal hold(s)",
        }
        call("CancelLegalHold", LegalHoldId=hold_id, CancelDescription="Over.")
        call(operation, **asked)

    def test_a_continuous_backup_is_free(self, backup: FakeBackup) -> None:
        """A continuous backup in a vault under hold can be disassociated and deleted."""
        for operation in ("DisassociateRecoveryPoint", "DeleteRecoveryPoint"):
            backup.add_recovery_point(BackupVaultName="vault", RecoveryPointArn=CONTINUOUS)
            hold()
            call(operation, BackupVaultName="vault", RecoveryPointArn=CONTINUOUS)
        assert not backup.recovery_points


INVALID, MISSING = "InvalidParameterValueException", "MissingParameterValueException"
NOT_FOUND = "ResourceNotFoundException"
GET, CANCEL, POINTS = "GetLegalHold", "CancelLegalHold", "ListRecoveryPointsByLegalHold"
NAMED = (GET, CANCEL, POINTS)
ERRORS: list[tuple[str, dict[str, Any], str]] = [
    ("CreateLegalHold", {"Title": ""}, MISSING),
    ("CreateLegalHold", {"Description": ""}, MISSING),
    ("CreateLegalHold", {"Description": "x" * 281}, INVALID),
    ("CreateLegalHold", {"Tags": {f"key-{n}": "" for n in range(51)}}, "LimitExceededException"),
    *(
        ("CreateLegalHold", {"RecoveryPointSelection": {"DateRange": span}}, INVALID)
        for span in (
            {"FromDate": NOW, "ToDate": NOW + MILLISECOND},
            {"FromDate": NOW + DAY, "ToDate": NOW},
            {"FromDate": NOW, "ToDate": NOW - MILLISECOND},
        )
    ),
    *((name, {"LegalHoldId": ""}, MISSING) for name in NAMED),
    (GET, {"LegalHoldId": "none"}, NOT_FOUND),
    (CANCEL, {"LegalHoldId": "none"}, NOT_FOUND),
    (CANCEL, {"CancelDescription": ""}, MISSING),
    (CANCEL, {"CancelDescription": "x" * 281}, INVALID),
    (CANCEL, {"RetainRecordInDays": -1}, INVALID),
    (CANCEL, {"RetainRecordInDays": 36501}, INVALID),
    (CANCEL, {"LegalHoldId": "canceled"}, "InvalidResourceStateException"),
    (POINTS, {"LegalHoldId": "none"}, INVALID),
    (POINTS, {"NextToken": "none"}, INVALID),
    (POINTS, {"MaxResults": 1001}, INVALID),
    ("ListLegalHolds", {"NextToken": "none"}, INVALID),
    ("ListLegalHolds", {"MaxResults": 1001}, INVALID),
]
CAUSELESS = {(GET, INVALID)}
"""Declared errors without a natural cause: any text may be an id."""


class TestErrors:
    @pytest.mark.parametrize(("operation", "parameters", "code"), ERRORS)
    def test_each(
        self, backup: FakeBackup, operation: str, parameters: dict[str, Any], code: str
    ) -> None:
        """Bad input is refused by the declared error, and nothing changes."""
        hold_id, canceled = hold(), hold()
        call("CancelLegalHold", LegalHoldId=canceled, CancelDescription="Over.")
        needed: dict[str, Any] = {
            "CreateLegalHold": SAID,
            GET: {"LegalHoldId": hold_id},
            CANCEL: {"LegalHoldId": hold_id, "CancelDescription": "Over."},
            POINTS: {"LegalHoldId": hold_id},
        }
        asked = {**needed.get(operation, {}), **parameters}
        if asked.get("LegalHoldId") == "canceled":
            asked["LegalHoldId"] = canceled
        assert refused(backup, operation, **asked)["Error"]["Code"] == code
        assert code in declared(operation)

    @pytest.mark.parametrize("operation", [*NAMED, "CreateLegalHold", "ListLegalHolds"])
    def test_all(self, operation: str) -> None:
        """Every client error that an operation declares is provoked above."""
        provoked = {code for name, _, code in ERRORS if name == operation}
        without = {code for name, code in CAUSELESS if name == operation}
        assert declared(operation) == provoked | without

    def test_the_quota(self, backup: FakeBackup) -> None:
        """Up to fifty holds are active at a time."""
        first, *_ = [hold() for _ in range(50)]
        error = refused(backup, "CreateLegalHold", **SAID)
        assert error["Error"]["Code"] == "LimitExceededException"
        call("CancelLegalHold", LegalHoldId=first, CancelDescription="Over.")
        hold()
        assert len(listed()) == 51
