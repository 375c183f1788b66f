"""Frameworks and their controls, through a real client."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from freezegun import freeze_time

from support.botocore_model import declared
from support.client import call, pages, refused, tags_of
from support.constants import ACCOUNT, OTHER_ACCOUNT, OTHER_REGION, REGION
from support.marks import each_transport

if TYPE_CHECKING:
    from fakebackup import FakeBackup


NOW = datetime(2024, 3, 15, 13, 30, 15, 250_000, tzinfo=timezone.utc)
AGE = "BACKUP_LAST_RECOVERY_POINT_CREATED"
PLANNED = "BACKUP_RESOURCES_PROTECTED_BY_BACKUP_PLAN"
RETAINED = "BACKUP_RECOVERY_POINT_MINIMUM_RETENTION_CHECK"
FREQUENT = "BACKUP_PLAN_MIN_FREQUENCY_AND_MIN_RETENTION_CHECK"
LOCKED = "BACKUP_RESOURCES_PROTECTED_BY_BACKUP_VAULT_LOCK"


pytestmark = pytest.mark.fake_backup(region=REGION)


def control(name: str, scope: dict[str, Any] | None = None, **parameters: str) -> dict[str, Any]:
    """A control."""
    told = [{"ParameterName": key, "ParameterValue": each} for key, each in parameters.items()]
    made: dict[str, Any] = {"ControlName": name, "ControlInputParameters": told}
    return made if scope is None else {**made, "ControlScope": scope}


def retention(days: int) -> dict[str, Any]:
    """A control of the recovery points' retention."""
    return control(RETAINED, requiredRetentionDays=str(days))


def create(name: str = "audit", days: int = 35, **parameters: Any) -> Any:
    """Create a framework."""
    told = {"FrameworkControls": [retention(days)], **parameters}
    return call("CreateFramework", FrameworkName=name, **told)


def described(name: str = "audit") -> Any:
    """A framework as it is described."""
    return call("DescribeFramework", FrameworkName=name)


def names(**parameters: Any) -> list[str]:
    """The names of the frameworks that are listed."""
    listed = call("ListFrameworks", **parameters)["Frameworks"]
    return [framework["FrameworkName"] for framework in listed]


@each_transport
@freeze_time(NOW)
def test_round_trip(backup: FakeBackup) -> None:
    """Create, Describe and List agree; what is updated changes, the rest stays."""
    controls = [retention(35), control(PLANNED, {"ComplianceResourceTypes": ["RDS"]})]
    made = create(FrameworkDescription="All.", FrameworkControls=controls, IdempotencyToken="token")
    arn = made["FrameworkArn"]
    assert arn.startswith(f"arn:aws:backup:{REGION}:{ACCOUNT}:framework:audit-")
    assert made == {"FrameworkName": "audit", "FrameworkArn": arn}
    common = {
        **made,
        "FrameworkDescription": "All.",
        "CreationTime": NOW,
        "DeploymentStatus": "COMPLETED",
    }
    own = {"FrameworkStatus": "ACTIVE", "IdempotencyToken": "token"}
    assert described() == {**common, **own, "FrameworkControls": controls}
    assert call("ListFrameworks") == {"Frameworks": [{**common, "NumberOfControls": 2}]}
    with freeze_time(NOW + timedelta(hours=1)):
        updated = call("UpdateFramework", FrameworkName="audit", FrameworkDescription="Some.")
    assert updated == {**made, "CreationTime": NOW}
    common["FrameworkDescription"] = "Some."
    assert described() == {**common, **own, "FrameworkControls": controls}
    fewer = controls[1:]
    call("UpdateFramework", FrameworkName="audit", FrameworkControls=fewer)
    assert described() == {**common, **own, "FrameworkControls": fewer}
    assert call("ListFrameworks") == {"Frameworks": [{**common, "NumberOfControls": 1}]}
    assert call("DeleteFramework", FrameworkName="audit") == {}
    assert names() == []
    assert backup.events == []


@pytest.mark.parametrize(
    "wanted",
    [
        control(AGE, recoveryPointAgeUnit="days", recoveryPointAgeValue="1"),
        control(
            FREQUENT,
            {"Tags": {"key1": "prod"}},
            requiredFrequencyUnit="hours",
            requiredFrequencyValue="24",
            requiredRetentionDays="35",
        ),
        control("BACKUP_RECOVERY_POINT_ENCRYPTED", {}),
        control(
            "BACKUP_RECOVERY_POINT_MANUAL_DELETION_DISABLED",
            {
                "ComplianceResourceIds": ["default"],
                "ComplianceResourceTypes": ["AWS::Backup::BackupVault"],
            },
            principalArnList=f"arn:aws:iam::{ACCOUNT}:role/admin",
        ),
        retention(35),
        {"ControlName": PLANNED},
        control(LOCKED, minRetentionDays="1", maxRetentionDays="100"),
        control("BACKUP_RESOURCES_PROTECTED_BY_CROSS_ACCOUNT", crossAccountList=OTHER_ACCOUNT),
        control("BACKUP_RESOURCES_PROTECTED_BY_CROSS_REGION", crossRegionList=OTHER_REGION),
        control(
            "RESOURCES_IN_LOGICALLY_AIR_GAPPED_VAULT",
            recoveryPointAgeUnit="days",
            recoveryPointAgeValue="10",
        ),
        control("RESTORE_TIME_FOR_RESOURCES_MEET_TARGET", maxRestoreTime="720"),
    ],
    ids=lambda wanted: wanted["ControlName"],
)
@pytest.mark.usefixtures("backup")
def test_every_control(wanted: dict[str, Any]) -> None:
    """Each control that AWS's guide shows is kept as it was given."""
    create(FrameworkControls=[wanted])
    assert described()["FrameworkControls"] == [wanted]


