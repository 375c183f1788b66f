"""Every operation and every seeder, driven with values that nobody means."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore import xform_name
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import ClientError

from fakebackup import FakeBackupError, factories, mock_backup
from fakebackup.model.jobs.kinds import KINDS
from fakebackup.model.vaults.members import POINT, VAULT
from fakebackup.nouns import seeding
from fakebackup.nouns.table import NOUNS
from fakebackup.operations import operations
from support.botocore_model import declared, every, known
from support.client import full_answer, refused, whole
from support.conformance import SERVICE_WIDE, anatomy
from support.constants import ACCOUNT, NOW, REGION, TRANSPORTS
from support.entries import AVAILABLE, HOME
from support.hostile import DEEP, VALUES, places, replaced
from support.marks import each_transport
from support.world import VOLUME, chosen, input_shape, requests_of, seed, values

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fakebackup import FakeBackup
    from fakebackup.model.jobs.kinds import Kind
    from fakebackup.nouns.noun import Noun

pytestmark = pytest.mark.frozen(NOW)


@functools.cache
def client(*, validates: bool) -> Any:
    """A client that validates parameters, or one that does not."""
    config = Config(parameter_validation=validates)
    return boto3.Session("key", "secret").client("backup", region_name=REGION, config=config)


@functools.cache
def bare(*, validates: bool) -> Any:
    """A client that no fake answers: what it raises is its own."""
    made = boto3.Session("key", "secret").client(
        "backup", region_name=REGION, config=Config(parameter_validation=validates)
    )
    headers: Any = {}
    answer: Any = (AWSResponse("", 200, headers, None), {})
    made.meta.events.register_first("before-call.*.*", lambda **_: answer)
    return made


def ask(a_client: Any, operation: str, parameters: Mapping[str, Any]) -> tuple[str, Any]:
    """What becomes of a call: "answered", an error's code or class, and what comes back."""
    try:
        return "answered", getattr(a_client, xform_name(operation))(**parameters)
    except ClientError as error:
        return str(error.response["Error"]["Code"]), error.response
    except Exception as error:  # noqa: BLE001  whatever comes is judged below
        return type(error).__name__, None


def hostile(operation: str) -> Iterator[tuple[Any, Any]]:
    """The places of an operation's requests, each with a request that has a value there."""
    plain: dict[str, Any] = next(requests_of(operation), {})
    for number, request in enumerate(requests_of(operation)):
        for place in places(request):
            if not number or place[0] not in plain:
                yield place, functools.partial(replaced, request, place)


def outcomes(backup: FakeBackup, operation: str, *, validates: bool) -> Iterator[tuple[str, Any]]:
    """What becomes of each request: how it differs and its code, and what comes back.

    The metadata is left out: over the wire a client sends some refused requests again.
    """
    allowed = {"answered"} | declared(operation) | SERVICE_WIDE
    asked = client(validates=validates)
    seed(backup)
    seeded = whole(backup)
    for place, request in hostile(operation):
        before = seeded
        for name, make in VALUES.items():
            how = f"{place} {name}"
            code, answer = ask(asked, operation, request(make()))
            if code not in allowed:
                own, _ = ask(bare(validates=validates), operation, request(make()))
                assert code == own, f"{how}: {code}"
            if code == "answered" and not operation.startswith(LOOKS):
                before = whole(backup)
            (answer or {}).pop("ResponseMetadata", None)
            yield f"{how}: {code}", anatomy(answer)
        assert whole(backup) == before, f"{place}: something changed though it was refused"
        if before != seeded:
            backup.reset()
            seed(backup)


LOOKS = ("List", "Describe", "Get", "Export")


@every(operations())
@pytest.mark.parametrize("validates", [True, False], ids=["validating", "unchecked"])
def test_an_operation(operation: str, *, validates: bool) -> None:
    """Each value is answered, or refused as declared, or by botocore, on both transports alike."""
    found = []
    transport: Any
    for transport in TRANSPORTS:
        with mock_backup(region=REGION, account_id=ACCOUNT, transport=transport) as backup:
            found.append(list(outcomes(backup, operation, validates=validates)))
    direct, wired = found
    for one, other in zip(direct, wired, strict=True):
        assert one == other


# --- JSON inside of a member --------------------------------------------------------------------

