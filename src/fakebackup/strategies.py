"""Hypothesis strategies for jobs, sets of jobs and the parameters of lists.

Jobs are drawn through `fakebackup.factories`, values from the botocore that is installed, so
neither can drift from what the fake accepts. Import this module by name; it needs
``fakebackup[hypothesis]``.

A member may be fixed, or drawn from a strategy of one's own: ``backup_jobs(State="FAILED",
ResourceType=sampled_from(["EBS", "EFS"]))``. Dates lie around the present of the process's
clock, read while drawing; freeze it, or pass ``now``, for examples that print the same every
time.
"""

from __future__ import annotations

import functools
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

try:
    from hypothesis import strategies as st
except ModuleNotFoundError as missing:
    if (missing.name or "").partition(".")[0] != "hypothesis":
        raise
    msg = (
        "fakebackup.strategies needs hypothesis, which is not installed here; "
        "install it with: python -m pip install 'fakebackup[hypothesis]'"
    )
    raise ModuleNotFoundError(msg, name=missing.name) from None

from fakebackup import clock, factories
from fakebackup.errors import near
from fakebackup.model.jobs import kinds
from fakebackup.model.jobs.defaults import TABLES
from fakebackup.model.jobs.filters import ANY_CATEGORY, EVERY
from fakebackup.model.resources.arns import Home, Place, report_plan_name
from fakebackup.model.resources.points import point_arn
from fakebackup.model.resources.types import RESOURCE_TYPES
from fakebackup.model.shapes import dates as instants
from fakebackup.model.shapes import model as shapes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from hypothesis.strategies import DrawFn, SearchStrategy

    from fakebackup.model.jobs.job import Job
    from fakebackup.model.jobs.kinds import Kind
    from fakebackup.model.shapes.model import Shape
    from fakebackup.model.shapes.typed import Date

__all__ = [
    "backup_jobs",
    "copy_jobs",
    "dates",
    "job_sets",
    "parameters",
    "report_jobs",
    "restore_jobs",
    "scan_jobs",
]

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_SECOND = 1000
_HOUR = 60 * 60 * _SECOND
_DAY = clock.DAY

ACCOUNTS = ("123456789012", "111122223333")
"""The accounts of sets of jobs and of parameters: the default one of a fake, and another."""

_REGION = "us-east-1"

# --- Dates ----------------------------------------------------------------------------------

# The edges at which answers change: the present, the reach of the lists, the midnights that
# bound the windows of summaries. The first is what examples shrink to.
_EDGES = (0, 30, *range(1, 16))


def dates(*, now: Date | None = None) -> SearchStrategy[datetime]:
    """Return instants around the present: aware datetimes, in whole milliseconds.

    They lie up to 31 days back and a day ahead, and often at or a millisecond beside an edge:
    the present, 30 days ago (how far back AWS lists), a UTC midnight (at which the windows of
    summaries begin and end).

    Shrinks to the present.

    Args:
        now: the present; None is the process's clock, read at each draw.
    """
    return _instants(now).map(_seen)


def _instants(now: Date | None) -> SearchStrategy[int]:
    """Return instants as `dates` does, in milliseconds since the epoch, UTC."""
    present = _present(now)
    beside = st.sampled_from((0, -1, 1))
    return st.one_of(
        st.builds(lambda days, off: present() - days * _DAY + off, st.sampled_from(_EDGES), beside),
        st.builds(
            lambda days, off: clock.last_midnight(present()) - days * _DAY + off,
            st.sampled_from(_EDGES),
            beside,
        ),
        st.integers(-_DAY, 31 * _DAY).map(lambda back: present() - back),
    )


def _seen(instant: int) -> datetime:
    """Return an instant, in milliseconds, as a datetime that prints the same in every time zone."""
    return _EPOCH + timedelta(milliseconds=instant)


def _present(now: Date | None) -> Callable[[], int]:
    if now is None:
        return clock.now
    fixed = instants.milliseconds(now)
    return lambda: fixed


