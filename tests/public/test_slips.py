"""Slips of a newcomer: what the messages say to type instead, and how things show themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from fakebackup import FakeBackup, mock_backup
from support.client import call

if TYPE_CHECKING:
    from collections.abc import Callable

SNAPSHOT = "arn:aws:ec2:us-east-1::snapshot/snap-0123"


async def _coroutine(_event: Any, _context: Any) -> None: ...


class _Called:
    async def __call__(self, _event: Any, _context: Any) -> None: ...


SLIPS: dict[str, Callable[[Any], Any]] = {
    r"did you mean 'ThrottlingException'\? For a code": lambda fake: fake.fail(
        "ListBackupJobs", code="TooManyRequestsException"
    ),
    r"no member 'RecoveryPointTags': .*backup\.add_resource\(arn, tags": lambda fake: (
        fake.add_backup_job(RecoveryPointTags={})
    ),
    r"A report job has no member 'Tags': .*backup\.add_report_plan\(Tags": lambda fake: (
        fake.add_report_job(Tags={})
    ),
    r"no member 'region': .*backup\.at\(region=": lambda fake: fake.add_backup_job(region="x"),
    r"A vault has no member 'Name'; did you mean 'BackupVaultName'": lambda fake: fake.add_vault(
        Name="Daily"
    ),
    r"looks like a dump, and it has no key 'fakebackup'": lambda fake: fake.load(
        {key: each for key, each in fake.dump().items() if key != "fakebackup"}
    ),
    r"_coroutine .*, whose coroutine nothing would await": lambda fake: fake.on_event(_coroutine),
    r"_Called .*, whose coroutine nothing would await": lambda fake: fake.on_event(_Called()),
    r"a function of the parameters, not .*_coroutine .*: give a plain function": (
        lambda fake: fake.answer("ListBackupJobs", _coroutine)
    ),
    r"a function of the parameters, not .*_Called .*, whose coroutine nothing would": (
        lambda fake: fake.answer("ListBackupJobs", _Called())
    ),
    r"when takes a dict .*, not .*_coroutine .*, whose coroutine nothing would await": (
        lambda fake: fake.fail("ListBackupJobs", when=_coroutine)
    ),
    r"State takes .*, not .*_coroutine .*, whose coroutine nothing would await": (
        lambda fake: fake.add_backup_jobs(2, State=_coroutine)
    ),
    r"function handler\(event, context\), not 3\.$": lambda fake: fake.on_event(3),
}


@pytest.mark.parametrize("text", SLIPS)
def test_a_slip_is_told_what_to_type(backup: FakeBackup, text: str) -> None:
    """The message names what is meant, not what has nearly that name."""
    with pytest.raises((TypeError, ValueError), match=text):
        SLIPS[text](backup)


@pytest.mark.parametrize("member", ["Tags", "tags", "RecoveryPointTags"])
@pytest.mark.parametrize("kind", ["backup", "copy", "restore"])
def test_tags_of_a_job(backup: FakeBackup, kind: str, member: str) -> None:
    """No job has tags, and whoever gives it some is told what has them."""
    hint = r"add_resource\(arn, tags=.*add_recovery_point\(Tags=...\)\.$"
    text = rf"^A {kind} job has no member '{member}': .*{hint}"
    with pytest.raises(TypeError, match=text):
        getattr(backup, f"add_{kind}_job")(**{member: {"team": "storage"}})
    with pytest.raises(TypeError, match=r"A vault has no member 'Tag'; did you mean 'Tags'\?$"):
        backup.add_vault(Tag={})  # type: ignore[call-arg]


def test_a_member_that_is_read_as_an_attribute() -> None:
    """Each record says how its members are read, those that clients have made included."""
    with mock_backup(region="us-east-1", default_vault=True) as backup:
        started = call(
            "StartBackupJob",
            BackupVaultName="Default",
            ResourceArn="arn:aws:s3:::bucket",
            IamRoleArn="arn:aws:iam::123456789012:role/Keeper",
        )
        job = backup.backup_jobs[started["BackupJobId"]]
        job.complete()
        (point,) = backup.recovery_points.values()
        (resource,) = backup.protected_resources.values()
        records: dict[str, Any] = {
            "job": job,
            "vault": backup.vaults["Default"],
            "point": point,
            "record": backup.add_framework(),
        }
        for name, record in [*records.items(), ("record", resource)]:
            for member in record:
                assert not hasattr(record, member)
                told = rf"no attribute '{member}': .* of a dict, {name}\['{member}'\]\.$"
                with pytest.raises(AttributeError, match=told):
                    getattr(record, member)
        with pytest.raises(AttributeError, match=r"is only read: it is changed by job\.update"):
            job.State = "FAILED"  # type: ignore[attr-defined]
        for other in ("Nonsense", "FrameworkArn"):
            with pytest.raises(AttributeError, match=f"no attribute '{other}'$"):
                getattr(job, other)
            # Python 3.13 goes on: and no __dict__ for setting new attributes.
            with pytest.raises(AttributeError, match=f"no attribute '{other}'( and no .*)?$"):
                setattr(job, other, 1)
        assert job["State"] == "COMPLETED"


@pytest.mark.fake_backup(region="us-east-1")
def test_an_arn_in_the_place_of_a_plans_id(backup: FakeBackup) -> None:
    """Running a plan says of which plan an ARN is, as its mapping does."""
    plan, testing = backup.add_backup_plan(), backup.add_restore_testing_plan()
    arn = plan["BackupPlanArn"]
    text = f"it is the BackupPlanArn of '{plan['BackupPlanId']}'"
    with pytest.raises(ValueError, match=rf"{text}\.$"):
        backup.run_plan(arn)
    with pytest.raises(KeyError, match=text):
        _ = backup.backup_plans[arn]
    name = testing["RestoreTestingPlanName"]
    with pytest.raises(ValueError, match=rf"it is the RestoreTestingPlanArn of '{name}'\.$"):
        backup.run_restore_testing_plan(testing["RestoreTestingPlanArn"])
    with pytest.raises(ValueError, match=r"; there is 1\.$"):
        backup.run_restore_testing_plan("x")


@pytest.mark.fake_backup(region="us-east-1")
def test_the_end_of_an_arn(backup: FakeBackup) -> None:
    """A recovery point that is asked for by the end of its ARN is found near."""
    backup.add_recovery_point(RecoveryPointArn=SNAPSHOT)
    with pytest.raises(KeyError, match=f"did you mean '{SNAPSHOT}'"):
        _ = backup.recovery_points["snap-0123"]


def test_one_is_singular(backup: FakeBackup) -> None:
    """A vault counts its recovery points in words."""
    vault = backup.add_vault(BackupVaultName="Daily")
    assert "Daily: 0 points, " in repr(vault)
    backup.add_recovery_point(BackupVaultName="Daily")
    assert "Daily: 1 point, " in repr(backup.vaults["Daily"])


def test_what_starts_fakes_and_serves_shows_itself() -> None:
    """Decorators, fakes and servers show options, account and Region, or the URL and the state."""
    mock = mock_backup(region="eu-west-1", leftovers="error")
    assert repr(mock) == "mock_backup(region='eu-west-1', leftovers='error')"
    assert repr(mock_backup()) == "mock_backup()"
    assert repr(FakeBackup()) == "<FakeBackup at 123456789012 the configured Region>"
    with mock as backup:
        server = backup.serve()
        assert repr(server) == "<Server: not started>"
        with server:
            assert repr(server) == f"<Server at {server.url}: answers>"
        assert repr(server) == f"<Server at {server.url}: ended>"
