"""What a fake holds, as a failing test's report shows it."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING

from fakebackup.errors import few, number_of, shortened
from fakebackup.model.jobs import kinds
from fakebackup.model.stores.entries import REGION_SETTINGS
from fakebackup.model.vaults.members import DEFAULT
from fakebackup.report.shared import STARTERS, jobs_in, started_by

if TYPE_CHECKING:
    from fakebackup.dispatch import Backend
    from fakebackup.model.jobs.job import Job
    from fakebackup.model.stores.entries import Entry
    from fakebackup.model.stores.organization import Store

_LINES = 10
"""How many lines the contents have."""

_MOST_JOBS = 10_000
"""Of how many seeded jobs at most the vaults and recovery points are created for a report."""


def lines(backend: Backend) -> list[str]:
    """Return the lines about what a fake holds."""
    looked = _leave_behind(backend)
    found = []
    jobs = sorted(jobs_in(backend), key=_position)
    for (at, account, region), group in groupby(jobs, key=_position):
        alike = list(group)
        states = Counter(job.kept_state for job in alike).most_common()
        starters = Counter(map(started_by, alike))
        by = ", ".join(f"{starters[each]} started by {each}" for each in STARTERS if starters[each])
        found.append(
            f"{number_of(len(alike), kinds.KINDS[at].name)} in {account} {region}: "
            + ", ".join(f"{count} {state}" for state, count in states)
            + (f" ({by})" if by else "")
        )
    stores = list(backend.organization.stores.items())
    for home, store in sorted(stores):
        line = _besides_jobs(store)
        if line:
            found.append(f"{line[0]} in {home.account} {home.region}{line[1]}")
    if backend.organization.settings:
        found.append("changed settings of the organisation")
    if not looked:
        found.append("what seeded jobs left, which nothing has looked at")
    if len(found) > _LINES:
        found[_LINES - 1 :] = [f"... and {len(found) - _LINES + 1} lines like these"]
    return found or ["nothing"]


def _leave_behind(backend: Backend) -> bool:
    """Create the vaults and recovery points that seeded jobs left, as a look at them does.

    Not where that takes long, nor where another thread has the lock, which may hang.

    Returns:
        Whether all of them exist.
    """
    organization = backend.organization
    if not organization.deferred:
        return True
    if len(organization.deferred) > _MOST_JOBS or not organization.lock.acquire(blocking=False):
        return False
    try:
        return organization.leave_behind()
    finally:
        organization.lock.release()


def _besides_jobs(store: Store) -> tuple[str, str] | None:
    """Return what a store holds besides jobs, and what of that came with what was seeded."""
    counts: Counter[str] = Counter()
    left: Counter[str] = Counter()
    for vault in store.vaults_so_far():
        points = list(vault.points.values())
        # The vault of the option default_vault is there whatever the test did.
        if vault.implied and not points and vault.name == DEFAULT and store.options.default_vault:
            continue
        for noun, records in (("vault", [vault]), ("recovery point", points)):
            counts[noun] += len(records)
            left[noun] += sum(record.implied for record in records)
    texts = _counted(counts)
    if store.resources:
        texts.append(f"{number_of(len(store.resources), 'resource')} that plans may select")
    texts += _entries(store)
    if not texts:
        return None
    came = _listed(_counted(left))
    which = "" if _counted(left) == texts else f"{came} "
    return _listed(texts), f" ({which}left by what was seeded)" if came else ""


def _entries(store: Store) -> list[str]:
    """Return in words the entries that a store holds, some by name, and whether it has settings."""
    names: dict[str, list[str]] = {}
    for noun, entry in store.all_entries():
        names.setdefault(noun.lower(), []).append(_name(entry))
    return [
        "changed settings" if noun == REGION_SETTINGS else _named(noun, found)
        for noun, found in names.items()
    ]


def _named(noun: str, names: list[str]) -> str:
    shown = few((shortened(name, _LONGEST_NAME) for name in names), _MOST_NAMES)
    return f"{number_of(len(names), noun)} ({', '.join(shown)})"


def _name(entry: Entry) -> str:
    """Return what users call an entry: its name even where operations name it by its id."""
    members = entry.members
    return next((str(members[each]) for each in _NAMES if members.get(each)), entry.key)


_NAMES = ("BackupPlanName", "SelectionName", "Title")
"""The members with the names of entries whose keys are ids."""

_MOST_NAMES, _LONGEST_NAME = 3, 40


def _counted(counts: Counter[str]) -> list[str]:
    return [number_of(count, noun) for noun, count in counts.items() if count]


def _listed(texts: list[str]) -> str:
    return " and ".join([", ".join(texts[:-1]), texts[-1]] if texts[1:] else texts)


def _position(job: Job) -> tuple[int, str, str]:
    return kinds.KINDS.index(job.kind), job.account, job.region