# --- Jobs -----------------------------------------------------------------------------------


def backup_jobs(
    *, now: Date | None = None, region: str = _REGION, **members: Any
) -> SearchStrategy[Job]:
    """Return backup jobs that are in no fake yet: give them to `FakeBackup.add`.

    A job is at most 29 days old and agrees with itself: it completes after it began, and only
    in a state that ends it. What is not drawn gets the default of the factories.

    Shrinks to the default job, COMPLETED at the present, with few members given.

    Args:
        now: the present; None is the process's clock, read at each draw.
        region: the Region of their resources: that of the fake, or view, that they are added to.
        members: members as AWS spells them, each a value (None leaves it out) or a strategy.

    Raises:
        TypeError: a member that does not exist.
        FakeBackupError: the installed botocore does not know this kind of job.
    """
    return _jobs(kinds.BACKUP, now, region, members)


def copy_jobs(
    *, now: Date | None = None, region: str = _REGION, **members: Any
) -> SearchStrategy[Job]:
    """Return copy jobs; arguments, errors and shrinking are those of `backup_jobs`."""
    return _jobs(kinds.COPY, now, region, members)


def restore_jobs(
    *, now: Date | None = None, region: str = _REGION, **members: Any
) -> SearchStrategy[Job]:
    """Return restore jobs; arguments, errors and shrinking are those of `backup_jobs`."""
    return _jobs(kinds.RESTORE, now, region, members)


def scan_jobs(
    *, now: Date | None = None, region: str = _REGION, **members: Any
) -> SearchStrategy[Job]:
    """Return scan jobs; arguments, errors and shrinking are those of `backup_jobs`."""
    return _jobs(kinds.SCAN, now, region, members)


def report_jobs(
    *, now: Date | None = None, region: str = _REGION, **members: Any
) -> SearchStrategy[Job]:
    """Return report jobs; arguments, errors and shrinking are those of `backup_jobs`."""
    return _jobs(kinds.REPORT, now, region, members)


# Members that only a set of jobs can have without contradiction.
_RELATIONS = frozenset(
    {
        "ChildJobsInState",
        "CreatedByBackupJobId",
        "IsParent",
        "NumberOfChildJobs",
        "ParentJobId",
        "ScanBaseRecoveryPointArn",
    }
)
_SUCCESSES = ("SUCCESS", "Success")
_FAULTS = ("AccessDenied", "MISCELLANEOUS", "INVALIDPARAMETERS", "InvalidParameters")
_TYPES = ("EBS", "EFS", "RDS", "S3", "DynamoDB", "Storage Gateway", "CloudFormation")
_VAULTS = ("Default", "vault-a", "vault_b")
_MESSAGES = ("Access denied.", "Token expired. Try again.")
_ENDINGS = {
    kind: next(row.states or frozenset() for row in TABLES[kind] if row.member == kind.completed)
    for kind in kinds.KINDS
}


def _place(account: str = ACCOUNTS[0], region: str = _REGION, number: int = 1) -> Place:
    return Place(Home(account, region), number, now=0, created=0)


@functools.cache
def _resources(resource_type: str, region: str = _REGION) -> tuple[str, ...]:
    """Return the ARNs of a few resources of a type: those of a fake's first default jobs.

    A type that AWS Backup does not know has none.
    """
    known = RESOURCE_TYPES.get(resource_type)
    if known is None:
        return ()
    places = (_place(region=region, number=number) for number in (1, 2, 3))
    return tuple(place.arn(known.arn) for place in places)


_PLANS = tuple(
    _place(number=number).arn("arn:{p}:backup:{r}:{a}:report-plan:report_plan_{n}-{uuid}")
    for number in (1, 2)
)
_RESTORE_PLANS = tuple(
    _place().arn("arn:{p}:backup:{r}:{a}:restore-testing-plan:") + name for name in ("a", "b")
)
_KEYS = (_place().arn("arn:{p}:kms:{r}:{a}:key/{uuid}"),)
_ARNS = {
    "EncryptionKeyArn": _KEYS,
    "DestinationEncryptionKeyArn": _KEYS,
    "RestoreTestingPlanArn": _RESTORE_PLANS,
    "ReportPlanArn": _PLANS,
    "BackupPlanArn": (_place().arn("arn:{p}:backup:{r}:{a}:backup-plan:{uuid}"),),
}


