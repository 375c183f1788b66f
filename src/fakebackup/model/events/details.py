"""The details of events: tables of their members, and how values are written in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from fakebackup.model.shapes import dates

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import TypeAlias

    Members = Mapping[str, Any]
    Compute = Callable[[Members, Any], Any]
    Value: TypeAlias = "str | Converted | Compute"
    # Per member of a detail its name; the member that it shows, and what converts it if that is
    # needed; or "", None and what computes it from the members and the change.
    Shown = Sequence[tuple[str, str, Callable[[Any], Any] | None, Compute | None]]


class Converted(NamedTuple):
    """A member that a detail shows converted.

    Attributes:
        member: the member.
        convert: returns what is shown of a value that is not None; None leaves it out.
    """

    member: str
    convert: Callable[[Any], Any]


def shown(rows: Iterable[tuple[str, Value]]) -> Shown:
    """Return the members of a detail for `filled`.

    Args:
        rows: the name of each, and the member that it shows as it is or converted, or what
            computes it.
    """
    return [(name, *_parts(value)) for name, value in rows]


def _parts(value: Value) -> tuple[str, Callable[[Any], Any] | None, Compute | None]:
    if isinstance(value, str):
        return value, None, None
    return (*value, None) if isinstance(value, Converted) else ("", None, value)


def filled(detail_members: Shown, members: Members, change: Any) -> dict[str, Any]:
    """Return an event's detail, without the members that are None.

    Args:
        detail_members: its members, in order.
        members: the members of what has changed, as the model keeps them.
        change: how it has changed.
    """
    detail = {}
    for name, member, convert, compute in detail_members:
        if compute is None:
            found = members.get(member)
            if found is not None and convert is not None:
                found = convert(found)
        else:
            found = compute(members, change)
        if found is not None:
            detail[name] = found
    return detail


# --- Values ---------------------------------------------------------------------------------


def spelled(value: object) -> str:
    """Serialise a truth value as events do."""
    return "true" if value else "false"


def date(member: str) -> Converted:
    """Show an instant, in milliseconds, as events serialise it."""
    return Converted(member, dates.written)


def camel(value: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return a structure with its members in camel case, as events spell them; None if empty."""
    return {k[0].lower() + k[1:]: v for k, v in value.items()} or None


def creator(rule: str) -> Converted:
    """Show the createdBy of what a backup plan started.

    Args:
        rule: the name of BackupRuleId in the event.
    """
    names = {
        "BackupPlanId": "backupPlanId",
        "BackupPlanArn": "backupPlanArn",
        "BackupPlanVersion": "backupPlanVersion",
        "BackupRuleId": rule,
    }

    def created_by(plan: Mapping[str, Any]) -> dict[str, Any] | None:
        return {own: plan[name] for name, own in names.items() if name in plan} or None

    return Converted("CreatedBy", created_by)


BY_PLAN = creator("backupPlanRuleId")
"""The createdBy of all but scans."""