def test_tags(backup: FakeBackup) -> None:
    """A framework has the tags that it was created with until it is deleted."""
    arn = create(FrameworkTags={"a": "1"})["FrameworkArn"]
    call("TagResource", ResourceArn=arn, Tags={"b": "2"})
    assert call("ListTags", ResourceArn=arn)["Tags"] == {"a": "1", "b": "2"}
    call("DeleteFramework", FrameworkName="audit")
    again = create()["FrameworkArn"]
    assert again != arn
    assert call("ListTags", ResourceArn=again)["Tags"] == {}
    assert not tags_of(backup)


@pytest.mark.usefixtures("backup")
def test_a_token_makes_one_framework() -> None:
    """The same token again answers alike and changes nothing, until the framework is gone."""
    first = create(IdempotencyToken="token")
    assert create(IdempotencyToken="token") == first
    update = {"FrameworkName": "audit", "IdempotencyToken": "token"}
    call("UpdateFramework", FrameworkDescription="one", **update)
    call("UpdateFramework", FrameworkName="audit", FrameworkDescription="two")
    call("UpdateFramework", FrameworkDescription="one", **update)
    assert described()["FrameworkDescription"] == "two"
    assert described()["IdempotencyToken"] == "token"
    call("DeleteFramework", FrameworkName="audit")
    assert create(IdempotencyToken="token")["FrameworkArn"] != first["FrameworkArn"]


@pytest.mark.usefixtures("backup")
def test_an_updates_token_is_of_its_framework() -> None:
    """One token updates two frameworks, each of them once [assumed]."""
    for name, days in (("one", 7), ("two", 8)):
        create(name, days)
    for name in ("one", "two", "one"):
        asked = {"FrameworkName": name, "IdempotencyToken": "token"}
        answer = call("UpdateFramework", FrameworkDescription=f"of {name}", **asked)
        assert answer["FrameworkName"] == name
        assert described(name)["FrameworkDescription"] == f"of {name}"


def test_accounts_and_regions_are_apart(backup: FakeBackup) -> None:
    """A name, and controls, may be used in every account and region."""
    create()
    create(region=OTHER_REGION)
    with backup.acting_as(OTHER_ACCOUNT):
        assert names() == []
        arn = create()["FrameworkArn"]
    assert arn.startswith(f"arn:aws:backup:{REGION}:{OTHER_ACCOUNT}:framework:")
    call("DeleteFramework", FrameworkName="audit")
    assert names() == []
    assert names(region=OTHER_REGION) == ["audit"]


@pytest.mark.parametrize("size", [1, 2, 3])
@pytest.mark.usefixtures("backup")
def test_pages_survive_what_happens_between(size: int) -> None:
    """A framework that is made or deleted between two pages neither repeats nor hides another."""
    wanted = ["zz", "aa", "mm", "bb", "kk"]
    for number, name in enumerate(wanted):
        create(name, number)
    seen: list[str] = []
    for number, page in enumerate(pages("ListFrameworks", size, "Frameworks")):
        seen += [framework["FrameworkName"] for framework in page]
        if number == 0:
            call("DeleteFramework", FrameworkName="zz")
            create("a_late_one", 99)
    assert [name for name in seen if name in wanted[1:]] == wanted[1:]
    assert len(seen) == len(set(seen))
    assert "a_late_one" in seen


class TestTheSameControls:
    def test_whatever_their_order(self, backup: FakeBackup) -> None:
        """Controls that another framework has are refused, in whatever order."""
        lock = control(LOCKED, minRetentionDays="1", maxRetentionDays="2")
        create(FrameworkControls=[{"ControlName": PLANNED}, lock])
        turned = control(LOCKED, maxRetentionDays="2", minRetentionDays="1")
        told = [turned, control(PLANNED)]
        error = refused(backup, "CreateFramework", FrameworkName="other", FrameworkControls=told)
        # [reported: terraform #23382]
        text = f"Controls in framework audit from account {ACCOUNT} already exist."
        assert error["Error"] == {"Code": "AlreadyExistsException", "Message": text}
        assert error.keys() == {"Error", "Message", "ResponseMetadata"}

    @pytest.mark.parametrize(
        "other",
        [
            [retention(36)],
            [retention(35), retention(36)],
            [{**retention(35), "ControlScope": {"Tags": {"a": "b"}}}],
        ],
    )
    @pytest.mark.usefixtures("backup")
    def test_something_else(self, other: list[dict[str, Any]]) -> None:
        """A parameter, a control or a scope that differs makes another framework."""
        create()
        create("other", FrameworkControls=other)
        assert names() == ["audit", "other"]

    @pytest.mark.usefixtures("backup")
    def test_its_own(self) -> None:
        """A framework may be updated to the controls that it has."""
        create()
        call("UpdateFramework", FrameworkName="audit", FrameworkControls=[retention(35)])
        assert described()["FrameworkControls"] == [retention(35)]


