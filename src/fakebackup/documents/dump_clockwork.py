"""The clockwork in a dump: what moves by itself, and when."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, NamedTuple

from fakebackup.documents.dump_damage import check_object, read_each, under, wrong
from fakebackup.documents.dump_fields import (
    DATE,
    NEEDED,
    NUMBER,
    TEXT,
    Codec,
    Field,
    optional,
    read_fields,
)
from fakebackup.model.engine import ageing, runs
from fakebackup.model.engine.restore_testing import aftermath
from fakebackup.model.engine.restore_testing import runs as restore_tests
from fakebackup.model.jobs import life
from fakebackup.model.jobs.kinds import KINDS
from fakebackup.model.plans import restore_testing
from fakebackup.model.plans.documents import PLAN
from fakebackup.model.quotas import QUOTAS
from fakebackup.model.reports import runs as reports
from fakebackup.model.resources.arns import Home
from fakebackup.model.stores.entries import LEGAL_HOLD, REPORT_PLAN
from fakebackup.model.stores.lanes import Lanes
from fakebackup.model.stores.organization import store_of
from fakebackup.operations import legal_holds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from fakebackup.model.jobs.job import Job
    from fakebackup.model.stores.clockwork import Clockwork
    from fakebackup.model.stores.entries import Entry
    from fakebackup.model.stores.organization import Store

    Stores = Mapping[Home, Store]


class There(NamedTuple):
    """Where what a call is made with is looked for.

    Attributes:
        store: the account and the Region that the call is about.
        jobs: all jobs of the dump, by id.
    """

    store: Store
    jobs: Mapping[str, Job]


class Due(NamedTuple):
    """A call that the clockwork makes at an instant, and how a dump names it.

    Attributes:
        key: the key that tells which function is called; it names what it is called with.
        write: returns the store of what it is called with, and what names that in there; None
            where that is no more, and nothing is to be done.
        read: returns the arguments again; None if they are not there.
        more: further keys.
        by_option: whether it is for the option `progress="clock"` alone.
    """

    key: str
    write: Callable[..., tuple[Store, dict[str, Any]] | None]
    read: Callable[[There, Mapping[str, Any]], tuple[Any, ...] | None]
    more: tuple[Field, ...] = ()
    by_option: bool = False


def _write_point(point: Any) -> tuple[Any, dict[str, Any]] | None:
    if point.vault.points.get(point.arn) is not point:
        return None
    return point.vault.store, {"RecoveryPointArn": point.arn}


def _read_point(there: There, names: Mapping[str, Any]) -> tuple[Any, ...] | None:
    arn = names["RecoveryPointArn"]
    found = (vault.points.get(arn) for vault in there.store.vaults_so_far())
    point = next((each for each in found if each is not None), None)
    return None if point is None else (point,)


def _write_rule(rule: runs.Rule, since: int) -> tuple[Store, dict[str, Any]] | None:
    if not rule.is_current():
        return None
    rules = [each.document for each in runs.rules_of(rule.store, rule.plan)]
    number = next(at for at, each in enumerate(rules, 1) if each is rule.document)
    names = {"BackupPlanId": rule.plan.key, "Rule": number, "RunsAfter": DATE.write(since)}
    return rule.store, names


def _read_rule(there: There, names: Mapping[str, Any]) -> tuple[Any, ...] | None:
    plan = there.store.entries(PLAN).get(names["BackupPlanId"])
    rules = [] if plan is None else runs.rules_of(there.store, plan)
    if not 0 < names["Rule"] <= len(rules):
        return None
    return rules[names["Rule"] - 1], names["RunsAfter"]


def _write_schedule(schedule: restore_tests.Schedule) -> tuple[Store, dict[str, Any]] | None:
    if not schedule.is_current():
        return None
    return schedule.store, {"RestoreTestingPlanName": schedule.plan.key}


def _read_schedule(there: There, names: Mapping[str, Any]) -> tuple[Any, ...] | None:
    plan = there.store.entries(restore_testing.PLAN).get(names["RestoreTestingPlanName"])
    return None if plan is None else (restore_tests.schedule_of(there.store, plan),)


def _of_entry(noun: str, key: str, *, by_option: bool = False) -> Due:
    """Return how a call with a store and an entry in it is named."""

    def write(store: Store, entry: Entry) -> tuple[Store, dict[str, Any]] | None:
        held = store.entries(noun).get(entry.key) is entry
        return (store, {key: entry.key}) if held else None

    def read(there: There, names: Mapping[str, Any]) -> tuple[Any, ...] | None:
        entry = there.store.entries(noun).get(names[key])
        return None if entry is None else (there.store, entry)

    return Due(key, write, read, by_option=by_option)


def _of_job(key: str) -> Due:
    """Return how a call with a restore test is named."""

    def write(job: Job) -> tuple[Store, dict[str, Any]] | None:
        return None if job.store is None else (store_of(job), {key: job.id})

    def read(there: There, names: Mapping[str, Any]) -> tuple[Any, ...] | None:
        job = there.jobs.get(names[key])
        return None if job is None or aftermath.test_of(job) is None else (job,)

    return Due(key, write, read)


DUE: Mapping[Callable[..., None], Due] = {
    ageing.age: Due("RecoveryPointArn", _write_point, _read_point, by_option=True),
    runs.run_due: Due(
        "BackupPlanId",
        _write_rule,
        _read_rule,
        (Field("Rule", "Rule", NUMBER, NEEDED), Field("RunsAfter", "RunsAfter", DATE, NEEDED)),
        by_option=True,
    ),
    legal_holds.delete_record: _of_entry(LEGAL_HOLD, "LegalHoldId"),
    restore_tests.run_due: Due(
        "RestoreTestingPlanName", _write_schedule, _read_schedule, by_option=True
    ),
    reports.run_due: _of_entry(REPORT_PLAN, "ReportPlanName", by_option=True),
    aftermath.expire: _of_job("EndOfStartWindow"),
    aftermath.close: _of_job("EndOfValidation"),
    aftermath.delete: _of_job("EndOfDeletion"),
}
"""Per function that is called when it is due, how a dump names the call."""

_AT, _JOB, _ACCOUNT, _REGION = "At", "Job", "AccountId", "Region"
_JOBS = "Jobs"
_POLLED, _DUE, _UNREAD, _LANES = "MovedByPolls", "Due", "ListsBegun", "AtATime"
_PLACES, _WANTS, _BEHIND = "CountsIn", "WaitsFor", "Behind"


# --- Writing ------------------------------------------------------------------------------


def write_clockwork(clockwork: Clockwork) -> dict[str, Any]:
    """Return what moves by itself as plain JSON."""
    due = []
    for at, number, job_or_act in sorted(clockwork.due, key=lambda each: each[:2]):
        if not callable(job_or_act):
            if clockwork.waiting.get(job_or_act.id) == (at, number):
                due.append({_AT: DATE.write(at), _JOB: job_or_act.id})
        elif (named := _write_act(clockwork, job_or_act)) is not None:
            due.append({_AT: DATE.write(at), **named})
    parts = {
        _POLLED: list(clockwork.polled),
        _DUE: due,
        _UNREAD: [
            {_JOBS: kind.listed, _ACCOUNT: account, _REGION: region}
            for kind, account, region in clockwork.unread
        ],
        _LANES: list(_write_lanes(clockwork.lanes)),
    }
    return {key: part for key, part in parts.items() if part}


def _write_lanes(lanes: Lanes) -> Iterator[dict[str, Any]]:
    """Yield the jobs that count in lanes, in the order in which they came to, or wait for some."""
    for job_id in dict.fromkeys((*lanes.taken, *lanes.waiting)):
        part: dict[str, Any] = {_JOB: job_id}
        if job_id in lanes.taken:
            part[_PLACES] = [list(lane) for lane in lanes.taken[job_id]]
        if job_id in lanes.waiting:
            _, wants, behind = lanes.waiting[job_id]
            part |= {_WANTS: [list(lane) for lane in wants], _BEHIND: list(behind)}
        yield part


def _is_of(clockwork: Clockwork, store: Any) -> bool:
    return store.organization.clockwork is clockwork


def _write_act(clockwork: Clockwork, act: Any) -> dict[str, Any] | None:
    """Return what names a call that is due; None for one that would do nothing."""
    found = DUE[act.func].write(*act.args)
    if found is None:
        return None
    store, names = found
    if not _is_of(clockwork, store):
        # A job that was removed, and added to another fake.
        return None
    return {_ACCOUNT: store.account, _REGION: store.region, **names}


# --- Reading ------------------------------------------------------------------------------


class Read(NamedTuple):
    """The clockwork of a dump.

    Attributes:
        polled: the jobs that polls move.
        due: what is due, in order: the instant, and a job or a call.
        unread: the listings whose last page is not shown yet.
        lanes: the jobs that run, and those that wait for them.
    """

    polled: list[Job]
    due: list[tuple[int, Any]]
    unread: list[Any]
    lanes: Lanes


def read_clockwork(plain: Any, jobs: Mapping[str, Job], stores: Stores, *, by_clock: bool) -> Read:
    """Return the clockwork of a dump.

    Args:
        plain: what `write_clockwork` returned.
        jobs: all jobs of the dump, by id.
        stores: the stores of the dump.
        by_clock: whether the clock runs plans and ages recovery points.

    Raises:
        DamageError: it is something else, or names what is not in the dump.
    """
    check_object(plain, (_POLLED, _DUE, _UNREAD, _LANES))

    def read(key: str, how: Callable[..., Any], *args: Any) -> list[Any]:
        return under(key, read_each, plain.get(key, []), lambda each: how(each, *args))

    due = read(_DUE, _read_due, jobs, stores)
    wanted = [(at, what) for at, what, by_option in due if by_clock or not by_option]
    lanes = Lanes()
    read(_LANES, _read_lanes, jobs, lanes)
    return Read(read(_POLLED, _job, jobs), wanted, read(_UNREAD, _read_listing), lanes)


def _job(job_id: Any, jobs: Mapping[str, Job]) -> Job:
    found = jobs.get(job_id) if type(job_id) is str else None
    if found is None:
        raise wrong("the id of a job in the dump", job_id)
    return found


_LISTING = (
    Field("kind", _JOBS, TEXT, NEEDED),
    Field("account", _ACCOUNT, optional(TEXT), NEEDED),
    Field("region", _REGION, TEXT, NEEDED),
)


def _read_listing(plain: Any) -> Any:
    found = read_fields(_LISTING, plain)
    kind = next((kind for kind in KINDS if kind.listed == found["kind"]), None)
    if kind is None:
        known = ", ".join(each.listed for each in KINDS)
        raise wrong(f"one of {known}", found["kind"]).under(_JOBS)
    return kind, found["account"], found["region"]


def _read_lanes(plain: Any, jobs: Mapping[str, Job], lanes: Lanes) -> None:
    found = read_fields(_IN_LANES, plain)
    job = under(_JOB, _job, found["job"], jobs)
    if job.id in lanes.taken or job.id in lanes.waiting:
        raise wrong("a job that is not listed before", job.id).under(_JOB)
    if found["wants"] and found["behind"] not in found["wants"]:
        raise wrong(f"one of {_WANTS}", list(found["behind"])).under(_BEHIND)
    if life.is_final(job.kind, job.kept_state):
        # Its state was edited in the dump: it would hold back others for ever.
        return
    if found["wants"]:
        lanes.line_up(job, found["wants"], found["behind"])
    if found["places"] is not None:
        lanes.take(job, found["places"])


def _read_lane(plain: Any) -> tuple[str, ...]:
    lane = tuple(read_each(plain, TEXT.read))
    if len(lane) < _SHORTEST or lane[0] not in QUOTAS:
        raise wrong("the name of a quota, an account, a Region and what else counts", plain)
    return lane


_SHORTEST = 3
_LANE = Codec(list, _read_lane)
_LANE_LIST = Codec(list, lambda plain: tuple(dict.fromkeys(read_each(plain, _read_lane))))
_IN_LANES = (
    Field("job", _JOB, TEXT, NEEDED),
    Field("places", _PLACES, optional(_LANE_LIST), None),
    Field("wants", _WANTS, _LANE_LIST, ()),
    Field("behind", _BEHIND, _LANE, ()),
)

_OF_JOB = (Field("at", _AT, DATE, NEEDED), Field("job", _JOB, TEXT, NEEDED))
_OF_ACT = (
    Field("at", _AT, DATE, NEEDED),
    Field("account", _ACCOUNT, TEXT, NEEDED),
    Field("region", _REGION, TEXT, NEEDED),
)


def _read_due(plain: Any, jobs: Mapping[str, Job], stores: Stores) -> tuple[int, Any, bool]:
    """Return an instant, a job or a call, and whether the call is for the clock's option alone."""
    if _JOB in check_object(plain):
        found = read_fields(_OF_JOB, plain)
        return found["at"], under(_JOB, _job, found["job"], jobs), False
    function = next((each for each, due in DUE.items() if due.key in plain), None)
    if function is None:
        keys = (_JOB, *(due.key for due in DUE.values()))
        raise wrong(f"an object with one of {', '.join(keys)}", plain)
    due = DUE[function]
    found = read_fields((*_OF_ACT, Field(due.key, due.key, TEXT, NEEDED), *due.more), plain)
    store = stores.get(Home(found["account"], found["region"]))
    arguments = None if store is None else due.read(There(store, jobs), found)
    if arguments is None:
        raise wrong("in the dump", plain[due.key]).under(due.key)
    return found["at"], functools.partial(function, *arguments), due.by_option
