"""Approval teams and restore access vaults, through a real client."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any, Final

import pytest
from freezegun import freeze_time

from fakebackup import FakeBackup, mock_backup
from support.botocore_model import declared, known, shows
from support.client import call, changes, pages, refused, tags_of
from support.constants import ACCOUNT, OTHER_ACCOUNT, OTHER_REGION, REGION, ROLE

NOW = datetime(2024, 3, 15, 13, 30, 15, 250_000, tzinfo=timezone.utc)
ASSOCIATE = "AssociateBackupVaultMpaApprovalTeam"
DISASSOCIATE = "DisassociateBackupVaultMpaApprovalTeam"
CREATE, LISTED, REVOKE = (
    "CreateRestoreAccessBackupVault",
    "ListRestoreAccessBackupVaults",
    "RevokeRestoreAccessBackupVault",
)
TEAM = "arn:aws:mpa:us-east-1:111111111111:approval-team/first"
SECOND = "arn:aws:mpa:us-east-1:111111111111:approval-team/second"
GAPPED: Final = "LOGICALLY_AIR_GAPPED_BACKUP_VAULT"
POINT = f"arn:aws:backup:{REGION}:{ACCOUNT}:recovery-point:1"
VOLUME = f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-1"


def arn(name: str, account: str = ACCOUNT, region: str = REGION) -> str:
    """The ARN of a vault."""
    return f"arn:aws:backup:{region}:{account}:backup-vault:{name}"


pytestmark = [
    pytest.mark.skipif(
        not known("CreateRestoreAccessBackupVault"),
        reason="the installed botocore knows no restore access vaults",
    ),
    pytest.mark.frozen(NOW),
    pytest.mark.fake_backup(region=REGION),
]


@pytest.fixture(autouse=True)
def _vaults(backup: FakeBackup) -> None:
    """An air-gapped vault that holds a recovery point and has a team, and vaults without."""
    backup.add_vault(BackupVaultName="plain")
    backup.add_vault(BackupVaultName="gapped", VaultType=GAPPED)
    backup.add_vault(BackupVaultName="teamless", VaultType=GAPPED)
    call(ASSOCIATE, BackupVaultName="gapped", MpaApprovalTeamArn=TEAM)
    backup.add_recovery_point(BackupVaultName="gapped", RecoveryPointArn=POINT, ResourceArn=VOLUME)


def described(name: str) -> Any:
    """A vault as it is described."""
    return call("DescribeBackupVault", BackupVaultName=name)


def access(name: str = "access", **parameters: Any) -> Any:
    """Make a vault with access to the air-gapped one."""
    return call(CREATE, SourceBackupVaultArn=arn("gapped"), BackupVaultName=name, **parameters)


def accesses(**parameters: Any) -> list[str]:
    """The vaults with access to the air-gapped one."""
    found = call(LISTED, BackupVaultName="gapped", **parameters)["RestoreAccessBackupVaults"]
    return [each["RestoreAccessBackupVaultArn"] for each in found]


class TestTeams:
    def test_the_first_team(self, backup: FakeBackup) -> None:
        """The first team needs no approval, so there is no session; nobody is told."""
        vault = described("gapped")
        assert vault["MpaApprovalTeamArn"] == TEAM
        assert "LatestMpaApprovalTeamUpdate" not in vault
        assert "MpaApprovalTeamArn" not in described("teamless")
        assert backup.events == []

    @freeze_time(NOW)
    def test_another_team(self, backup: FakeBackup) -> None:
        """The team there is approves the next one, in a session that ends a day later."""
        call(ASSOCIATE, BackupVaultName="gapped", MpaApprovalTeamArn=SECOND, RequesterComment="why")
        vault = described("gapped")
        assert vault["MpaApprovalTeamArn"] == SECOND
        update = vault["LatestMpaApprovalTeamUpdate"]
        session = update.pop("MpaSessionArn")
        assert session.startswith("arn:aws:mpa:us-east-1:111111111111:session/first/")
        assert update == {
            "Status": "APPROVED",
            "InitiationDate": NOW,
            "ExpiryDate": NOW + timedelta(days=1),
        }
        assert backup.vaults["gapped"]["MpaApprovalTeamArn"] == SECOND

    def test_no_team(self, backup: FakeBackup) -> None:
        """A team that is taken away approves that; the vault gives no access any more."""
        first = access()["RestoreAccessBackupVaultArn"]
        call(DISASSOCIATE, BackupVaultName="gapped", RequesterComment="why")
        vault = described("gapped")
        assert "MpaApprovalTeamArn" not in vault
        assert "/first/" in vault["LatestMpaApprovalTeamUpdate"]["MpaSessionArn"]
        error = refused(backup, CREATE, SourceBackupVaultArn=arn("gapped"), BackupVaultName="next")
        assert error["Error"]["Code"] == "InvalidRequestException"
        assert accesses() == [first]

    def test_each_session_is_one_of_its_own(self) -> None:
        """No two sessions share an ARN."""
        with mock_backup(region=REGION) as backup:
            backup.add_vault(BackupVaultName="gapped", VaultType=GAPPED)
            sessions = []
            for team in (TEAM, SECOND, TEAM):
                call(ASSOCIATE, BackupVaultName="gapped", MpaApprovalTeamArn=team)
                sessions.append(described("gapped").get("LatestMpaApprovalTeamUpdate"))
        assert sessions[0] is None
        assert sessions[1]["MpaSessionArn"] != sessions[2]["MpaSessionArn"]


class TestAccess:
    @freeze_time(NOW)
    def test_round_trip(self, backup: FakeBackup) -> None:
        """A vault with access is made in a recovery account, seen by both, and revoked."""
        with backup.acting_as(OTHER_ACCOUNT):
            made = access(BackupVaultTags={"a": "b"}, RequesterComment="why")
            there = arn("access", OTHER_ACCOUNT)
            assert made == {
                "RestoreAccessBackupVaultArn": there,
                "VaultState": "AVAILABLE",
                "RestoreAccessBackupVaultName": "access",
                "CreationDate": NOW,
            }
            vault = described("access")
            assert vault["VaultType"] == "RESTORE_ACCESS_BACKUP_VAULT"
            assert vault["SourceBackupVaultArn"] == arn("gapped")
            assert vault["MpaApprovalTeamArn"] == TEAM
            assert vault["MpaSessionArn"].startswith(TEAM.replace("approval-team", "session"))
            assert (vault["NumberOfRecoveryPoints"], vault["Locked"]) == (1, False)
            (listed,) = call("ListBackupVaults", ByVaultType="RESTORE_ACCESS_BACKUP_VAULT")[
                "BackupVaultList"
            ]
            assert listed["BackupVaultArn"] == there
            assert call("ListTags", ResourceArn=there)["Tags"] == {"a": "b"}
        assert call(LISTED, BackupVaultName="gapped")["RestoreAccessBackupVaults"] == [
            {
                "RestoreAccessBackupVaultArn": there,
                "CreationDate": NOW,
                "ApprovalDate": NOW,
                "VaultState": "AVAILABLE",
            }
        ]
        call(
            REVOKE,
            BackupVaultName="gapped",
            RestoreAccessBackupVaultArn=there,
            RequesterComment="why",
        )
        assert accesses() == []
        with backup.acting_as(OTHER_ACCOUNT):
            assert call("ListBackupVaults")["BackupVaultList"] == []
        assert changes(backup) == ["Backup Vault CREATED", "Backup Vault DELETED"]
        assert {event["account"] for event in backup.events} == {OTHER_ACCOUNT}
        assert arn("access", OTHER_ACCOUNT) not in tags_of(backup)

    def test_its_recovery_points(self, backup: FakeBackup) -> None:
        """The other vault's recovery points are seen as if they lay in the one with access."""
        with backup.acting_as(OTHER_ACCOUNT):
            access()
            asked = {"BackupVaultName": "access"}
            (listed,) = call("ListRecoveryPointsByBackupVault", **asked)["RecoveryPoints"]
            found = call("DescribeRecoveryPoint", **asked, RecoveryPointArn=POINT)
            for seen in (listed, found):
                assert seen["RecoveryPointArn"] == POINT
                assert seen["BackupVaultName"] == "access"
                assert seen["BackupVaultArn"] == arn("access", OTHER_ACCOUNT)
                assert seen["VaultType"] == "RESTORE_ACCESS_BACKUP_VAULT"
            metadata = call("GetRecoveryPointRestoreMetadata", **asked, RecoveryPointArn=POINT)
            assert metadata["BackupVaultArn"] == arn("access", OTHER_ACCOUNT)
            assert metadata["RestoreMetadata"]["volumeId"] == "vol-1"
            resources = call("ListProtectedResourcesByBackupVault", **asked)["Results"]
            assert [each["ResourceArn"] for each in resources] == [VOLUME]
            assert call("ListProtectedResources")["Results"] == []
            error = refused(backup, "DeleteRecoveryPoint", **asked, RecoveryPointArn=POINT)
            assert error["Error"]["Code"] == "ResourceNotFoundException"
        found = call("DescribeRecoveryPoint", BackupVaultName="gapped", RecoveryPointArn=POINT)
        assert found["BackupVaultName"] == "gapped"

    def test_restoring(self, backup: FakeBackup) -> None:
        """What is seen can be restored, until access is revoked: a team's vault needs it."""
        asked: dict[str, Any] = {"RecoveryPointArn": POINT, "Metadata": {}, "IamRoleArn": ROLE}
        with backup.acting_as(OTHER_ACCOUNT):
            error = refused(backup, "StartRestoreJob", **asked, IdempotencyToken="1")
            assert error["Error"]["Code"] == "ResourceNotFoundException"
            made = access()
            job = call("StartRestoreJob", **asked, IdempotencyToken="2")
            found = call("DescribeRestoreJob", RestoreJobId=job["RestoreJobId"])
            assert found["AccountId"] == OTHER_ACCOUNT
            if shows("DescribeRestoreJobOutput", "SourceResourceArn"):
                assert found["SourceResourceArn"] == VOLUME
        gone = made["RestoreAccessBackupVaultArn"]
        call(REVOKE, BackupVaultName="gapped", RestoreAccessBackupVaultArn=gone)
        with backup.acting_as(OTHER_ACCOUNT):
            error = refused(backup, "StartRestoreJob", **asked, IdempotencyToken="3")
            assert error["Error"]["Code"] == "ResourceNotFoundException"

    def test_nothing_is_put_into_it(self, backup: FakeBackup) -> None:
        """Neither backups nor copies go to a vault that only gives access."""
        there = access()["RestoreAccessBackupVaultArn"]
        started = {"ResourceArn": VOLUME, "IamRoleArn": ROLE, "BackupVaultName": "access"}
        error = refused(backup, "StartBackupJob", **started)
        assert error["Error"]["Code"] == "InvalidRequestException"
        copied = {
            "RecoveryPointArn": POINT,
            "SourceBackupVaultName": "gapped",
            "DestinationBackupVaultArn": there,
            "IamRoleArn": ROLE,
        }
        error = refused(backup, "StartCopyJob", **copied)
        assert error["Error"]["Code"] == "InvalidRequestException"

    def test_once(self, backup: FakeBackup) -> None:
        """The same request makes one vault, a name or none given; another request another one."""
        asked = {"SourceBackupVaultArn": arn("gapped"), "CreatorRequestId": "id-1"}
        first = call(CREATE, **asked)
        assert call(CREATE, **asked) == first
        second = call(CREATE, **{**asked, "CreatorRequestId": "id-2"})
        names = [each["RestoreAccessBackupVaultName"] for each in (first, second)]
        assert names == ["gapped-access-1", "gapped-access-2"]
        assert described(names[0])["CreatorRequestId"] == "id-1"
        assert len(backup.events) == 2
        gone = first["RestoreAccessBackupVaultArn"]
        call(REVOKE, BackupVaultName="gapped", RestoreAccessBackupVaultArn=gone)
        assert call(CREATE, **asked)["RestoreAccessBackupVaultArn"] == gone

    def test_a_seeded_one(self, backup: FakeBackup) -> None:
        """A seeded vault with access is listed, shows the recovery points and is revoked."""
        view = backup.at(account_id=OTHER_ACCOUNT)
        seeded = view.add_vault(
            BackupVaultName="seeded",
            VaultType="RESTORE_ACCESS_BACKUP_VAULT",
            SourceBackupVaultArn=arn("gapped"),
        )
        astray = view.add_vault(
            BackupVaultName="astray",
            VaultType="RESTORE_ACCESS_BACKUP_VAULT",
            SourceBackupVaultArn=arn("none"),
        )
        assert accesses() == [seeded.arn]
        assert seeded["NumberOfRecoveryPoints"] == 1
        assert astray["NumberOfRecoveryPoints"] == 0
        call(REVOKE, BackupVaultName="gapped", RestoreAccessBackupVaultArn=seeded.arn)
        assert accesses() == []

    @pytest.mark.usefixtures("backup")
    def test_pages(self) -> None:
        """The oldest comes first, and pages survive what happens between them."""
        for number in (3, 1, 2):
            access(f"access-{number}")
        seen: list[str] = []
        for page in pages(LISTED, 1, "RestoreAccessBackupVaults", BackupVaultName="gapped"):
            seen += [each["RestoreAccessBackupVaultArn"] for each in page]
            if len(seen) == 1:
                access("access-0")
                call(REVOKE, BackupVaultName="gapped", RestoreAccessBackupVaultArn=seen[0])
        assert seen == [arn(f"access-{number}") for number in (3, 1, 2, 0)]


