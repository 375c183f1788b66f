"""Report plans and the jobs that they start, through a real client."""

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
    from fakebackup.model.shapes.typed import ReportDestination


NOW = datetime(2024, 3, 15, 13, 30, 15, 250_000, tzinfo=timezone.utc)
HOUR = timedelta(hours=1)
FRAMEWORK = f"arn:aws:backup:{REGION}:{ACCOUNT}:framework:all-1"
CHANNEL = {"S3BucketName": "bucket"}
SETTING = {"ReportTemplate": "BACKUP_JOB_REPORT"}
COMPLIANCE = {"ReportTemplate": "CONTROL_COMPLIANCE_REPORT"}


pytestmark = pytest.mark.fake_backup(region=REGION, history=None)


def create(name: str = "plan", **parameters: Any) -> Any:
    """Create a report plan."""
    told = {"ReportDeliveryChannel": CHANNEL, "ReportSetting": SETTING, **parameters}
    return call("CreateReportPlan", ReportPlanName=name, **told)


def described(name: str = "plan") -> Any:
    """A report plan as it is described."""
    return call("DescribeReportPlan", ReportPlanName=name)["ReportPlan"]


def names(**parameters: Any) -> list[str]:
    """The names of the report plans that are listed."""
    return [plan["ReportPlanName"] for plan in call("ListReportPlans", **parameters)["ReportPlans"]]


