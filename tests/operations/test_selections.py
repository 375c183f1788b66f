"""Backup selections: made, read, listed and deleted, and which resources they name."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import pytest
from freezegun import freeze_time

from fakebackup.model.plans import selections
from support.botocore_model import declared
from support.client import call, changes, pages, refused, whole
from support.constants import OTHER_ACCOUNT, OTHER_REGION, REGION, ROLE

if TYPE_CHECKING:
    from fakebackup import FakeBackup


NOW = datetime(2026, 11, 22, 3, 0, 0, 250_000, tzinfo=timezone.utc)
VOLUMES = "arn:aws:ec2:*:*:volume/*"
RULE = {"RuleName": "daily", "TargetBackupVaultName": "vault"}
EMPTY: dict[str, Any] = {
    "Resources": [],
    "ListOfTags": [],
    "NotResources": [],
    "Conditions": {
        "StringEquals": [],
        "StringNotEquals": [],
        "StringLike": [],
        "StringNotLike": [],
    },
}
"""What AWS shows of a selection that says nothing."""


pytestmark = pytest.mark.fake_backup(region=REGION)


def planned(name: str = "plan", **parameters: Any) -> str:
    """Make a plan, and return its id."""
    document = {"BackupPlanName": name, "Rules": [RULE]}
    made: str = call("CreateBackupPlan", BackupPlan=document, **parameters)["BackupPlanId"]
    return made


@pytest.fixture
def plan(backup: FakeBackup) -> str:
    """The id of a plan in the active fake."""
    assert backup.events == []
    return planned()


def selection(name: str = "selection", **members: Any) -> dict[str, Any]:
    """A selection as it is sent."""
    return {"SelectionName": name, "IamRoleArn": ROLE, **(members or {"Resources": ["*"]})}


def select(plan: str, name: str = "selection", **parameters: Any) -> str:
    """Make a selection, and return its id."""
    asked: dict[str, Any] = {"BackupPlanId": plan, "BackupSelection": selection(name)}
    made: str = call("CreateBackupSelection", **asked, **parameters)["SelectionId"]
    return made


def test_a_request_id_counts_within_its_plan(backup: FakeBackup) -> None:
    """Two plans' selections with one CreatorRequestId are two; a retry answers alike [assumed]."""
    one, two = planned("one"), planned("two")
    first = select(one, CreatorRequestId="id-1")
    second = select(two, CreatorRequestId="id-1")
    assert first != second
    before = whole(backup)
    assert select(one, CreatorRequestId="id-1") == first
    assert select(two, CreatorRequestId="id-1") == second
    assert whole(backup) == before


def names(plan: str) -> list[str]:
    """The names of a plan's selections that are listed."""
    listed = call("ListBackupSelections", BackupPlanId=plan)["BackupSelectionsList"]
    return [each["SelectionName"] for each in listed]


def tagged(key: str = "backup", value: str = "daily") -> dict[str, str]:
    """An item of ListOfTags."""
    return {"ConditionType": "STRINGEQUALS", "ConditionKey": key, "ConditionValue": value}


def condition(key: str, value: str) -> dict[str, str]:
    """An item of Conditions."""
    return {"ConditionKey": f"aws:ResourceTag/{key}", "ConditionValue": value}


