"""The options of a fake: one table of names, checks and defaults, however they are given."""

from __future__ import annotations

import functools
import re
import sys
from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, TypedDict, get_args

from fakebackup import ids
from fakebackup.errors import near, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Mode = Literal["polls", "immediate", "clock", "manual"]
"""How jobs move by themselves."""

Transport = Literal["auto", "direct", "wire"]
"""How answers reach the client."""

Leftovers = Literal["warn", "error", "ignore"]
"""What becomes of an injected failure, an outcome and an answer that nothing asked for."""

SameResource = Literal["waits", "fails", "together"]
"""What a backup or copy job does that finds another one running for its resource."""

Network = Literal["open", "closed"]
"""Whether requests of clients may leave this machine."""

_DURATIONS: dict[str, int] = {
    "CREATED": 60_000,
    "PENDING": 60_000,
    "RUNNING": 600_000,
    "ABORTING": 1_000,
    "DELETING": 600_000,
}
"""How long a job stays in a state with progress "clock" by default, in milliseconds.

DELETING is that of what a restore test made.
"""


EVENT_READINGS: Mapping[str, str] = {
    "plain-messages": "statusMessage of backup jobs without the double quotes in the string",
    "iso-dates": "expectedCompletionDate written like the other dates",
    "retry-counts": "retryCount 0 in backup jobs COMPLETED and FAILED",
    "copy-ids": "copyJobId in copy jobs CREATED, too",
    "restores-at-0": "percentDone 0 in restore jobs COMPLETED, as in AWS's example",
    "full-restores": "vault, recovery point and source resource in restore jobs that have not "
    "completed, and completionDate in those that failed",
    "nested-jobs": "isParent and parentJobId in backup, copy and restore jobs in every state",
    "documented-states": "no events of PARTIAL jobs and of ABORTED restore jobs",
    "deprecated-notifications": "a vault's deprecated notification events work like "
    "BACKUP_JOB_COMPLETED and RESTORE_JOB_COMPLETED",
}
"""The names that the option `event_readings` takes, and the events that each one changes."""


class OptionValues(TypedDict, total=False):
    """The options as keyword arguments; `mock_backup` lists their meanings."""

    account_id: str
    region: str
    management_account: str | Iterable[str] | None
    history: timedelta | None
    count_today: bool
    page_size: int
    summed_as: str | None
    history_everywhere: bool
    refuse_foreign_accounts: bool
    progress: Mode
    durations: Mapping[str, timedelta]
    default_vault: bool
    hide_missing_vaults: bool
    refuse_reused_tokens: bool
    refuse_opted_out: bool
    refuse_renamed_plans: bool
    enforce_policies: bool
    enforce_cross_account: bool
    same_resource: SameResource
    quotas: Mapping[str, int]
    transport: Transport
    retry_sleeps: bool
    network: Network
    beside: str | None
    event_readings: str | Iterable[str]
    failure_report: bool
    leftovers: Leftovers