class TestPlans:
    @each_transport
    @freeze_time(NOW)
    def test_round_trip(self, backup: FakeBackup) -> None:
        """Create, Describe and List agree; what is updated changes, the rest stays."""
        made = create(ReportPlanDescription="All of it.")
        assert made["ReportPlanArn"].startswith(
            f"arn:aws:backup:{REGION}:{ACCOUNT}:report-plan:plan-"
        )
        assert made == {
            "ReportPlanName": "plan",
            "ReportPlanArn": made["ReportPlanArn"],
            "CreationTime": NOW,
        }
        plan = {
            **made,
            "ReportPlanDescription": "All of it.",
            "ReportSetting": SETTING,
            "ReportDeliveryChannel": {"S3BucketName": "bucket", "Formats": ["CSV"]},
            "DeploymentStatus": "COMPLETED",
        }
        assert described() == plan
        assert call("ListReportPlans") == {"ReportPlans": [plan]}
        channel = {"S3BucketName": "other", "S3KeyPrefix": "a/b", "Formats": ["JSON", "CSV"]}
        with freeze_time(NOW + HOUR):
            updated = call("UpdateReportPlan", ReportPlanName="plan", ReportDeliveryChannel=channel)
        assert updated == made
        assert described() == {**plan, "ReportDeliveryChannel": channel}
        setting = {**COMPLIANCE, "FrameworkArns": [FRAMEWORK], "NumberOfFrameworks": 1}
        call(
            "UpdateReportPlan",
            ReportPlanName="plan",
            ReportSetting=setting,
            ReportPlanDescription="Less.",
        )
        assert described() == {
            **plan,
            "ReportDeliveryChannel": channel,
            "ReportSetting": setting,
            "ReportPlanDescription": "Less.",
        }
        assert call("DeleteReportPlan", ReportPlanName="plan") == {}
        assert names() == []
        assert backup.events == []

    @pytest.mark.parametrize(
        "setting",
        [
            *(
                {"ReportTemplate": f"{kind}_REPORT"}
                for kind in (
                    "RESOURCE_COMPLIANCE",
                    "BACKUP_JOB",
                    "COPY_JOB",
                    "RESTORE_JOB",
                    "SCAN_JOB",
                )
            ),
            {**COMPLIANCE, "FrameworkArns": [FRAMEWORK, FRAMEWORK.replace("all", "some")]},
            {**COMPLIANCE, "NumberOfFrameworks": 1000},
            {**SETTING, "Accounts": ["ROOT"], "Regions": ["*"]},
            {
                **SETTING,
                "Accounts": [OTHER_ACCOUNT],
                "OrganizationUnits": ["ou-1"],
                "Regions": [REGION],
            },
        ],
    )
    @pytest.mark.usefixtures("backup")
    def test_settings(self, setting: dict[str, Any]) -> None:
        """Each template and each way to say what a report covers is kept as it was given."""
        create(ReportSetting=setting)
        assert described()["ReportSetting"] == setting

    @pytest.mark.usefixtures("backup")
    def test_no_format_is_csv(self) -> None:
        """An empty list of formats is none."""
        create(ReportDeliveryChannel={**CHANNEL, "Formats": []})
        assert described()["ReportDeliveryChannel"]["Formats"] == ["CSV"]

    def test_tags(self, backup: FakeBackup) -> None:
        """A plan has the tags that it was created with until it is deleted."""
        arn = create(ReportPlanTags={"a": "1"})["ReportPlanArn"]
        call("TagResource", ResourceArn=arn, Tags={"b": "2"})
        assert call("ListTags", ResourceArn=arn)["Tags"] == {"a": "1", "b": "2"}
        call("DeleteReportPlan", ReportPlanName="plan")
        again = create()["ReportPlanArn"]
        assert again != arn
        assert call("ListTags", ResourceArn=again)["Tags"] == {}
        assert not tags_of(backup)

    def test_a_token_makes_one_plan(self, backup: FakeBackup) -> None:
        """The same token again answers alike and changes nothing, until the plan is gone."""
        first = create(IdempotencyToken="token")
        assert create(IdempotencyToken="token") == first
        error = refused(
            backup,
            "CreateReportPlan",
            ReportPlanName="plan",
            ReportDeliveryChannel=CHANNEL,
            ReportSetting=SETTING,
            IdempotencyToken="other",
        )
        assert error["Error"]["Code"] == "AlreadyExistsException"
        assert error["Arn"] == first["ReportPlanArn"]
        update = {"ReportPlanName": "plan", "IdempotencyToken": "token"}
        call("UpdateReportPlan", ReportPlanDescription="one", **update)
        call("UpdateReportPlan", ReportPlanName="plan", ReportPlanDescription="two")
        call("UpdateReportPlan", ReportPlanDescription="one", **update)
        assert described()["ReportPlanDescription"] == "two"
        call("DeleteReportPlan", ReportPlanName="plan")
        error = refused(backup, "UpdateReportPlan", ReportPlanDescription="one", **update)
        assert error["Error"]["Code"] == "ResourceNotFoundException"
        assert create(IdempotencyToken="token")["ReportPlanArn"] != first["ReportPlanArn"]

    @pytest.mark.usefixtures("backup")
    def test_an_updates_token_is_of_its_plan(self) -> None:
        """One token updates two report plans, each of them once [assumed]."""
        for name in ("one", "two"):
            create(name)
        for name in ("one", "two", "one"):
            asked = {"ReportPlanName": name, "IdempotencyToken": "token"}
            answer = call("UpdateReportPlan", ReportPlanDescription=f"of {name}", **asked)
            assert answer["ReportPlanName"] == name
            assert described(name)["ReportPlanDescription"] == f"of {name}"

    def test_accounts_and_regions_are_apart(self, backup: FakeBackup) -> None:
        """A name stands for another plan in every account and region."""
        create()
        create(region=OTHER_REGION)
        with backup.acting_as(OTHER_ACCOUNT):
            assert names() == []
            arn = create()["ReportPlanArn"]
        assert arn.startswith(f"arn:aws:backup:{REGION}:{OTHER_ACCOUNT}:report-plan:")
        call("DeleteReportPlan", ReportPlanName="plan")
        assert names() == []
        assert names(region=OTHER_REGION) == ["plan"]

    @pytest.mark.parametrize("size", [1, 2, 3])
    @pytest.mark.usefixtures("backup")
    def test_pages_survive_what_happens_between(self, size: int) -> None:
        """A plan that is made or deleted between two pages neither repeats nor hides another."""
        wanted = ["zz", "aa", "mm", "bb", "kk"]
        for name in wanted:
            create(name)
        seen: list[str] = []
        for number, page in enumerate(pages("ListReportPlans", size, "ReportPlans")):
            seen += [plan["ReportPlanName"] for plan in page]
            if number == 0:
                call("DeleteReportPlan", ReportPlanName="zz")
                create("a_late_one")
        assert [name for name in seen if name in wanted[1:]] == wanted[1:]
        assert len(seen) == len(set(seen))
        assert "a_late_one" in seen

    def test_a_refused_plan_spends_no_number(self, backup: FakeBackup) -> None:
        """A plan that is not made leaves the ids of what comes later alone."""
        create()
        told = {"ReportDeliveryChannel": CHANNEL, "ReportSetting": SETTING}
        refused(backup, "CreateReportPlan", ReportPlanName="plan", **told)
        assert backup.add_report_job().id.endswith("-000000000002")