INVALID, MISSING = "InvalidParameterValueException", "MissingParameterValueException"
REQUEST, NOT_FOUND = "InvalidRequestException", "ResourceNotFoundException"
EXISTS, LIMIT = "AlreadyExistsException", "LimitExceededException"
NEEDED: dict[str, dict[str, Any]] = {
    ASSOCIATE: {"BackupVaultName": "gapped", "MpaApprovalTeamArn": SECOND},
    DISASSOCIATE: {"BackupVaultName": "gapped"},
    CREATE: {
        "SourceBackupVaultArn": arn("gapped"),
        "BackupVaultName": "fresh",
        "CreatorRequestId": "id",
    },
    LISTED: {"BackupVaultName": "gapped"},
    REVOKE: {"BackupVaultName": "gapped", "RestoreAccessBackupVaultArn": arn("access")},
}
ERRORS: list[tuple[str, dict[str, Any], str]] = [
    (ASSOCIATE, {"MpaApprovalTeamArn": ""}, MISSING),
    (ASSOCIATE, {"MpaApprovalTeamArn": "team"}, INVALID),
    (ASSOCIATE, {"MpaApprovalTeamArn": TEAM}, REQUEST),
    (ASSOCIATE, {"BackupVaultName": "plain"}, REQUEST),
    (DISASSOCIATE, {"BackupVaultName": "teamless"}, REQUEST),
    (DISASSOCIATE, {"BackupVaultName": "plain"}, REQUEST),
    (CREATE, {"SourceBackupVaultArn": ""}, MISSING),
    (CREATE, {"SourceBackupVaultArn": "vault"}, INVALID),
    (CREATE, {"SourceBackupVaultArn": arn("none")}, NOT_FOUND),
    (CREATE, {"SourceBackupVaultArn": arn("gapped", region=OTHER_REGION)}, REQUEST),
    (CREATE, {"SourceBackupVaultArn": arn("plain")}, REQUEST),
    (CREATE, {"SourceBackupVaultArn": arn("teamless")}, REQUEST),
    (CREATE, {"BackupVaultName": "no name"}, INVALID),
    (CREATE, {"BackupVaultName": "gapped"}, EXISTS),
    (CREATE, {"CreatorRequestId": "a b"}, INVALID),
    (CREATE, {"BackupVaultTags": {f"key-{number}": "" for number in range(51)}}, LIMIT),
    (LISTED, {"NextToken": "none"}, INVALID),
    (LISTED, {"MaxResults": 1001}, INVALID),
    (REVOKE, {"RestoreAccessBackupVaultArn": ""}, MISSING),
    (REVOKE, {"RestoreAccessBackupVaultArn": "vault"}, INVALID),
    (REVOKE, {"RestoreAccessBackupVaultArn": arn("none")}, NOT_FOUND),
    (REVOKE, {"RestoreAccessBackupVaultArn": arn("plain")}, REQUEST),
    (REVOKE, {"BackupVaultName": "teamless"}, REQUEST),
]
CAUSELESS = {
    (ASSOCIATE, NOT_FOUND),
    *((DISASSOCIATE, code) for code in (INVALID, MISSING, NOT_FOUND)),
    *((LISTED, code) for code in (MISSING, NOT_FOUND)),
}
"""Declared errors without a natural cause: a vault that is missing is forbidden."""


