"""Dumps: all that a fake holds, every account and Region, as one JSON document."""

from __future__ import annotations

import contextlib
import json
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from fakebackup import clock
from fakebackup.documents import dump_clockwork, dump_stores, dump_things
from fakebackup.documents.answers import DUMP, OWN, VERSIONS
from fakebackup.documents.dump_damage import DamageError, check_object, read_each, under, wrong
from fakebackup.documents.dump_fields import (
    DATE,
    MEMBERS,
    NAMES,
    NEEDED,
    NUMBER,
    TEXT,
    Codec,
    Field,
    listed,
    optional,
    read_fields,
    record,
    write_fields,
)
from fakebackup.errors import check_path, number_of
from fakebackup.model.engine import ageing, moves, placing, runs
from fakebackup.model.engine.restore_testing import runs as restore_tests
from fakebackup.model.plans import restore_testing
from fakebackup.model.plans.documents import PLAN
from fakebackup.model.reports import runs as reports
from fakebackup.model.resources.arns import Home, Scope
from fakebackup.model.stores.entries import GLOBAL_SETTINGS, ONLY, REPORT_PLAN
from fakebackup.model.stores.organization import Organization
from fakebackup.model.stores.outcomes import Outcome
from fakebackup.nouns.table import NOUNS
from fakebackup.plain import scalar

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from os import PathLike

    from fakebackup.model.jobs.job import Job


class Backend(Protocol):
    """AWS Backup's side of a fake, as far as a dump is concerned with it."""

    organization: Organization


class Fake(Protocol):
    """A fake, as far as a dump is concerned with it."""

    @property
    def backend(self) -> Backend:
        """AWS Backup's side of the fake."""


_OPTIONS = "MadeUnder"
_ACCOUNTS, _SETTINGS, _NUMBERS = "Accounts", "GlobalSettings", "Numbers"
_CLOCKWORK, _OUTCOMES, _RELISTED = "Clockwork", "Outcomes", "Relisted"
_LOADED = "LoadedFrom"
_KEYS = (
    *(OWN, _OPTIONS, _ACCOUNTS, _SETTINGS, _NUMBERS),
    *(_CLOCKWORK, _OUTCOMES, _RELISTED, _LOADED),
)


def _write_owners(owners: Mapping[str, tuple[int, str]]) -> dict[str, Any]:
    return {arn: list(owner) for arn, owner in sorted(owners.items())}


def _read_owners(plain: Any) -> dict[str, tuple[int, str]]:
    owners = {}
    for arn, owner in check_object(plain).items():
        pair = tuple(owner) if type(owner) is list else ()
        if list(map(type, pair)) != [int, str]:
            raise wrong("a number and a text", owner).under(arn)
        owners[arn] = pair
    return owners


NUMBERS = (
    Field("last", "Last", NUMBER, 0),
    Field("last_vault", "LastVault", NUMBER, 0),
    Field("last_created", "LastCreationDate", DATE, 0),
    Field("owners", "Owners", Codec(_write_owners, _read_owners), {}),
)
"""The counters, on which depends what the next things are called."""

_SCOPE = (
    Field("account", "AccountId", optional(TEXT), None),
    Field("region", "Region", optional(TEXT), None),
)
OUTCOME = (
    Field("operation", "Operation", TEXT, NEEDED),
    Field("state", "State", TEXT, NEEDED),
    Field("members", "Members", MEMBERS, {}),
    Field("given", "Given", NAMES, frozenset()),
    Field("resource", "ResourceArn", optional(TEXT), None),
    Field("scope", "Of", record(Scope, _SCOPE), Scope()),
    Field("times", "Times", NUMBER, 1),
)
"""How a job ends that is not started yet."""

_PLACE = (
    Field("noun", "Noun", TEXT, NEEDED),
    Field("account", "AccountId", TEXT, NEEDED),
    Field("region", "Region", TEXT, NEEDED),
    Field("key", "Key", TEXT, NEEDED),
    Field("answers", "Answers", NAMES, NEEDED),
)
"""A thing that was loaded, and the answers that said something of it: others may complete it."""