def start(name: str = "plan", **parameters: Any) -> str:
    """Start a report job."""
    job_id: str = call("StartReportJob", ReportPlanName=name, **parameters)["ReportJobId"]
    return job_id


def job(job_id: str) -> Any:
    """A report job as it is described."""
    return call("DescribeReportJob", ReportJobId=job_id)["ReportJob"]


class TestJobs:
    def test_a_removed_job_takes_its_token_along(self, backup: FakeBackup) -> None:
        """The token of a job that a test removed starts another one."""
        create()
        job_id = start(IdempotencyToken="token")
        assert start(IdempotencyToken="token") == job_id
        backup.remove(backup.report_jobs[job_id])
        again = start(IdempotencyToken="token")
        assert list(backup.report_jobs) == [again]
        assert again != job_id

    @freeze_time(NOW)
    def test_polls(self, backup: FakeBackup) -> None:
        """A job says what its plan says, and moves as it is asked for; nobody is told."""
        arn = create(ReportDeliveryChannel={**CHANNEL, "S3KeyPrefix": "x/"})["ReportPlanArn"]
        job_id = start()
        shown = {
            "ReportJobId": job_id,
            "ReportPlanArn": arn,
            "ReportTemplate": "BACKUP_JOB_REPORT",
            "CreationTime": NOW,
        }
        assert job(job_id) == {**shown, "Status": "CREATED"}
        assert job(job_id) == {**shown, "Status": "RUNNING"}
        key = (
            f"x/Backup/{ACCOUNT}/{REGION}/2024/03/15/plan/BACKUP_JOB_REPORT_plan"
            "_2024-03-14T13:30:15Z_2024-03-15T13:30:15Z.csv"
        )
        completed = {
            **shown,
            "Status": "COMPLETED",
            "CompletionTime": NOW,
            "ReportDestination": {"S3BucketName": "bucket", "S3Keys": [key]},
        }
        assert job(job_id) == completed
        assert call("ListReportJobs", ByReportPlanName="plan")["ReportJobs"] == [completed]
        assert backup.events == []

    @freeze_time(NOW)
    def test_a_key_for_each_format(self, backup: FakeBackup) -> None:
        """A report is delivered in each format of the plan, as it was when the job started."""
        create(ReportDeliveryChannel={**CHANNEL, "Formats": ["CSV", "JSON"]})
        found = backup.report_jobs[start()]
        found.run()
        assert "ReportDestination" not in found
        found.complete()
        path = (
            f"Backup/{ACCOUNT}/{REGION}/2024/03/15/plan/BACKUP_JOB_REPORT_plan"
            "_2024-03-14T13:30:15Z_2024-03-15T13:30:15Z"
        )
        assert found["ReportDestination"]["S3Keys"] == [f"{path}.csv", f"{path}_1.json"]

    def test_what_a_test_says_wins(self, backup: FakeBackup) -> None:
        """A destination that a test chooses is not the plan's."""
        create()
        destination: ReportDestination = {"S3BucketName": "mine", "S3Keys": []}
        for told in ("before", "then", "chosen"):
            if told == "chosen":
                backup.next_outcome("StartReportJob", ReportDestination=destination)
            found = backup.report_jobs[start()]
            found.run()
            if told == "before":
                found.update(ReportDestination=destination)
            if told == "chosen":
                found.progress = "immediate"
            else:
                found.complete(**({"ReportDestination": destination} if told == "then" else {}))
            assert found["ReportDestination"] == destination

    def test_a_failure_delivers_nothing(self, backup: FakeBackup) -> None:
        """A job that fails has no destination; the outcome may be one plan's alone."""
        create()
        arn = create("other")["ReportPlanArn"]
        backup.next_outcome(
            "StartReportJob", ResourceArn=arn, State="FAILED", StatusMessage="No bucket."
        )
        jobs = [backup.report_jobs[start(name)] for name in ("plan", "other", "other")]
        for each in jobs:
            each.progress = "immediate"
        assert [each["Status"] for each in jobs] == ["COMPLETED", "FAILED", "COMPLETED"]
        assert jobs[1]["StatusMessage"] == "No bucket."
        assert "ReportDestination" not in jobs[1]

    def test_a_token_starts_one_job(self, backup: FakeBackup) -> None:
        """The same token again answers alike; calls without one start a job each."""
        create()
        first = start(IdempotencyToken="token")
        assert start(IdempotencyToken="token") == first
        assert start() != start()
        assert len(backup.report_jobs) == 3

    def test_the_plan_knows_its_jobs(self, backup: FakeBackup) -> None:
        """A plan shows when a job of it was last attempted, and when one last succeeded."""
        with freeze_time(NOW) as clock:
            arn = create()["ReportPlanArn"]
            create("other")
            first = backup.report_jobs[start()]
            assert described()["LastAttemptedExecutionTime"] == NOW
            assert "LastSuccessfulExecutionTime" not in described()
            clock.tick(HOUR)
            first.run()
            first.complete()
            clock.tick(HOUR)
            backup.report_jobs[start()].fail()
            backup.add_report_job(
                ReportPlanArn=arn, Status="COMPLETED_WITH_ISSUES", CreationTime=NOW - HOUR
            )
        wanted = {
            "LastAttemptedExecutionTime": NOW + 2 * HOUR,
            "LastSuccessfulExecutionTime": NOW + HOUR,
        }
        plan, other = call("ListReportPlans")["ReportPlans"]
        assert plan == described()
        assert {name: plan[name] for name in wanted} == wanted
        assert not set(wanted) & set(other)
        assert plan["DeploymentStatus"] == "COMPLETED"

    @pytest.mark.parametrize("operation", ["UpdateReportPlan", "DeleteReportPlan"])
    def test_a_plan_at_work(self, backup: FakeBackup, operation: str) -> None:
        """While a job of its runs a plan is neither changed nor deleted; others' are no matter."""
        create()
        create("other")
        found = backup.report_jobs[start()]
        for move in (None, found.run):
            if move is not None:
                move()
            error = refused(backup, operation, ReportPlanName="plan")
            assert error["Error"]["Code"] == "ConflictException"
        call(operation, ReportPlanName="other")
        found.fail()
        call(operation, ReportPlanName="plan")
        assert list(backup.report_jobs) == [found.id]

    def test_only_ones_own_plan(self, backup: FakeBackup) -> None:
        """A plan of another account or region starts nothing."""
        create()
        error = refused(backup, "StartReportJob", ReportPlanName="plan", region=OTHER_REGION)
        assert error["Error"]["Code"] == "ResourceNotFoundException"
        with backup.acting_as(OTHER_ACCOUNT):
            error = refused(backup, "StartReportJob", ReportPlanName="plan")
        assert error["Error"]["Code"] == "ResourceNotFoundException"


