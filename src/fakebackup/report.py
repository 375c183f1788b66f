"""The report of a failing test: a fake's calls, its contents and the likely mistakes."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any

from fakebackup import clock
from fakebackup.errors import AwsError, few, shortened
from fakebackup.model.jobs import kinds, life
from fakebackup.model.shapes.dates import seen
from fakebackup.model.shapes.model import service_model
from fakebackup.model.shapes.requests import request_reader
from fakebackup.model.stores.entries import ONLY
from fakebackup.operations import (
    backup_jobs,
    copy_jobs,
    operations,
    report_jobs,
    restore_jobs,
    scan_jobs,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from fakebackup.calls import Call
    from fakebackup.dispatch import Backend
    from fakebackup.errors import OperationNotFaked
    from fakebackup.model.jobs.filters import Filter
    from fakebackup.model.jobs.job import Job
    from fakebackup.model.jobs.kinds import Kind

_FIRST, _LAST = 5, 7
"""How many lines of the beginning and of the end of a long log are shown."""

_VALUE = 70
"""How many characters of a parameter's value are shown."""

_PARAMETERS = 160
"""How many characters of a call's parameters are shown."""

_HINTS = 5
"""How many likely mistakes are shown."""

_LEFT = 5
"""How many swallowed refusals, and how many failures that never came, are named."""

_PLACES = 10
"""How many lines the contents have."""

_FILTERS: Mapping[Kind, Mapping[str, Filter]] = {
    kinds.BACKUP: backup_jobs.FILTERS,
    kinds.COPY: copy_jobs.FILTERS,
    kinds.RESTORE: restore_jobs.FILTERS,
    kinds.SCAN: scan_jobs.FILTERS,
    kinds.REPORT: report_jobs.FILTERS,
}
_LISTS = {f"List{kind.listed}": kind for kind in kinds.KINDS}
_SUMMARIES = {f"List{kind.listed[:-1]}Summaries": kind for kind in kinds.KINDS}


def explain(backend: Backend, error: BaseException | None = None) -> str:
    """Return the report of a fake for a failing test.

    Nothing is locked or moved: the test may have failed at any point, in any thread.

    Args:
        backend: the fake's AWS Backup side.
        error: the exception that failed the test: a refusal that led to it was not swallowed.
    """
    sections = [
        ("", _calls(backend)),
        ("It holds", _contents(backend)),
        ("Swallowed", few((shortened(str(e), 200) for e in swallowed(backend, error)), _LEFT)),
        ("Left over", _left_over(backend)),
        ("Perhaps", _mistakes(backend)),
    ]
    lines = []
    for title, body in sections:
        if title and body:
            lines.append(f"{title}:")
        lines += [f"  {line}" if title else line for line in body]
    return "\n".join(lines)