class Options:
    """The options of a fake, checked.

    Attributes:
        account_id: the account of the fake and of clients that name none.
        region: the Region of seeding, and of a client made without one while the fake is
            active; None is the configured one, else us-east-1.
        management_accounts: the accounts that see the whole organisation.
        history: how far back the lists reach that AWS limits, and how long copy jobs are kept
            after their end; None is no limit.
        history_is_given: whether the user gave `history`; then old jobs need no warning.
        count_today: whether summaries count the present UTC day; AWS does not.
        page_size: items in a page of a list without MaxResults (1 to 1000) [assumed].
        summed_as: the value in a summary row of a dimension that is summed over; None leaves
            the member out [assumed].
        history_everywhere: whether the lists of restore and report jobs, for which
            AWS documents no limit, have the same one [assumed].
        refuse_foreign_accounts: whether a member account that lists another account's jobs
            gets AccessDeniedException instead of an empty list [assumed].
        progress: what moves the jobs that the client starts; with "clock" plans run and
            recovery points age, too.
        durations: how long a job stays in a state with progress "clock", in milliseconds.
        default_vault: whether every account and Region has the vault Default.
        hide_missing_vaults: whether a missing vault that is not named in the path, as of
            StartBackupJob, is AccessDeniedException, as it always is in a path [assumed].
        refuse_reused_tokens: whether an idempotency token that comes again with other
            parameters is refused; else it returns the first job [assumed].
        refuse_opted_out: whether StartBackupJob refuses a resource of a type that the account
            has opted out of; else it starts a job [assumed].
        refuse_renamed_plans: whether UpdateBackupPlan refuses another name; else the plan has
            it from then on [assumed].
        enforce_policies: whether the access policies of vaults decide calls; else they are kept
            and returned.
        enforce_cross_account: whether copies to another account need an organisation, its setting
            isCrossAccountBackupEnabled, and a key and the permission of the destination vault.
        same_resource: what a backup job does that finds one running for its resource, and a copy
            job that finds one: "waits", "fails", or runs "together" with it [assumed].
        transport: how answers reach the client: "direct" in the place of HTTP, "wire" as HTTP
            answers that botocore parses; "auto" is direct, but wire for the AWS CLI.
        retry_sleeps: whether the client really waits before it retries a Backup call.
        network: whether requests of other clients that nothing inside the process answers may
            leave this machine: "open", or "closed", where they are a FakeBackupError.
        beside: the mock of the rest of AWS that the fake works with: "moto", or the URL of an
            emulator on this machine; None is none.
        event_readings: names of `EVENT_READINGS`: readings to use instead of the default ones
            where AWS's examples of events are open [assumed].
        failure_report: whether pytest's report of a failing test shows the calls and the
            contents of the fake.
        leftovers: what becomes at the end of an injected failure, an outcome and an answer by
            hand that nothing asked for: "warn" is a warning; with "error" the test fails, or
            the block raises, unless it has failed already.
    """

    account_id: str = "123456789012"
    region: str | None = None
    management_accounts: frozenset[str] = frozenset()
    history: timedelta | None = timedelta(days=30)
    history_is_given: bool = False
    count_today: bool = True
    page_size: int = 1000
    summed_as: str | None = "AGGREGATE_ALL"
    history_everywhere: bool = False
    refuse_foreign_accounts: bool = False
    progress: Mode = "polls"
    durations: Mapping[str, int] = MappingProxyType(_DURATIONS)
    default_vault: bool = False
    hide_missing_vaults: bool = False
    refuse_reused_tokens: bool = False
    refuse_opted_out: bool = False
    refuse_renamed_plans: bool = False
    enforce_policies: bool = False
    enforce_cross_account: bool = False
    same_resource: SameResource = "waits"
    transport: Transport = "auto"
    retry_sleeps: bool = False
    network: Network = "open"
    beside: str | None = None
    event_readings: frozenset[str] = frozenset()
    failure_report: bool = True
    leftovers: Leftovers = "warn"

    # No dataclass: making one of so many attributes takes a good part of the import.
    def __init__(self, **values: Any) -> None:
        """Set options that have been checked; `read` checks them."""
        vars(self).update(values)

    def __repr__(self) -> str:
        shown = (f"{name}={getattr(self, name)!r}" for name in type(self).__annotations__)
        return f"Options({', '.join(shown)})"

    if not TYPE_CHECKING:  # for a type checker, an attribute that does not exist stays one

        def __setattr__(self, name: str, value: object) -> None:
            """Refuse to set an option of a fake, which may have used it."""
            msg = (
                f"The options of a fake are only read, {name} too: give them when it is made, as "
                f"in mock_backup(...)."
            )
            raise AttributeError(msg, name=name, obj=self)

    @functools.cached_property
    def quotas(self) -> Mapping[str, int]:
        """The number of each quota: AWS's, or the one that the user gave."""
        from fakebackup.model.quotas import NUMBERS

        return NUMBERS

    @functools.cached_property
    def reach(self) -> int | None:
        """The option `history` in milliseconds."""
        limit = self.history
        return None if limit is None else int(limit.total_seconds() * 1000)

    @classmethod
    def read(cls, given: Mapping[str, Any], where: str) -> Options:
        """Return checked options.

        Args:
            given: the keyword arguments.
            where: the call that they were given to, for messages, as in ``mock_backup()``.

        Raises:
            TypeError: an option that does not exist, or a value of the wrong type.
            ValueError: a value of the right type that cannot be meant.
        """
        known = OptionValues.__annotations__
        for name in given:
            if name not in known:
                msg = (
                    f"{where} has no option {name!r}{near(name, known) or '.'} "
                    f"The options are {', '.join(sorted(known))}."
                )
                raise TypeError(msg)
        values = _plain(dict(given)) if given else {}
        for name, check in _CHECKS.items():
            if name in values:
                check(name, values[name])
        account = values.get("account_id", cls.account_id)
        managers = values.pop("management_account", account)
        values["management_accounts"] = _accounts("management_account", managers)
        if "durations" in values:
            values["durations"] = _DURATIONS | {
                state: value // timedelta(milliseconds=1)
                for state, value in values["durations"].items()
            }
        if "event_readings" in values:
            values["event_readings"] = _readings("event_readings", values["event_readings"])
        if "quotas" in values:
            from fakebackup.model.quotas import NUMBERS

            values["quotas"] = {**NUMBERS, **values["quotas"]}
        values["history_is_given"] = "history" in given
        return cls(**values)