class TestSelections:
    @freeze_time(NOW)
    def test_round_trip(self, backup: FakeBackup, plan: str) -> None:
        """What is created is read as it was sent, listed and deleted; nobody is told."""
        sent = selection(
            Resources=[VOLUMES, "arn:aws:s3:::bucket"],
            NotResources=["arn:aws:ec2:us-east-1:123456789012:volume/vol-1"],
            ListOfTags=[tagged()],
            Conditions={
                "StringEquals": [condition("a", "1")],
                "StringNotEquals": [condition("b", "2")],
                "StringLike": [condition("c", "*3")],
                "StringNotLike": [condition("d", "4*")],
            },
        )
        asked: dict[str, Any] = {
            "BackupPlanId": plan,
            "BackupSelection": sent,
            "CreatorRequestId": "r.1",
        }
        made = call("CreateBackupSelection", **asked)
        key = made["SelectionId"]
        common = {"SelectionId": key, "BackupPlanId": plan, "CreationDate": NOW}
        assert made == common
        found = call("GetBackupSelection", BackupPlanId=plan, SelectionId=key)
        assert found == {**common, "BackupSelection": sent, "CreatorRequestId": "r.1"}
        (listed,) = call("ListBackupSelections", BackupPlanId=plan)["BackupSelectionsList"]
        named = {"SelectionName": "selection", "IamRoleArn": ROLE, "CreatorRequestId": "r.1"}
        assert listed == {**common, **named}
        assert call("DeleteBackupSelection", BackupPlanId=plan, SelectionId=key) == {}
        assert names(plan) == []
        error = refused(backup, "GetBackupSelection", BackupPlanId=plan, SelectionId=key)
        assert error["Error"]["Code"] == "ResourceNotFoundException"
        assert changes(backup) == ["Backup Plan CREATED"]

    @pytest.mark.parametrize(
        "members",
        [
            {"Resources": ["*"]},
            {"Resources": ["arn:aws:s3:::*"]},
            {"Resources": ["arn:aws:dynamodb:*"]},
            {"Resources": ["arn:aws-us-gov:rds:*:*:db:*"]},
            {"Resources": [f"arn:aws:s3:::bucket-{number}" for number in range(500)]},
            {"Resources": [f"arn:aws:s3:::bucket-{number}-*" for number in range(30)]},
            {"ListOfTags": [tagged(str(number)) for number in range(30)]},
            {"ListOfTags": [tagged("aws:ResourceTag/backup", "")], "Resources": []},
            {"Resources": ["*"], "Conditions": {}},
        ],
    )
    def test_what_may_be_sent(self, plan: str, members: dict[str, Any]) -> None:
        """Wildcards, numbers up to AWS's limits and one of resources and tags are legal."""
        sent = selection(**members)
        made = call("CreateBackupSelection", BackupPlanId=plan, BackupSelection=sent)
        found = call("GetBackupSelection", BackupPlanId=plan, SelectionId=made["SelectionId"])
        assert found["BackupSelection"] == {**EMPTY, **sent, "Conditions": EMPTY["Conditions"]}

    def test_what_a_selection_lacks_is_empty(self, plan: str) -> None:
        """Lists and conditions that were not sent are read as empty ones, in AWS's order."""
        sent = selection(ListOfTags=[tagged()], Conditions={"StringLike": [condition("a", "1*")]})
        made = call("CreateBackupSelection", BackupPlanId=plan, BackupSelection=sent)
        found = call("GetBackupSelection", BackupPlanId=plan, SelectionId=made["SelectionId"])
        conditions = {**EMPTY["Conditions"], "StringLike": [condition("a", "1*")]}
        assert found["BackupSelection"] == {**EMPTY, **sent, "Conditions": conditions}
        assert list(found["BackupSelection"]) == ["SelectionName", "IamRoleArn", *EMPTY]
        assert list(found["BackupSelection"]["Conditions"]) == list(EMPTY["Conditions"])

    def test_each_plan_has_its_own(self, backup: FakeBackup, plan: str) -> None:
        """A selection is found by its own plan alone."""
        other = planned("other")
        key = select(plan)
        assert select(other) != key
        assert names(plan) == names(other) == ["selection"]
        for operation in ("GetBackupSelection", "DeleteBackupSelection"):
            error = refused(backup, operation, BackupPlanId=other, SelectionId=key)
            assert error["Error"]["Code"] == "ResourceNotFoundException"

    def test_a_plan_with_selections_stays(self, backup: FakeBackup, plan: str) -> None:
        """A plan is deleted after its selections, whatever others have."""
        key = select(plan)
        select(planned("other"))
        error = refused(backup, "DeleteBackupPlan", BackupPlanId=plan)
        assert error["Error"]["Code"] == "InvalidRequestException"
        told = "Related backup plan selections must be deleted prior to backup plan deletion"
        assert error["Error"]["Message"] == told
        call("DeleteBackupSelection", BackupPlanId=plan, SelectionId=key)
        call("DeleteBackupPlan", BackupPlanId=plan)
        asked = {"BackupPlanId": plan, "BackupSelection": selection()}
        error = refused(backup, "CreateBackupSelection", **asked)
        assert error["Error"]["Code"] == "InvalidParameterValueException"
        assert "Cannot find Backup plan" in error["Error"]["Message"]

    def test_a_request_id_makes_one_selection(self, plan: str) -> None:
        """The same request id returns the selection that it made, until that is deleted."""
        key = select(plan, CreatorRequestId="id-1")
        assert select(plan, CreatorRequestId="id-1") == key
        assert select(plan, "other", CreatorRequestId="id-1") == key
        assert names(plan) == ["selection"]
        call("DeleteBackupSelection", BackupPlanId=plan, SelectionId=key)
        assert select(plan, CreatorRequestId="id-1") != key

    def test_the_same_selection(self, backup: FakeBackup, plan: str) -> None:
        """A second selection of a plan that says the same is refused."""
        select(plan, CreatorRequestId="id-1")
        asked = {"BackupPlanId": plan, "BackupSelection": selection()}
        error = refused(backup, "CreateBackupSelection", **asked)
        assert error["Error"]["Code"] == "AlreadyExistsException"
        assert error["CreatorRequestId"] == "id-1"
        select(plan, "other")
        assert names(plan) == ["selection", "other"]

    def test_accounts_and_regions_are_apart(self, backup: FakeBackup, plan: str) -> None:
        """Selections are seen in their account and region alone."""
        asked = {"BackupPlanId": plan, "SelectionId": select(plan)}
        with backup.acting_as(OTHER_ACCOUNT):
            refused(backup, "GetBackupSelection", **asked)
            theirs = planned()
            select(theirs)
        refused(backup, "GetBackupSelection", region=OTHER_REGION, **asked)
        refused(backup, "ListBackupSelections", BackupPlanId=theirs)
        assert names(plan) == ["selection"]

    @pytest.mark.parametrize("size", [1, 2, 3])
    def test_pages_survive_what_happens_between(self, plan: str, size: int) -> None:
        """A selection that comes or goes between two pages neither repeats nor hides another."""
        made = [select(plan, f"s-{number}") for number in range(5)]
        select(planned("other"), "hidden")
        seen: list[str] = []
        listed = pages("ListBackupSelections", size, "BackupSelectionsList", BackupPlanId=plan)
        for number, page in enumerate(listed):
            seen += [each["SelectionName"] for each in page]
            if number == 0:
                call("DeleteBackupSelection", BackupPlanId=plan, SelectionId=made[0])
                select(plan, "late")
        assert seen == [*(f"s-{number}" for number in range(5)), "late"]