def _write_loaded(loaded: Mapping[Any, frozenset[str]]) -> list[dict[str, Any]]:
    return [
        {
            "Noun": noun,
            "AccountId": home.account,
            "Region": home.region,
            "Key": key,
            "Answers": NAMES.write(answers),
        }
        for (noun, home, key), answers in sorted(loaded.items())
    ]


def _read_loaded(plain: Any) -> dict[Any, frozenset[str]]:
    found = read_each(plain, lambda each: read_fields(_PLACE, each))
    return {
        (each["noun"], Home(each["account"], each["region"]), each["key"]): each["answers"]
        for each in found
    }


_OUTCOME = listed(record(Outcome, OUTCOME))
MADE_UNDER = (
    Field("account_id", "account_id", TEXT, NEEDED),
    Field("region", "region", optional(TEXT), None),
    Field("progress", "progress", dump_things.MODE, NEEDED),
)
"""The options of the fake that was dumped, as far as they say something of the dump."""


# --- Writing ------------------------------------------------------------------------------


def dump(fake: Fake) -> dict[str, Any]:
    """Return all that a fake holds as one document of plain JSON values.

    The caller holds the model's lock, and what is due by the clock has happened. As any look at
    the vaults does, it makes those that seeded jobs left.
    """
    organization = fake.backend.organization
    organization.leave_behind()
    stores = map(dump_stores.write_store, dump_stores.in_order(organization))
    document: dict[str, Any] = {
        OWN: {"kind": DUMP, "version": VERSIONS[DUMP]},
        _OPTIONS: write_fields(MADE_UNDER, organization.options),
        _ACCOUNTS: [each for each in stores if each is not None],
    }
    settings = organization.settings.get(ONLY)
    parts = {
        _SETTINGS: None if settings is None else dump_things.write_entry(settings),
        _NUMBERS: write_fields(NUMBERS, organization.numbers),
        _CLOCKWORK: dump_clockwork.write_clockwork(organization.clockwork),
        _OUTCOMES: _OUTCOME.write(organization.outcomes),
        _RELISTED: [[list(before), list(now)] for before, now in organization.relisted],
        _LOADED: _write_loaded(organization.loaded),
    }
    return document | {key: part for key, part in parts.items() if part}


def write(path: str | PathLike[str], document: Mapping[str, Any]) -> None:
    """Write a dump to a file, one thing a line; it is there whole or not at all.

    Raises:
        ValueError: a text that is no path.
        OSError: it cannot be written.
    """
    path = scalar(path)
    check_path("dump()", path)
    # Where a link points to, so that the link stays.
    whole = Path(os.path.realpath(path))
    part = whole.with_name(f"{whole.name}.{os.getpid()}-{threading.get_ident()}.part")
    try:
        with part.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(_lines(document))
        part.replace(whole)
    except BaseException as error:
        with contextlib.suppress(OSError):
            part.unlink()
        if isinstance(error, OSError):  # it names the file that the caller knows nothing of
            raise type(error)(error.errno, error.strerror, os.fspath(path)) from None
        raise


_ENCODE = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode
_DEEPEST = 4
"""How many levels are written line by line: the document, accounts, nouns and things."""


def _lines(value: Any) -> Iterator[str]:
    """Yield the text of a value, line by line."""
    yield from _text(value, 0)
    yield "\n"


def _text(value: Any, level: int) -> Iterator[str]:
    is_object = isinstance(value, dict)
    if level >= _DEEPEST or not value or not (is_object or isinstance(value, list)):
        yield _ENCODE(value)
        return
    begin, end = "{}" if is_object else "[]"
    indent = "  " * (level + 1)
    separator = begin
    for each in value:
        yield f"{separator}\n{indent}"
        separator = ","
        if is_object:
            yield f"{_ENCODE(each)}: "
            yield from _text(value[each], level + 1)
        else:
            yield from _text(each, level + 1)
    yield f"\n{'  ' * level}{end}"


