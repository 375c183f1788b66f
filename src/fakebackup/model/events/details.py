"""The details of events: tables of their members, and how values are written in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakebackup.model.shapes import dates

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    Members = Mapping[str, Any]
    Compute = Callable[[Members, Any], Any]
    # Per member of a detail its name; the member that it shows as it is, or "" and what computes
    # it from the members and the change.
    Shown = Sequence[tuple[str, str, Compute | None]]


def shown(rows: Iterable[tuple[str, str | Compute]]) -> Shown:
    """Return the members of a detail for `filled`.

    Args:
        rows: the name of each, and the member that it shows as it is, or what computes it.
    """
    return [
        (name, value, None) if isinstance(value, str) else (name, "", value) for name, value in rows
    ]


def filled(detail_members: Shown, members: Members, change: Any) -> dict[str, Any]:
    """Return an event's detail, without the members that are None.

    Args:
        detail_members: its members, in order.
        members: the members of what has changed, as the model keeps them.
        change: how it has changed.
    """
    detail = {}
    for name, member, compute in detail_members:
        found = members.get(member) if compute is None else compute(members, change)
        if found is not None:
            detail[name] = found
    return detail


# --- Values ---------------------------------------------------------------------------------


def spelled(value: object) -> str:
    """Serialise a truth value as events do."""
    return "true" if value else "false"


def date(member: str) -> Compute:
    """Return a function that serialises the instant in a member, in milliseconds, as events do."""

    def written(members: Members, _change: Any) -> str | None:
        instant = members.get(member)
        return None if instant is None else dates.written(instant)

    return written


def camel(value: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return a structure with its members in camel case, as events spell them; None if empty."""
    return {k[0].lower() + k[1:]: v for k, v in value.items()} if value else None


def creator(rule: str) -> Compute:
    """Return a function that computes the createdBy of what a backup plan started.

    Args:
        rule: the name of BackupRuleId in the event.
    """
    names = {
        "BackupPlanId": "backupPlanId",
        "BackupPlanArn": "backupPlanArn",
        "BackupPlanVersion": "backupPlanVersion",
        "BackupRuleId": rule,
    }

    def created_by(members: Members, _change: Any) -> dict[str, Any] | None:
        plan = members.get("CreatedBy")
        if not plan:
            return None
        return {own: plan[name] for name, own in names.items() if name in plan} or None

    return created_by


BY_PLAN = creator("backupPlanRuleId")
"""Computes the createdBy of all but scans."""