INVALID, MISSING = "InvalidParameterValueException", "MissingParameterValueException"
NOT_FOUND, LIMIT = "ResourceNotFoundException", "LimitExceededException"
CREATE, LIST = "CreateBackupSelection", "ListBackupSelections"
READ = ("GetBackupSelection", "DeleteBackupSelection")
BUCKETS = [f"arn:aws:s3:::bucket-{number}" for number in range(501)]
PATTERNS = [f"arn:aws:s3:::bucket-{number}-*" for number in range(31)]


def bad(code: str, **members: Any) -> tuple[str, dict[str, Any], str]:
    """A selection that is refused."""
    return (CREATE, {"BackupSelection": {**selection(), **members}}, code)


ERRORS: list[tuple[str, dict[str, Any], str]] = [
    *((name, {"BackupPlanId": "none"}, INVALID) for name in (*READ, CREATE)),
    *((name, {"BackupPlanId": ""}, MISSING) for name in (*READ, CREATE, LIST)),
    *((name, {"SelectionId": "none"}, NOT_FOUND) for name in READ),
    *((name, {"SelectionId": ""}, MISSING) for name in READ),
    (LIST, {"BackupPlanId": "none"}, NOT_FOUND),
    (LIST, {"NextToken": "none"}, INVALID),
    (LIST, {"MaxResults": 1001}, INVALID),
    (CREATE, {"BackupSelection": selection("taken")}, "AlreadyExistsException"),
    (CREATE, {"CreatorRequestId": "a b"}, INVALID),
    bad(INVALID, SelectionName="a selection"),
    bad(MISSING, SelectionName=""),
    bad(INVALID, IamRoleArn="role"),
    bad(MISSING, Resources=[]),
    bad(MISSING, Resources=[], ListOfTags=[], Conditions={}),
    bad(MISSING, Resources=[], Conditions={"StringEquals": [], "StringLike": []}),
    bad(MISSING, Resources=[], NotResources=["arn:aws:ec2:*:*:instance/*"]),
    bad(INVALID, Resources=[], Conditions={"StringEquals": [condition("a", "b")]}),
    bad(INVALID, Resources=["bucket"]),
    bad(INVALID, Resources=["arn:aws:s3"]),
    bad(INVALID, Resources=["arn:aws:s3:::*-logs"]),
    bad(INVALID, Resources=["arn:aws:s3:::a*b*"]),
    bad(INVALID, Resources=["arn:aws:ec2:us-*:*:volume/*"]),
    bad(INVALID, Resources=["arn:aws:dynamodb:us-east-1"]),
    bad(INVALID, NotResources=["**"]),
    bad(INVALID, ListOfTags=[{**tagged(), "ConditionType": "STRINGLIKE"}]),
    bad(MISSING, ListOfTags=[tagged("")]),
    bad(INVALID, Conditions={"StringLike": [condition("", "a")]}),
    bad(
        INVALID,
        Conditions={"StringEquals": [{"ConditionKey": "backup", "ConditionValue": "daily"}]},
    ),
    bad(MISSING, Conditions={"StringLike": [{"ConditionKey": "aws:ResourceTag/a"}]}),
    bad(MISSING, Conditions={"StringNotLike": [{"ConditionValue": "a"}]}),
    bad(LIMIT, Resources=BUCKETS),
    bad(LIMIT, NotResources=BUCKETS),
    bad(LIMIT, Resources=PATTERNS),
    bad(LIMIT, NotResources=PATTERNS),
    bad(LIMIT, ListOfTags=[tagged(str(number)) for number in range(31)]),
    bad(
        LIMIT,
        Conditions={
            "StringEquals": [condition("a", str(number)) for number in range(16)],
            "StringLike": [condition("a", str(number)) for number in range(15)],
        },
    ),
]