# --- Reading ------------------------------------------------------------------------------


def restore(fake: Fake, document: Mapping[str, Any], where: str = "") -> set[Home]:
    """Fill an empty fake with what a dump holds, and return where all of it lies.

    Args:
        fake: the fake, which holds nothing yet.
        document: what `dump` returned; its kind and its version have been checked.
        where: where it stands, for messages: "dump.json: "; empty for a dict.

    Raises:
        ValueError: the dump is damaged, or the fake holds something; nothing is added then.
        FakeBackupError: the fake is not active.
    """
    with fake.backend.organization.working():
        return _restore(fake.backend.organization, document, where)


def _restore(organization: Organization, document: Mapping[str, Any], where: str) -> set[Home]:
    _check_empty(organization, where)
    # Read into one that nobody sees, so that an error leaves the fake as it was.
    read = Organization(organization.options, organization.engine)
    try:
        jobs, clockwork = _read(read, document)
    except DamageError as damage:
        msg = f"{where}the dump is damaged: {damage}"
        raise ValueError(msg) from None
    except RecursionError:
        msg = f"{where}the dump is damaged: its values lie too deep in each other."
        raise ValueError(msg) from None
    _fill(organization, read, jobs, clockwork)
    if organization.options.progress == "clock" != _mode(document):
        _schedule(organization)
    # There is more room where the options of this fake say so.
    organization.clockwork.lanes.freed = dict.fromkeys(organization.clockwork.lanes.lines)
    moves.let_in(organization, clock.now())
    return set(read.stores)


def _check_empty(organization: Organization, where: str) -> None:
    """Refuse to load a dump into a fake that holds something.

    Raises:
        ValueError: it does; the message counts what.
    """
    counts = {"job": len(organization.jobs.by_id)}
    for store in organization.stores.values():
        # A default vault comes by itself.
        vaults = [vault for vault in store.vaults_so_far() if vault.points or not vault.implied]
        found = {
            "vault": len(vaults),
            "recovery point": sum(len(vault.points) for vault in vaults),
            "resource": len(store.resources),
        }
        for noun, _ in store.all_entries():
            found[noun.lower()] = found.get(noun.lower(), 0) + 1
        for what, count in found.items():
            counts[what] = counts.get(what, 0) + count
    held = [number_of(count, what) for what, count in counts.items() if count]
    if organization.settings:
        held.append("global settings")
    if held:
        msg = (
            f"{where}a dump is loaded into a fake that holds nothing, and this one holds "
            f"{', '.join(held)}: load it into a fresh fake, or call backup.reset() before."
        )
        raise ValueError(msg)


def _mode(document: Mapping[str, Any]) -> Any:
    return document[_OPTIONS]["progress"]


