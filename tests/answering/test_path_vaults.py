"""A vault that an operation's path names: one rule for all operations, found from the model.

AWS checks permissions first, and does not tell a missing vault from a forbidden one [recorded for
DescribeRecoveryPoint: elastio; reported for six others: terraform's provider, steampipe,
grucloud; the rest by the same rule].
"""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from botocore.exceptions import ClientError

from fakebackup import FakeBackup, mock_backup
from fakebackup.operations import operations
from support.botocore_model import is_in_path, least_parameters, model, takes
from support.client import call, full_answer, held, refused
from support.conformance import check_refusal
from support.constants import ACCOUNT, OTHER_ACCOUNT, REGION

pytestmark = pytest.mark.fake_backup(region=REGION)

NAMED = [name for name in model().operation_names if is_in_path(name, "BackupVaultName")]
"""The operations of the installed model whose path names a vault that they do not create."""

MALFORMED = ["x", "n" * 51, "no name", "a/b", "*", "%2F", "n\u00f6", " ", ""]
"""Names that no vault can have."""


def values(shape: Any, plain: str) -> Any:
    """A value for a parameter: not one that the service would take, unless it has an enum."""
    if shape.type_name == "string":
        return (getattr(shape, "enum", None) or [plain])[0] if plain else ""
    return {"integer": 0, "long": 0, "boolean": True, "list": [], "structure": {}, "map": {}}.get(
        shape.type_name, "2024-01-01"
    )


def broken(operation: str) -> Any:
    """The parameters of an operation, all of them, as bad as botocore lets through."""
    members = model().operation_model(operation).input_shape.members  # type: ignore[union-attr]  # it has one
    given = {name: values(shape, "!") for name, shape in members.items()}
    given.pop("MaxResults", None)  # botocore checks that it is at least 1
    return given | {"BackupVaultName": "none"}


def forbidden(backup: FakeBackup, operation: str, **parameters: Any) -> None:
    """Hold that an operation is answered as if the vault were forbidden, and changes nothing."""
    response = refused(backup, operation, **parameters)
    check_refusal(operation, response)
    assert response["Error"] == {
        "Code": "AccessDeniedException",
        "Message": "Insufficient privileges to perform this action.",
    }
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_there_are_such_operations() -> None:
    """The model has them, of several nouns, and all are faked."""
    assert len(NAMED) > 15
    assert {"DescribeBackupVault", "DeleteRecoveryPoint", "GetBackupVaultAccessPolicy"} <= {*NAMED}
    assert set(NAMED) <= set(operations())
    assert "CreateBackupVault" not in NAMED


