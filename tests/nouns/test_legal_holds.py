"""Seeded legal holds: they hold, and end as those of clients do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from freezegun import freeze_time

from fakebackup import FakeBackup, mock_backup
from fakebackup.nouns import seeding
from fakebackup.nouns.table import NOUNS
from support.client import call, refused
from support.constants import ACCOUNT, DAY, NOW, REGION
from support.entries import HOME

pytestmark = [
    pytest.mark.frozen(NOW),
    pytest.mark.fake_backup(region=REGION, account_id=ACCOUNT),
]

HOLD = NOUNS["legal hold"]


def held_by(hold_id: str) -> list[str]:
    """The ARNs of the recovery points that a hold holds."""
    listed = call("ListRecoveryPointsByLegalHold", LegalHoldId=hold_id)["RecoveryPoints"]
    return [each["RecoveryPointArn"] for each in listed]


def delete(point: Any) -> dict[str, str]:
    """What a client asks to delete a recovery point."""
    return {"BackupVaultName": point["BackupVaultName"], "RecoveryPointArn": point.arn}


def test_it_holds_what_it_selects(backup: FakeBackup) -> None:
    """Recovery points that it selects cannot be deleted, until it is canceled or removed."""
    held, free = (backup.add_recovery_point(BackupVaultName=name) for name in ("held", "free"))
    hold = backup.add_legal_hold(RecoveryPointSelection={"VaultNames": ["held"]})
    assert held_by(hold.key) == [held.arn]
    error = refused(backup, "DeleteRecoveryPoint", **delete(held))["Error"]
    assert error["Code"] == "InvalidRequestException"
    call("DeleteRecoveryPoint", **delete(free))
    call("CancelLegalHold", LegalHoldId=hold.key, CancelDescription="over")
    assert held_by(hold.key) == []
    assert (hold["Status"], hold["CancellationDate"]) == ("CANCELED", NOW)
    again = backup.add_legal_hold()
    assert held_by(again.key) == [held.arn]
    backup.remove(again)
    call("DeleteRecoveryPoint", **delete(held))
    assert not backup.recovery_points


def test_it_holds_what_it_is_given(backup: FakeBackup) -> None:
    """RecoveryPoints are what it holds, those that come later included."""
    arn = f"arn:aws:backup:{REGION}:{ACCOUNT}:recovery-point:later"
    backup.add_recovery_point()
    hold = backup.add_legal_hold(RecoveryPoints=[{"RecoveryPointArn": arn}])
    assert held_by(hold.key) == [arn]
    later = backup.add_recovery_point(RecoveryPointArn=arn)
    error = refused(backup, "DeleteRecoveryPoint", **delete(later))["Error"]
    assert error["Code"] == "InvalidRequestException"


def test_a_canceled_one(backup: FakeBackup) -> None:
    """One with a member of a canceled hold is CANCELED by default, and holds nothing."""
    point = backup.add_recovery_point()
    hold = backup.add_legal_hold(CancelDescription="over")
    assert (hold["Status"], hold["CancellationDate"]) == ("CANCELED", NOW)
    assert hold["RetainRecordUntil"] == NOW + 180 * DAY
    assert held_by(hold.key) == []
    call("DeleteRecoveryPoint", **delete(point))
    error = refused(backup, "CancelLegalHold", LegalHoldId=hold.key, CancelDescription="again")
    assert error["Error"]["Code"] == "InvalidResourceStateException"


def test_a_canceled_one_of_later(backup: FakeBackup) -> None:
    """It is not canceled before it was made."""
    hold = backup.add_legal_hold(Status="CANCELED", CreationDate=NOW + DAY)
    assert (hold["CreationDate"], hold["CancellationDate"]) == (NOW + DAY, NOW + DAY)


def test_its_record_is_deleted() -> None:
    """A canceled one is gone when its record need not be kept any longer."""
    with freeze_time(NOW) as frozen, mock_backup(region=REGION) as backup:
        hold = backup.add_legal_hold(Status="CANCELED", RetainRecordUntil=NOW + DAY)
        frozen.tick(DAY - timedelta(seconds=1))
        assert list(backup.legal_holds) == [hold.key]
        frozen.tick(timedelta(seconds=1))
        assert not backup.legal_holds


def test_removing_ages_what_it_held() -> None:
    """What came due under a hold that is removed is deleted then."""
    with freeze_time(NOW) as frozen, mock_backup(region=REGION, progress="clock") as backup:
        backup.add_recovery_point(CreationDate=NOW, Lifecycle={"DeleteAfterDays": 1})
        hold = backup.add_legal_hold()
        frozen.tick(2 * DAY)
        assert len(backup.recovery_points) == 1
        backup.remove(hold)
        assert not backup.recovery_points


@pytest.mark.fake_backup(quotas={"legal_holds": 1})
@pytest.mark.parametrize(("status", "refusal"), [({}, True), ({"Status": "CANCELED"}, False)])
def test_the_quota_counts_recorded_ones(
    backup: FakeBackup, status: dict[str, str], *, refusal: bool
) -> None:
    """A recorded hold counts unless it is canceled, also where nothing says its status."""
    backup.load({"LegalHolds": [{"LegalHoldId": "h", "Title": "t", **status}]})
    asked = {"Title": "Case", "Description": "The court wants it."}
    if refusal:
        error = refused(backup, "CreateLegalHold", **asked)
        assert error["Error"]["Code"] == "LimitExceededException"
    else:
        assert call("CreateLegalHold", **asked)["Status"] == "ACTIVE"


def test_recorded_ones(backup: FakeBackup) -> None:
    """A list does not tell what a hold selects; Get does, and the pages of its recovery points."""
    points = [backup.add_recovery_point() for _ in range(3)]
    organization = backup.backend.organization
    listed = {"LegalHoldId": "h", "Title": "t", "Status": "ACTIVE"}
    seeding.seed(organization, HOME, HOLD, listed, exact=True)
    assert held_by("h") == []
    selected = {"RecoveryPointSelection": {"VaultNames": ["*"]}}
    seeding.seed(organization, HOME, HOLD, {**listed, **selected}, exact=True, merge=True)
    assert sorted(held_by("h")) == sorted(point.arn for point in points)
    for point in points[:2]:
        page = {"LegalHoldId": "other", "RecoveryPoints": [{"RecoveryPointArn": point.arn}]}
        seeding.seed(organization, HOME, HOLD, page, exact=True, merge=True)
    assert held_by("other") == [point.arn for point in points[:2]]