INVALID, MISSING = "InvalidParameterValueException", "MissingParameterValueException"
LIMIT = "LimitExceededException"
NAMED = (
    "CreateReportPlan",
    "DescribeReportPlan",
    "UpdateReportPlan",
    "DeleteReportPlan",
    "StartReportJob",
)
NEEDED = {"CreateReportPlan": {"ReportDeliveryChannel": CHANNEL, "ReportSetting": SETTING}}
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"ReportPlanDescription": " "}, INVALID),
    ({"ReportPlanDescription": "x" * 1025}, INVALID),
    ({"ReportDeliveryChannel": {"S3BucketName": ""}}, MISSING),
    ({"ReportDeliveryChannel": {**CHANNEL, "Formats": ["CSV", "csv"]}}, INVALID),
    ({"ReportSetting": {"ReportTemplate": "JOB_REPORT"}}, INVALID),
    ({"ReportSetting": {**SETTING, "FrameworkArns": [FRAMEWORK]}}, INVALID),
    ({"ReportSetting": {**SETTING, "NumberOfFrameworks": 1}}, INVALID),
    ({"ReportSetting": {**COMPLIANCE, "FrameworkArns": ["all"]}}, INVALID),
    ({"ReportSetting": {**COMPLIANCE, "NumberOfFrameworks": -1}}, INVALID),
    ({"ReportSetting": {**COMPLIANCE, "NumberOfFrameworks": 1001}}, LIMIT),
    ({"ReportSetting": {**COMPLIANCE, "FrameworkArns": [FRAMEWORK] * 1001}}, LIMIT),
    ({"ReportSetting": {**SETTING, "Accounts": ["root"]}}, INVALID),
    *(
        (
            {
                "ReportSetting": {**SETTING, member: value},
                "ReportDeliveryChannel": {**CHANNEL, "Formats": ["JSON"]},
            },
            INVALID,
        )
        for member, value in (
            ("Accounts", ["ROOT"]),
            ("OrganizationUnits", ["ou-1"]),
            ("Regions", [REGION, OTHER_REGION]),
            ("Regions", ["*"]),
        )
    ),
]
ERRORS: list[tuple[str, dict[str, Any], str]] = [
    *((name, {"ReportPlanName": "1st"}, INVALID) for name in NAMED),
    *((name, {"ReportPlanName": "a-b"}, INVALID) for name in NAMED),
    *((name, {"ReportPlanName": "none"}, "ResourceNotFoundException") for name in NAMED[1:]),
    *(
        # An update declares no LimitExceededException [assumed: its error].
        (name, told, code if code in declared(name) else INVALID)
        for name in ("CreateReportPlan", "UpdateReportPlan")
        for told, code in WRONG
    ),
    ("CreateReportPlan", {"ReportPlanName": "plan"}, "AlreadyExistsException"),
    ("CreateReportPlan", {"ReportPlanTags": {f"key-{n}": "" for n in range(51)}}, LIMIT),
    ("UpdateReportPlan", {"ReportPlanName": "working"}, "ConflictException"),
    ("DeleteReportPlan", {"ReportPlanName": "working"}, "ConflictException"),
    ("ListReportPlans", {"NextToken": "none"}, INVALID),
    ("ListReportPlans", {"MaxResults": 1001}, INVALID),
]
CAUSELESS = {
    (name, MISSING) for name in ("DescribeReportPlan", "DeleteReportPlan", "StartReportJob")
}
"""Declared errors without a natural cause: botocore itself refuses an empty name."""