def _jobs(
    kind: Kind, now: Date | None, region: str, members: Mapping[str, Any]
) -> SearchStrategy[Job]:
    known = kind.members
    for name in members:
        if name not in known and name not in kind.known:
            msg = f"A {kind.name} has no member {name!r}{near(name, known) or '.'}"
            raise TypeError(msg)
    given = {name: _strategy(value) for name, value in members.items()}
    present = _present(now)

    @st.composite
    def job(draw: DrawFn) -> Job:
        return factories.BY_KIND[kind](**_members(draw, kind, (present, region), given))

    return job()


def _strategy(value: object) -> SearchStrategy[Any]:
    return value if isinstance(value, st.SearchStrategy) else st.just(value)


@functools.cache
def _states(kind: Kind) -> SearchStrategy[str]:
    """Return the states of a kind of job; examples shrink to the best of them."""
    found = tuple(getattr(kind.members[kind.state], "enum", ())) or kind.states
    return st.sampled_from(sorted(found, key=lambda state: state != "COMPLETED"))


@functools.cache
def _types(kind: Kind) -> tuple[str, ...]:
    shape = kind.members["ResourceType"]
    return tuple(getattr(shape, "enum", ())) or _TYPES


_LEFT_OUT = object()
"""Stands for a member that is left to its default, to which examples shrink."""

_ROUND_AGES = (0, 1, _HOUR, *(days * _DAY for days in range(1, 30)))
_AGES = st.sampled_from(_ROUND_AGES) | st.integers(0, 29 * _DAY)
_LASTED = st.sampled_from((_HOUR, 0, 1, _SECOND)) | st.integers(0, 12 * _HOUR)
_MAY_HAVE_LASTED = st.none() | _LASTED
_RESOURCE_NUMBERS = st.sampled_from((None, 0, 1, 2))
_MORE = st.booleans()


def _members(
    draw: DrawFn,
    kind: Kind,
    around: tuple[Callable[[], int], str],
    given: Mapping[str, SearchStrategy[Any]],
) -> dict[str, Any]:
    """Draw the members that are not left to the defaults, around a present and in a Region."""
    present, region = around
    members = {name: draw(value) for name, value in given.items()}
    # Equally much is drawn for each state, used or not: else an example would shrink to the
    # state for which the least is drawn, not to the first.
    state = draw(_states(kind))
    state = members.setdefault(kind.state, state)
    start = _draw_dates(draw, kind, present, members)
    for name, choice in _choices(kind).items():
        value = draw(choice)
        if name not in members and _fits(kind, members, state, name, value):
            members[name] = value
    if "ResourceType" in kind.known:
        resource = "SourceResourceArn" if kind is kinds.RESTORE else "ResourceArn"
        number = draw(_RESOURCE_NUMBERS)
        found = _resources(members.get("ResourceType") or "EBS", region)
        if number is not None and found and resource not in members:
            members[resource] = found[number]
    for _ in range(2):
        if draw(_MORE) and _others(kind):
            name = draw(st.sampled_from(_others(kind)))
            value = draw(_value(name, kind.members[name], start))
            members.setdefault(name, value)
    return members


def _draw_dates(
    draw: DrawFn, kind: Kind, present: Callable[[], int], members: dict[str, Any]
) -> int:
    """Draw the dates of a job's start and end, and return the start in milliseconds."""
    began = _seen(present() - draw(_AGES))
    if kind.created not in members and members.get(kind.completed) is None:
        members[kind.created] = began
    created = members.get(kind.created)
    start = present() if created is None else instants.milliseconds(created)
    lasted = draw(_MAY_HAVE_LASTED)
    if lasted is not None and members[kind.state] in _ENDINGS[kind]:
        members.setdefault(kind.completed, _seen(start + lasted))
    return start


