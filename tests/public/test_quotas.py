"""AWS's quotas, each by its name: the option `quotas` lowers it, and what exceeds it is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from botocore.exceptions import ClientError

from fakebackup import FakeBackup, mock_backup
from fakebackup.model.engine import running
from fakebackup.model.quotas import NUMBERS, QUOTAS
from support.botocore_model import declared, known, takes
from support.client import call, pages, refused
from support.constants import ACCOUNT, OTHER_ACCOUNT, OTHER_REGION, REGION, ROLE

if TYPE_CHECKING:
    from collections.abc import Callable

VOLUME = f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-1"
FRAMEWORK = f"arn:aws:backup:{REGION}:{ACCOUNT}:framework:one"
LIMIT, INVALID = "LimitExceededException", "InvalidParameterValueException"


class Case(NamedTuple):
    """A call that has n of what a quota counts, or makes the n-th one of it.

    Attributes:
        operation: the operation.
        asked: returns its parameters for n.
        one_by_one: whether the call makes one each time; else it has all n at once.
        wrapped: whether AWS's text stands in that of a rule.
    """

    operation: str
    asked: Callable[[int], dict[str, Any]]
    one_by_one: bool = True
    wrapped: bool = False


def rule(**members: Any) -> dict[str, Any]:
    """A plan's rule."""
    return {"RuleName": "daily", "TargetBackupVaultName": "vault", **members}


def plan(name: str, *rules: Any) -> dict[str, Any]:
    """The parameters of CreateBackupPlan."""
    return {"BackupPlan": {"BackupPlanName": name, "Rules": list(rules) or [rule()]}}


def new_plan(name: str = "own") -> str:
    """The id of the plan with a name, which is made if it does not exist."""
    found = [
        each["BackupPlanId"]
        for page in pages("ListBackupPlans", 100, "BackupPlansList")
        for each in page
        if each["BackupPlanName"] == name
    ]
    return found[0] if found else str(call("CreateBackupPlan", **plan(name))["BackupPlanId"])


def selection(n: int, **members: Any) -> dict[str, Any]:
    """The parameters of CreateBackupSelection."""
    chosen = {"SelectionName": f"s-{n}", "IamRoleArn": ROLE, "Resources": [f"{VOLUME}{n}"]}
    return {"BackupPlanId": new_plan(), "BackupSelection": {**chosen, **members}}


def tag(n: int) -> dict[str, str]:
    """A condition on a tag."""
    return {"ConditionType": "STRINGEQUALS", "ConditionKey": f"key-{n}", "ConditionValue": "v"}


def condition(n: int) -> dict[str, str]:
    """A condition of Conditions."""
    return {"ConditionKey": f"aws:ResourceTag/key-{n}", "ConditionValue": "v"}


def report_plan(n: int, **members: Any) -> dict[str, Any]:
    """The parameters of CreateReportPlan."""
    setting = {"ReportTemplate": "BACKUP_JOB_REPORT", **members}
    channel = {"S3BucketName": "bucket"}
    name = f"report_{n}"
    return {
        "ReportPlanName": name,
        "ReportDeliveryChannel": channel,
        "ReportSetting": setting,
        "IdempotencyToken": name,
    }


def framework(n: int) -> dict[str, Any]:
    """The parameters of CreateFramework, with a control that no other framework has."""
    name = f"framework_{n}"
    scope = {"ComplianceResourceIds": [name]}
    control = {"ControlName": "BACKUP_RECOVERY_POINT_ENCRYPTED", "ControlScope": scope}
    return {"FrameworkName": name, "FrameworkControls": [control]}


def a_testing_plan(n: int, **members: Any) -> dict[str, Any]:
    """The parameters of CreateRestoreTestingPlan."""
    points = {
        "Algorithm": "LATEST_WITHIN_WINDOW",
        "IncludeVaults": ["*"],
        "RecoveryPointTypes": ["SNAPSHOT"],
        **members,
    }
    return {
        "RestoreTestingPlan": {
            "RestoreTestingPlanName": f"plan_{n}",
            "ScheduleExpression": "cron(0 5 * * ? *)",
            "RecoveryPointSelection": points,
        }
    }


