"""The likely slips of a failing test, by its calls and by what its fake holds."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from fakebackup import clock
from fakebackup.errors import near, number_of, quoted
from fakebackup.model.engine import moves, running
from fakebackup.model.engine.outcomes import JOB_STARTERS
from fakebackup.model.jobs import kinds, life
from fakebackup.model.jobs.filters import EVERY
from fakebackup.model.resources.arns import Home, vault_named_by
from fakebackup.model.resources.values import check_vault_name
from fakebackup.model.vaults.members import DEFAULT
from fakebackup.operations import (
    backup_jobs,
    copy_jobs,
    report_jobs,
    restore_jobs,
    scan_jobs,
)
from fakebackup.report import entries, lists
from fakebackup.report.shared import (
    A_CLIENT,
    either,
    how_to_seed,
    jobs_in,
    no_region,
    parameters_of,
    shown_value,
    started_by,
)
from fakebackup.report.unmatched import of_dimensions, unmatched

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fakebackup.calls import Call
    from fakebackup.dispatch import Backend
    from fakebackup.model.jobs.filters import Dimension, Filter
    from fakebackup.model.jobs.job import Job
    from fakebackup.model.jobs.kinds import Kind

_HINTS = 5
"""How many likely slips are shown."""

_FILTERS: Mapping[Kind, Mapping[str, Filter]] = {
    kinds.BACKUP: backup_jobs.FILTERS,
    kinds.COPY: copy_jobs.FILTERS,
    kinds.RESTORE: restore_jobs.FILTERS,
    kinds.SCAN: scan_jobs.FILTERS,
    kinds.REPORT: report_jobs.FILTERS,
}
_DIMENSIONS: Mapping[Kind, tuple[Dimension, ...]] = {
    kinds.BACKUP: backup_jobs.DIMENSIONS,
    kinds.COPY: copy_jobs.DIMENSIONS,
    kinds.RESTORE: restore_jobs.DIMENSIONS,
    kinds.SCAN: scan_jobs.DIMENSIONS,
}
_LISTS = {f"List{kind.listed}": kind for kind in kinds.KINDS}
_SUMMARIES = {f"List{kind.listed[:-1]}Summaries": kind for kind in kinds.KINDS}


def lines(backend: Backend) -> list[str]:
    """Return the lines about the likely slips of a test."""
    found: dict[str, None] = {}
    judged: set[str] = set()
    calls = list(backend.calls)
    seen_by = _Seen(backend, calls)
    started: set[Kind] = set()
    for at, call in enumerate(calls):
        asked = quoted(call.parameters)
        question = f"{call.operation} {asked} {call.account} {call.region} {call.error}"
        if (key := f"{question} {len(started)}") not in judged:
            judged.add(key)
            found |= dict.fromkeys(_slips_of(call, backend, seen_by, seen_by.missed(started)))
            found |= dict.fromkeys(entries.slips_of(call, backend))
            found |= dict.fromkeys(lists.slips_of(call, at, backend))
        if call.error is None and call.operation in JOB_STARTERS:
            started.add(JOB_STARTERS[call.operation])
    found |= dict.fromkeys(_waits(backend))
    hints = list(found)
    if len(hints) > _HINTS:
        hints[_HINTS:] = [f"... and {len(hints) - _HINTS} more"]
    return hints


class _Seen:
    """The jobs that the code under test has seen: a list that lacks them may be rightly empty."""

    def __init__(self, backend: Backend, calls: list[Call]) -> None:
        """Find what has been seen.

        Args:
            backend: the fake's AWS Backup side.
            calls: its calls.
        """
        self._jobs = jobs_in(backend)
        # Whatever the filters were, a list that showed jobs of an account and a Region shows that
        # the code looks there. Of an account None, the jobs of all accounts.
        self._listed: set[tuple[Kind, str, str | None]] = set()
        self._ids: set[str] = set()
        self._asked: set[Kind] = set()
        self._missed: dict[frozenset[Kind], list[Job]] = {}
        for call in calls:
            kind = _LISTS.get(call.operation) or _SUMMARIES.get(call.operation)
            if kind is None:
                if call.error is None:
                    self._ids.update(str(parameters_of(call).get(each.id)) for each in kinds.KINDS)
                continue
            self._asked.add(kind)
            if call.items:
                parameter = "ByAccountId" if call.operation in _LISTS else "AccountId"
                asked = _asked_account(call, parameter)
                account = call.account if asked is None else asked or None
                self._listed.add((kind, call.region, account))

    def missed(self, started: set[Kind]) -> list[Job]:
        """Return the jobs that a list may have missed.

        Args:
            started: the kinds of job that a client had started when the list was called.
        """
        key = frozenset(started)
        if key not in self._missed:
            self._missed[key] = [
                job
                for job in self._jobs
                if job.id not in self._ids
                and (job.kind, job.region, job.account) not in self._listed
                and (job.kind, job.region, None) not in self._listed
                and (job.kind in started or started_by(job) != A_CLIENT)
            ]
        return self._missed[key]

    def asked_for(self, kind: Kind) -> bool:
        """Return whether the code asked for jobs of a kind anywhere."""
        return kind in self._asked


def _slips_of(call: Call, backend: Backend, seen_by: _Seen, missed: list[Job]) -> Iterator[str]:
    kind = _LISTS.get(call.operation) or _SUMMARIES.get(call.operation)
    empty = call.error is None and call.items == 0 and not parameters_of(call).get("NextToken")
    if kind is not None and empty:
        if backend.by_hand.answers(call.operation, call.account, call.region):
            return
        others = [job for job in missed if not seen_by.asked_for(job.kind)]
        of_kind = [job for job in missed if job.kind is kind]
        if of_kind:
            yield from _empty_list(call, kind, backend, of_kind)
        elif others and not jobs_in(backend, kind):
            yield _other_kinds(call, kind, others)
    elif call.error in ("ResourceNotFoundException", "AccessDeniedException"):
        yield from _not_found(call, backend)


def _empty_list(call: Call, kind: Kind, backend: Backend, missed: list[Job]) -> Iterator[str]:
    """Yield what is likely wrong with an empty list or summary.

    Args:
        call: the call.
        kind: the kind of job.
        backend: the fake's AWS Backup side.
        missed: the jobs of that kind that nothing has shown to the code under test.
    """
    is_list = call.operation in _LISTS
    asked = _asked_account(call, "ByAccountId" if is_list else "AccountId")
    manages = backend.organization.manages(call.account)
    if is_list and asked is not None and asked != call.account and not manages:
        if not asked or any(job.account == asked for job in missed):
            yield (
                f"{call.account} asked {call.operation} for the jobs of another account, and is no "
                f"management account: name it in the option management_account."
            )
        return
    searched = _searched(call, asked, missed)
    if not searched:
        if not _searched(call, asked, jobs_in(backend, kind)):
            yield from _elsewhere(call, missed)
        return
    if not is_list:
        dimensions = of_dimensions(_DIMENSIONS[kind])
        yield from unmatched(call, [job.members for job in searched], kind.name, dimensions)
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
    yield from unmatched(call, [job.members for job in within], kind.name, _FILTERS[kind])


def _days(limit: Any) -> str:
    return number_of(limit.days, "day") if not limit.seconds else str(limit)


def _asked_account(call: Call, parameter: str) -> str | None:
    """Return the account that a call asks for; None is its own, "" is all."""
    asked: str | None = parameters_of(call).get(parameter)
    return "" if asked in ("*", *EVERY) else asked


def _searched(call: Call, asked: str | None, jobs: list[Job]) -> list[Job]:
    """Return the jobs that a list searched: those of its accounts in its Region."""
    accounts = (call.account if asked is None else asked, "")
    return [
        job
        for job in jobs
        if job.region == call.region and (job.account in accounts or not accounts[0])
    ]


def _other_kinds(call: Call, kind: Kind, others: list[Job]) -> str:
    counts = Counter(job.kind.name for job in others)
    instead = " and ".join(number_of(count, name) for name, count in counts.most_common())
    return (
        f"{call.operation} asked in {call.region} as {call.account}: there is no {kind.name}, "
        f"only {instead}."
    )


def _elsewhere(call: Call, jobs: list[Job]) -> Iterator[str]:
    regions = sorted({job.region for job in jobs if job.account == call.account})
    accounts = sorted({job.account for job in jobs if job.region == call.region})
    if "ByAccountId" not in parameters_of(call) and "AccountId" not in parameters_of(call):
        if regions and (wrong := no_region(call.region)):
            where = either(regions)
            yield f"{call.operation} asked in {call.region}, but {_which(jobs)} in {where}: {wrong}"
            return
        if regions:
            yield (
                f"{call.operation} asked in {call.region}, but {_which(jobs)} in "
                f"{either(regions)}: make the client in that region, or seed by "
                f"backup.at(region={call.region!r})."
            )
            return
        if accounts:
            yield (
                f"{call.operation} asked as account {call.account}, but {_which(jobs)} of "
                f"{either(accounts)}: ask inside backup.acting_as({accounts[0]!r}), or seed by "
                f"backup.at(account_id={call.account!r})."
            )
            return
    homes = sorted({f"{job.account} {job.region}" for job in jobs})
    yield (
        f"{call.operation} asked in {call.region} as {call.account}, but {_which(jobs)} in "
        f"{either(homes)}."
    )


def _which(jobs: list[Job]) -> str:
    name = jobs[0].kind.name
    return f"the {name} is" if len(jobs) == 1 else f"the {len(jobs)} {name}s are"


def _within_history(jobs: list[Job], kind: Kind, backend: Backend) -> list[Job]:
    limit = backend.options.history
    date = kind.limited or (kind.created if backend.options.history_everywhere else None)
    if limit is None or date is None:
        return jobs
    oldest = clock.now() - int(limit.total_seconds() * 1000)
    return [job for job in jobs if job.members.get(date, oldest) >= oldest]


def _not_found(call: Call, backend: Backend) -> Iterator[str]:
    for kind in kinds.KINDS:
        if kind.id in parameters_of(call):
            yield from _no_such_job(call, kind, str(parameters_of(call)[kind.id]), backend)
            return
    missing = [
        each
        for name, home in _vaults_asked_for(call)
        for each in _no_such_vault(call, name, home, backend)
    ]
    yield from missing or _no_such_point(call, backend)


def _vaults_asked_for(call: Call) -> Iterator[tuple[str, Home]]:
    """Yield the vaults that a call names: the name, and the account and Region."""
    for parameter, value in parameters_of(call).items():
        if parameter.endswith("BackupVaultName") and isinstance(value, str):
            yield value, Home(call.account, call.region)
        elif parameter.endswith("BackupVaultArn") and isinstance(value, str):
            named = vault_named_by(value)
            if named is not None:
                yield named.name, named.home


def _no_such_vault(call: Call, name: str, home: Home, backend: Backend) -> Iterator[str]:
    names: dict[str, list[Home]] = {}
    for each, store in list(backend.organization.stores.items()):
        for vault in store.vaults_so_far():
            names.setdefault(vault.name, []).append(each)
    homes = names.get(name, [])
    if home in homes:
        return
    named = vault_named_by(name)
    there = [each for each, several in names.items() if home in several]
    if homes:
        at = either(sorted(" ".join(each) for each in homes))
        hint = f"there is one in {at}.{_how_to_seed(name, home, backend)}"
    elif named is not None and named.home in names.get(named.name, ()):
        where = "" if named.home == home else f" in {' '.join(named.home)}"
        hint = f"that is the ARN of {named.name!r}{where}."
    elif near(name, there):
        hint = f"no vault has that name{near(name, there)}"
    elif near(name, names):
        closest = near(name, names).removesuffix("?")
        at = next(" ".join(several[0]) for each, several in names.items() if repr(each) in closest)
        hint = f"no vault has that name{closest} in {at}?"
    elif there:
        known = either(map(repr, there))
        hint = f"no vault has that name, only {known}.{_how_to_seed(name, home, backend)}"
    else:
        seeding = _how_to_seed(name, home, backend)
        hint = f"no vault has that name, and there is none.{seeding}"
    yield (
        f"{call.operation} asked for the vault {shown_value(name)} in {home.region} as "
        f"{home.account}: {hint}"
    )


def _how_to_seed(name: str, home: Home, backend: Backend) -> str:
    """Return the sentence that says how a test seeds a vault, after a blank; "" if it cannot."""
    members = {"BackupVaultName": name}
    way = how_to_seed(
        home, backend, "add_vault", members, lambda value: check_vault_name(value, "the name")
    )
    return f"{way[:-1]}, or pass the option default_vault=True." if way and name == DEFAULT else way


def _no_such_point(call: Call, backend: Backend) -> Iterator[str]:
    arn = parameters_of(call).get("RecoveryPointArn")
    if not isinstance(arn, str):
        return
    named = {name for name, _ in _vaults_asked_for(call)}
    vaults = [
        (home, vault)
        for home, store in list(backend.organization.stores.items())
        for vault in store.vaults_so_far()
    ]
    asked = (
        f"{call.operation} asked for the recovery point {arn!r} in {call.region} as {call.account}"
    )
    found = [(home, vault.name) for home, vault in vaults if arn in vault.points]
    here = [name for home, name in found if home == (call.account, call.region)]
    if found and not here:
        home, name = found[0]
        yield f"{asked}: it lies in the vault {name!r} in {' '.join(home)}."
    elif here and named and named.isdisjoint(here):
        yield f"{asked}: it lies in the vault {here[0]!r}."
    elif not found:
        points = [point for _, vault in vaults for point in vault.points]
        hint = near(arn, points)
        if hint:
            yield f"{asked}: no recovery point has that ARN{hint}"


def _no_such_job(call: Call, kind: Kind, wanted: str, backend: Backend) -> Iterator[str]:
    by_id = backend.organization.jobs.by_id
    job = by_id.get(wanted)
    if job is None:
        spelled = {each.lower(): each for each in list(by_id)}.get(wanted.lower())
        if spelled is not None:
            yield f"{call.operation}: the id is {spelled!r}; AWS writes it in that case."
        else:
            jobs = jobs_in(backend, kind)
            ids = either(repr(each.id) for each in jobs) if jobs else ""
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
        kind = next((each for each in kinds.KINDS if each.id in parameters_of(call)), None)
        if kind is not None and call.operation.startswith("Describe") and call.error is None:
            asked[parameters_of(call)[kind.id]] += 1
    for job_id, count in asked.items():
        job = backend.organization.jobs.by_id.get(job_id)
        if job is None or count < 2 or life.is_final(job.kind, job.kept_state):  # noqa: PLR2004  asked again
            continue
        asked_so = f"{job_id} was described {count} times and is {job.kept_state}: "
        ahead = next(iter(running.ahead(job)), None)
        if ahead is not None:
            yield (
                f"{asked_so}it waits for {ahead.id}, which is {ahead.kept_state}, to end: "
                f"`python -m fakebackup guide moving-jobs` says which jobs do."
            )
        elif job.mode == "manual" or moves.is_staying(job):
            yield (
                f"{asked_so}nothing moves it. "
                f"Call job.complete() or job.fail(), or set job.progress = 'polls'."
            )
        elif job.mode == "clock":
            yield (
                f"{asked_so}it moves by the clock. Let time pass, or set job.progress = 'polls'."
            )