@functools.cache
def _choices(kind: Kind) -> Mapping[str, SearchStrategy[Any]]:
    """Return the values to draw for members that have a default."""
    found: dict[str, tuple[Any, ...]] = {
        "BackupVaultName": _VAULTS,
        "ReportPlanArn": _PLANS,
        "ResourceType": _types(kind) if "ResourceType" in kind.members else (),
        "MessageCategory": (None, *_SUCCESSES, *_FAULTS),
        "StatusMessage": _MESSAGES,
        "IsParent": (True,),
    }
    return {
        name: st.sampled_from((_LEFT_OUT, *values))
        for name, values in found.items()
        if name in kind.members
    }


_FOLLOWS_FROM = {
    "BackupVaultName": ("BackupVaultArn",),
    "ResourceType": ("ResourceArn", "SourceResourceArn"),
}
"""Per member, the members that it follows from, if those are given."""


def _fits(kind: Kind, members: Mapping[str, Any], state: str, name: str, value: object) -> bool:
    """Return whether a value for a member agrees with the rest of a job."""
    if value is _LEFT_OUT or any(other in members for other in _FOLLOWS_FROM.get(name, ())):
        return False
    if name == "MessageCategory":
        return state == "COMPLETED" or (state in _ENDINGS[kind] and value not in _SUCCESSES)
    if name == "StatusMessage":
        return state in _ENDINGS[kind] and state != "COMPLETED"
    return name != "IsParent" or state == "PARTIAL"


@functools.cache
def _others(kind: Kind) -> tuple[str, ...]:
    """Return the members without a default, those of a newer botocore included."""
    known = {row.member for row in TABLES[kind]} | _RELATIONS
    known |= {kind.id, kind.state, kind.created, kind.completed, "AccountId"}
    return tuple(name for name in kind.members if name not in known)


_LIFECYCLES = st.fixed_dictionaries(
    {},
    optional={
        "MoveToColdStorageAfterDays": st.integers(1, 1000),
        # Ninety days more than the other, at least.
        "DeleteAfterDays": st.integers(1090, 36500),
    },
)
"""Lifecycles within AWS's bounds."""

_SCALARS: Mapping[str, SearchStrategy[Any]] = {
    "boolean": st.booleans(),
    "double": st.floats(0, 100),
    "float": st.floats(0, 100),
    "integer": st.integers(0, 2**31 - 1),
    "long": st.integers(0, 2**40),
}


def _value(name: str, shape: Shape, start: int) -> SearchStrategy[Any]:
    """Return values of any shape that a job's members have; dates lie after its start."""
    type_name = shape.type_name
    if type_name in _SCALARS:
        return _SCALARS[type_name]
    if type_name == "timestamp":
        return _LASTED.map(lambda lasted: _seen(start + lasted))
    if type_name == "structure":
        return _structure(shape, start)
    if type_name == "list":
        return st.lists(_value(name, shape.member, start), max_size=2)
    if type_name == "map":
        key, value = _value("key", shape.key, start), _value("value", shape.value, start)
        return st.dictionaries(key, value, max_size=2)
    enum = tuple(getattr(shape, "enum", ()))
    return st.sampled_from(enum or _ARNS.get(name) or _texts(name))


def _structure(shape: Shape, start: int) -> SearchStrategy[Any]:
    if "DeleteAfterDays" in shape.members:
        return _LIFECYCLES
    required = set(shape.required_members)
    values = {nested: _value(nested, each, start) for nested, each in shape.members.items()}
    return st.fixed_dictionaries(
        {nested: value for nested, value in values.items() if nested in required},
        optional={nested: value for nested, value in values.items() if nested not in required},
    )


def _texts(name: str) -> tuple[str, ...]:
    """Return two texts for a member: ARNs of a member that has one."""
    texts = f"{name}-1", f"{name}-2"
    start = _place().arn("arn:{p}:backup:{r}:{a}:") if name.endswith("Arn") else ""
    return tuple(f"{start}{text}" for text in texts)