def a_testing_selection(n: int, **members: Any) -> dict[str, Any]:
    """The parameters of CreateRestoreTestingSelection, of a plan that is there."""
    if not call("ListRestoreTestingPlans")["RestoreTestingPlans"]:
        call("CreateRestoreTestingPlan", **a_testing_plan(0))
    chosen = {
        "RestoreTestingSelectionName": f"s_{n}",
        "ProtectedResourceType": "S3",
        "IamRoleArn": ROLE,
        "ProtectedResourceArns": ["*"],
        **members,
    }
    return {"RestoreTestingPlanName": "plan_0", "RestoreTestingSelection": chosen}


def tiering(n: int, selections: int, resources: int) -> dict[str, Any]:
    """The parameters of CreateTieringConfiguration."""
    arns = [f"arn:aws:s3:::bucket-{number}" for number in range(resources)] or ["*"]
    chosen = {"ResourceType": "S3", "TieringDownSettingsInDays": 60, "Resources": arns}
    return {
        "TieringConfiguration": {
            "TieringConfigurationName": f"t_{n}",
            "BackupVaultName": "*",
            "ResourceSelection": [chosen] * selections,
        }
    }


def update(n: int) -> dict[str, Any]:
    """The parameters of an UpdateBackupPlan that makes the n-th version of a plan."""
    return {
        "BackupPlanId": new_plan(),
        "BackupPlan": plan("own", rule(RuleName=f"r-{n}"))["BackupPlan"],
    }


def backup_job(n: int) -> dict[str, Any]:
    """The parameters of a StartBackupJob that leaves a recovery point at once."""
    return {"BackupVaultName": "full", "ResourceArn": f"{VOLUME}{n}", "IamRoleArn": ROLE}


def elsewhere(name: str) -> str:
    """The ARN of a vault of another Region."""
    return f"arn:aws:backup:{OTHER_REGION}:{ACCOUNT}:backup-vault:{name}"


CASES: dict[str, Case] = {
    "vaults": Case("CreateBackupVault", lambda n: {"BackupVaultName": f"v-{n}"}),
    "points_per_vault": Case("StartBackupJob", backup_job),
    "plans": Case("CreateBackupPlan", lambda n: plan(f"p-{n}")),
    "versions_per_plan": Case("UpdateBackupPlan", update),
    "rules_per_plan": Case(
        "CreateBackupPlan",
        lambda n: plan("p", *(rule(RuleName=f"r-{each}") for each in range(n))),
        one_by_one=False,
    ),
    "copies_per_rule": Case(
        "CreateBackupPlan",
        lambda n: plan(
            "p",
            rule(
                CopyActions=[
                    {"DestinationBackupVaultArn": elsewhere(f"v-{each}")} for each in range(n)
                ]
            ),
        ),
        one_by_one=False,
        wrapped=True,
    ),
    "tags_per_rule": Case(
        "CreateBackupPlan",
        lambda n: plan("p", rule(RecoveryPointTags={f"k-{each}": "v" for each in range(n)})),
        one_by_one=False,
        wrapped=True,
    ),
    "selections_per_plan": Case("CreateBackupSelection", selection),
    "tagged_selections_per_plan": Case(
        "CreateBackupSelection", lambda n: selection(n, ListOfTags=[tag(n)])
    ),
    "arns_per_selection": Case(
        "CreateBackupSelection",
        lambda n: selection(0, Resources=[f"{VOLUME}{each}" for each in range(n)]),
        one_by_one=False,
    ),
    "patterns_per_selection": Case(
        "CreateBackupSelection",
        lambda n: selection(0, Resources=[f"{VOLUME}{each}*" for each in range(n)]),
        one_by_one=False,
    ),
    "tags_per_selection": Case(
        "CreateBackupSelection",
        lambda n: selection(0, ListOfTags=[tag(each) for each in range(n)]),
        one_by_one=False,
    ),
    "conditions_per_selection": Case(
        "CreateBackupSelection",
        lambda n: selection(0, Conditions={"StringEquals": [condition(each) for each in range(n)]}),
        one_by_one=False,
    ),
    "legal_holds": Case("CreateLegalHold", lambda n: {"Title": f"hold {n}", "Description": "us"}),
    "frameworks": Case("CreateFramework", framework),
    "controls": Case("CreateFramework", framework),
    "report_plans": Case("CreateReportPlan", report_plan),
    "frameworks_per_report_plan": Case(
        "CreateReportPlan",
        lambda n: report_plan(
            n, ReportTemplate="CONTROL_COMPLIANCE_REPORT", FrameworkArns=[FRAMEWORK] * n
        ),
        one_by_one=False,
    ),
    "testing_plans": Case("CreateRestoreTestingPlan", a_testing_plan),
    "selections_per_testing_plan": Case("CreateRestoreTestingSelection", a_testing_selection),
    "vaults_per_testing_plan": Case(
        "CreateRestoreTestingPlan",
        lambda n: a_testing_plan(0, IncludeVaults=[elsewhere(f"v-{each}") for each in range(n)]),
        one_by_one=False,
    ),
    "arns_per_testing_selection": Case(
        "CreateRestoreTestingSelection",
        lambda n: a_testing_selection(
            0, ProtectedResourceArns=[f"arn:aws:s3:::b-{each}" for each in range(n)]
        ),
        one_by_one=False,
    ),
    "conditions_per_testing_selection": Case(
        "CreateRestoreTestingSelection",
        lambda n: a_testing_selection(
            0,
            ProtectedResourceConditions={
                "StringEquals": [
                    {"Key": f"aws:ResourceTag/{each}", "Value": "v"} for each in range(n)
                ]
            },
        ),
        one_by_one=False,
    ),
    "selections_per_tiering": Case(
        "CreateTieringConfiguration", lambda n: tiering(0, n, 0), one_by_one=False
    ),
    "resources_per_tiering": Case(
        "CreateTieringConfiguration", lambda n: tiering(0, 1, n), one_by_one=False
    ),
    "tags": Case(
        "CreateBackupVault",
        lambda n: {
            "BackupVaultName": "tagged",
            "BackupVaultTags": {f"k-{each}": "v" for each in range(n)},
        },
        one_by_one=False,
    ),
}
"""Per quota, the call that the test makes."""