DEEP_TEXTS = {
    "lists": "[" * DEEP + "]" * DEEP,
    "objects": '{"a":' * DEEP + "1" + "}" * DEEP,
    "a statement": '{"Version": "2012-10-17", "Statement": ' + "[" * 101 + "]" * 101 + "}",
    "an open list": "[" * DEEP,
}
JSON_MEMBERS = {
    "PutBackupVaultAccessPolicy": ("Policy",),
    "CreateBackupAccessPoint": ("AccessPointPolicy",),
    "GetBackupPlanFromJSON": ("BackupPlanTemplateJson",),
    "StartRestoreJob": ("Metadata", "nestedRestoreJobs"),
}
"""Where operations take JSON text."""


@each_transport
@pytest.mark.parametrize("text", DEEP_TEXTS.values(), ids=DEEP_TEXTS)
@every(JSON_MEMBERS)
def test_json_in_a_member(backup: FakeBackup, operation: str, text: str) -> None:
    """JSON text that is nested a hundred thousand deep is refused as declared: nothing changes."""
    seed(backup)
    plain = values(operation).plain("", input_shape(operation))
    if operation == "StartRestoreJob":
        cluster = f"arn:aws:eks:{REGION}:{ACCOUNT}:cluster/c"
        whole_cluster = backup.add_recovery_point(ResourceArn=cluster, IsParent=True).arn
        backup.add_recovery_point(ParentRecoveryPointArn=whole_cluster)
        plain["RecoveryPointArn"] = whole_cluster
    member, *inside = JSON_MEMBERS[operation]
    value = {inside[0]: text} if inside else text
    error = refused(backup, operation, region=REGION, **plain | {member: value})
    assert error["Error"]["Code"] == "InvalidParameterValueException"


# --- Seeders ------------------------------------------------------------------------------------

Seeder = Callable[["FakeBackup", Any], object]


def _member(name: str, member: str) -> Seeder:
    return lambda backup, value: getattr(backup, name)(**{member: value})


def _loaded(build: Callable[[Any], Any]) -> Seeder:
    return lambda backup, value: backup.load(build(value))


def _update(view: str) -> Seeder:
    def update(backup: FakeBackup, value: Any) -> None:
        next(iter(getattr(backup, view).values())).update(StatusMessage=value)

    return update


def _of_kind(kind: Kind) -> dict[str, Seeder]:
    """The ways to give a value to a job of a kind."""
    name, listed = kind.name.replace(" ", "_"), kind.listed
    least = {kind.id: "one", kind.state: "FAILED", kind.created: NOW}

    def many(backup: FakeBackup, value: Any) -> None:
        getattr(backup, f"add_{name}s")(2, **{kind.state: value})

    return {
        **{f"add_{name}({each})": _member(f"add_{name}", each) for each in kind.members},
        f"add_{name}(a strange member)": _member(f"add_{name}", "a\ud800"),
        f"add_{name}s": many,
        f"{name}.update": _update(f"{name}s"),
        f"load {listed}": _loaded(lambda value: {listed: value}),
        f"load an entry of {listed}": _loaded(lambda value: {listed: [value]}),
        f"load a message of {listed}": _loaded(
            lambda value: {listed: [{**least, "StatusMessage": value}]}
        ),
    }


def _of_jobs() -> dict[str, Seeder]:
    """The ways to give a value to a job of any kind that the installed botocore knows."""
    found: dict[str, Seeder] = {}
    for kind in KINDS:
        if known(f"List{kind.listed}"):
            found |= _of_kind(kind)
    return found


def _entry(noun: Noun, give: Callable[[Any], dict[str, Any]]) -> Seeder:
    """The way to give a value to an entry of a noun, in a part of what `seed` makes."""

    def add(backup: FakeBackup, value: Any) -> None:
        whole_of: dict[str, Any] = {}
        if noun.parent is not None:
            member = noun.parent[1]
            whole_of = {member: chosen().get(member, "there")}
        made = {**whole_of, **give(value)}
        seeding.seed(backup.backend.organization, HOME, noun, made)

    return add


def _inside(noun: Noun, members: dict[str, Any], path: str) -> dict[str, Seeder]:
    """The ways to give a value to the members of a structure inside of an entry's list."""
    (name, (least,)), *_ = members.items()
    shape: Any = noun.schema.members[name]

    def give(member: str) -> Seeder:
        return _entry(noun, lambda value: {**members, name: [{**least, member: value}]})

    return {f"{path} {name}.{member}": give(member) for member in shape.member.members}


