"""The example month that `python -m fakebackup` seeds, lists and prints.

Its counts and lists are the same at every hour: the backups are of every second night, so that
none of them crosses the edge of a window when midnight passes during a run.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import botocore.session

from fakebackup import FakeBackup, clock, errors, factories
from fakebackup.model.shapes.model import service_model

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from fakebackup.model.shapes.literals import BackupJobState

OWN, SHOP, LAB = "123456789012", "111122223333", "444455556666"
REGION = "eu-west-1"
NIGHTS = range(2, 30, 2)
PAGE = 25

# Account, type, ARN: each is backed up every second night, in this order.
RESOURCES = (
    (OWN, "EBS", f"arn:aws:ec2:{REGION}:{OWN}:volume/vol-0a11ce0000000001"),
    (OWN, "RDS", f"arn:aws:rds:{REGION}:{OWN}:db:billing"),
    (SHOP, "RDS", f"arn:aws:rds:{REGION}:{SHOP}:db:orders"),
    (SHOP, "DynamoDB", f"arn:aws:dynamodb:{REGION}:{SHOP}:table/carts"),
    (LAB, "EC2", f"arn:aws:ec2:{REGION}:{LAB}:instance/i-0b0b000000000002"),
)

# The parts of a stack that was backed up once, as a whole.
STACK: tuple[tuple[str, BackupJobState], ...] = (
    (f"arn:aws:rds:{REGION}:{SHOP}:db:sessions", "COMPLETED"),
    ("arn:aws:s3:::shop-pictures", "COMPLETED"),
    (f"arn:aws:ec2:{REGION}:{SHOP}:volume/vol-0c33ce0000000003", "FAILED"),
)

# By night and index in RESOURCES, the members of jobs that did not simply complete.
TROUBLE: dict[tuple[int, int], dict[str, str]] = {
    (2, 1): {
        "State": "FAILED",
        "StatusMessage": "You are not authorized to perform this operation.",
    },
    (2, 4): {
        "StatusMessage": "Windows VSS Backup Job Error encountered, trying for regular backup"
    },
    (4, 2): {
        "State": "FAILED",
        "StatusMessage": "Backup job failed because there was a running job for the same resource.",
    },
    (6, 4): {"State": "EXPIRED"},
    (8, 3): {
        "State": "FAILED",
        "StatusMessage": "Subscriber limit exceeded: too many backups in progress.",
    },
    (10, 4): {
        "StatusMessage": "Windows VSS Backup Job Error encountered, trying for regular backup"
    },
    (12, 0): {"State": "ABORTED"},
    (16, 4): {"State": "FAILED"},
    (22, 1): {
        "State": "FAILED",
        "StatusMessage": "Token expired. Try again.",
    },
}


KEPT = (
    ("list_backup_vaults", "BackupVaultList", "BackupVaultName"),
    ("list_protected_resources", "Results", "ResourceArn"),
    ("list_backup_plans", "BackupPlansList", "BackupPlanName"),
    ("list_backup_selections", "BackupSelectionsList", "SelectionName"),
    ("list_frameworks", "Frameworks", "FrameworkName"),
    ("list_report_plans", "ReportPlans", "ReportPlanName"),
    ("list_legal_holds", "LegalHolds", "Title"),
    ("list_restore_testing_plans", "RestoreTestingPlans", "RestoreTestingPlanName"),
    (
        "list_restore_testing_selections",
        "RestoreTestingSelections",
        "RestoreTestingSelectionName",
    ),
    ("list_tiering_configurations", "TieringConfigurations", "TieringConfigurationName"),
    ("list_backup_access_points", "BackupAccessPoints", "Name"),
)
"""The lists of what an account keeps: the method, the member with the items, their name."""

PARENTS = {
    "list_backup_selections": ("list_backup_plans", "BackupPlanId"),
    "list_restore_testing_selections": ("list_restore_testing_plans", "RestoreTestingPlanName"),
}
"""Per list of parts, the list of what they are parts of, and the member that names one."""


def run(*, as_json: bool) -> int:
    """Print the example month as a client sees it, and return the exit status.

    Args:
        as_json: whether as a JSON document, for programs.
    """
    found = ask()
    shown = json.dumps(found, indent=2, default=_date) + "\n" if as_json else text(found)
    sys.stdout.write(shown)
    return 0


def _date(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).isoformat(timespec="milliseconds")
    msg = f"AWS answers nothing like {value!r}."
    raise TypeError(msg)


def seed(backup: FakeBackup) -> None:
    """Seed the example month, up to the present of the process's clock.

    Args:
        backup: an active fake.
    """
    now = clock.now()
    midnight = _instant(clock.last_midnight(now))
    region = backup.region
    for night in NIGHTS:
        for index, (account, resource_type, arn) in enumerate(RESOURCES):
            members: dict[str, Any] = {
                "ResourceType": resource_type,
                "ResourceArn": _in(region, arn),
                "CreationDate": midnight - timedelta(days=night) + timedelta(hours=3 + index),
                **TROUBLE.get((night, index), {}),
            }
            backup.at(account_id=account).add_backup_job(**members)
    evening = midnight - timedelta(days=5) + timedelta(hours=20)
    parts = [
        factories.backup_job(ResourceArn=_in(region, arn), State=state, CreationDate=evening)
        for arn, state in STACK
    ]
    stack = factories.composite(parts, State="PARTIAL", CreationDate=evening)
    backup.at(account_id=SHOP).add(stack)
    for index, minutes in ((0, 25), (4, 10)):
        account, resource_type, arn = RESOURCES[index]
        backup.at(account_id=account).add_backup_job(
            ResourceType=resource_type,
            ResourceArn=_in(region, arn),
            State="RUNNING",
            CreationDate=_instant(now) - timedelta(minutes=minutes),
        )

    _seed_entries(backup.at(account_id=OWN), midnight)


def _seed_entries(backup: FakeBackup, midnight: datetime) -> None:
    """Seed what an account keeps besides jobs, made two months ago, as far as botocore knows it."""
    made: Any = {"CreationDate": midnight - timedelta(days=60)}
    audited: Any = {"CreationTime": midnight - timedelta(days=60)}
    rule: Any = {
        "RuleName": "every-second-night",
        "TargetBackupVaultName": "Default",
        "ScheduleExpression": "cron(0 3 2/2 * ? *)",
        "Lifecycle": {"DeleteAfterDays": 35},
    }
    backup.add_backup_plan(BackupPlanName="nightly", Rules=[rule], **made)
    owned = [_in(backup.region, arn) for account, _, arn in RESOURCES if account == OWN]
    backup.add_backup_selection(SelectionName="own", Resources=owned, **made)
    backup.add_framework(FrameworkName="encrypted", **audited)
    backup.add_report_plan(ReportPlanName="failed_jobs", **audited)
    backup.add_legal_hold(
        Title="Billing dispute", RecoveryPointSelection={"ResourceIdentifiers": owned[1:]}, **made
    )
    backup.add_restore_testing_plan(RestoreTestingPlanName="monthly", **audited)
    backup.add_restore_testing_selection(RestoreTestingSelectionName="volumes", **audited)
    knows = service_model().operation_names
    if "CreateTieringConfiguration" in knows:
        backup.add_tiering_configuration(TieringConfigurationName="buckets", **audited)
    if "CreateBackupAccessPoint" in knows:
        backup.add_backup_access_point(Name="pictures", **audited)


def _in(region: str, arn: str) -> str:
    return arn.replace(f":{REGION}:", f":{region}:")


def ask() -> dict[str, Any]:
    """Seed a fake with the example month and return the answers that a botocore client gets.

    Their members are spelled as AWS spells them; dates are aware datetimes.
    """
    with FakeBackup(account_id=OWN, region=REGION) as backup:
        seed(backup)
        client = _client()
        everything = client.get_paginator("list_backup_jobs").paginate(
            ByAccountId="*", PaginationConfig={"PageSize": PAGE}
        )
        pages = [_page(answer) for answer in everything]
        failed = client.list_backup_jobs(ByState="FAILED", ByAccountId="*")["BackupJobs"]
        own = next(job["BackupJobId"] for job in failed if job["AccountId"] == OWN)
        job = client.describe_backup_job(BackupJobId=own)
        del job["ResponseMetadata"]
        counts = [
            row
            for account, resource_type in (("AGGREGATE_ALL", "ANY"), ("ANY", "AGGREGATE_ALL"))
            for row in client.list_backup_job_summaries(
                AccountId=account, ResourceType=resource_type, State="ANY"
            )["BackupJobSummaries"]
        ]
        completed = _count(client, State="COMPLETED")
        success = _count(client, State="COMPLETED", MessageCategory="SUCCESS")
        kept = {
            method: [each[name] for each in _listed(client, method, items)]
            for method, items, name in KEPT
            if hasattr(client, method)
        }
        calls = [
            {"operation": call.operation, "items": call.items, "more": call.more}
            for call in backup.calls
        ]
    return {
        "account": OWN,
        "region": REGION,
        "failed_jobs": failed,
        "pages": pages,
        "job": job,
        "summaries": counts,
        "completed": {"all": completed, "success": success, "with_issues": completed - success},
        "kept": kept,
        "calls": calls,
    }


def text(found: Mapping[str, Any]) -> str:
    """Return the answers of `ask` as text for a terminal of 80 columns."""
    return "\n".join(_lines(found)) + "\n"


def _lines(found: Mapping[str, Any]) -> Iterator[str]:
    pages, rows, completed = found["pages"], found["summaries"], found["completed"]
    count = sum(page["jobs"] for page in pages)
    yield f"An example month of AWS Backup: {count} jobs, seeded and answered in this process."
    where = f"account {found['account']} in {found['region']}"
    yield f"A botocore client of {where} asks. Times are UTC."
    yield ""
    yield 'Failed jobs: list_backup_jobs(ByState="FAILED", ByAccountId="*")'
    yield ""
    yield from _table(
        ("Created", "Account", "Type", "Resource", "Category"), _failed(found["failed_jobs"])
    )
    yield ""
    yield f'Pages: paginate(ByAccountId="*", PaginationConfig={{"PageSize": {PAGE}}})'
    yield ""
    yield from _table(
        ("Page", "Jobs", "Newest", "Oldest", "NextToken"),
        [
            (number, page["jobs"], *map(_minute, (page["newest"], page["oldest"])), _yes(page))
            for number, page in enumerate(pages, 1)
        ],
    )
    yield ""
    yield f'One job: describe_backup_job(BackupJobId="{found["job"]["BackupJobId"]}")'
    yield ""
    yield from _members(found["job"])
    yield ""
    yield 'Counts: list_backup_job_summaries(State="ANY", ...), with ResourceType="ANY",'
    yield f'then with AccountId="ANY"; {_days(rows[0])}'
    yield ""
    yield from _pivot(rows)
    yield ""
    yield (
        f"Completed with issues: {completed['all']} COMPLETED - {completed['success']} of them "
        f"SUCCESS = {completed['with_issues']}"
    )
    yield ""
    yield "Besides jobs: what the lists of an account's other nouns show"
    yield ""
    yield from _table(
        ("Method", "Count", "Names"),
        [(method, len(names), _few(names)) for method, names in found["kept"].items()],
    )
    yield ""
    yield "The same for programs: python -m fakebackup --json"


def _client() -> Any:
    """Return a client that uses no settings of this machine."""
    session = botocore.session.Session(
        session_vars={
            "profile": (None, None, None, None),
            "config_file": (None, None, os.devnull, None),
            "credentials_file": (None, None, os.devnull, None),
        }
    )
    return session.create_client("backup", region_name=REGION)


def _page(answer: Mapping[str, Any]) -> dict[str, Any]:
    jobs = answer["BackupJobs"]
    return {
        "jobs": len(jobs),
        "newest": jobs[0]["CreationDate"],
        "oldest": jobs[-1]["CreationDate"],
        "more": "NextToken" in answer,
    }


def _listed(client: Any, method: str, items: str) -> list[dict[str, Any]]:
    """Return the items of a list; of parts, those of all that they are parts of."""
    asked: list[dict[str, str]] = [{}]
    if method in PARENTS:
        above, name = PARENTS[method]
        member = next(each for listed, each, _ in KEPT if listed == above)
        asked = [{name: each[name]} for each in getattr(client, above)()[member]]
    return [each for one in asked for each in getattr(client, method)(**one)[items]]


def _few(names: Sequence[str]) -> str:
    """Return names as fit into a line, those of ARNs by their last parts."""
    return errors.shortened(", ".join(name.rpartition(":")[2] for name in names), 36)


def _count(client: Any, **asked: str) -> int:
    """Return the count of all jobs in a summary of the whole organisation."""
    found = client.list_backup_job_summaries(AccountId="AGGREGATE_ALL", **asked)
    return sum(row["Count"] for row in found["BackupJobSummaries"])


def _failed(jobs: Iterable[Mapping[str, Any]]) -> Iterator[Sequence[object]]:
    """Yield two rows a job: its columns, then its message across them."""
    for job in jobs:
        resource = job["ResourceArn"].rpartition(":")[2].rpartition("/")[2]
        yield (
            _minute(job["CreationDate"]),
            job["AccountId"],
            job["ResourceType"],
            resource,
            job["MessageCategory"],
        )
        yield (f"  {job['StatusMessage']}",)


def _members(job: Mapping[str, Any]) -> Iterator[str]:
    width = max(map(len, job))
    for name, value in job.items():
        shown = _minute(value) if isinstance(value, datetime) else str(value)
        line = f"  {name:{width}}  {shown}"
        if len(line) <= 80:  # noqa: PLR2004  a terminal's columns
            yield line
        else:
            yield f"  {name}"
            yield f"      {shown}"


def _pivot(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield a table of counts: a line per resource type or account, a column per state."""
    counts: dict[str, Counter[str]] = {}
    for row in rows:
        summed = row["AccountId"] == "AGGREGATE_ALL"
        name = row["ResourceType"] if summed else row["AccountId"]
        counts.setdefault(name, Counter())[row["State"]] += row["Count"]
    states = sorted(set().union(*counts.values()))
    return _table(
        ("Type, account", *states),
        [(name, *(found[state] or "" for state in states)) for name, found in counts.items()],
    )


def _table(names: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Yield the lines of a table; a row of one cell runs across, numbers stand to the right."""
    body = [tuple(row) for row in rows]
    full = [row for row in body if len(row) > 1]
    widths = [max(len(str(row[at])) for row in (names, *full)) for at in range(len(names))]
    right = [any(isinstance(row[at], int) for row in full) for at in range(len(names))]
    for row in (names, tuple("-" * width for width in widths), *body):
        cells = [
            f"{cell!s:>{width}}" if to_the_right else f"{cell!s:{width}}"
            for cell, width, to_the_right in zip(row, widths, right, strict=False)
        ]
        yield ("  " + "  ".join(cells)).rstrip()


def _yes(page: Mapping[str, Any]) -> str:
    return "yes" if page["more"] else "no"


def _days(row: Mapping[str, Any]) -> str:
    """Return the window of a row, its last day included."""
    start, end = row["StartTime"], row["EndTime"] - timedelta(days=1)
    return f"{_minute(start)[:10]} to {_minute(end)[:10]}"


def _minute(date: datetime) -> str:
    return date.astimezone(timezone.utc).strftime("%Y-%m-%d %H:%M")


def _instant(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, timezone.utc)