DOCUMENTED = {
    "vaults": 300,
    "points_per_vault": 1_000_000,
    "plans": 300,
    "versions_per_plan": 2000,
    "rules_per_plan": 10,
    "copies_per_rule": 5,
    "tags_per_rule": 10,
    "selections_per_plan": 100,
    "tagged_selections_per_plan": 10,
    "arns_per_selection": 500,
    "patterns_per_selection": 30,
    "tags_per_selection": 30,
    "conditions_per_selection": 30,
    "legal_holds": 50,
    "frameworks": 15,
    "controls": 50,
    "report_plans": 20,
    "frameworks_per_report_plan": 1000,
    "testing_plans": 100,
    "selections_per_testing_plan": 30,
    "vaults_per_testing_plan": 30,
    "arns_per_testing_selection": 30,
    "conditions_per_testing_selection": 30,
    "selections_per_tiering": 5,
    "resources_per_tiering": 100,
    "tags": 50,
}
"""AWS's numbers [documented: guide, quotas, and restore testing; model]."""


def test_the_table() -> None:
    """The table has AWS's numbers, and each of them is crossed below."""
    assert {name: NUMBERS[name] for name in DOCUMENTED} == DOCUMENTED
    assert CASES.keys() == DOCUMENTED.keys()
    # The others are of jobs, which wait: `tests/model/engine/test_running.py` has them.
    limits = [*running.LIMITS.values(), running.WAITING.values()]
    assert QUOTAS.keys() - DOCUMENTED.keys() == {each.quota for few in limits for each in few}


@pytest.mark.parametrize("name", CASES)
def test_each(name: str) -> None:
    """Two are taken where the option says two; the third is refused, and changes nothing.

    The text is [assumed]; so is the error of UpdateBackupPlan, which declares no other.
    """
    case = CASES[name]
    if not known(case.operation):
        pytest.skip("this botocore does not know the operation")
    with mock_backup(region=REGION, quotas={name: 2}, progress="immediate") as backup:
        if name == "points_per_vault":
            backup.add_vault(BackupVaultName="full")
        # A plan begins with a version, so that the first update makes the second.
        first = 2 if name == "versions_per_plan" else 1
        for n in range(first, 3):
            if case.one_by_one or n == 2:
                call(case.operation, **case.asked(n))
        asked = case.asked(3)
        if not takes(case.operation, *asked):
            pytest.skip("this botocore does not know a parameter")
        error = refused(backup, case.operation, **asked)["Error"]
        assert error["Code"] == (LIMIT if LIMIT in declared(case.operation) else INVALID)
        quota = QUOTAS[name]
        text = (
            f"Subscriber limit exceeded: there would be 3 {quota.counted} in {quota.of}, and 2 "
            "are the limit"
        )
        assert error["Message"] == (f"Error in rule daily : {text}" if case.wrapped else text)
    with mock_backup(region=REGION, progress="immediate") as backup:
        backup.add_vault(BackupVaultName="full")
        call(case.operation, **case.asked(3))