@pytest.mark.parametrize("operation", NAMED)
class TestEveryOperation:
    def test_a_missing_vault(self, backup: FakeBackup, operation: str) -> None:
        """With parameters that are otherwise fine a missing vault is AccessDeniedException, 403."""
        backup.add_vault(BackupVaultName="there")
        forbidden(backup, operation, **{**least_parameters(operation), "BackupVaultName": "none"})

    def test_before_any_other_check(self, backup: FakeBackup, operation: str) -> None:
        """However bad the other parameters are, the vault is judged first."""
        forbidden(backup, operation, **broken(operation))
        empty = {
            name: ""
            for name, shape in model().operation_model(operation).input_shape.members.items()  # type: ignore[union-attr]  # it has one
            if shape.type_name == "string"
        }
        given = {**least_parameters(operation), **empty}
        forbidden(backup, operation, **given | {"BackupVaultName": "none"})

    @pytest.mark.parametrize("name", MALFORMED)
    def test_a_name_that_no_vault_can_have(
        self, backup: FakeBackup, operation: str, name: str
    ) -> None:
        """A malformed name is that of a vault that does not exist."""
        forbidden(backup, operation, **{**least_parameters(operation), "BackupVaultName": name})

    def test_a_vault_of_another_account_or_region(self, backup: FakeBackup, operation: str) -> None:
        """What lies elsewhere does not exist for the caller."""
        backup.at(account_id=OTHER_ACCOUNT).add_vault(BackupVaultName="theirs")
        backup.at(region="eu-west-3").add_vault(BackupVaultName="afar")
        for name in ("theirs", "afar"):
            forbidden(backup, operation, **{**least_parameters(operation), "BackupVaultName": name})

    def test_the_option_changes_nothing(self, operation: str) -> None:
        """`hide_missing_vaults` is for vaults that the body of a request names."""
        for hide in (False, True):
            with mock_backup(region=REGION, hide_missing_vaults=hide) as backup:
                forbidden(
                    backup, operation, **{**least_parameters(operation), "BackupVaultName": "none"}
                )

    def test_over_the_wire(self, operation: str) -> None:
        """Both transports answer so."""
        asked = {**least_parameters(operation), "BackupVaultName": "none"}
        with mock_backup(region=REGION, transport="wire") as backup:
            forbidden(backup, operation, **asked)

    def test_answered_by_hand(self, backup: FakeBackup, operation: Any) -> None:
        """An operation that the test answers itself needs no vault."""
        backup.answer(operation, {})
        call(operation, **{**least_parameters(operation), "BackupVaultName": "none"})
        backup.answer(operation, None)
        forbidden(backup, operation, **{**least_parameters(operation), "BackupVaultName": "none"})

    def test_an_injected_failure_comes_first(self, backup: FakeBackup, operation: Any) -> None:
        """What a test lets fail fails, vault or none."""
        backup.fail(operation, code="ThrottlingException", message="Rate exceeded", whole_call=True)
        asked = {**least_parameters(operation), "BackupVaultName": "none"}
        assert refused(backup, operation, **asked)["Error"]["Code"] == "ThrottlingException"

    def test_a_vault_that_is_there(self, backup: FakeBackup, operation: str) -> None:
        """Then the operation answers or has reasons of its own."""
        backup.add_vault(BackupVaultName="there")
        asked = {**least_parameters(operation), "BackupVaultName": "there"}
        with contextlib.suppress(ClientError):
            full_answer(operation, **asked)
        assert backup.calls[-1].error != "AccessDeniedException"


SHARED = [name for name in NAMED if takes(name, "BackupVaultAccountId")]


@pytest.mark.parametrize("operation", SHARED)
class TestVaultsOfOthers:
    def test_what_is_not_shared(self, backup: FakeBackup, operation: str) -> None:
        """With BackupVaultAccountId, a vault that is missing there or not shared is forbidden."""
        theirs = backup.at(account_id=OTHER_ACCOUNT)
        theirs.add_vault(BackupVaultName="plain")
        theirs.add_vault(BackupVaultName="gapped", VaultType="LOGICALLY_AIR_GAPPED_BACKUP_VAULT")
        backup.add_vault(BackupVaultName="own")
        asked = least_parameters(operation)
        for name, account in (
            ("none", OTHER_ACCOUNT),
            ("plain", OTHER_ACCOUNT),
            ("own", OTHER_ACCOUNT),
            ("own", "333333333333"),
            ("gapped", ACCOUNT),
            ("own", "1"),
            ("own", ""),
        ):
            given = {"BackupVaultName": name, "BackupVaultAccountId": account}
            forbidden(backup, operation, **asked | given)

    def test_what_is_shared(self, backup: FakeBackup, operation: str) -> None:
        """An air-gapped vault of another account is there; so is one's own by one's own id."""
        theirs = backup.at(account_id=OTHER_ACCOUNT)
        theirs.add_vault(BackupVaultName="gapped", VaultType="LOGICALLY_AIR_GAPPED_BACKUP_VAULT")
        backup.add_vault(BackupVaultName="own")
        before = held(backup)
        for name, account in (("gapped", OTHER_ACCOUNT), ("own", ACCOUNT)):
            asked = least_parameters(operation)
            given = {"BackupVaultName": name, "BackupVaultAccountId": account}
            if "RecoveryPointArn" in asked:
                asked["RecoveryPointArn"] = "arn:aws:backup:us-east-1:111122223333:recovery-point:1"
                error = refused(backup, operation, **asked | given)
                assert (error["Error"]["Code"], error["Code"]) == (
                    "ResourceNotFoundException",
                    "ERROR_2603",
                )
                assert error["Message"] == "Cannot find recovery point."
            else:
                call(operation, **asked | given)
        assert held(backup) == before