INVALID, MISSING = "InvalidParameterValueException", "MissingParameterValueException"
LIMIT, TAKEN = "LimitExceededException", "AlreadyExistsException"
NAMED = ("CreateFramework", "DescribeFramework", "UpdateFramework", "DeleteFramework")
NAMELESS = {"ControlName": RETAINED, "ControlInputParameters": [{"ParameterValue": "35"}]}
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"FrameworkDescription": " "}, INVALID),
    ({"FrameworkControls": []}, MISSING),
    ({"FrameworkControls": [control("ENCRYPTED")]}, INVALID),
    ({"FrameworkControls": [control(PLANNED, requiredRetentionDays="1")]}, INVALID),
    ({"FrameworkControls": [control(RETAINED, requiredRetentionDays="")]}, MISSING),
    ({"FrameworkControls": [NAMELESS]}, MISSING),
    ({"FrameworkControls": [control(PLANNED, {"Tags": {"a": "1", "b": "2"}})]}, INVALID),
    ({"FrameworkControls": [control(PLANNED, {"ComplianceResourceIds": ["i"] * 101})]}, INVALID),
    ({"FrameworkControls": [retention(days) for days in range(50)]}, LIMIT),
    ({"FrameworkControls": [retention(1)]}, TAKEN),
]
ERRORS: list[tuple[str, dict[str, Any], str]] = [
    *((name, {"FrameworkName": "1st"}, INVALID) for name in NAMED),
    *((name, {"FrameworkName": "none"}, "ResourceNotFoundException") for name in NAMED[1:]),
    *(
        (name, told, code)
        for name in ("CreateFramework", "UpdateFramework")
        for told, code in WRONG
    ),
    ("CreateFramework", {"FrameworkName": "audit"}, TAKEN),
    ("CreateFramework", {"FrameworkTags": {f"key-{n}": "" for n in range(51)}}, LIMIT),
    ("ListFrameworks", {"NextToken": "none"}, INVALID),
    ("ListFrameworks", {"MaxResults": 1001}, INVALID),
]
CAUSELESS = {
    # botocore itself refuses an empty name.
    *((name, MISSING) for name in ("DescribeFramework", "DeleteFramework")),
    # A framework is deployed at once, so no action on it goes on.
    *((name, "ConflictException") for name in ("UpdateFramework", "DeleteFramework")),
}
"""Declared errors without a natural cause."""


class TestErrors:
    @pytest.mark.parametrize(("operation", "parameters", "code"), ERRORS)
    def test_each(
        self, backup: FakeBackup, operation: str, parameters: dict[str, Any], code: str
    ) -> None:
        """Bad input is refused by the declared error, and nothing changes."""
        create()
        create("other", 1)
        asked: dict[str, Any] = {}
        if operation == "CreateFramework":
            asked = {"FrameworkName": "fresh", "FrameworkControls": [retention(2)]}
        elif operation != "ListFrameworks":
            asked = {"FrameworkName": "audit"}
        error = refused(backup, operation, **(asked | parameters))
        assert error["Error"]["Code"] == code
        assert code in declared(operation)

    @pytest.mark.parametrize("operation", [*NAMED, "ListFrameworks"])
    def test_all(self, operation: str) -> None:
        """Every client error that an operation declares is provoked above."""
        provoked = {code for name, _, code in ERRORS if name == operation}
        without = {code for name, code in CAUSELESS if name == operation}
        assert declared(operation) == provoked | without

    def test_the_quota_of_frameworks(self, backup: FakeBackup) -> None:
        """There are up to fifteen frameworks in a region of an account."""
        for number in range(15):
            create(f"audit_{number}", number)
        told = [retention(99)]
        error = refused(backup, "CreateFramework", FrameworkName="last", FrameworkControls=told)
        assert error["Error"]["Code"] == LIMIT
        create("last", region=OTHER_REGION)

    def test_the_quota_of_controls(self, backup: FakeBackup) -> None:
        """There are up to fifty controls in all frameworks together."""
        create("large", FrameworkControls=[retention(days) for days in range(49)])
        create("small", 99)
        more = [retention(100), retention(101)]
        error = refused(backup, "UpdateFramework", FrameworkName="small", FrameworkControls=more)
        assert error["Error"]["Code"] == LIMIT
        call("UpdateFramework", FrameworkName="large", FrameworkControls=more)
        assert described("large")["FrameworkControls"] == more