class TestErrors:
    @pytest.mark.parametrize(("operation", "parameters", "code"), ERRORS)
    def test_each(
        self,
        backup: FakeBackup,
        plan: str,
        operation: str,
        parameters: dict[str, Any],
        code: str,
    ) -> None:
        """Bad input is refused by the declared error, and nothing changes."""
        asked: dict[str, Any] = {"BackupPlanId": plan}
        key = select(plan, "taken")
        if operation in READ:
            asked["SelectionId"] = key
        elif operation == CREATE:
            asked["BackupSelection"] = selection()
        asked |= parameters
        assert refused(backup, operation, **asked)["Error"]["Code"] == code
        assert code in declared(operation)

    @pytest.mark.parametrize("operation", [CREATE, *READ, LIST])
    def test_all(self, operation: str) -> None:
        """Every client error that an operation declares is provoked above."""
        assert declared(operation) == {code for name, _, code in ERRORS if name == operation}

    def test_the_words(self, backup: FakeBackup, plan: str) -> None:
        """A selection of nothing is refused in AWS's own words, as is one by conditions alone.

        [reported: lgallard #38; terraform PR #25436]
        """
        empty: dict[str, Any] = {"SelectionName": "s", "IamRoleArn": ROLE}
        error = refused(backup, CREATE, BackupPlanId=plan, BackupSelection=empty)
        assert error["Error"] == {
            "Code": MISSING,
            "Message": "Either Resources or Conditions must not be null",
        }
        assert error["Code"] == "ERROR_4301"
        assert "Context" not in error
        empty["Conditions"] = {"StringEquals": [condition("a", "b")]}
        error = refused(backup, CREATE, BackupPlanId=plan, BackupSelection=empty)
        assert (error["Error"]["Code"], error.get("Code")) == (INVALID, None)
        assert error["Error"]["Message"] == (
            "Invalid backup selection. Either 'ListOfTags' or 'Resources' section must be "
            "non-empty."
        )

    def test_the_quota_of_tags(self, backup: FakeBackup, plan: str) -> None:
        """Ten selections of a plan use tags at most [documented: guide, quotas]."""
        for number in range(10):
            sent = selection(f"t-{number}", ListOfTags=[tagged()])
            call(CREATE, BackupPlanId=plan, BackupSelection=sent)
        more: dict[str, Any] = {"BackupSelection": selection("t-10", ListOfTags=[tagged()])}
        error = refused(backup, CREATE, BackupPlanId=plan, **more)
        assert error["Error"]["Code"] == LIMIT
        select(plan, "by-arn")
        call(CREATE, BackupPlanId=planned("other"), **more)
        assert len(names(plan)) == 11

    def test_the_quota(self, backup: FakeBackup, plan: str) -> None:
        """AWS's quota of selections is of one plan."""
        for number in range(100):
            select(plan, f"s-{number}")
        asked = {"BackupPlanId": plan, "BackupSelection": selection("last")}
        error = refused(backup, CREATE, **asked)
        assert error["Error"]["Code"] == "LimitExceededException"
        select(planned("other"), "last")