def _of_entries() -> dict[str, Seeder]:
    """The ways to give a value to an entry of any noun that the installed botocore knows."""
    found: dict[str, Seeder] = {}

    def give(noun: Noun, member: str) -> Seeder:
        return _entry(noun, lambda value: {member: value})

    for noun in AVAILABLE:
        path = f"an entry: {noun.name}"
        for member in (*noun.schema.members, *noun.schema.also, "Tags", "a\ud800"):
            found[f"{path} {member!a}"] = give(noun, member)
    rule = {"RuleName": "rule", "TargetBackupVaultName": "vault"}
    control = {"ControlName": "BACKUP_RECOVERY_POINT_ENCRYPTED"}
    found |= _inside(NOUNS["Backup plan"], {"Rules": [rule]}, "inside: Backup plan")
    return found | _inside(
        NOUNS["framework"], {"FrameworkControls": [control]}, "inside: framework"
    )


def _keyed(value: Any) -> dict[Any, Any]:
    """A dict with a value as its key, if it can be one."""
    try:
        return {value: []}
    except (TypeError, LookupError) as error:  # the latter of a time zone, for its hash
        raise TypeError("no key") from error


SEEDERS: dict[str, Seeder] = {
    **_of_jobs(),
    **_of_entries(),
    **{f"add_vault({each})": _member("add_vault", each) for each in (*VAULT.members, "Tags")},
    **{
        f"add_recovery_point({each})": _member("add_recovery_point", each)
        for each in (*POINT.members, "Tags")
    },
    "add_backup_jobs(several)": lambda backup, value: backup.add_backup_jobs(
        2, StatusMessage=["text", value]
    ),
    "add_backup_jobs(a function)": lambda backup, value: backup.add_backup_jobs(
        2, StatusMessage=lambda _index: value
    ),
    "add": lambda backup, value: backup.add(value),
    "add one of several": lambda backup, value: backup.add(factories.backup_job(), value),
    "load": lambda backup, value: backup.load(value),
    "load a key": lambda backup, value: backup.load(_keyed(value)),
    "add_resource": lambda backup, value: backup.add_resource(value),
    "add_resource(tags)": lambda backup, value: backup.add_resource(VOLUME, tags=value),
    "add_resource(a tag)": lambda backup, value: backup.add_resource(VOLUME, tags={"key": value}),
    "run_plan": lambda backup, value: backup.run_plan(value),
    "run_plan(a rule)": lambda backup, value: backup.run_plan(chosen()["BackupPlanId"], value),
    "next_outcome": lambda backup, value: backup.next_outcome(value, State="FAILED"),
    "next_outcome(State)": lambda backup, value: backup.next_outcome("StartBackupJob", State=value),
    "next_outcome(StatusMessage)": lambda backup, value: backup.next_outcome(
        "StartBackupJob", State="FAILED", StatusMessage=value
    ),
    "next_outcome(ResourceArn)": lambda backup, value: backup.next_outcome(
        "StartBackupJob", State="FAILED", ResourceArn=value
    ),
    "next_outcome(times)": lambda backup, value: backup.next_outcome(
        "StartBackupJob", State="FAILED", times=value
    ),
    "next_outcome(IndexStatus)": lambda backup, value: backup.next_outcome(
        "UpdateRecoveryPointIndexSettings", IndexStatus=value
    ),
    "next_outcome(IndexStatusMessage)": lambda backup, value: backup.next_outcome(
        "UpdateRecoveryPointIndexSettings", IndexStatusMessage=value
    ),
    "fail": lambda backup, value: backup.fail(value),
    "fail(code)": lambda backup, value: backup.fail("ListBackupJobs", code=value),
    "fail(message)": lambda backup, value: backup.fail("ListBackupJobs", message=value),
    "fail(status)": lambda backup, value: backup.fail("ListBackupJobs", status=value),
    "fail(times)": lambda backup, value: backup.fail("ListBackupJobs", times=value),
    "fail(after)": lambda backup, value: backup.fail("ListBackupJobs", after=value),
    "fail(every)": lambda backup, value: backup.fail("ListBackupJobs", every=value),
    "fail(seed)": lambda backup, value: backup.fail("ListBackupJobs", probability=1, seed=value),
    "fail(when)": lambda backup, value: backup.fail("ListBackupJobs", when=value),
    "fail(whole_call)": lambda backup, value: backup.fail("ListBackupJobs", whole_call=value),
    "fail(a value of when)": lambda backup, value: backup.fail(
        "ListBackupJobs", when={"ByState": value}
    ),
    "fail(probability)": lambda backup, value: backup.fail("ListBackupJobs", probability=value),
    "answer": lambda backup, value: backup.answer(value, {}),
    "answer(how)": lambda backup, value: backup.answer("GetBackupPlan", value),
    "answer(a member)": lambda backup, value: backup.answer(
        "GetBackupPlan", {"BackupPlanId": value}
    ),
    "answer(a list)": lambda backup, value: backup.answer("ListBackupJobs", {"BackupJobs": value}),
    "an option: event_readings": lambda _backup, value: mock_backup(event_readings=[value]),
    "an option: durations": lambda _backup, value: mock_backup(durations=value),
    "an option: quotas": lambda _backup, value: mock_backup(quotas={"vaults": value}),
    "an option: page_size": lambda _backup, value: mock_backup(page_size=value),
    "an option: transport": lambda _backup, value: mock_backup(transport=value),
    "remove": lambda backup, value: backup.remove(value),
    "at(account_id)": lambda backup, value: backup.at(account_id=value),
    "at(region)": lambda backup, value: backup.at(region=value),
    "acting_as": lambda backup, value: backup.acting_as(value).__enter__(),
    "calls": lambda backup, value: backup.calls(value),
    "on_event": lambda backup, value: backup.on_event(value),
    "job.fail": lambda backup, value: backup.add_backup_job(State="RUNNING").fail(value),
    "job.complete": lambda backup, value: backup.add_backup_job(State="RUNNING").complete(
        State=value
    ),
    "job.progress": lambda backup, value: setattr(backup.add_backup_job(), "progress", value),
}
"""What a test gives a value to, by name."""