class TestErrors:
    @pytest.mark.parametrize(("operation", "parameters", "code"), ERRORS)
    def test_each(
        self, backup: FakeBackup, operation: str, parameters: dict[str, Any], code: str
    ) -> None:
        """Bad input is refused by the declared error, and nothing changes."""
        create()
        create("working")
        start("working")
        name = "fresh" if operation == "CreateReportPlan" else "plan"
        named = {} if operation == "ListReportPlans" else {"ReportPlanName": name}
        asked = {**named, **NEEDED.get(operation, {}), **parameters}
        assert refused(backup, operation, **asked)["Error"]["Code"] == code
        assert code in declared(operation)

    @pytest.mark.parametrize("operation", [*NAMED, "ListReportPlans"])
    def test_all(self, operation: str) -> None:
        """Every client error that an operation declares is provoked above."""
        provoked = {code for name, _, code in ERRORS if name == operation}
        without = {code for name, code in CAUSELESS if name == operation}
        assert declared(operation) == provoked | without

    def test_what_stays_is_judged_with_what_changes(self, backup: FakeBackup) -> None:
        """An update is refused where what it changes does not go with what the plan has."""
        create(ReportSetting={**SETTING, "Accounts": ["ROOT"]})
        channel = {**CHANNEL, "Formats": ["JSON"]}
        error = refused(
            backup, "UpdateReportPlan", ReportPlanName="plan", ReportDeliveryChannel=channel
        )
        assert error["Error"]["Code"] == INVALID

    def test_the_quota(self, backup: FakeBackup) -> None:
        """There are up to twenty report plans."""
        for number in range(20):
            create(f"plan_{number}")
        told = {"ReportDeliveryChannel": CHANNEL, "ReportSetting": SETTING}
        error = refused(backup, "CreateReportPlan", ReportPlanName="last", **told)
        assert error["Error"]["Code"] == LIMIT
        create("last", region=OTHER_REGION)