# --- Sets of jobs ---------------------------------------------------------------------------


def job_sets(
    *,
    max_size: int = 12,
    accounts: Sequence[str] = ACCOUNTS,
    region: str = _REGION,
    now: Date | None = None,
) -> SearchStrategy[list[Job]]:
    """Return jobs of several kinds and accounts that agree with each other.

    Among them are composite jobs, a parent right before its children; copies, restores and
    scans of recovery points that a backup job of the set made, in its account and not before
    it ended; and jobs that stand alone. Scan jobs are left out where the installed botocore
    does not know them. Give the whole list to `FakeBackup.add`.

    Shrinks to no job, then to few: to single jobs of the first account, or a small group.

    Args:
        max_size: how many jobs there are at most.
        accounts: the account ids to draw their member AccountId from; report jobs, which have
            none, get the account that they are added to.
        region: the Region in the ARNs of their resources and recovery points.
        now: the present; None is the process's clock, read at each draw.

    Raises:
        ValueError: a negative size, or no account.
    """
    if max_size < 0:
        msg = f"The size of a set of jobs is 0 or more, not {max_size}."
        raise ValueError(msg)
    if not accounts:
        msg = "A set of jobs lies in one account or more: accounts is empty."
        raise ValueError(msg)
    present = _present(now)

    @st.composite
    def job_set(draw: DrawFn) -> list[Job]:
        shared = _Shared(present, st.sampled_from(tuple(accounts)), region, max_size)
        draw(st.lists(_round(shared), max_size=max_size))
        return shared.jobs

    return job_set()


@st.composite
def _round(draw: DrawFn, shared: _Shared) -> None:
    """Draw a few more jobs; none where there is no room."""
    if shared.room:
        add = draw(st.sampled_from(_ROUNDS))
        shared.jobs += add(draw, shared)


# Far from the numbers that a fake counts, so that no two names are equal by accident.
_FIRST_OF_SETS = 0x5E70001


class _Shared:
    """The state that the rounds of drawing one set of jobs share.

    Attributes:
        accounts: the accounts to draw from.
        jobs: the jobs drawn so far.
    """

    def __init__(
        self,
        present: Callable[[], int],
        accounts: SearchStrategy[str],
        region: str,
        max_size: int,
    ) -> None:
        self.accounts = accounts
        self.jobs: list[Job] = []
        self._present = present
        self._region = region
        self._max_size = max_size
        self._points: list[dict[str, Any]] = []

    @property
    def room(self) -> int:
        """How many more jobs the set may have."""
        return self._max_size - len(self.jobs)

    def job(self, draw: DrawFn, kind: Kind, **members: Any) -> Job:
        """Draw a job, with some members fixed."""
        if "AccountId" in kind.members and "AccountId" not in members:
            members["AccountId"] = draw(self.accounts)
        given = {name: st.just(value) for name, value in members.items() if name in kind.known}
        drawn = _members(draw, kind, (self._present, self._region), given)
        if kind is kinds.BACKUP and drawn["State"] == "COMPLETED":
            self._make_point(drawn)
        return factories.BY_KIND[kind](**drawn)

    def _make_point(self, members: dict[str, Any]) -> None:
        """Give a backup job the ARNs of its resource and recovery point, for jobs made from it."""
        members.setdefault("ResourceType", "EBS")
        known = RESOURCE_TYPES[members["ResourceType"]]
        number = _FIRST_OF_SETS + len(self._points)
        place = _place(members["AccountId"], self._region, number)
        members.setdefault("ResourceArn", place.arn(known.arn))
        created = instants.milliseconds(members["CreationDate"])
        of = known, members["ResourceArn"]
        members["RecoveryPointArn"] = point_arn(place, of, created=created)
        members.setdefault("CompletionDate", members["CreationDate"])
        self._points.append(members)

    def made_from(
        self, draw: DrawFn, point: str, resource: str, types: tuple[str, ...] | None = None
    ) -> dict[str, Any]:
        """Draw a recovery point, and return the members of a job that is made from it.

        Args:
            draw: hypothesis's function that draws.
            point: the member of that job that names the recovery point.
            resource: the member that names the point's resource.
            types: the resource types to choose from; None is all.

        Returns:
            The members; none where the set has no such recovery point.
        """
        fit = [each for each in self._points if types is None or each["ResourceType"] in types]
        if not fit:
            return {}
        found = draw(st.sampled_from(fit))
        ended = instants.milliseconds(found["CompletionDate"])
        # The vaults of copies and restores follow; of a scan, one would be drawn.
        vault = found.get("BackupVaultName", "Default")
        return {
            "BackupVaultName": vault,
            "AccountId": found["AccountId"],
            "ResourceType": found["ResourceType"],
            resource: found["ResourceArn"],
            point: found["RecoveryPointArn"],
            "CreationDate": _seen(ended + draw(st.sampled_from((0, 1, _HOUR, _DAY)))),
            "RecoveryPointCreationDate": found["CreationDate"],
        }