def _plain(value: Any) -> Any:
    # Most fakes are made without options.
    from fakebackup import plain

    return plain.whole(value)


def configured_region() -> str:
    """Return the Region that a client made now would have, else us-east-1.

    It is that of boto3's default session, of the environment or of the profile.
    """
    from botocore.exceptions import ProfileNotFound
    from botocore.session import Session

    boto3 = sys.modules.get("boto3")
    session = getattr(boto3, "DEFAULT_SESSION", None)
    try:
        found = Session().get_config_variable("region") if session is None else session.region_name
    except ProfileNotFound:
        # Making a client raises a clearer error than seeding could.
        found = None
    return found or "us-east-1"


def account_id(name: str, value: object) -> None:
    """Refuse a value that is not an account id.

    Raises:
        TypeError: not a string.
        ValueError: not 12 digits.
    """
    if not isinstance(value, str):
        msg = f"{name} is a string of 12 digits, not {quoted(value)} ({type(value).__name__})."
        raise TypeError(msg)
    if not ids.is_account_id(value):
        msg = f"{name} is a string of 12 digits, not {quoted(value)}."
        raise ValueError(msg)


# As in eu-west-1, us-gov-west-1, us-isob-east-1, eusc-de-east-1.
_REGION = r"[a-z]{2,}(-[a-z]+)+-[0-9]+"


def is_region(text: str) -> bool:
    """Return whether a text has the form of a Region's name."""
    return re.fullmatch(_REGION, text) is not None


def region(name: str, value: object) -> None:
    """Refuse a value that is not the name of a Region.

    Raises:
        TypeError: not a string.
        ValueError: a text of which no Region's name has the form.
    """
    if not isinstance(value, str):
        msg = f"{name} is the name of an AWS region, not {quoted(value)} ({type(value).__name__})."
        raise TypeError(msg)
    if not is_region(value):
        msg = (
            f"{name} is the name of an AWS region such as 'eu-west-1', not {quoted(value)}"
            f"{_near_region(value) or '.'}"
        )
        raise ValueError(msg)


def whole_number(name: str, value: object, least: int, hint: str = "") -> None:
    """Refuse what is no count.

    Args:
        name: what the user calls it.
        value: what the user gave.
        least: the smallest count.
        hint: what the message says at its end.

    Raises:
        ValueError: no whole number, less than `least`, or more than 64 bits hold.
    """
    if type(value) is not int or not least <= value < 2**63:
        msg = f"{name} is a whole number from {least}, not {quoted(value)}.{hint}"
        raise ValueError(msg)


def _near_region(value: str) -> str:
    """Return "; did you mean ...?" with the Regions that begin so, or with the nearest one."""
    from botocore.session import Session

    known = Session().get_available_regions("backup")
    begin = [each for each in known if value and each.startswith(value.lower())]
    return (
        near(value, known)
        if len(begin) not in (1, 2)
        else (f"; did you mean {' or '.join(map(repr, begin))}?")
    )


def _accounts(name: str, value: Any) -> frozenset[str]:
    if value is None:
        return frozenset()
    if isinstance(value, str):
        account_id(name, value)
        return frozenset((value,))
    try:
        several = _plain(list(value))
    except TypeError:
        msg = f"{name} is an account id, several of them, or None, not {quoted(value)}."
        raise TypeError(msg) from None
    for each in several:
        account_id(name, each)
    return frozenset(several)


def _history(name: str, value: object) -> None:
    if value is not None and not isinstance(value, timedelta):
        msg = f"{name} is a datetime.timedelta, or None for no limit, not {quoted(value)}."
        raise TypeError(msg)
    if value is not None and value < timedelta(0):
        msg = f"{name} reaches back in time: {quoted(value)} is negative."
        raise ValueError(msg)


def flag(name: str, value: object) -> None:
    """Refuse a value that is neither True nor False.

    Raises:
        TypeError: it is neither.
    """
    if not isinstance(value, bool):
        msg = f"{name} is True or False, not {quoted(value)}."
        raise TypeError(msg)