SEEN = ("ListBackupJobs", "ListCopyJobs", "ListRestoreJobs", "ListBackupVaults")


ENTRIES_SEEN = tuple(noun.lists[0][0] for noun in AVAILABLE if noun.parent is None)


def seen(backup: FakeBackup, asked: tuple[str, ...], *, transport: Any) -> Any:
    """What clients see of everything, by one transport."""
    found = backup.backend
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(vars(found.options), "transport", transport)
        return [anatomy(full_answer(operation, region=REGION)) for operation in asked]


UNSEEN = ("job.fail", "job.complete", "job.progress", "on_event", "fail", "answer", "next_outcome")
"""What adds something before it is given the value, or changes what no list shows."""


OF_PYTHON = (
    "unhashable type",
    "Exceeds the limit",
    "not supported between",
    "embedded null",
    "codec can't",
    "expected str",
)
"""What errors say that are not ours: they do not tell what was meant."""


def give(backup: FakeBackup, seeder: str, value: Any) -> Exception | None:
    """Give a value to a seeder, and return how it is refused, if it is."""
    try:
        SEEDERS[seeder](backup, value)
    except RecursionError:
        raise
    except (TypeError, ValueError, FakeBackupError, OSError) as error:
        return error
    return None


@pytest.mark.parametrize("seeder", SEEDERS)
@pytest.mark.filterwarnings("ignore::fakebackup.FakeBackupWarning")
def test_a_seeder(seeder: str) -> None:
    """Each value is taken, and shown alike on both transports, or refused: nothing changes."""
    asked = ENTRIES_SEEN if seeder.startswith(("an entry", "inside")) else SEEN
    with contextlib.ExitStack() as worlds:
        backup = before = None
        for how, make in VALUES.items():
            if backup is None:
                backup = worlds.enter_context(mock_backup(region=REGION, account_id=ACCOUNT))
                seed(backup)
                before = whole(backup)
            error = give(backup, seeder, make())
            assert not any(each in str(error) for each in OF_PYTHON), f"{how}: {error}"
            if seeder.startswith(UNSEEN):
                assert error is None or str(error).encode(), how
            elif error is not None:
                assert str(error).encode(), how
                assert whole(backup) == before, f"{how}: refused, and yet something changed"
            else:
                direct, wired = (seen(backup, asked, transport=each) for each in TRANSPORTS)
                # What lies behind the metadata.
                assert [each[1][1:] for each in direct] == [each[1][1:] for each in wired], how
                worlds.close()
                backup = None