def _read(
    organization: Organization, document: Mapping[str, Any]
) -> tuple[list[Job], dump_clockwork.Read]:
    """Read a dump into an organisation; its jobs and its clockwork are returned apart.

    Raises:
        DamageError: something in it is not what `dump` wrote.
    """
    plain = check_object(dict(document), _KEYS)
    mode = under(_OPTIONS, read_fields, MADE_UNDER, plain.get(_OPTIONS))["progress"]
    accounts = plain.get(_ACCOUNTS)
    if type(accounts) is not list:
        raise wrong("a list", accounts).under(_ACCOUNTS)
    jobs: dict[str, Job] = {}
    for at, each in enumerate(accounts):
        store, found = under((_ACCOUNTS, f"[{at}]"), dump_stores.read_store, organization, each)
        if store.home in organization.stores:
            what = f"is a second one of {store.account} in {store.region}."
            raise DamageError(what, _ACCOUNTS, f"[{at}]")
        organization.stores[store.home] = store
        for job in found:
            if job.id in jobs:
                raise DamageError(f"has a second job {job.id!r}.", _ACCOUNTS, f"[{at}]")
            jobs[job.id] = job
    _check_parents(jobs)
    for at, each in enumerate(accounts):
        store = organization.store(each["AccountId"], each["Region"])
        under((_ACCOUNTS, f"[{at}]"), dump_stores.read_tokens, store, each, jobs)
    if _SETTINGS in plain:
        shapes = NOUNS[GLOBAL_SETTINGS].schema.described_members
        organization.settings[ONLY] = under(
            _SETTINGS, dump_things.read_entry, plain[_SETTINGS], shapes, ()
        )
    numbers = under(_NUMBERS, read_fields, NUMBERS, plain.get(_NUMBERS, {}))
    vars(organization.numbers).update(numbers)
    organization.outcomes += under(_OUTCOMES, _OUTCOME.read, plain.get(_OUTCOMES, []))
    organization.loaded.update(under(_LOADED, _read_loaded, plain.get(_LOADED, [])))
    organization.relisted += under(_RELISTED, _read_relisted, plain.get(_RELISTED, []))
    by_clock = organization.options.progress == mode == "clock"
    part = plain.get(_CLOCKWORK, {})
    stores = organization.stores
    clockwork = under(
        _CLOCKWORK, dump_clockwork.read_clockwork, part, jobs, stores, by_clock=by_clock
    )
    return list(jobs.values()), clockwork


def _check_parents(jobs: Mapping[str, Job]) -> None:
    parents = {
        job.id: job.members["ParentJobId"] for job in jobs.values() if "ParentJobId" in job.members
    }
    for job_id, parent in parents.items():
        if placing.descends(parent, job_id, parents.get):
            raise DamageError(f"has the job {job_id!r} among its own children.", _ACCOUNTS)


def _read_relisted(plain: Any) -> list[Any]:
    return read_each(plain, _read_pair)


def _read_pair(plain: Any) -> tuple[Any, ...]:
    pair = _POSITIONS.read(plain)
    if len(pair) != 2:  # noqa: PLR2004  before and now
        raise wrong("a pair of positions", plain)
    return tuple(map(tuple, pair))


def _read_position(plain: Any) -> list[Any]:
    if type(plain) is not list or not {type(each) for each in plain} <= {int, str}:
        raise wrong("a list of numbers and texts", plain)
    return plain


_POSITIONS = listed(Codec(list, _read_position))


def _fill(
    organization: Organization, read: Organization, jobs: list[Job], clockwork: dump_clockwork.Read
) -> None:
    """Put what was read into a fake's organisation, whose views and handlers stay."""
    for home, store in read.stores.items():
        store.organization = organization
        organization.stores[home] = store
    organization.keep_new(jobs)
    organization.put_jobs(jobs)
    organization.settings.update(read.settings)
    vars(organization.numbers).update(vars(read.numbers))
    organization.outcomes[:0] = read.outcomes
    organization.relisted[:] = read.relisted
    organization.loaded.update(read.loaded)
    to = organization.clockwork
    to.polled.update({job.id: job for job in clockwork.polled})
    to.unread.update(dict.fromkeys(clockwork.unread))
    to.lanes = clockwork.lanes
    for at, job_or_act in clockwork.due:
        if callable(job_or_act):
            to.schedule(at, job_or_act)
        else:
            to.schedule_job(job_or_act, at)


def _schedule(organization: Organization) -> None:
    """Let the clock run plans and age recovery points that come from a fake where it did not."""
    now = clock.now()
    for store in list(organization.stores.values()):
        for plan in store.entries(PLAN).values():
            runs.schedule_next(store, plan, now)
        for plan in store.entries(restore_testing.PLAN).values():
            restore_tests.schedule_next(store, plan, now)
        for plan in store.entries(REPORT_PLAN).values():
            reports.schedule_next(store, plan, now)
        for point in store.vaults.points():
            ageing.schedule_next(point, now)