def _page_size(name: str, value: object) -> None:
    if not isinstance(value, int) or isinstance(value, bool):
        msg = f"{name} is a number of items, not {quoted(value)}."
        raise TypeError(msg)
    if not 1 <= value <= 1000:  # noqa: PLR2004  the bounds of MaxResults
        msg = f"{name} is from 1 to 1000, not {quoted(value)}."
        raise ValueError(msg)


def progress(name: str, value: object) -> None:
    """Refuse a value of the option `progress` that does not exist.

    Raises:
        ValueError: not one of `Mode`.
    """
    _one_of(get_args(Mode), name, value)


def _one_of(known: tuple[str, ...], name: str, value: object) -> None:
    if not isinstance(value, str) or value not in known:
        msg = f"{name} is one of {', '.join(known)}, not {quoted(value)}{near(value, known) or '.'}"
        raise ValueError(msg)


def beside(name: str, value: object) -> None:
    """Refuse a value that is no mock of the rest of AWS on this machine.

    Raises:
        TypeError: not a string.
        ValueError: neither "moto" nor the URL of an address of the loopback.
    """
    if value is None:
        return
    if not isinstance(value, str):
        msg = f"{name} is 'moto', a URL or None, not {quoted(value)} ({type(value).__name__})."
        raise TypeError(msg)
    if value == "moto":
        return
    if not value.startswith(("http://", "https://")):
        hint = near(value, ["moto"]) or "."
        msg = f"{name} is 'moto' or the URL of an emulator, not {quoted(value)}{hint}"
        raise ValueError(msg)
    # Most fakes stand beside nothing.
    from fakebackup.addresses import host_of, is_loopback

    if not is_loopback(host_of(value)):
        msg = (
            f"{name} is the URL of an emulator on this machine, as 'http://127.0.0.1:5000', not "
            f"{quoted(value)}: other machines are never asked."
        )
        raise ValueError(msg)


def _durations(name: str, value: Any) -> None:
    if not isinstance(value, Mapping):
        msg = f"{name} maps states to timedeltas, not {quoted(value)}."
        raise TypeError(msg)
    for state, stays in value.items():
        if not isinstance(state, str) or state not in _DURATIONS:
            hint = near(state, _DURATIONS) or "."
            msg = f"{name} knows {', '.join(_DURATIONS)}, not {quoted(state)}{hint}"
            raise ValueError(msg)
        if not isinstance(stays, timedelta) or stays < timedelta(0):
            msg = f"{name}[{quoted(state)}] is a timedelta of 0 or more, not {quoted(stays)}."
            raise TypeError(msg)


def _marker(name: str, value: object) -> None:
    if value is not None and not isinstance(value, str):
        msg = f"{name} is a string, or None to leave the member out, not {quoted(value)}."
        raise TypeError(msg)


def _readings(name: str, value: Any) -> frozenset[str]:
    try:
        several = [value] if isinstance(value, str) else _plain(list(value))
    except TypeError:
        msg = f"{name} is one or several of {', '.join(EVENT_READINGS)}, not {quoted(value)}."
        raise TypeError(msg) from None
    for each in several:
        if not isinstance(each, str) or each not in EVENT_READINGS:
            hint = near(each, EVENT_READINGS) or "."
            msg = f"{name} knows {', '.join(EVENT_READINGS)}, not {quoted(each)}{hint}"
            raise ValueError(msg)
    return frozenset(several)


def _quotas(name: str, value: object) -> None:
    from fakebackup.model import quotas

    quotas.check_option(name, value)


_CHECKS: Mapping[str, Callable[[str, object], None]] = {
    "account_id": account_id,
    "region": region,
    "history": _history,
    "count_today": flag,
    "page_size": _page_size,
    "summed_as": _marker,
    "history_everywhere": flag,
    "refuse_foreign_accounts": flag,
    "progress": progress,
    "durations": _durations,
    "default_vault": flag,
    "hide_missing_vaults": flag,
    "refuse_reused_tokens": flag,
    "refuse_opted_out": flag,
    "refuse_renamed_plans": flag,
    "enforce_policies": flag,
    "enforce_cross_account": flag,
    "same_resource": functools.partial(_one_of, get_args(SameResource)),
    "quotas": _quotas,
    "transport": functools.partial(_one_of, get_args(Transport)),
    "retry_sleeps": flag,
    "beside": beside,
    "network": functools.partial(_one_of, get_args(Network)),
    "failure_report": flag,
    "leftovers": functools.partial(_one_of, get_args(Leftovers)),
}