def swallowed(backend: Backend, error: BaseException | None) -> list[OperationNotFaked]:
    """Return the refusals that the code under test caught.

    Args:
        backend: the fake's AWS Backup side.
        error: the exception that ended the test or the block; a refusal that led to it was not
            caught.
    """
    reported = set(map(id, _chain(error)))
    return [
        each
        for each in list(backend.refusals)
        if id(each) not in reported and not _reached_a_runner(each)
    ]


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception and all exceptions that led to it."""
    waiting = [error]
    known: set[int] = set()
    while waiting:
        each = waiting.pop()
        if each is not None and id(each) not in known:
            known.add(id(each))
            yield each
            waiting += [each.__cause__, each.__context__, *getattr(each, "exceptions", ())]


def _reached_a_runner(error: BaseException) -> bool:
    """Tell whether an exception left the test: then the test runner has reported it.

    An exception of a TestCase's test does not reach the code that stops the fake.
    """
    outermost = error.__traceback__
    if outermost is None:
        return False
    module = str(outermost.tb_frame.f_globals.get("__name__", ""))
    return module.partition(".")[0] in {"unittest", "_pytest"}


# --- Calls --------------------------------------------------------------------------------------


def _calls(backend: Backend) -> list[str]:
    calls = list(backend.calls)
    if not calls:
        return ["No call of AWS Backup was made."]
    groups = groupby(calls, key=lambda call: _call(call, backend))
    lines = [(text, list(alike)) for text, alike in groups]
    shown = [_repeated(text, len(alike)) for text, alike in lines]
    if len(lines) > _FIRST + _LAST + 1:
        left_out = [call.operation for _, alike in lines[_FIRST:-_LAST] for call in alike]
        counted = ", ".join(f"{name} {n}" for name, n in Counter(left_out).most_common(4))
        more = ", ..." if len(set(left_out)) > 4 else ""  # noqa: PLR2004  as many as are shown
        shown[_FIRST:-_LAST] = [f"... {len(left_out)} more: {counted}{more} ..."]
    title = "1 call" if len(calls) == 1 else f"{len(calls)} calls"
    return [f"{title} of AWS Backup:", *(f"  {line}" for line in shown)]


def _repeated(text: str, count: int) -> str:
    return text if count == 1 else f"{text} ({count} times)"


def _call(call: Call, backend: Backend) -> str:
    given = ", ".join(f"{name}={_value(value)}" for name, value in call.parameters.items())
    text = f"{call.operation}({shortened(given, _PARAMETERS)}): {_outcome(call)}"
    if call.attempts > 1:
        text += f" after {call.attempts} attempts"
    where = []
    if call.account != backend.options.account_id:
        where.append(f"as {call.account}")
    if call.region != backend.region:
        where.append(f"in {call.region}")
    return text + "".join(f", {each}" for each in where)


def _outcome(call: Call) -> str:
    if call.error is not None:
        return call.error
    if call.items is not None:
        items = "1 item" if call.items == 1 else f"{call.items} items"
        return f"{items}, more follow" if call.more else items
    return "answered" if call.attempts else "not answered"


def _value(value: Any) -> str:
    return shortened(str(value) if isinstance(value, datetime) else repr(value), _VALUE)


# --- Contents -----------------------------------------------------------------------------------


def _contents(backend: Backend) -> list[str]:
    lines = []
    jobs = sorted(_jobs(backend), key=_home)
    for (at, account, region), group in groupby(jobs, key=_home):
        alike = list(group)
        states = Counter(job.kept_state for job in alike).most_common()
        started = [job for job in alike if job.was_started]
        # A scan has a CreatedBy, whether a plan or a client started it.
        planned = sum(job.kind is not kinds.SCAN and "CreatedBy" in job.members for job in started)
        origins = ((len(started) - planned, "a client"), (planned, "a plan"))
        by = ", ".join(f"{count} started by {starter}" for count, starter in origins if count)
        lines.append(
            f"{_counted(len(alike), kinds.KINDS[at].name)} in {account} {region}: "
            + ", ".join(f"{count} {state}" for state, count in states)
            + (f" ({by})" if by else "")
        )
    for (account, region), counts in sorted(_counts_besides_jobs(backend).items()):
        counted = [_counted(count, noun) for noun, count in counts.items() if count]
        if counted:
            lines.append(f"{' and '.join(counted)} in {account} {region}")
    if len(lines) > _PLACES:
        lines[_PLACES - 1 :] = [f"... and {len(lines) - _PLACES + 1} lines like these"]
    return lines or ["nothing"]


def _counts_besides_jobs(backend: Backend) -> dict[tuple[str, str], Counter[str]]:
    """Return the counts of vaults, recovery points and entries: per account and Region, by noun."""
    found: dict[tuple[str, str], Counter[str]] = {}
    for home, store in list(backend.organization.stores.items()):
        counts = found[home] = Counter()
        # Those that only seeded jobs imply are made when first looked at: they are not counted.
        vaults = store.vaults_so_far()
        counts["vault"] = sum(not vault.implied for vault in vaults)
        counts["recovery point"] = sum(
            not point.implied for vault in vaults for point in list(vault.points.values())
        )
        counts.update(noun.lower() for noun, entry in store.all_entries() if entry.key != ONLY)
    return found


def _home(job: Job) -> tuple[int, str, str]:
    return kinds.KINDS.index(job.kind), job.account, job.region


def _jobs(backend: Backend, kind: Kind | None = None) -> list[Job]:
    jobs = list(backend.organization.jobs.by_id.values())
    return [job for job in jobs if kind in (None, job.kind)]


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _left_over(backend: Backend) -> list[str]:
    told = (
        f"{fault.code} of {'any operation' if fault.operation == '*' else fault.operation}, "
        f"injected for {_counted(fault.left or 0, 'attempt')} that never came"
        for fault in backend.faults.left()
    )
    return few(told, _LEFT)


# --- Likely mistakes ----------------------------------------------------------------------------


def _mistakes(backend: Backend) -> list[str]:
    found: dict[str, None] = {}
    judged: set[str] = set()
    for call in list(backend.calls):
        question = f"{call.operation} {call.parameters} {call.account} {call.region} {call.error}"
        if question not in judged:
            judged.add(question)
            found |= dict.fromkeys(_mistakes_of(call, backend))
    found |= dict.fromkeys(_waits(backend))
    hints = list(found)
    if len(hints) > _HINTS:
        hints[_HINTS:] = [f"... and {len(hints) - _HINTS} more"]
    return hints


def _mistakes_of(call: Call, backend: Backend) -> Iterator[str]:
    kind = _LISTS.get(call.operation)
    empty = call.error is None and call.items == 0 and not call.parameters.get("NextToken")
    if kind is not None and empty:
        yield from _empty_list(call, kind, backend)
    elif call.operation in _SUMMARIES and empty:
        kind = _SUMMARIES[call.operation]
        if not _searched(call, kind, _asked_account(call, "AccountId"), backend):
            yield from _elsewhere(call, _jobs(backend, kind), kind, backend)
    elif call.error in ("ResourceNotFoundException", "AccessDeniedException"):
        yield from _not_found(call, backend)


def _empty_list(call: Call, kind: Kind, backend: Backend) -> Iterator[str]:
    jobs = _jobs(backend, kind)
    asked = _asked_account(call, "ByAccountId")
    manages = backend.organization.manages(call.account)
    if asked is not None and asked != call.account and not manages:
        yield (
            f"{call.account} asked {call.operation} for the jobs of another account, and is no "
            f"management account: name it in the option management_account."
        )
        return
    searched = _searched(call, kind, asked, backend)
    if not searched:
        yield from _elsewhere(call, jobs, kind, backend)
        return
    within = _within_history(searched, kind, backend)
    if not within:
        limit = backend.options.history
        by_end = kind.limited == kind.completed
        reach = (
            f"shows {kind.name}s until {_days(limit)} after their end"
            if by_end
            else (f"reaches back {_days(limit)}")
        )
        yield (
            f"{call.operation} {reach}, and {_which(searched)} older: pass history=None, or seed a "
            f"later {kind.limited or kind.created}."
        )
        return
    yield from _unmatched(call, within, kind)


def _days(limit: Any) -> str:
    return _counted(limit.days, "day") if not limit.seconds else str(limit)


def _asked_account(call: Call, parameter: str) -> str | None:
    """Return the account that a call asks for; None is its own, "" is all."""
    asked: str | None = call.parameters.get(parameter)
    return "" if asked in ("*", "ANY", "AGGREGATE_ALL") else asked


def _searched(call: Call, kind: Kind, asked: str | None, backend: Backend) -> list[Job]:
    """Return the jobs that a list searched: those of its accounts in its Region."""
    accounts = (call.account if asked is None else asked, "")
    return [
        job
        for job in _jobs(backend, kind)
        if job.region == call.region and (job.account in accounts or not accounts[0])
    ]


def _elsewhere(call: Call, jobs: list[Job], kind: Kind, backend: Backend) -> Iterator[str]:
    asked = f"{call.operation} asked in {call.region} as {call.account}"
    if not jobs:
        others = Counter(job.kind.name for job in _jobs(backend))
        instead = " and ".join(_counted(count, name) for name, count in others.most_common())
        yield f"{asked}: there is no {kind.name}" + (f", only {instead}." if instead else ".")
        return
    regions = sorted({job.region for job in jobs if job.account == call.account})
    accounts = sorted({job.account for job in jobs if job.region == call.region})
    if "ByAccountId" not in call.parameters and "AccountId" not in call.parameters:
        if regions:
            yield (
                f"{call.operation} asked in {call.region}, but {_which(jobs)} in "
                f"{_either(regions)}: make the client in that region, or seed by "
                f"backup.at(region={call.region!r})."
            )
            return
        if accounts:
            yield (
                f"{call.operation} asked as account {call.account}, but {_which(jobs)} of "
                f"{_either(accounts)}: ask inside backup.acting_as({accounts[0]!r}), or seed by "
                f"backup.at(account_id={call.account!r})."
            )
            return
    places = sorted({f"{job.account} {job.region}" for job in jobs})
    yield f"{asked}, but {_which(jobs)} in {_either(places)}."


def _which(jobs: list[Job]) -> str:
    name = jobs[0].kind.name
    return f"the {name} is" if len(jobs) == 1 else f"the {len(jobs)} {name}s are"


def _either(names: Iterable[str]) -> str:
    several = list(names)
    if len(several) > 3:  # noqa: PLR2004  more are not read
        several[3:] = [f"{len(several) - 3} more"]
    return " and ".join([*([", ".join(several[:-1])] if several[1:] else []), several[-1]])


def _within_history(jobs: list[Job], kind: Kind, backend: Backend) -> list[Job]:
    limit = backend.options.history
    date = kind.limited or (kind.created if backend.options.history_everywhere else None)
    if limit is None or date is None:
        return jobs
    oldest = clock.now() - int(limit.total_seconds() * 1000)
    return [job for job in jobs if job.members.get(date, oldest) >= oldest]


def _unmatched(call: Call, jobs: list[Job], kind: Kind) -> Iterator[str]:
    """Yield the filter that no job passes, if there is one."""
    operation = operations()[call.operation]
    read = request_reader(
        service_model().operation_model(call.operation),
        also=operation.also,
        documented=operation.documented,
        at_most=operation.at_most,
    )
    try:
        asked = read(call.parameters)
    except AwsError:  # answered by hand, where AWS would refuse the parameters
        return
    table = _FILTERS[kind]
    given = [name for name in table if name in asked]
    for name in given:
        member = table[name].member
        criterion = table[name].criterion(asked[name])
        values = [job.members.get(member) for job in jobs]
        if criterion is not None and not any(map(criterion.test, values)):
            yield (
                f"{call.operation}({name}={_value(call.parameters[name])}) matches none of the "
                f"{_counted(len(jobs), kind.name)} there: {member} is {_values(values)}."
                if len(jobs) > 1
                else f"{call.operation}({name}={_value(call.parameters[name])}) does not match the "
                f"{kind.name} there: its {member} is {_values(values)}."
            )
            return
    if len(given) > 1:
        yield (
            f"{call.operation}: each of {_either(given)} matches some of the "
            f"{_counted(len(jobs), kind.name)} there, but no job matches all."
        )


def _values(values: list[Any]) -> str:
    """Return the values of a member, the commonest first; of dates the earliest and latest."""
    known = [value for value in values if value is not None]
    if known and all(type(value) is int for value in known):
        first, last = (str(seen(each)) for each in (min(known), max(known)))
        return first if first == last else f"from {first} to {last}"
    counted = Counter("left out" if value is None else _value(value) for value in values)
    several = [
        text if len(values) == 1 else f"{text} ({count})" for text, count in counted.most_common(4)
    ]
    if len(counted) > len(several):
        several.append("...")
    return ", ".join(several)


def _not_found(call: Call, backend: Backend) -> Iterator[str]:
    for kind in kinds.KINDS:
        if kind.id in call.parameters:
            yield from _no_such_job(call, kind, str(call.parameters[kind.id]), backend)
            return
    name = call.parameters.get("BackupVaultName")
    vaults = [
        (vault.account, vault.region)
        for store in list(backend.organization.stores.values())
        for vault in store.vaults_so_far()
        if vault.name == name
    ]
    if name is not None and (call.account, call.region) not in vaults:
        places = sorted(f"{account} {region}" for account, region in vaults)
        yield (
            f"{call.operation} asked for the vault {_value(name)} in {call.region} as "
            f"{call.account}: "
            + (f"there is one in {_either(places)}." if places else "no vault has that name.")
        )


def _no_such_job(call: Call, kind: Kind, wanted: str, backend: Backend) -> Iterator[str]:
    by_id = backend.organization.jobs.by_id
    job = by_id.get(wanted)
    if job is None:
        spelled = {each.lower(): each for each in list(by_id)}.get(wanted.lower())
        if spelled is not None:
            yield f"{call.operation}: the id is {spelled!r}; AWS writes it in that case."
        else:
            jobs = _jobs(backend, kind)
            ids = _either(repr(each.id) for each in jobs) if jobs else ""
            known = f"there {'is' if len(jobs) == 1 else 'are'} {ids}" if ids else "there is none"
            yield f"{call.operation} asked for a {kind.name} that is not there: {known}."
    elif job.kind is not kind:
        yield f"{call.operation} asked for a {kind.name}; {wanted!r} is a {job.kind.name}."
    elif (job.account, job.region) != (call.account, call.region):
        yield (
            f"{call.operation} asked for {wanted!r} in {call.region} as {call.account}; the "
            f"{kind.name} is in {job.region} of {job.account}."
        )
    elif kind.limited == kind.completed and not _within_history([job], kind, backend):
        limit = backend.options.history
        yield (
            f"{call.operation} asked for {wanted!r}, which ended more than {_days(limit)} ago: AWS "
            f"has removed it. Pass history=None, or seed a later {kind.completed}."
        )


def _waits(backend: Backend) -> Iterator[str]:
    """Yield the jobs that were described again and again while nothing moved them."""
    asked: Counter[str] = Counter()
    for call in list(backend.calls):
        kind = next((each for each in kinds.KINDS if each.id in call.parameters), None)
        if kind is not None and call.operation.startswith("Describe") and call.error is None:
            asked[call.parameters[kind.id]] += 1
    for job_id, count in asked.items():
        job = backend.organization.jobs.by_id.get(job_id)
        if job is None or count < 2 or life.is_final(job.kind, job.kept_state):  # noqa: PLR2004  asked again
            continue
        if job.mode == "manual":
            yield (
                f"{job_id} was described {count} times and is {job.kept_state}: nothing moves it. "
                f"Call job.complete() or job.fail(), or set job.progress = 'polls'."
            )
        elif job.mode == "clock":
            yield (
                f"{job_id} was described {count} times and is {job.kept_state}: it moves by the "
                f"clock. Let time pass, or set job.progress = 'polls'."
            )