def _nothing(_draw: DrawFn, _shared: _Shared) -> list[Job]:
    return []


def _backup(draw: DrawFn, shared: _Shared) -> list[Job]:
    return [shared.job(draw, kinds.BACKUP)]


def _copy(draw: DrawFn, shared: _Shared) -> list[Job]:
    source = shared.made_from(draw, "SourceRecoveryPointArn", "ResourceArn")
    return [shared.job(draw, kinds.COPY, **source)]


def _restore(draw: DrawFn, shared: _Shared) -> list[Job]:
    source = shared.made_from(draw, "RecoveryPointArn", "SourceResourceArn")
    return [shared.job(draw, kinds.RESTORE, **source)]


def _scan(draw: DrawFn, shared: _Shared) -> list[Job]:
    if kinds.SCAN.item not in shapes.service_model().shape_names:
        return []
    types = _types(kinds.SCAN)
    source = shared.made_from(draw, "RecoveryPointArn", "ResourceArn", types)
    return [shared.job(draw, kinds.SCAN, **source)]


def _report(draw: DrawFn, shared: _Shared) -> list[Job]:
    return [shared.job(draw, kinds.REPORT)]


def _composite(draw: DrawFn, shared: _Shared) -> list[Job]:
    most = min(3, shared.room - 1)
    if not most:
        return _backup(draw, shared)
    account = draw(shared.accounts)
    endings = st.sampled_from(("COMPLETED", "FAILED"))
    states = draw(st.lists(endings, min_size=1, max_size=most))
    children = [shared.job(draw, kinds.BACKUP, State=state, AccountId=account) for state in states]
    whole = states[0] if len(set(states)) == 1 else "PARTIAL"
    return list(factories.composite(children, State=whole, AccountId=account))


# The first is what a round shrinks to: hypothesis leaves out no element that draws this much.
_ROUNDS = (_nothing, _backup, _copy, _restore, _scan, _report, _composite)


# --- Parameters -----------------------------------------------------------------------------

_PAGING = ("MaxResults", "NextToken")
# AWS documents "*" for these two alone; the others refuse it.
_EVERY_ACCOUNT = ("ListBackupJobs", "ListScanJobs")