@pytest.mark.fake_backup(region=REGION, quotas={"legal_holds": 1})
def test_holds_are_counted_in_the_account(backup: FakeBackup) -> None:
    """Legal holds are counted in the whole account [documented: guide, quotas]."""
    asked = {"Title": "case", "Description": "of us"}
    call("CreateLegalHold", region=OTHER_REGION, **asked)
    assert refused(backup, "CreateLegalHold", **asked)["Error"]["Code"] == LIMIT
    with backup.acting_as(OTHER_ACCOUNT):
        call("CreateLegalHold", **asked)


@pytest.mark.fake_backup(region=REGION, quotas={"points_per_vault": 3})
class TestFullVaults:
    """A vault holds up to a million recovery points [documented: guide, quotas]; here three."""

    def test_a_copy(self, backup: FakeBackup) -> None:
        """StartCopyJob is refused where the destination is full; a seed may have counted only."""
        point = backup.add_recovery_point(BackupVaultName="source")
        vault = backup.add_vault(BackupVaultName="copies", NumberOfRecoveryPoints=3)
        asked = {
            "RecoveryPointArn": point.arn,
            "SourceBackupVaultName": "source",
            "DestinationBackupVaultArn": vault.arn,
            "IamRoleArn": ROLE,
        }
        assert refused(backup, "StartCopyJob", **asked)["Error"]["Code"] == LIMIT

    def test_a_plan(self, backup: FakeBackup) -> None:
        """Jobs that a plan starts fail, backups and copies [assumed: the text]."""
        full = backup.add_vault(BackupVaultName="full", NumberOfRecoveryPoints=3)
        backup.add_vault(BackupVaultName="vault")
        into_full = rule(RuleName="into", TargetBackupVaultName="full")
        copied = rule(RuleName="copied", CopyActions=[{"DestinationBackupVaultArn": full.arn}])
        made = call("CreateBackupPlan", **plan("plan", into_full, copied))["BackupPlanId"]
        chosen = selection(0, Resources=["*"])["BackupSelection"]
        call("CreateBackupSelection", BackupPlanId=made, BackupSelection=chosen)
        backup.add_resource(VOLUME)
        refused_one, good = backup.run_plan(made)
        for job in (refused_one, good):
            job.progress = "immediate"
        (copy,) = backup.copy_jobs.values()
        copy.progress = "immediate"
        for job in (refused_one, copy):
            assert job.state == "FAILED"
            assert job["StatusMessage"].startswith("Subscriber limit exceeded: ")
            assert job["MessageCategory"] == "LIMIT_EXCEEDED"
        assert good.state == "COMPLETED"
        assert backup.vaults["full"]["NumberOfRecoveryPoints"] == 3


def test_a_quota_of_none() -> None:
    """With 0 nothing of the kind can be created; a seed is no call, and is not counted against."""
    with mock_backup(region=REGION, quotas={"vaults": 0}) as backup:
        backup.add_vault(BackupVaultName="seeded")
        with pytest.raises(ClientError, match="there would be 2 backup vaults in a Region"):
            call("CreateBackupVault", BackupVaultName="mine")


def test_a_quota_can_be_raised() -> None:
    """A number above AWS's lets more pass."""
    names = [f"k-{n}" for n in range(51)]
    with mock_backup(region=REGION, quotas={"tags": 51}):
        call("CreateBackupVault", BackupVaultName="mine", BackupVaultTags=dict.fromkeys(names, "v"))


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        ({"vault": 2}, ValueError, r"not 'vault'; did you mean 'vaults'\?"),
        ({"snapshots": 2}, ValueError, "quotas knows vaults, points_per_vault, plans"),
        ({1: 2}, ValueError, "quotas knows vaults"),
        ({"vaults": "2"}, TypeError, r"quotas\['vaults'\] is a whole number, not '2'\."),
        ({"vaults": True}, TypeError, r"quotas\['vaults'\] is a whole number, not True\."),
        ({"vaults": -1}, ValueError, r"quotas\['vaults'\] is 0 or more, not -1\."),
        ([("vaults", 2)], TypeError, "quotas maps names of quotas to numbers"),
        (None, TypeError, "quotas maps names of quotas to numbers, not None"),
    ],
)
def test_what_the_option_refuses(value: Any, error: type[Exception], text: str) -> None:
    """An unknown name is told with what is near, and no number is taken for one."""
    with pytest.raises(error, match=text):
        mock_backup(quotas=value).start()
