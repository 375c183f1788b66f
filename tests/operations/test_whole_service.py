"""Every operation that is faked, held to the installed model by requests enumerated from it.

Each valid variant of a request is answered as the output shape says, or by an error that the
operation declares; each broken one is refused and changes nothing. The end of the run sums up
how many there were (`-v`: per operation).
"""

from __future__ import annotations

import contextlib
import functools
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, ParamValidationError
from freezegun import freeze_time

from fakebackup import FakeBackup, FakeBackupError, mock_backup
from fakebackup.model.jobs import life
from fakebackup.model.jobs.kinds import BACKUP, KINDS
from fakebackup.model.shapes.requests import UNCHECKED_PATTERNS
from fakebackup.model.vaults.members import POINT, VAULT
from fakebackup.operations import operations
from support.botocore_model import declared, every, is_in_path, known, model, shows, takes
from support.client import full_answer, held, whole
from support.conformance import SERVICE_WIDE, anatomy, check_answer
from support.constants import ACCOUNT, NOW, REGION, ROLE, TRANSPORTS
from support.requests_from_model import Values, Variant, unchecked
from support.world import (
    NAMES,
    POINTS,
    VOLUME,
    chosen,
    input_shape,
    is_faked,
    seed,
    values,
    vault,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fakebackup import Job
    from fakebackup.model.jobs.kinds import Kind
    from fakebackup.model.shapes.schema import Schema

    Record = Callable[[str, object], None]

WITHOUT_A_PATTERN = {
    "AccountId": "AWS documents *, ANY and AGGREGATE_ALL",
    "ResourceType": 'AWS documents "Storage Gateway" and "SAP HANA on Amazon EC2"',
}
"""The shapes whose pattern is not judged, each with the reason."""


pytestmark = pytest.mark.frozen(NOW)


# --- The requests -----------------------------------------------------------------------------


def valid(operation: str) -> list[Variant]:
    """What the model allows, each a change from the plain request."""
    shape = input_shape(operation)
    plain = [Variant("plain", {})]
    return plain if shape is None else list(values(operation).forms("", shape))


def broken(operation: str) -> list[Variant]:
    """What the model does not allow, each a change from the plain request."""
    shape = input_shape(operation)
    return [] if shape is None else list(values(operation).breaks("", shape))


def ask(operation: str, parameters: Mapping[str, Any]) -> tuple[Any, str]:
    """The answer, and what became of the request: answered, an error's code, or "botocore"."""
    try:
        return full_answer(operation, **parameters), "answered"
    except ClientError as error:
        return None, str(error.response["Error"]["Code"])
    except ParamValidationError:
        return None, "botocore"


@every(operations())
def test_what_the_model_allows(operation: str, record_property: Record) -> None:
    """Each valid request is answered by the output shape, or refused as declared."""
    became: Counter[str] = Counter()
    with contextlib.ExitStack() as worlds:
        backup = before = None
        for how, parameters in valid(operation):
            if backup is None:
                backup = worlds.enter_context(mock_backup(region=REGION, account_id=ACCOUNT))
                assert seed(backup) == chosen()
                before = whole(backup)
            answer, code = ask(operation, parameters)
            became["answered" if code == "answered" else "refused"] += 1
            after = whole(backup)
            if code == "answered":
                check_answer(operation, answer)
            else:
                assert code in declared(operation) | SERVICE_WIDE, f"{how}: {code}"
                assert after == before, f"{how}: refused by {code}, and yet something changed"
            if after != before:
                worlds.close()
                backup = None
    assert became["answered"], f"no request of {operation} is answered: {parameters}, {code}"
    record_property("valid variants", {"operation": operation, **became})


@every(operations())
def test_both_transports_answer_alike(operation: str) -> None:
    """The plain request has the same answer over the wire: members, order, types, metadata."""
    found = []
    transport: Any
    for transport in TRANSPORTS:
        with mock_backup(region=REGION, account_id=ACCOUNT, transport=transport) as backup:
            seed(backup)
            found.append(anatomy(ask(operation, valid(operation)[0].value)[0]))
    direct, wired = found
    assert direct == wired


PATH_VAULT = (".BackupVaultName ", ".BackupVaultAccountId ")
"""What a change begins with that makes the vault of a path another one: a missing one."""

INPUT_ERRORS = frozenset({"InvalidParameterValueException", "MissingParameterValueException"})


@every(operations())
def test_what_the_model_does_not_allow(operation: str, record_property: Record) -> None:
    """Each broken request is refused as bad input, and changes nothing."""
    became: Counter[str] = Counter()
    with mock_backup(region=REGION, account_id=ACCOUNT) as backup:
        seed(backup)
        before = whole(backup)
        for how, parameters in broken(operation):
            _, code = ask(operation, parameters)
            became["by botocore" if code == "botocore" else "refused"] += 1
            expected = INPUT_ERRORS & declared(operation) or declared(operation)
            if is_in_path(operation, "BackupVaultName") and how.startswith(PATH_VAULT):
                expected = {"AccessDeniedException"}
            assert code in {*expected, "botocore"}, f"{how}: {code}"
            assert whole(backup) == before, f"{how}: refused by {code}, and yet something changed"
        assert probed(backup) == after_seeding()
    shape = input_shape(operation)
    became["unjudged patterns"] = 0 if shape is None else len(list(unchecked(shape)))
    record_property("broken variants", {"operation": operation, **became})


# --- Seeds that lack a member -----------------------------------------------------------------

LAST = ("Delete", "Disassociate", "Cancel", "Revoke", "Stop", "Untag")
"""How operations begin that take something away: they are asked last."""


def in_order() -> list[str]:
    """The operations of the installed model, those that look before those that change."""
    names = [name for name in operations() if known(name)]
    looks = ("Get", "Describe", "Export", "List")
    return sorted(names, key=lambda name: (name.startswith(LAST), not name.startswith(looks), name))


def may_lack(schema: Schema) -> list[str]:
    """The members that may be left out of what is seeded."""
    return [name for name in schema.members if name not in schema.mandatory]


def ask_of(renamed: Callable[[str], str], number: int) -> None:
    """Ask every operation that names something, under another name, for a declared answer.

    Args:
        renamed: returns the other name of a name.
        number: tells apart what is made under a name of its own.
    """
    plain = NAMES | chosen()
    names = {key: renamed(each) if isinstance(each, str) else each for key, each in plain.items()}
    own = {"CreateBackupAccessPoint.Name": f"fresh-{number}", "Name": f"fresh-{number}"}
    for operation in in_order():
        shape = input_shape(operation)
        asked = {} if shape is None else Values(operation, names).plain("", shape)
        if shape is None or asked == values(operation).plain("", shape):
            continue
        asked = Values(operation, names | own).plain("", shape)
        _, code = ask(operation, asked)
        assert code in {"answered"} | declared(operation) | SERVICE_WIDE, f"{operation}: {code}"


def other_point(arn: str) -> Callable[[str], str]:
    """Give a function that names another recovery point."""
    return lambda name: arn if name.startswith(f"{POINTS}:") else name


def look_at_everything(backup: FakeBackup) -> None:
    """End what runs, list all that there is, and read the events."""
    jobs = [job for view in all_jobs(backup) for job in list(view.values())]
    for job in jobs:
        with contextlib.suppress(FakeBackupError):
            job.run()
        with contextlib.suppress(FakeBackupError):
            job.complete()
    for operation in in_order():
        if operation.startswith("List"):
            _, code = ask(operation, values(operation).plain("", input_shape(operation)))
            assert code in {"answered"} | declared(operation) | SERVICE_WIDE, f"{operation}: {code}"
    assert all(job.events is not None for job in jobs)
    assert backup.events


def all_jobs(backup: FakeBackup) -> list[Mapping[str, Job]]:
    """The jobs of all kinds that the installed botocore knows."""
    views: list[Mapping[str, Job]] = [backup.backup_jobs, backup.copy_jobs, backup.restore_jobs]
    views.append(backup.report_jobs)
    return [*views, backup.scan_jobs] if known("ListScanJobs") else views


POINT_SEEDS: dict[str, dict[str, Any]] = {
    "volume": {"ResourceArn": VOLUME},
    "bucket": {"ResourceArn": "arn:aws:s3:::bucket"},
    "continuous:bucket": {"ResourceArn": "arn:aws:s3:::bucket", "Status": "AVAILABLE"},
    "composite": {"ResourceArn": VOLUME, "IsParent": True},
    "cluster": {"ResourceArn": f"arn:aws:eks:{REGION}:{ACCOUNT}:cluster/c", "IsParent": True},
    "unknown": {"ResourceArn": f"arn:aws:mystery:{REGION}:{ACCOUNT}:thing/1"},
    "nested": {"ResourceArn": VOLUME, "ParentRecoveryPointArn": f"{POINTS}:composite"},
    "cold": {"ResourceArn": VOLUME, "StorageClass": "COLD"},
    "indexed": {"ResourceArn": VOLUME, "IndexStatus": "ACTIVE"},
    "named by its type": {"ResourceType": "EFS", "ResourceArn": None},
}
"""The recovery points that are seeded with each member left out in turn."""


@pytest.mark.parametrize("seeded", POINT_SEEDS)
def test_a_recovery_point_that_lacks_a_member(seeded: str) -> None:
    """Whatever a seeded point lacks, every operation answers, or refuses as declared."""
    status = POINT_SEEDS[seeded].get("Status", "COMPLETED")
    if status not in POINT.members["Status"].enum:
        pytest.skip(f"the installed botocore knows no recovery points that are {status}")
    with mock_backup(region=REGION, account_id=ACCOUNT, progress="manual") as backup:
        seed(backup)
        for number, member in enumerate(may_lack(POINT)):
            arn = f"{POINTS}:{seeded.replace(' ', '-')}-without-{member}"
            known_members = POINT_SEEDS[seeded] | {member: None}
            backup.add_recovery_point(
                BackupVaultName="vault", RecoveryPointArn=arn, **known_members
            )
            ask_of(other_point(arn), number)
        look_at_everything(backup)


@pytest.mark.parametrize("vault_type", ["BACKUP_VAULT", "LOGICALLY_AIR_GAPPED_BACKUP_VAULT"])
def test_a_vault_that_lacks_a_member(vault_type: str) -> None:
    """Whatever a seeded vault lacks, every operation answers, or refuses as declared."""
    with mock_backup(region=REGION, account_id=ACCOUNT, progress="manual") as backup:
        seed(backup)
        for number, member in enumerate(may_lack(VAULT)):
            name = f"without-{member}"
            members: dict[str, Any] = {"BackupVaultName": name, "VaultType": vault_type}
            backup.add_vault(**members | {member: None})
            point = f"{POINTS}:in-{name}"
            backup.add_recovery_point(BackupVaultName=name, RecoveryPointArn=point)
            others = {"vault": name, "empty": name, "gapped": name}
            others |= {vault(each): vault(name) for each in others}

            def renamed(text: str, others: Any = others, point: str = point) -> str:
                return point if text.startswith(f"{POINTS}:") else others.get(text, text)

            ask_of(renamed, number)
        look_at_everything(backup)


def other_job(usual: str, job_id: str) -> Callable[[str], str]:
    """Give a function that names another job than the usual one of its kind."""
    return lambda name: job_id if name == usual else name


JOB_SEEDS = [
    pytest.param(kind, state, id=f"{kind.name} {state}")
    for kind in KINDS
    if known(f"List{kind.listed}")
    for state in (life.FIRST[kind], "RUNNING", "COMPLETED", "FAILED")
]


@pytest.mark.parametrize(("kind", "state"), JOB_SEEDS)
def test_a_job_that_lacks_a_member(kind: Kind, state: str) -> None:
    """Whatever a seeded job lacks, operations answer, it moves, and what it leaves is there."""
    with mock_backup(region=REGION, account_id=ACCOUNT, progress="manual") as backup:
        seed(backup)
        usual = chosen()[kind.id]
        add: Any = getattr(backup, f"add_{kind.name.replace(' ', '_')}")
        for number, member in enumerate(may_lack(kind)):
            job = add(**{kind.state: state, member: None})
            ask_of(other_job(usual, job.id), number)
        look_at_everything(backup)
        for arn, point in list(backup.recovery_points.items()):
            ask_of(other_point(arn), len(arn))
            assert point.arn == arn
        look_at_everything(backup)


STARTED = {
    "StartBackupJob": {"ResourceArn": VOLUME, "Index": "ENABLED"},
    "StartCopyJob": {},
    "StartRestoreJob": {},
    "StartScanJob": {},
    "StartReportJob": {},
}
"""The operations that start jobs, and what is asked besides the plain."""


@every(STARTED)
def test_a_started_job_that_loses_a_member(operation: str) -> None:
    """A job from which a test takes a member moves on, and its token answers all the same."""
    with mock_backup(region=REGION, account_id=ACCOUNT, progress="manual") as backup:
        seed(backup)
        given = {key: each for key, each in STARTED[operation].items() if takes(operation, key)}
        asked = values(operation).plain("", input_shape(operation)) | given
        kind = next(each for each in KINDS if each.name.split()[0] in operation.lower())
        view: Any = getattr(backup, f"{kind.name.replace(' ', '_')}s")
        for member in may_lack(kind):
            known_token = {"IdempotencyToken": f"token-{member}"}
            job = view[full_answer(operation, **asked | known_token)[kind.id]]
            job.update(**{member: None})
            assert full_answer(operation, **asked | known_token)[kind.id] == job.id
            job.run()
            job.complete()
        look_at_everything(backup)


def test_a_planned_job_that_loses_a_member() -> None:
    """A plan's job from which a test takes a member is copied and indexed all the same."""
    with mock_backup(region=REGION, account_id=ACCOUNT, progress="manual") as backup:
        seed(backup)
        rule = {
            "RuleName": "rule",
            "TargetBackupVaultName": "vault",
            "CopyActions": [{"DestinationBackupVaultArn": vault("empty")}],
        }
        if shows("BackupRuleInput", "IndexActions"):
            rule["IndexActions"] = [{"ResourceTypes": ["EBS"]}]
        plan = {"BackupPlanName": "copies", "Rules": [rule]}
        made = full_answer("CreateBackupPlan", BackupPlan=plan)["BackupPlanId"]
        selection = {"SelectionName": "s", "IamRoleArn": ROLE, "Resources": [VOLUME]}
        full_answer("CreateBackupSelection", BackupPlanId=made, BackupSelection=selection)
        for member in may_lack(BACKUP):
            (job,) = backup.run_plan(made)
            job.update(**{member: None})
            job.run()
            job.complete()
        look_at_everything(backup)


# --- The log of lists ---------------------------------------------------------------------------


@every([name for name in operations() if name.startswith("List")])
def test_a_list_logs_how_many_items_it_answered(operation: str) -> None:
    """The log tells of each list how many items it answered: those of the model's list member."""
    output: Any = model().operation_model(operation).output_shape
    (listed,) = [name for name, each in output.members.items() if each.type_name in ("list", "map")]
    assert operations()[operation].items == listed
    with mock_backup(region=REGION, account_id=ACCOUNT) as backup:
        seed(backup)
        answer = full_answer(operation, **usual(operation))
        last = backup.calls[-1]
        assert (last.operation, last.items) == (operation, len(answer[listed]))
        assert last.more == ("NextToken" in answer)


@every([name for name in operations() if not name.startswith("List")])
def test_what_is_no_list_logs_no_items(operation: str) -> None:
    """Other answers have no number of items."""
    assert operations()[operation].items is None


# --- The first call -----------------------------------------------------------------------------

LEFT = {
    "BackupVaultName": "vault",
    "SourceBackupVaultName": "vault",
    "RecoveryPointArn": f"{POINTS}:objects",
    "SourceRecoveryPointArn": f"{POINTS}:one",
    "ResourceArn": "arn:aws:s3:::bucket",
    "ListTags.ResourceArn": vault("vault"),
    "TagResource.ResourceArn": vault("vault"),
    "UntagResource.ResourceArn": vault("vault"),
    "StartBackupJob.ResourceArn": VOLUME,
    "VaultNames[]": "vault",
    "ResourceIdentifiers[]": "*",
    "DeleteBackupVault.BackupVaultName": "copies",
    "DestinationBackupVaultArn": vault("copies"),
    "DisassociateRecoveryPointFromParent.RecoveryPointArn": f"{POINTS}:nested",
    "TargetBackupVaultName": "vault",
}
"""The names of what the jobs of `only_jobs` left."""

READERS = (
    *("DescribeBackupVault", "ListBackupVaults"),
    *("DescribeRecoveryPoint", "GetRecoveryPointRestoreMetadata"),
    *("ListRecoveryPointsByBackupVault", "ListRecoveryPointsByResource"),
    *("ListProtectedResources", "ListProtectedResourcesByBackupVault"),
    *("DescribeProtectedResource", "ListTags", "ListIndexedRecoveryPoints"),
    *("StartBackupJob", "StartCopyJob", "StartRestoreJob", "CreateLegalHold"),
    *("UpdateRecoveryPointLifecycle", "DeleteRecoveryPoint"),
)
"""Operations that read vaults or recovery points, and answer of what `only_jobs` left."""


def only_jobs(backup: FakeBackup) -> None:
    """Seed jobs and nothing else; what they left comes when it is first asked for."""
    volume: Any = {"BackupVaultName": "vault", "ResourceArn": VOLUME}
    bucket: Any = {"BackupVaultName": "vault", "ResourceArn": "arn:aws:s3:::bucket"}
    backup.add_backup_job(RecoveryPointArn=f"{POINTS}:one", **volume)
    backup.add_backup_job(RecoveryPointArn=f"{POINTS}:objects", **bucket)
    backup.add_copy_job(DestinationBackupVaultArn=vault("copies"))
    backup.add_restore_job(RecoveryPointArn=f"{POINTS}:one", BackupVaultArn=vault("vault"))


def first_answer(operation: str, *, looks: bool) -> Any:
    """The answer of an operation on seeded jobs, at once or after a look at what they left."""
    with mock_backup(region=REGION, account_id=ACCOUNT) as backup:
        only_jobs(backup)
        if looks:
            assert len(backup.recovery_points) > 2
        asked = Values(operation, NAMES | chosen() | LEFT)
        shape = input_shape(operation)
        parameters = {} if shape is None else asked.plain("", shape)
        tokens = {name: "token" for name in TOKENS if takes(operation, name)}
        answer, code = ask(operation, {**parameters, **tokens})
        (answer or {}).pop("ResponseMetadata", None)
        return code, answer, held(backup)


@every(operations())
def test_the_first_call_sees_what_jobs_left(operation: str) -> None:
    """As the first call on seeded jobs, each operation answers as after a look, and does alike."""
    first = first_answer(operation, looks=False)
    assert first == first_answer(operation, looks=True)
    if operation in READERS:
        assert first[0] == "answered"


# --- What a refusal spends, and what a token gives ----------------------------------------------

MAKERS = [name for name in operations() if name.startswith(("Create", "Start"))]
"""The operations that make something, which gets a number."""

TOKENS = ("IdempotencyToken", "CreatorRequestId")


def probed(backup: FakeBackup) -> list[Any]:
    """What is made next of everything: ids, ARNs, numbers in names, and the events' ids."""
    found: list[Any] = [ask(name, with_token(name, "probe")) for name in MAKERS if is_faked(name)]
    for answer, _ in found:
        (answer or {}).pop("ResponseMetadata", None)
    found.append(backup.add_backup_job().id)
    found.append(backup.add_recovery_point().arn)
    return [*found, [event["id"] for event in backup.events]]


@functools.cache
def after_seeding() -> list[Any]:
    """What is made next in a fake that has refused nothing."""
    with mock_backup(region=REGION, account_id=ACCOUNT) as backup:
        seed(backup)
        return probed(backup)


@functools.cache
def usual(operation: str) -> dict[str, Any]:
    """The first valid request of an operation that is answered once a fake is seeded."""
    for _, parameters in valid(operation):
        with mock_backup(region=REGION, account_id=ACCOUNT) as backup:
            seed(backup)
            if ask(operation, parameters)[1] == "answered":
                return dict(parameters)
    raise AssertionError(operation)


def with_token(operation: str, token: str) -> dict[str, Any]:
    """The usual request of an operation, with a token where it takes one."""
    return {**usual(operation), **{name: token for name in TOKENS if takes(operation, name)}}


def too_many_tags(operation: str) -> dict[str, Any]:
    """One tag more than a thing can have, in each member that is of tags."""
    shape = input_shape(operation) if known(operation) else None
    members = {} if shape is None else shape.members
    tags = {f"key-{number}": "value" for number in range(51)}
    return {
        name: tags for name, each in members.items() if "Tags" in name and each.type_name == "map"
    }


@every(operations())
def test_the_same_again_spends_nothing(operation: str) -> None:
    """Where making the same again is refused, what is made next has its usual ids."""
    first, second = with_token(operation, "first"), with_token(operation, "second")
    hold_to_spend_nothing(operation, first, second)


@every([name for name in operations() if too_many_tags(name)])
def test_too_many_tags_spend_nothing(operation: str) -> None:
    """Where too many tags are refused, what is made next has its usual ids."""
    plain = with_token(operation, "token")
    hold_to_spend_nothing(operation, None, {**plain, **too_many_tags(operation)})


def hold_to_spend_nothing(operation: str, first: Any, second: Any) -> None:
    """If a request is refused after another one, it changes nothing, nor what is made next."""
    found = []
    for asks_again in (False, True):
        with mock_backup(region=REGION, account_id=ACCOUNT) as backup:
            seed(backup)
            if first is not None:
                ask(operation, first)
            if asks_again:
                before = whole(backup)
                _, code = ask(operation, second)
                if code == "answered":
                    return
                assert whole(backup) == before
            found.append(probed(backup))
    assert found[0] == found[1]


def other(operation: str) -> dict[str, Any] | None:
    """Another valid request of an operation for the same path, that is answered; None if none is.

    Of its members in the path is what a token may count within.
    """
    plain = usual(operation)
    for _, parameters in valid(operation):
        moved = parameters.keys() ^ plain.keys() | {
            name for name in parameters.keys() & plain.keys() if parameters[name] != plain[name]
        }
        if not moved - {*TOKENS} or any(is_in_path(operation, name) for name in moved):
            continue
        with mock_backup(region=REGION, account_id=ACCOUNT) as backup:
            seed(backup)
            if ask(operation, parameters)[1] == "answered":
                return dict(parameters)
    return None


TAKE_TOKENS = [
    name for name in operations() if known(name) and any(takes(name, token) for token in TOKENS)
]


@every(TAKE_TOKENS)
@pytest.mark.parametrize("refuses", [False, True])
def test_a_token_with_other_parameters(operation: str, *, refuses: bool) -> None:
    """A token that comes again with other parameters answers as before, or is refused by option."""
    changed = other(operation)
    if changed is None:
        assert operation in HAVE_NO_OTHER
        return
    tokens = {name: "token" for name in TOKENS if takes(operation, name)}
    fake = mock_backup(region=REGION, account_id=ACCOUNT, refuse_reused_tokens=refuses)
    with fake as backup:
        seed(backup)
        first, _ = ask(operation, with_token(operation, "token"))
        before = whole(backup)
        again, code = ask(operation, {**changed, **tokens})
        assert whole(backup) == before
        if refuses:
            assert code == "InvalidParameterValueException"
            return
        for answer in (first, again):
            del answer["ResponseMetadata"]
        assert again == first


HAVE_NO_OTHER = ("StartReportJob", "StartScanJob")
"""The operations of which no other request is answered.

A report job has no parameters but a token besides its path, and what may be left out of a scan or
changed in it fits the recovery point of a continuous backup or of an older scan only.
"""


@every(TAKE_TOKENS)
def test_a_retry_answers_as_before(operation: str) -> None:
    """The same token again is answered alike though all that was made has been changed since."""
    with freeze_time(NOW) as clock, mock_backup(region=REGION, account_id=ACCOUNT) as backup:
        seed(backup)
        asked = with_token(operation, "token")
        first = full_answer(operation, **asked)
        for name in operations():
            if name.startswith(("Update", "Cancel", "Stop", "Put")) and is_faked(name):
                ask(name, valid(name)[0].value | named_alike(name, first))
        clock.tick(60)
        before = whole(backup)
        again = full_answer(operation, **asked)
        assert whole(backup) == before
        for answer in (first, again):
            del answer["ResponseMetadata"]
        assert again == first


def named_alike(operation: str, answer: Mapping[str, Any]) -> dict[str, Any]:
    """The names and ids in an answer that another operation takes."""
    return {
        name: value
        for name, value in answer.items()
        if name.endswith(("Id", "Name")) and takes(operation, name)
    }


# --- The model ----------------------------------------------------------------------------------


def test_the_model_has_no_unions() -> None:
    """Were there one, `requests_from_model` would have to give it one member at a time."""
    shapes = (model().shape_for(name) for name in model().shape_names)
    assert not [shape.name for shape in shapes if getattr(shape, "is_tagged_union", False)]


def test_each_pattern_that_is_not_judged_has_its_reason() -> None:
    """The only patterns that are passed over are those of shapes with a reason."""
    assert set(WITHOUT_A_PATTERN) == UNCHECKED_PATTERNS


def test_what_is_not_faked(record_property: Record) -> None:
    """The end of the run names the operations of the installed model that are not faked yet."""
    names = model().operation_names
    missing = [name for name in names if name not in operations()]
    assert len(missing) < len(names)
    record_property("not faked", {"of": len(names), "missing": missing})