def parameters(
    operation: str, *, now: Date | None = None, **values: Any
) -> SearchStrategy[dict[str, Any]]:
    """Return keyword arguments for a client's list or summary operation, all of them valid.

    Drawn are up to three of the `By*` parameters of a list, or of the parameters of a summary,
    with AWS's wildcards, and a small MaxResults; a NextToken comes from an answer and is never
    drawn. Values are those that the jobs of this module have, so that they select some.

    Shrinks to the required parameters alone.

    Args:
        operation: AWS's name of the operation, as "ListBackupJobs".
        now: the present, around which dates lie; None is the process's clock, read at each
            draw.
        values: parameters that are always given, each a value or a strategy.

    Raises:
        ValueError: an operation that does not exist, or lists nothing by such parameters.
        TypeError: a parameter that the operation does not have.
    """
    model = shapes.service_model()
    shapes.check_operation(operation)
    shape = model.operation_model(operation).input_shape
    members = _input(operation)
    if not operation.startswith("List") or not any(
        name.startswith("By") or name == "AggregationPeriod" for name in members
    ):
        msg = f"{operation} lists nothing by parameters named By..., and sums nothing up."
        raise ValueError(msg)
    for name in values:
        if name not in members:
            msg = f"{operation} has no parameter {name!r}{near(name, members) or '.'}"
            raise TypeError(msg)
    required = set() if shape is None else set(shape.required_members)
    given = {name: _strategy(value) for name, value in values.items()}
    drawn = {
        name: _asked(operation, name, each, now)
        for name, each in members.items()
        if name not in _PAGING and name not in values
    }
    always = given | {name: value for name, value in drawn.items() if name in required}
    others = st.sampled_from([name for name in drawn if name not in required])
    # Name and value in one element, so that examples shrink by leaving parameters out.
    each_of_others = others.flatmap(lambda name: st.tuples(st.just(name), drawn[name]))
    some = st.lists(each_of_others, max_size=3, unique_by=_name).map(dict)
    paged = "MaxResults" in members and "MaxResults" not in values

    @st.composite
    def arguments(draw: DrawFn) -> dict[str, Any]:
        asked = {name: draw(value) for name, value in always.items()}
        asked |= draw(some)
        size = draw(_PAGE_SIZES) if paged else None
        return asked if size is None else asked | {"MaxResults": size}

    return arguments()


def _name(parameter: tuple[str, Any]) -> str:
    return parameter[0]


_PAGE_SIZES = st.none() | st.integers(1, 10)


def _asked(operation: str, name: str, shape: Shape, now: Date | None) -> SearchStrategy[Any]:
    """Return the values of one parameter."""
    if shape.type_name == "timestamp":
        return dates(now=now)
    if shape.type_name in _SCALARS:
        return _SCALARS[shape.type_name]
    bare = name.removeprefix("By")
    enum = tuple(getattr(shape, "enum", ()))
    values = enum or _POOLS.get(bare) or (f"{bare}-1", f"{bare}-2")
    return st.sampled_from((*values, *_wildcards(operation, bare, enum)))


def _wildcards(operation: str, bare: str, enum: tuple[str, ...]) -> tuple[str, ...]:
    """Return the wildcards that AWS documents for a parameter beyond its enum."""
    if "AggregationPeriod" in _input(operation):
        summed = bare in ("AccountId", "MalwareScanner", "MessageCategory", "ResourceType")
        return tuple(each for each in EVERY if summed and each not in enum)
    if bare == "AccountId":
        return ("*",) if operation in _EVERY_ACCOUNT else ()
    return tuple(sorted(ANY_CATEGORY)) if bare == "MessageCategory" else ()


def _input(operation: str) -> Mapping[str, Shape]:
    shape = shapes.service_model().operation_model(operation).input_shape
    return {} if shape is None else shape.members


_POINTS = tuple(
    point_arn(_place(number=number), (RESOURCE_TYPES["EBS"], None), created=0) for number in (1, 2)
)

_POOLS: Mapping[str, tuple[str, ...]] = {
    "AccountId": ACCOUNTS,
    "BackupVaultName": _VAULTS,
    "DestinationVaultArn": (_place().home.vault("Copies"), _place().home.vault("other")),
    "RecoveryPointArn": _POINTS,
    "MessageCategory": (*_SUCCESSES, *_FAULTS),
    "ReportPlanName": tuple(map(report_plan_name, _PLANS)),
    "ResourceType": _TYPES,
    "ResourceArn": (*_resources("EBS"), *_resources("EFS")),
    "RestoreTestingPlanArn": _RESTORE_PLANS,
    "SourceRecoveryPointArn": _POINTS,
    "Status": kinds.REPORT.states,
}