RESOURCES = {
    "arn:aws:ec2:us-east-1:123456789012:volume/vol-1": {"backup": "daily", "stage": "production"},
    "arn:aws:ec2:us-east-1:123456789012:volume/vol-2": {"backup": "weekly"},
    "arn:aws:s3:::bucket-1": {"backup": "daily", "stage": "test"},
    "arn:aws:s3:::bucket-2": {},
    "arn:aws:dynamodb:us-east-1:123456789012:table/bucket": {"stage": "prod"},
}
SPACES = {
    "arn:aws:s3:::bucket-1": {"stage": "prod server"},
    "arn:aws:s3:::bucket-2": {"stage": "prod\nserver"},
    "arn:aws:s3:::bucket-3": {"stage": "prod-server"},
    "arn:aws:s3:::bucket-4": {"stage": "prod"},
    "arn:aws:s3:::bucket 5": {"stage": "test"},
}


class TestNamedTypes:
    """Which type of resource an ARN of a selection names explicitly."""

    @pytest.mark.parametrize(
        ("arn", "named"),
        [
            ("*", None),
            ("arn:aws:ec2:*", None),
            ("arn:aws:ec2:*:*:*", None),
            ("arn:aws:ec2:us-east-1:123456789012:*", None),
            ("arn:aws:ec2:*:*:vol*", None),
            ("arn:aws:ec2:*:*:volume/*", "EBS"),
            ("arn:aws:ec2:us-east-1:*:instance/i-1*", "EC2"),
            ("arn:aws:ec2:us-east-1:123456789012:instance/i-1", "EC2"),
            ("arn:aws:*:*:*:volume/*", None),
            ("arn:aws:s3:*", None),
            ("arn:aws:s3:::*", "S3"),
            ("arn:aws:s3:::bucket-*", "S3"),
            ("arn:aws:dynamodb:*", None),
            ("arn:aws:dynamodb:*:*:table/*", "DynamoDB"),
            ("arn:aws:elasticfilesystem:*:*:*", None),
            ("arn:aws:elasticfilesystem:*:*:file-system/*", "EFS"),
            ("arn:aws:rds:*:*:db:*", "RDS"),
            ("arn:aws:rds:*:*:cluster:*", None),
            ("arn:aws:rds:*:*:cluster:prod-*", None),
            ("arn:aws:rds:us-east-1:123456789012:cluster:c-1", "Aurora"),
            ("arn:aws:fsx:*:*:file-system/*", None),
            ("arn:aws:fsx:us-east-1:123456789012:file-system/fs-1", "FSx"),
            ("arn:aws:sns:us-east-1:123456789012:topic", None),
        ],
    )
    def test_each(self, arn: str, named: str | None) -> None:
        """Whole ARNs and patterns behind the word of a type do, shared forms do not.

        [documented: guide, assigning resources]
        """
        assert selections.named_type(arn) == named