class TestErrors:
    @pytest.mark.parametrize(("operation", "parameters", "code"), ERRORS)
    def test_each(
        self, backup: FakeBackup, operation: str, parameters: dict[str, Any], code: str
    ) -> None:
        """Bad input is refused by the declared error, and nothing changes."""
        access()
        asked = {**NEEDED[operation], **parameters}
        assert refused(backup, operation, **asked)["Error"]["Code"] == code

    def test_without_a_team(self, backup: FakeBackup) -> None:
        """Access is revoked without an approval once the vault has no team [assumed]."""
        access()
        call(DISASSOCIATE, BackupVaultName="gapped")
        call(REVOKE, **NEEDED[REVOKE])
        assert "access" not in backup.vaults
        assert call(LISTED, BackupVaultName="gapped")["RestoreAccessBackupVaults"] == []

    @pytest.mark.parametrize("team", [True, False])
    def test_deleting_an_access_vault(self, backup: FakeBackup, *, team: bool) -> None:
        """It is deleted though its source holds recovery points: it holds none itself."""
        access()
        if not team:
            call(DISASSOCIATE, BackupVaultName="gapped")
        assert call("DescribeBackupVault", BackupVaultName="access")["NumberOfRecoveryPoints"] == 1
        call("DeleteBackupVault", BackupVaultName="access")
        assert "access" not in backup.vaults
        assert call("DescribeBackupVault", BackupVaultName="gapped")["NumberOfRecoveryPoints"] == 1

    def test_ones_own_vaults_only(self, backup: FakeBackup) -> None:
        """Another account or region neither lists nor changes what it does not own."""
        access()
        for operation in (ASSOCIATE, DISASSOCIATE, LISTED, REVOKE):
            error = refused(backup, operation, **NEEDED[operation], region=OTHER_REGION)
            assert error["Error"]["Code"] == "AccessDeniedException"
            with backup.acting_as(OTHER_ACCOUNT):
                error = refused(backup, operation, **NEEDED[operation])
            assert error["Error"]["Code"] == "AccessDeniedException"

    @pytest.mark.parametrize("operation", NEEDED)
    def test_all(self, operation: str) -> None:
        """Every client error that an operation declares is provoked above."""
        provoked = {code for name, _, code in ERRORS if name == operation}
        without = {code for name, code in CAUSELESS if name == operation}
        assert declared(operation) == provoked | without