def test_a_vault_that_seeded_jobs_left(backup: FakeBackup) -> None:
    """The first call may be the one that asks for such a vault."""
    backup.add_backup_job(BackupVaultName="left")
    assert call("DescribeBackupVault", BackupVaultName="left")["NumberOfRecoveryPoints"] == 1


def test_aws_own_vault_has_a_name_of_its_own(backup: FakeBackup) -> None:
    """The vault of EFS exists under a name that the shape's pattern excludes."""
    backup.add_vault(BackupVaultName="aws/efs/automatic-backup-vault")
    asked = {"BackupVaultName": "aws/efs/automatic-backup-vault"}
    assert call("ListRecoveryPointsByBackupVault", **asked) == {"RecoveryPoints": []}


UNKNOWN = "arn:aws:backup:us-east-1:111122223333:recovery-point:none"


@pytest.mark.parametrize(
    "operation", [name for name in NAMED if is_in_path(name, "RecoveryPointArn")]
)
def test_an_unknown_point_in_a_vault_that_is_there(backup: FakeBackup, operation: str) -> None:
    """It is ResourceNotFoundException, ERROR_2603, in AWS's words [recorded: elastio]."""
    backup.add_vault(BackupVaultName="there")
    asked = {**least_parameters(operation), "BackupVaultName": "there", "RecoveryPointArn": UNKNOWN}
    needs = {"Lifecycle": {"DeleteAfterDays": 1}, "IamRoleArn": "arn:aws:iam::111122223333:role/r"}
    asked |= {name: value for name, value in needs.items() if takes(operation, name)}
    error = refused(backup, operation, **asked)
    assert error["Error"] == {
        "Code": "ResourceNotFoundException",
        "Message": "Cannot find recovery point.",
    }
    assert error["Code"] == "ERROR_2603"


class TestVaultsInTheBody:
    """Where the body names the vault, it is not found unless the option hides it."""

    ASKED: tuple[tuple[str, dict[str, Any]], ...] = (
        (
            "StartBackupJob",
            {
                "BackupVaultName": "none",
                "ResourceArn": "arn:aws:ec2:us-east-1:111122223333:volume/vol-1",
                "IamRoleArn": "arn:aws:iam::111122223333:role/r",
            },
        ),
        (
            "StartCopyJob",
            {
                "SourceBackupVaultName": "none",
                "RecoveryPointArn": UNKNOWN,
                "DestinationBackupVaultArn": "arn:aws:backup:us-east-1:111122223333:backup-vault:v",
                "IamRoleArn": "arn:aws:iam::111122223333:role/r",
            },
        ),
    )

    @pytest.mark.parametrize(("operation", "asked"), ASKED)
    @pytest.mark.parametrize("hide", [False, True])
    def test_starting_a_job(self, operation: str, asked: dict[str, Any], *, hide: bool) -> None:
        """Starting a job in a missing vault is ResourceNotFoundException [documented: model]."""
        with mock_backup(region=REGION, hide_missing_vaults=hide) as backup:
            code = refused(backup, operation, **asked)["Error"]["Code"]
        assert code == ("AccessDeniedException" if hide else "ResourceNotFoundException")

    def test_a_plan(self, backup: FakeBackup) -> None:
        """A plan may name a vault that does not exist [assumed]."""
        rule = {"RuleName": "daily", "TargetBackupVaultName": "none"}
        call("CreateBackupPlan", BackupPlan={"BackupPlanName": "plan", "Rules": [rule]})
        assert len(call("ListBackupPlans")["BackupPlansList"]) == 1
        assert not backup.vaults