class TestSelected:
    """Which of five resources a selection names."""

    @pytest.mark.parametrize(
        ("members", "expected"),
        [
            ({"Resources": ["*"]}, "vol-1 vol-2 bucket-1 bucket-2 bucket"),
            ({"Resources": ["arn:aws:s3:::*"]}, "bucket-1 bucket-2"),
            ({"Resources": [VOLUMES]}, "vol-1 vol-2"),
            ({"Resources": ["arn:aws:ec2:eu-west-1:*:volume/*"]}, ""),
            ({"Resources": ["arn:aws:dynamodb:*", "arn:aws:s3:::bucket-2"]}, "bucket-2 bucket"),
            ({"Resources": ["arn:aws:s3:::bucket"]}, ""),
            ({"Resources": ["arn:aws:s3:::bucket.1"]}, ""),
            ({"ListOfTags": [tagged()]}, "vol-1 bucket-1"),
            ({"ListOfTags": [tagged("aws:ResourceTag/backup")]}, "vol-1 bucket-1"),
            (
                {"ListOfTags": [tagged("backup", "weekly"), tagged("stage", "test")]},
                "vol-2 bucket-1",
            ),
            ({"ListOfTags": [tagged("backup", "da*")]}, ""),
            ({"Resources": [VOLUMES], "ListOfTags": [tagged()]}, "vol-1 vol-2 bucket-1"),
            ({"Resources": ["*"], "NotResources": ["arn:aws:s3:::*"]}, "vol-1 vol-2 bucket"),
            (
                {"ListOfTags": [tagged()], "NotResources": ["arn:aws:s3:::bucket-1"]},
                "vol-1",
            ),
        ],
    )
    def test_by_arn_and_tag(self, members: dict[str, Any], expected: str) -> None:
        """ARNs and tags each add, NotResources takes away."""
        self.check(members, expected)

    @pytest.mark.parametrize(
        ("operator", "value", "expected"),
        [
            ("StringEquals", "prod", "bucket"),
            ("StringEquals", "prod*", ""),
            ("StringNotEquals", "prod", "vol-1 vol-2 bucket-1 bucket-2"),
            ("StringLike", "prod*", "vol-1 bucket"),
            ("StringLike", "*ro*", "vol-1 bucket"),
            ("StringLike", "p.od", ""),
            ("StringLike", "*", "vol-1 bucket-1 bucket"),
            ("StringNotLike", "*t", "vol-1 vol-2 bucket-2 bucket"),
            ("StringNotLike", "*", "vol-2 bucket-2"),
        ],
    )
    def test_by_condition(self, operator: str, value: str, expected: str) -> None:
        """A condition holds as its operator says; a missing tag is equal to nothing."""
        conditions = {operator: [condition("stage", value)]}
        self.check({"Resources": ["*"], "Conditions": conditions}, expected)

    @pytest.mark.parametrize(
        ("operator", "value", "expected"),
        [
            ("StringLike", "prod*", "3 4"),
            ("StringLike", "prod *", "1"),
            ("StringLike", "*server", "3"),
            ("StringLike", "* *", "1"),
            ("StringLike", "*", "3 4 5"),
            ("StringNotLike", "prod*", "1 2 5"),
        ],
    )
    def test_no_white_space(self, operator: str, value: str, expected: str) -> None:
        """A wildcard stands for zero or more characters that are no white space.

        [documented: guide, assigning resources]
        """
        resources = [f"arn:aws:s3:::{name}" for name in ("bucket-*", "bucket 5")]
        conditions = {operator: [condition("stage", value)]}
        sent = selection(Resources=resources, Conditions=conditions)
        assert " ".join(arn[-1] for arn in selections.selected(sent, SPACES)) == expected

    def test_no_white_space_in_arns(self) -> None:
        """So it is in ARNs, those of NotResources too [documented: guide, assigning resources]."""
        patterns = ["arn:aws:s3:::bucket*"]
        found = selections.selected(selection(Resources=patterns), SPACES)
        assert [arn[-1] for arn in found] == ["1", "2", "3", "4"]
        sent = selection(Resources=["arn:aws:s3:::bucket 5"], NotResources=patterns)
        assert list(selections.selected(sent, SPACES)) == ["arn:aws:s3:::bucket 5"]

    def test_all_conditions_hold(self) -> None:
        """Every condition must hold, of one operator or of several, for tags too."""
        both = {
            "StringLike": [condition("stage", "*o*"), condition("backup", "*")],
            "StringNotEquals": [condition("backup", "weekly")],
        }
        self.check({"Resources": ["*"], "Conditions": both}, "vol-1")
        other = {"StringEquals": [condition("stage", "test")]}
        self.check({"ListOfTags": [tagged()], "Conditions": other}, "bucket-1")

    def check(self, members: dict[str, Any], expected: str) -> None:
        """The resources are those with these names, in order."""
        sent = selection(**members)
        selections.check(sent)
        found = selections.selected(sent, RESOURCES)
        assert " ".join(arn.rpartition(":")[2].rpartition("/")[2] for arn in found) == expected
